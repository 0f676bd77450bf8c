/* SPDX-License-Identifier: MIT */
/* Record signatures, field offsets and numbers of the ZIP format (APPNOTE 6.3), nothing else. */
#ifndef VXA_ZIP_FORMAT_H
#define VXA_ZIP_FORMAT_H

#include <stdint.h>

/* APPNOTE 4.3.7: local file header. */
enum {
    ZIP_LOCAL_SIGNATURE = 0x04034b50,
    ZIP_LOCAL_NBYTES = 30,
    ZIP_LOCAL_VERSION_NEEDED = 4,
    ZIP_LOCAL_FLAGS = 6,
    ZIP_LOCAL_METHOD = 8,
    ZIP_LOCAL_TIME = 10,
    ZIP_LOCAL_DATE = 12,
    ZIP_LOCAL_CRC32 = 14,
    ZIP_LOCAL_COMPRESSED_SIZE = 18,
    ZIP_LOCAL_SIZE = 22,
    ZIP_LOCAL_NAME_NBYTES = 26,
    ZIP_LOCAL_EXTRA_NBYTES = 28,
};

/* APPNOTE 4.3.9: data descriptor; its signature is optional. */
enum { ZIP_DESCRIPTOR_SIGNATURE = 0x08074b50 };

/* APPNOTE 4.3.12: central directory header. */
enum {
    ZIP_CENTRAL_SIGNATURE = 0x02014b50,
    ZIP_CENTRAL_NBYTES = 46,
    ZIP_CENTRAL_VERSION_MADE_BY = 4,
    ZIP_CENTRAL_VERSION_NEEDED = 6,
    ZIP_CENTRAL_FLAGS = 8,
    ZIP_CENTRAL_METHOD = 10,
    ZIP_CENTRAL_TIME = 12,
    ZIP_CENTRAL_DATE = 14,
    ZIP_CENTRAL_CRC32 = 16,
    ZIP_CENTRAL_COMPRESSED_SIZE = 20,
    ZIP_CENTRAL_SIZE = 24,
    ZIP_CENTRAL_NAME_NBYTES = 28,
    ZIP_CENTRAL_EXTRA_NBYTES = 30,
    ZIP_CENTRAL_COMMENT_NBYTES = 32,
    ZIP_CENTRAL_DISK = 34,
    ZIP_CENTRAL_INTERNAL_ATTRIBUTES = 36,
    ZIP_CENTRAL_EXTERNAL_ATTRIBUTES = 38,
    ZIP_CENTRAL_LOCAL_OFF = 42,
};

/* APPNOTE 4.3.16: end of central directory record. */
enum {
    ZIP_END_SIGNATURE = 0x06054b50,
    ZIP_END_NBYTES = 22,
    ZIP_END_DISK = 4,
    ZIP_END_DIRECTORY_DISK = 6,
    ZIP_END_DISK_ENTRIES = 8,
    ZIP_END_ENTRIES = 10,
    ZIP_END_DIRECTORY_NBYTES = 12,
    ZIP_END_DIRECTORY_OFF = 16,
    ZIP_END_COMMENT_NBYTES = 20,
};

/* APPNOTE 4.3.15: zip64 end of central directory locator. */
enum {
    ZIP_LOCATOR64_SIGNATURE = 0x07064b50,
    ZIP_LOCATOR64_NBYTES = 20,
    ZIP_LOCATOR64_DISK = 4,
    ZIP_LOCATOR64_END_OFF = 8,
    ZIP_LOCATOR64_DISKS = 16,
};

/* APPNOTE 4.3.14: zip64 end of central directory record. */
enum {
    ZIP_END64_SIGNATURE = 0x06064b50,
    ZIP_END64_NBYTES = 56,
    ZIP_END64_RECORD_NBYTES = 4,
    ZIP_END64_VERSION_MADE_BY = 12,
    ZIP_END64_VERSION_NEEDED = 14,
    ZIP_END64_DISK = 16,
    ZIP_END64_DIRECTORY_DISK = 20,
    ZIP_END64_DISK_ENTRIES = 24,
    ZIP_END64_ENTRIES = 32,
    ZIP_END64_DIRECTORY_NBYTES = 40,
    ZIP_END64_DIRECTORY_OFF = 48,
};

/* APPNOTE 4.4.4: general purpose flags. */
enum {
    ZIP_FLAG_ENCRYPTED = 1 << 0,
    ZIP_FLAG_DESCRIPTOR = 1 << 3,
    ZIP_FLAG_PATCHED = 1 << 5,
    ZIP_FLAG_STRONG_ENCRYPTION = 1 << 6,
    ZIP_FLAG_UTF8 = 1 << 11,
    ZIP_FLAG_MASKED = 1 << 13,
};

/* APPNOTE 4.4.5: methods. 0x5856 is VXA's own: only the decoder knows the coding. */
enum {
    ZIP_METHOD_STORE = 0,
    ZIP_METHOD_DEFLATE = 8,
    ZIP_METHOD_BZIP2 = 12,
    ZIP_METHOD_ZSTD = 93,
    ZIP_METHOD_XZ = 95,
    ZIP_METHOD_VXA = 0x5856,
};

/* Extra field ids: APPNOTE 4.5.3 and 4.6.1. */
enum { ZIP_EXTRA_ZIP64 = 0x0001, ZIP_EXTRA_UNIX_TIME = 0x5455, ZIP_EXTRA_UNICODE_PATH = 0x7075 };

/* APPNOTE 4.4.2: host that the attributes belong to. */
enum { ZIP_HOST_MSDOS = 0, ZIP_HOST_UNIX = 3, ZIP_HOST_DARWIN = 19 };

static inline uint16_t zip_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t zip_get32(const uint8_t *p)
{
    return (uint32_t)zip_get16(p) | (uint32_t)zip_get16(p + 2) << 16;
}

static inline uint64_t zip_get64(const uint8_t *p)
{
    return (uint64_t)zip_get32(p) | (uint64_t)zip_get32(p + 4) << 32;
}

static inline void zip_put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void zip_put32(uint8_t *p, uint32_t value)
{
    zip_put16(p, (uint16_t)value);
    zip_put16(p + 2, (uint16_t)(value >> 16));
}

static inline void zip_put64(uint8_t *p, uint64_t value)
{
    zip_put32(p, (uint32_t)value);
    zip_put32(p + 4, (uint32_t)(value >> 32));
}

#endif
