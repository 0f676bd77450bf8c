/* SPDX-License-Identifier: MIT */
/*
 * How an archive is written: minizip frames the members, and what it cannot say is mended.
 *
 * minizip 1.1 refuses methods other than 0 and 8, replaces the host byte of "version made by" where
 * it adds zip64 fields, and writes no zip64 end record for 65,536 members and more. So every member
 * is announced to it as stored; right after, the fixed fields of the local header are written anew.
 * After zipClose() the same is done in the directory, and the end records are written here.
 */
#include "zip_write.h"
#include "zip_format.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <minizip/zip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FIELD_MAX_NBYTES = 0xffff, ZIP64_LOCAL_NBYTES = 20, VERSION_ZIP64 = 45 };
enum { EXTRA_HEADER_NBYTES = 4 };
enum { WRITE_MAX_NBYTES = 1 << 20 };
#define LIMIT32 UINT32_C(0xffffffff)

/* The fixed fields, in the order of the directory: made by, needed, flags, method, time, date. */
enum { FIXED_NBYTES = 12, FIXED_LOCAL = ZIP_CENTRAL_VERSION_NEEDED - ZIP_CENTRAL_VERSION_MADE_BY };

struct fixed_fields {
    uint8_t bytes[FIXED_NBYTES];
};

struct zip_writer {
    char *target, *folder, *path;
    FILE *file;
    zipFile zip;
    int error_number; /* of the first failed access to the file */
    const atomic_int *interrupted;
    struct fixed_fields *fixed; /* of each member, in order */
    size_t member_count, member_room;
    struct zip_new_member member; /* the present one; its pointers are not used any more */
    uint64_t written_nbytes;
    bool committed;
};

void zip_dos_time_of(int64_t seconds, uint16_t *dos_time, uint16_t *dos_date)
{
    const int64_t min = 315532800;  /* 1980-01-01 00:00:00 */
    const int64_t max = 4354819198; /* 2107-12-31 23:59:58 */
    time_t clamped = (time_t)(seconds < min ? min : seconds > max ? max : seconds);
    struct tm tm;

    if (!gmtime_r(&clamped, &tm)) {
        *dos_time = ZIP_DOS_TIME_MIN;
        *dos_date = ZIP_DOS_DATE_MIN;
        return;
    }
    *dos_time = (uint16_t)(tm.tm_hour << 11 | tm.tm_min << 5 | tm.tm_sec / 2);
    *dos_date = (uint16_t)((tm.tm_year - 80) << 9 | (tm.tm_mon + 1) << 5 | tm.tm_mday);
}

/* ---- the file, as minizip sees it ---- */

static bool is_interrupted(const struct zip_writer *writer)
{
    return writer->interrupted && *writer->interrupted;
}

static int note_error(struct zip_writer *writer)
{
    if (writer->error_number == 0)
        writer->error_number = errno != 0 ? errno : EIO;
    return -1;
}

static voidpf file_open(voidpf opaque, const void *name, int mode)
{
    struct zip_writer *writer = opaque;

    (void)name;
    (void)mode;
    return writer->file;
}

static uLong file_read(voidpf opaque, voidpf stream, void *buffer, uLong nbytes)
{
    (void)opaque;
    (void)stream;
    (void)buffer;
    (void)nbytes;
    return 0; /* a fresh archive is never read */
}

static uLong file_write(voidpf opaque, voidpf stream, const void *buffer, uLong nbytes)
{
    size_t count = fwrite(buffer, 1, nbytes, stream);

    if (count != nbytes)
        (void)note_error(opaque);
    return (uLong)count;
}

static ZPOS64_T file_tell(voidpf opaque, voidpf stream)
{
    off_t off = ftello(stream);

    if (off < 0)
        (void)note_error(opaque);
    return (ZPOS64_T)off;
}

static long file_seek(voidpf opaque, voidpf stream, ZPOS64_T off, int origin)
{
    int whence = origin == ZLIB_FILEFUNC_SEEK_SET   ? SEEK_SET
                 : origin == ZLIB_FILEFUNC_SEEK_CUR ? SEEK_CUR
                                                    : SEEK_END;

    return fseeko(stream, (off_t)off, whence) == 0 ? 0 : note_error(opaque);
}

static int file_close(voidpf opaque, voidpf stream)
{
    return fflush(stream) == 0 ? 0 : note_error(opaque);
}

static int file_error(voidpf opaque, voidpf stream)
{
    (void)opaque;
    return ferror(stream);
}

/* The failure behind a minizip call, which itself says little. */
static bool write_failed(struct zip_writer *writer, struct vxa_failure *failure)
{
    if (is_interrupted(writer))
        return vxa_fail(failure, VXA_FAILURE_INTERRUPTED, "interrupted");
    return vxa_fail_errno(failure, "writing the archive",
                          writer->error_number != 0 ? writer->error_number : EIO);
}

/* ---- opening and closing ---- */

/* The folder of `path`, to be freed. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Only a link is resolved: for that, all folders above must be open to us. */
static bool resolve_target(struct zip_writer *writer, const char *target,
                           struct vxa_failure *failure)
{
    struct stat status;
    bool is_link = lstat(target, &status) == 0 && S_ISLNK(status.st_mode);

    if (stat(target, &status) == 0 && !S_ISREG(status.st_mode))
        return vxa_fail(failure, VXA_FAILURE_IO, "not an ordinary file");
    writer->target = is_link ? realpath(target, NULL) : strdup(target);
    if (!writer->target)
        return vxa_fail_errno(failure, "the archive's name", errno);
    writer->folder = folder_of(writer->target);
    return writer->folder || vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
}

/* A name of its own length, so that a target with the longest possible name works, too. */
static bool make_file(struct zip_writer *writer, struct vxa_failure *failure)
{
    size_t room = strlen(writer->folder) + 64;
    int descriptor = -1;

    writer->path = malloc(room);
    if (!writer->path)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    for (int attempt = 0; descriptor < 0 && attempt < 1000; attempt++) {
        (void)snprintf(writer->path, room, "%s/.vxzip-%ld-%d", writer->folder, (long)getpid(),
                       attempt);
        descriptor = open(writer->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor < 0 && errno != EEXIST)
            break;
    }
    if (descriptor >= 0)
        writer->file = fdopen(descriptor, "w+b");
    if (!writer->file) {
        int error_number = errno;

        if (descriptor >= 0) {
            unlink(writer->path);
            close(descriptor);
        }
        free(writer->path);
        writer->path = NULL;
        return vxa_fail_errno(failure, "no temporary file beside the archive", error_number);
    }
    return true;
}

static bool open_zip(struct zip_writer *writer, struct vxa_failure *failure)
{
    zlib_filefunc64_def functions = {
        .zopen64_file = file_open,
        .zread_file = file_read,
        .zwrite_file = file_write,
        .ztell64_file = file_tell,
        .zseek64_file = file_seek,
        .zclose_file = file_close,
        .zerror_file = file_error,
        .opaque = writer,
    };

    writer->zip = zipOpen2_64(writer->path, APPEND_STATUS_CREATE, NULL, &functions);
    if (!writer->zip)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for minizip");
    return true;
}

bool zip_writer_open(const char *target, const atomic_int *interrupted, struct zip_writer **result,
                     struct vxa_failure *failure)
{
    struct zip_writer *writer = calloc(1, sizeof(*writer));

    *result = NULL;
    if (!writer)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
    writer->interrupted = interrupted;
    if (!resolve_target(writer, target, failure) || !make_file(writer, failure) ||
        !open_zip(writer, failure)) {
        zip_writer_close(writer);
        return false;
    }
    *result = writer;
    return true;
}

void zip_writer_close(struct zip_writer *writer)
{
    if (!writer)
        return;
    if (writer->zip)
        zipClose(writer->zip, NULL);
    if (writer->file)
        (void)fclose(writer->file);
    if (writer->path && !writer->committed)
        unlink(writer->path);
    free(writer->path);
    free(writer->folder);
    free(writer->target);
    free(writer->fixed);
    free(writer);
}

const char *zip_writer_path(const struct zip_writer *writer)
{
    return writer->path;
}

const char *zip_writer_folder(const struct zip_writer *writer)
{
    return writer->folder;
}

/* ---- members ---- */

static bool needs_zip64(const struct zip_new_member *member)
{
    return member->size >= LIMIT32 || member->compressed_size >= LIMIT32;
}

static bool fits(const struct zip_new_member *member, struct vxa_failure *failure)
{
    size_t name_nbytes = strlen(member->name);
    size_t comment_nbytes = member->comment ? strlen(member->comment) : 0;

    if (name_nbytes == 0)
        return vxa_fail(failure, VXA_FAILURE_IO, "the name is empty");
    /* The record as a whole has the same limit (APPNOTE 4.4.10 to 4.4.12). */
    if (member->local_extra_nbytes + ZIP64_LOCAL_NBYTES > FIELD_MAX_NBYTES ||
        ZIP_CENTRAL_NBYTES + name_nbytes + comment_nbytes + member->central_extra_nbytes + 32 >
            FIELD_MAX_NBYTES)
        return vxa_fail(failure, VXA_FAILURE_IO, "name, extra fields and comment are too long");
    return true;
}

static void fill_fixed(struct fixed_fields *fixed, const struct zip_new_member *member)
{
    uint8_t *p = fixed->bytes;

    zip_put16(p, member->version_made_by);
    zip_put16(p + 2, member->version_needed);
    zip_put16(p + 4, member->flags);
    zip_put16(p + 6, member->method);
    zip_put16(p + 8, member->dos_time);
    zip_put16(p + 10, member->dos_date);
}

/* A copy with the version raised to what zip64 fields need. */
static struct fixed_fields with_zip64(struct fixed_fields fixed)
{
    if (zip_get16(fixed.bytes + FIXED_LOCAL) < VERSION_ZIP64)
        zip_put16(fixed.bytes + FIXED_LOCAL, VERSION_ZIP64);
    return fixed;
}

static bool remember_fixed(struct zip_writer *writer, const struct zip_new_member *member,
                           struct vxa_failure *failure)
{
    if (writer->member_count == writer->member_room) {
        size_t room = writer->member_room == 0 ? 64 : writer->member_room * 2;
        struct fixed_fields *fixed = realloc(writer->fixed, room * sizeof(*fixed));

        if (!fixed)
            return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
        writer->fixed = fixed;
        writer->member_room = room;
    }
    fill_fixed(&writer->fixed[writer->member_count++], member);
    return true;
}

static bool mend_local_header(struct zip_writer *writer, off_t header_off)
{
    struct fixed_fields fixed = writer->fixed[writer->member_count - 1];
    off_t data_off = ftello(writer->file);

    if (needs_zip64(&writer->member))
        fixed = with_zip64(fixed);
    if (data_off < 0 ||
        fseeko(writer->file, header_off + ZIP_LOCAL_VERSION_NEEDED, SEEK_SET) != 0 ||
        fwrite(fixed.bytes + FIXED_LOCAL, FIXED_NBYTES - FIXED_LOCAL, 1, writer->file) != 1 ||
        fseeko(writer->file, data_off, SEEK_SET) != 0) {
        (void)note_error(writer);
        return false;
    }
    return true;
}

bool zip_writer_begin(struct zip_writer *writer, const struct zip_new_member *member,
                      struct vxa_failure *failure)
{
    zip_fileinfo info = {.dosDate = ZIP_DOS_DATE_MIN << 16,
                         .internal_fa = member->internal_attributes,
                         .external_fa = member->external_attributes};
    off_t header_off = ftello(writer->file);

    if (is_interrupted(writer) || header_off < 0)
        return write_failed(writer, failure);
    if (!fits(member, failure) || !remember_fixed(writer, member, failure))
        return false;
    writer->member = *member;
    writer->written_nbytes = 0;
    int result = zipOpenNewFileInZip4_64(
        writer->zip, member->name, &info, member->local_extra, (uInt)member->local_extra_nbytes,
        member->central_extra, (uInt)member->central_extra_nbytes, member->comment, 0,
        Z_DEFAULT_COMPRESSION, 1, -MAX_WBITS, DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY, NULL, 0,
        member->version_made_by, member->flags, needs_zip64(member));

    if (result != ZIP_OK || !mend_local_header(writer, header_off))
        return write_failed(writer, failure);
    return true;
}

bool zip_writer_write(struct zip_writer *writer, const void *bytes, size_t nbytes,
                      struct vxa_failure *failure)
{
    const uint8_t *at = bytes;

    while (nbytes > 0) {
        unsigned count = nbytes < WRITE_MAX_NBYTES ? (unsigned)nbytes : WRITE_MAX_NBYTES;

        if (is_interrupted(writer) || zipWriteInFileInZip(writer->zip, at, count) != ZIP_OK)
            return write_failed(writer, failure);
        at += count;
        nbytes -= count;
        writer->written_nbytes += count;
    }
    return true;
}

bool zip_writer_end(struct zip_writer *writer, struct vxa_failure *failure)
{
    const struct zip_new_member *member = &writer->member;

    if (writer->written_nbytes != member->compressed_size)
        return vxa_fail(failure, VXA_FAILURE_DATA, "the member's data has not its declared size");
    if (zipCloseFileInZipRaw64(writer->zip, member->size, member->crc32) != ZIP_OK ||
        writer->error_number != 0)
        return write_failed(writer, failure);
    return true;
}

/* ---- the end ---- */

static bool read_at(struct zip_writer *writer, uint8_t *bytes, size_t nbytes, off_t off)
{
    while (nbytes > 0) {
        ssize_t count = pread(fileno(writer->file), bytes, nbytes, off);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            errno = count == 0 ? EIO : errno;
            (void)note_error(writer);
            return false;
        }
        bytes += count;
        nbytes -= (size_t)count;
        off += count;
    }
    return true;
}

static bool write_at(struct zip_writer *writer, const uint8_t *bytes, size_t nbytes, off_t off)
{
    while (nbytes > 0) {
        ssize_t count = pwrite(fileno(writer->file), bytes, nbytes, off);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            (void)note_error(writer);
            return false;
        }
        bytes += count;
        nbytes -= (size_t)count;
        off += count;
    }
    return true;
}

/* The zip64 field that minizip adds to a record: 8 bytes for each number that does not fit. */
static size_t zip64_nbytes(const uint8_t *record)
{
    static const unsigned offsets[] = {ZIP_CENTRAL_COMPRESSED_SIZE, ZIP_CENTRAL_SIZE,
                                       ZIP_CENTRAL_LOCAL_OFF};
    size_t count = 0;

    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++)
        count += zip_get32(record + offsets[i]) == LIMIT32;
    return count ? EXTRA_HEADER_NBYTES + 8 * count : 0;
}

static size_t record_nbytes(const uint8_t *record)
{
    return ZIP_CENTRAL_NBYTES + (size_t)zip_get16(record + ZIP_CENTRAL_NAME_NBYTES) +
           zip_get16(record + ZIP_CENTRAL_EXTRA_NBYTES) +
           zip_get16(record + ZIP_CENTRAL_COMMENT_NBYTES);
}

/* minizip writes that field behind the comment, though it counts it as part of the extra field. */
static void put_zip64_before_comment(uint8_t *record, size_t field_nbytes)
{
    size_t comment_nbytes = zip_get16(record + ZIP_CENTRAL_COMMENT_NBYTES);
    uint8_t *field = record + record_nbytes(record) - field_nbytes, copy[EXTRA_HEADER_NBYTES + 24];

    memcpy(copy, field, field_nbytes);
    memmove(field - comment_nbytes + field_nbytes, field - comment_nbytes, comment_nbytes);
    memcpy(field - comment_nbytes, copy, field_nbytes);
}

/* Mends one record, of which `left` bytes can be read; returns its size, 0 if it is none. */
static size_t mend_record(uint8_t *record, size_t left, const struct fixed_fields *fields)
{
    if (left < ZIP_CENTRAL_NBYTES || zip_get32(record) != ZIP_CENTRAL_SIGNATURE ||
        record_nbytes(record) > left)
        return 0;
    size_t field_nbytes = zip64_nbytes(record);
    struct fixed_fields fixed = field_nbytes ? with_zip64(*fields) : *fields;

    memcpy(record + ZIP_CENTRAL_VERSION_MADE_BY, fixed.bytes, FIXED_NBYTES);
    if (field_nbytes > zip_get16(record + ZIP_CENTRAL_EXTRA_NBYTES))
        return 0;
    put_zip64_before_comment(record, field_nbytes);
    return record_nbytes(record);
}

/* Mends each record of the directory in `bytes`; returns the directory's size, 0 if it is not what
 * was written. */
static size_t mend_directory(const struct zip_writer *writer, uint8_t *bytes, size_t nbytes)
{
    size_t off = 0;

    for (size_t i = 0; i < writer->member_count; i++) {
        size_t record = mend_record(bytes + off, nbytes - off, &writer->fixed[i]);

        if (record == 0)
            return 0;
        off += record;
    }
    return off;
}

/* The zip64 end record and its locator. */
static size_t put_end64(uint8_t *p, uint64_t count, uint64_t directory_off,
                        uint64_t directory_nbytes)
{
    memset(p, 0, ZIP_END64_NBYTES + ZIP_LOCATOR64_NBYTES);
    zip_put32(p, ZIP_END64_SIGNATURE);
    zip_put64(p + ZIP_END64_RECORD_NBYTES, ZIP_END64_NBYTES - 12);
    zip_put16(p + ZIP_END64_VERSION_MADE_BY, ZIP_MADE_BY_UNIX);
    zip_put16(p + ZIP_END64_VERSION_NEEDED, VERSION_ZIP64);
    zip_put64(p + ZIP_END64_DISK_ENTRIES, count);
    zip_put64(p + ZIP_END64_ENTRIES, count);
    zip_put64(p + ZIP_END64_DIRECTORY_NBYTES, directory_nbytes);
    zip_put64(p + ZIP_END64_DIRECTORY_OFF, directory_off);
    p += ZIP_END64_NBYTES;
    zip_put32(p, ZIP_LOCATOR64_SIGNATURE);
    zip_put64(p + ZIP_LOCATOR64_END_OFF, directory_off + directory_nbytes);
    zip_put32(p + ZIP_LOCATOR64_DISKS, 1);
    return ZIP_END64_NBYTES + ZIP_LOCATOR64_NBYTES;
}

/* All end records, without the comment. Returns their size. */
static size_t put_end(uint8_t *p, uint64_t count, uint64_t directory_off, uint64_t directory_nbytes,
                      size_t comment_nbytes)
{
    size_t nbytes = 0;

    if (count >= 0xffff || directory_off >= LIMIT32 || directory_nbytes >= LIMIT32)
        nbytes = put_end64(p, count, directory_off, directory_nbytes);
    p += nbytes;
    uint16_t short_count = count < 0xffff ? (uint16_t)count : 0xffff;

    memset(p, 0, ZIP_END_NBYTES);
    zip_put32(p, ZIP_END_SIGNATURE);
    zip_put16(p + ZIP_END_DISK_ENTRIES, short_count);
    zip_put16(p + ZIP_END_ENTRIES, short_count);
    zip_put32(p + ZIP_END_DIRECTORY_NBYTES,
              directory_nbytes < LIMIT32 ? (uint32_t)directory_nbytes : LIMIT32);
    zip_put32(p + ZIP_END_DIRECTORY_OFF,
              directory_off < LIMIT32 ? (uint32_t)directory_off : LIMIT32);
    zip_put16(p + ZIP_END_COMMENT_NBYTES, (uint16_t)comment_nbytes);
    return nbytes + ZIP_END_NBYTES;
}

/* Mends the directory that minizip wrote at `directory_off`, and replaces its end records. */
static bool mend_end(struct zip_writer *writer, off_t directory_off, const char *comment,
                     size_t comment_nbytes, struct vxa_failure *failure)
{
    uint8_t end[ZIP_END64_NBYTES + ZIP_LOCATOR64_NBYTES + ZIP_END_NBYTES];
    off_t file_nbytes = lseek(fileno(writer->file), 0, SEEK_END);
    size_t nbytes = file_nbytes > directory_off ? (size_t)(file_nbytes - directory_off) : 0;
    uint8_t *bytes = malloc(nbytes + 1);

    if (!bytes)
        return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for the directory");
    bool ok = read_at(writer, bytes, nbytes, directory_off);
    size_t directory_nbytes = ok ? mend_directory(writer, bytes, nbytes) : 0;

    ok = ok && (directory_nbytes > 0 || writer->member_count == 0) &&
         write_at(writer, bytes, directory_nbytes, directory_off);
    free(bytes);
    off_t end_off = directory_off + (off_t)directory_nbytes;
    size_t end_nbytes = put_end(end, writer->member_count, (uint64_t)directory_off,
                                directory_nbytes, comment_nbytes);

    ok = ok && write_at(writer, end, end_nbytes, end_off) &&
         write_at(writer, (const uint8_t *)comment, comment_nbytes, end_off + (off_t)end_nbytes);
    off_t archive_nbytes = end_off + (off_t)(end_nbytes + comment_nbytes);

    if (ok && (ftruncate(fileno(writer->file), archive_nbytes) != 0 ||
               fsync(fileno(writer->file)) != 0)) {
        (void)note_error(writer);
        ok = false;
    }
    return ok ? true : write_failed(writer, failure);
}

bool zip_writer_finish(struct zip_writer *writer, const char *comment, size_t comment_nbytes,
                       struct vxa_failure *failure)
{
    off_t directory_off = ftello(writer->file);

    if (is_interrupted(writer) || directory_off < 0)
        return write_failed(writer, failure);
    if (comment_nbytes > FIELD_MAX_NBYTES)
        return vxa_fail(failure, VXA_FAILURE_IO, "the archive's comment is too long");
    int result = zipClose(writer->zip, NULL);

    writer->zip = NULL;
    if (result != ZIP_OK || fflush(writer->file) != 0 || writer->error_number != 0)
        return write_failed(writer, failure);
    return mend_end(writer, directory_off, comment, comment_nbytes, failure);
}

/* The rename is on disk only when the folder is. Some file systems cannot do this: no failure. */
static void sync_folder(const char *folder)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor >= 0) {
        (void)fsync(descriptor);
        close(descriptor);
    }
}

bool zip_writer_commit(struct zip_writer *writer, struct vxa_failure *failure)
{
    struct stat status;

    if (is_interrupted(writer))
        return write_failed(writer, failure);
    if (stat(writer->target, &status) == 0 &&
        fchmod(fileno(writer->file), status.st_mode & 0777) != 0)
        return vxa_fail_errno(failure, "the archive's permissions", errno);
    if (rename(writer->path, writer->target) != 0)
        return vxa_fail_errno(failure, "the archive could not be put in place", errno);
    writer->committed = true;
    sync_folder(writer->folder);
    return true;
}
