/* SPDX-License-Identifier: MIT */
/* The ZIP format from the writing side, without any of the writer's safety. */
#include "support/zip_builder.h"

#include "zip_format.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint8_t *append(struct zip_builder *b, size_t nbytes)
{
    size_t off = b->nbytes;

    if (b->room - off < nbytes) {
        b->room = 2 * (off + nbytes);
        b->bytes = realloc(b->bytes, b->room);
        if (!b->bytes)
            abort();
    }
    b->nbytes += nbytes;
    if (nbytes > 0)
        memset(b->bytes + off, 0, nbytes);
    return b->bytes + off;
}

void zip_build_bytes(struct zip_builder *builder, const void *bytes, size_t nbytes)
{
    uint8_t *p = append(builder, nbytes);

    if (nbytes > 0)
        memcpy(p, bytes, nbytes);
}

static void add_local(struct zip_builder *b, const struct zip_part *part)
{
    bool is_open = part->flags & ZIP_FLAG_DESCRIPTOR;
    uint8_t *p = append(b, ZIP_LOCAL_NBYTES);

    zip_put32(p, ZIP_LOCAL_SIGNATURE);
    zip_put16(p + ZIP_LOCAL_VERSION_NEEDED, 20);
    zip_put16(p + ZIP_LOCAL_FLAGS, part->flags);
    zip_put16(p + ZIP_LOCAL_METHOD, part->method);
    zip_put16(p + ZIP_LOCAL_TIME, part->dos_time);
    zip_put16(p + ZIP_LOCAL_DATE, part->dos_date);
    zip_put32(p + ZIP_LOCAL_CRC32, is_open ? 0 : part->crc32);
    zip_put32(p + ZIP_LOCAL_COMPRESSED_SIZE, is_open ? 0 : (uint32_t)part->data_nbytes);
    zip_put32(p + ZIP_LOCAL_SIZE, is_open ? 0 : (uint32_t)part->size);
    zip_put16(p + ZIP_LOCAL_NAME_NBYTES, (uint16_t)part->name_nbytes);
    zip_put16(p + ZIP_LOCAL_EXTRA_NBYTES, (uint16_t)part->local_extra_nbytes);
    zip_build_bytes(b, part->name, part->name_nbytes);
    zip_build_bytes(b, part->local_extra, part->local_extra_nbytes);
}

void zip_build_add(struct zip_builder *builder, const struct zip_part *part)
{
    struct zip_part *own = &builder->parts[builder->part_count];
    struct zip_places *places = &builder->places[builder->part_count];

    if (builder->part_count == ZIP_BUILDER_MAX_MEMBERS)
        abort();
    if (builder->part_count++ == 0)
        builder->prefix_nbytes = builder->nbytes;
    *own = *part;
    if (own->name_nbytes == 0)
        own->name_nbytes = strlen(own->name);
    if (own->size == 0)
        own->size = own->data_nbytes;
    places->local_off = builder->nbytes;
    add_local(builder, own);
    places->data_off = builder->nbytes;
    zip_build_bytes(builder, own->data, own->data_nbytes);
    places->data_end = builder->nbytes;
    zip_build_bytes(builder, own->descriptor, own->descriptor_nbytes);
}

static void add_central(struct zip_builder *b, const struct zip_part *part, size_t local_off)
{
    size_t comment_nbytes = part->comment ? strlen(part->comment) : 0;
    uint8_t *p = append(b, ZIP_CENTRAL_NBYTES);

    zip_put32(p, ZIP_CENTRAL_SIGNATURE);
    zip_put16(p + ZIP_CENTRAL_VERSION_MADE_BY, part->made_by);
    zip_put16(p + ZIP_CENTRAL_VERSION_NEEDED, 20);
    zip_put16(p + ZIP_CENTRAL_FLAGS, part->flags);
    zip_put16(p + ZIP_CENTRAL_METHOD, part->method);
    zip_put16(p + ZIP_CENTRAL_TIME, part->dos_time);
    zip_put16(p + ZIP_CENTRAL_DATE, part->dos_date);
    zip_put32(p + ZIP_CENTRAL_CRC32, part->crc32);
    zip_put32(p + ZIP_CENTRAL_COMPRESSED_SIZE, (uint32_t)part->data_nbytes);
    zip_put32(p + ZIP_CENTRAL_SIZE, (uint32_t)part->size);
    zip_put16(p + ZIP_CENTRAL_NAME_NBYTES, (uint16_t)part->name_nbytes);
    zip_put16(p + ZIP_CENTRAL_EXTRA_NBYTES, (uint16_t)part->central_extra_nbytes);
    zip_put16(p + ZIP_CENTRAL_COMMENT_NBYTES, (uint16_t)comment_nbytes);
    zip_put32(p + ZIP_CENTRAL_EXTERNAL_ATTRIBUTES, part->external_attributes);
    zip_put32(p + ZIP_CENTRAL_LOCAL_OFF, (uint32_t)(local_off - b->prefix_nbytes));
    zip_build_bytes(b, part->name, part->name_nbytes);
    zip_build_bytes(b, part->central_extra, part->central_extra_nbytes);
    zip_build_bytes(b, part->comment, comment_nbytes);
}

void zip_build_directory(struct zip_builder *builder)
{
    if (builder->part_count == 0)
        builder->prefix_nbytes = builder->nbytes;
    builder->directory_off = builder->nbytes;
    for (size_t i = 0; i < builder->part_count; i++) {
        builder->places[i].central_off = builder->nbytes;
        add_central(builder, &builder->parts[i], builder->places[i].local_off);
    }
    builder->end_off = builder->nbytes;
}

void zip_build_zip64(struct zip_builder *builder)
{
    size_t directory_nbytes = builder->end_off - builder->directory_off;
    size_t record_off = builder->nbytes;
    uint8_t *p = append(builder, ZIP_END64_NBYTES + ZIP_LOCATOR64_NBYTES);

    zip_put32(p, ZIP_END64_SIGNATURE);
    zip_put64(p + ZIP_END64_RECORD_NBYTES, ZIP_END64_NBYTES - 12);
    zip_put16(p + ZIP_END64_VERSION_MADE_BY, 45);
    zip_put16(p + ZIP_END64_VERSION_NEEDED, 45);
    zip_put64(p + ZIP_END64_DISK_ENTRIES, builder->part_count);
    zip_put64(p + ZIP_END64_ENTRIES, builder->part_count);
    zip_put64(p + ZIP_END64_DIRECTORY_NBYTES, directory_nbytes);
    zip_put64(p + ZIP_END64_DIRECTORY_OFF, builder->directory_off - builder->prefix_nbytes);
    p += ZIP_END64_NBYTES;
    zip_put32(p, ZIP_LOCATOR64_SIGNATURE);
    zip_put64(p + ZIP_LOCATOR64_END_OFF, record_off - builder->prefix_nbytes);
    zip_put32(p + ZIP_LOCATOR64_DISKS, 1);
}

void zip_build_end(struct zip_builder *builder, const char *comment)
{
    size_t directory_nbytes = builder->end_off - builder->directory_off;
    size_t comment_nbytes = comment ? strlen(comment) : 0;
    uint8_t *p;

    builder->end_off = builder->nbytes;
    p = append(builder, ZIP_END_NBYTES);
    zip_put32(p, ZIP_END_SIGNATURE);
    zip_put16(p + ZIP_END_DISK_ENTRIES, (uint16_t)builder->part_count);
    zip_put16(p + ZIP_END_ENTRIES, (uint16_t)builder->part_count);
    zip_put32(p + ZIP_END_DIRECTORY_NBYTES, (uint32_t)directory_nbytes);
    zip_put32(p + ZIP_END_DIRECTORY_OFF,
              (uint32_t)(builder->directory_off - builder->prefix_nbytes));
    zip_put16(p + ZIP_END_COMMENT_NBYTES, (uint16_t)comment_nbytes);
    zip_build_bytes(builder, comment, comment_nbytes);
}

void zip_build_insert(struct zip_builder *builder, size_t off, const void *bytes, size_t nbytes)
{
    size_t behind = builder->nbytes - off;

    (void)append(builder, nbytes);
    memmove(builder->bytes + off + nbytes, builder->bytes + off, behind);
    memcpy(builder->bytes + off, bytes, nbytes);
}

bool zip_build_open(const struct zip_builder *builder, const struct zip_read_limits *limits,
                    struct zip_archive **archive, struct vxa_failure *failure)
{
    char path[] = "/tmp/zip_builder_XXXXXX";
    int fd = mkstemp(path);
    bool ok;

    if (fd < 0)
        abort();
    if (write(fd, builder->bytes, builder->nbytes) != (ssize_t)builder->nbytes || close(fd) != 0)
        abort();
    ok = zip_open(path, limits, archive, failure);
    unlink(path);
    return ok;
}

void zip_build_free(struct zip_builder *builder)
{
    free(builder->bytes);
    *builder = (struct zip_builder){0};
}
