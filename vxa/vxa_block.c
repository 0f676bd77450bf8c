/* SPDX-License-Identifier: MIT */
/* The VXA extra field from and to bytes. */
#include "vxa_block.h"
#include "zip_format.h"

#include <stddef.h>
#include <string.h>

enum {
    FIELD_HEADER_NBYTES = 4,
    KIND_OFF = 4,
    FLAGS_OFF = 5,
    RESERVED_OFF = 6,
    HASH_OFF = 8,
    ITEMS_OFF = 40,
    ITEM_HEADER_NBYTES = 3,
    KNOWN_FLAGS = VXA_FLAG_DECODER_REQUIRED | VXA_FLAG_ORIGINAL_CODED,
    ITEM_OBLIGATION = 0x80, /* ids from here on must be understood */
};

enum item {
    ITEM_DECODED_SIZE = 1,
    ITEM_DECODED_CRC32 = 2,
    ITEM_DECODED_MEDIA_TYPE = 3,
    ITEM_DECODED_SUFFIX = 4,
    ITEM_ENCODED_MEDIA_TYPE = 5,
    ITEM_CODEC = 6,
    ITEM_ARGUMENTS = 7,
    ITEM_PEAK_MEMORY = 8,
    ITEM_INSTRUCTION_COUNT = 9,
};

static const uint8_t signature[4] = {'V', 'X', 'A', '1'};

/* ---- parsing ---- */

/* A text item: printable ASCII, and it must fit. */
static bool take_text(char *text, size_t text_nbytes, const uint8_t *data, size_t nbytes)
{
    if (nbytes >= text_nbytes)
        return false;
    for (size_t i = 0; i < nbytes; i++)
        if (data[i] < 0x20 || data[i] > 0x7e)
            return false;
    memcpy(text, data, nbytes);
    text[nbytes] = '\0';
    return true;
}

/* Such as ".bmp": it becomes part of a file name, and must not lead to another folder. */
static bool take_suffix(char *text, size_t text_nbytes, const uint8_t *data, size_t nbytes)
{
    return take_text(text, text_nbytes, data, nbytes) && !strchr(text, '/') &&
           (nbytes == 0 || text[0] == '.');
}

static bool take_number(bool *has, uint64_t *number, const uint8_t *data, size_t nbytes)
{
    *has = nbytes == 8;
    if (*has)
        *number = zip_get64(data);
    return *has;
}

/* A last NUL is tolerated: it ends the last argument. */
static bool take_arguments(struct vxa_block *block, const uint8_t *data, size_t nbytes)
{
    if (nbytes > 0 && data[nbytes - 1] == 0)
        nbytes--;
    if (nbytes > VXA_ARGUMENTS_MAX_NBYTES)
        return false;
    memcpy(block->arguments, data, nbytes);
    block->arguments[nbytes] = '\0';
    block->arguments_nbytes = (uint16_t)nbytes;
    return true;
}

static bool take_item(struct vxa_block *block, unsigned id, const uint8_t *data, size_t nbytes)
{
    switch (id) {
    case ITEM_DECODED_SIZE:
        return take_number(&block->has_decoded_size, &block->decoded_size, data, nbytes);
    case ITEM_DECODED_CRC32:
        block->has_decoded_crc32 = nbytes == 4;
        if (block->has_decoded_crc32)
            block->decoded_crc32 = zip_get32(data);
        return block->has_decoded_crc32;
    case ITEM_DECODED_MEDIA_TYPE:
        return take_text(block->decoded_media_type, sizeof block->decoded_media_type, data, nbytes);
    case ITEM_DECODED_SUFFIX:
        return take_suffix(block->decoded_suffix, sizeof block->decoded_suffix, data, nbytes);
    case ITEM_ENCODED_MEDIA_TYPE:
        return take_text(block->encoded_media_type, sizeof block->encoded_media_type, data, nbytes);
    case ITEM_CODEC: return take_text(block->codec, sizeof block->codec, data, nbytes);
    case ITEM_ARGUMENTS: return take_arguments(block, data, nbytes);
    case ITEM_PEAK_MEMORY:
        return take_number(&block->has_peak_memory, &block->peak_memory_nbytes, data, nbytes);
    case ITEM_INSTRUCTION_COUNT:
        return take_number(&block->has_instruction_count, &block->instruction_count, data, nbytes);
    default: return id < ITEM_OBLIGATION;
    }
}

/* Of two items with one id, which one counts would be anybody's guess. */
static bool is_repeated(uint32_t *seen, unsigned id)
{
    uint32_t bit = id < 32 ? UINT32_C(1) << id : 0;
    bool is_second = *seen & bit;

    *seen |= bit;
    return is_second;
}

static bool take_items(struct vxa_block *block, const uint8_t *items, size_t nbytes)
{
    uint32_t seen = 0;

    while (nbytes > 0) {
        size_t length;

        if (nbytes < ITEM_HEADER_NBYTES)
            return false;
        length = zip_get16(items + 1);
        if (length > nbytes - ITEM_HEADER_NBYTES || is_repeated(&seen, items[0]) ||
            !take_item(block, items[0], items + ITEM_HEADER_NBYTES, length))
            return false;
        items += ITEM_HEADER_NBYTES + length;
        nbytes -= ITEM_HEADER_NBYTES + length;
    }
    return true;
}

/* Not the unused part of the texts: directories of a million members are read through here. */
static void clear(struct vxa_block *block)
{
    memset(block, 0, offsetof(struct vxa_block, decoded_media_type));
    block->decoded_media_type[0] = '\0';
    block->decoded_suffix[0] = '\0';
    block->encoded_media_type[0] = '\0';
    block->codec[0] = '\0';
    block->arguments_nbytes = 0;
    block->arguments[0] = '\0';
}

/* The data of one field with our id. */
static bool parse(const uint8_t *data, size_t nbytes, struct vxa_block *block)
{
    clear(block);
    if (nbytes < ITEMS_OFF || memcmp(data, signature, sizeof signature) != 0)
        return false;
    if (data[KIND_OFF] != VXA_BLOCK_MEMBER && data[KIND_OFF] != VXA_BLOCK_DECODER)
        return false;
    if (data[FLAGS_OFF] & ~KNOWN_FLAGS || zip_get16(data + RESERVED_OFF) != 0)
        return false;
    block->kind = (enum vxa_block_kind)data[KIND_OFF];
    block->flags = data[FLAGS_OFF];
    memcpy(block->decoder_sha256, data + HASH_OFF, VXA_HASH_NBYTES);
    return take_items(block, data + ITEMS_OFF, nbytes - ITEMS_OFF);
}

/* A field that is damaged hides what is behind it: a block found before it is not used either. */
enum vxa_block_result vxa_block_find(const uint8_t *extra, size_t extra_nbytes,
                                     struct vxa_block *block)
{
    enum vxa_block_result result = VXA_BLOCK_ABSENT;

    while (extra_nbytes >= FIELD_HEADER_NBYTES) {
        size_t length = zip_get16(extra + 2);
        bool is_ours = zip_get16(extra) == VXA_EXTRA_ID;

        extra_nbytes -= FIELD_HEADER_NBYTES;
        if (length > extra_nbytes)
            return is_ours || result != VXA_BLOCK_ABSENT ? VXA_BLOCK_UNUSABLE : VXA_BLOCK_ABSENT;
        if (is_ours && result != VXA_BLOCK_ABSENT)
            return VXA_BLOCK_UNUSABLE;
        if (is_ours)
            result = parse(extra + FIELD_HEADER_NBYTES, length, block) ? VXA_BLOCK_OK
                                                                       : VXA_BLOCK_UNUSABLE;
        extra += FIELD_HEADER_NBYTES + length;
        extra_nbytes -= length;
    }
    return result;
}

/* ---- building ---- */

struct builder {
    uint8_t *buffer;
    size_t nbytes, used;
    bool overflow;
};

static void put_item(struct builder *b, enum item id, const void *data, size_t nbytes)
{
    if (b->overflow || b->nbytes - b->used < ITEM_HEADER_NBYTES + nbytes) {
        b->overflow = true;
        return;
    }
    b->buffer[b->used] = (uint8_t)id;
    zip_put16(b->buffer + b->used + 1, (uint16_t)nbytes);
    memcpy(b->buffer + b->used + ITEM_HEADER_NBYTES, data, nbytes);
    b->used += ITEM_HEADER_NBYTES + nbytes;
}

static void put_number(struct builder *b, enum item id, bool has, uint64_t number)
{
    uint8_t data[8];

    zip_put64(data, number);
    if (has)
        put_item(b, id, data, sizeof data);
}

static void put_text(struct builder *b, enum item id, const char *text)
{
    if (text[0])
        put_item(b, id, text, strlen(text));
}

static void put_items(struct builder *b, const struct vxa_block *block)
{
    uint8_t crc32[4];

    put_number(b, ITEM_DECODED_SIZE, block->has_decoded_size, block->decoded_size);
    zip_put32(crc32, block->decoded_crc32);
    if (block->has_decoded_crc32)
        put_item(b, ITEM_DECODED_CRC32, crc32, sizeof crc32);
    put_text(b, ITEM_DECODED_MEDIA_TYPE, block->decoded_media_type);
    put_text(b, ITEM_DECODED_SUFFIX, block->decoded_suffix);
    put_text(b, ITEM_ENCODED_MEDIA_TYPE, block->encoded_media_type);
    put_text(b, ITEM_CODEC, block->codec);
    if (block->arguments_nbytes)
        put_item(b, ITEM_ARGUMENTS, block->arguments, block->arguments_nbytes);
    put_number(b, ITEM_PEAK_MEMORY, block->has_peak_memory, block->peak_memory_nbytes);
    put_number(b, ITEM_INSTRUCTION_COUNT, block->has_instruction_count, block->instruction_count);
}

size_t vxa_block_build(const struct vxa_block *block, uint8_t *buffer, size_t buffer_nbytes)
{
    struct builder b = {buffer, buffer_nbytes, FIELD_HEADER_NBYTES + ITEMS_OFF, false};
    uint8_t *data;

    if (buffer_nbytes < b.used)
        return 0;
    memset(buffer, 0, b.used);
    data = buffer + FIELD_HEADER_NBYTES;
    memcpy(data, signature, sizeof signature);
    data[KIND_OFF] = (uint8_t)block->kind;
    data[FLAGS_OFF] = block->flags;
    memcpy(data + HASH_OFF, block->decoder_sha256, VXA_HASH_NBYTES);
    put_items(&b, block);
    if (b.overflow || b.used - FIELD_HEADER_NBYTES > UINT16_MAX)
        return 0;
    zip_put16(buffer, VXA_EXTRA_ID);
    zip_put16(buffer + 2, (uint16_t)(b.used - FIELD_HEADER_NBYTES));
    return b.used;
}
