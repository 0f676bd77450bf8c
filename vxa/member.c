/* SPDX-License-Identifier: MIT */
/* How a file's attributes are put into ZIP header fields. */
#include "member.h"
#include "zip_format.h"

#include <string.h>
#include <sys/stat.h>

enum { DOS_READ_ONLY = 0x01, DOS_DIRECTORY = 0x10, UT_HAS_MTIME = 1 };

/* The bytes that follow a lead byte, and the least value that needs so many; -1: no lead byte. */
static int follow_count(unsigned char lead, uint32_t *value, uint32_t *least)
{
    if (lead < 0x80) {
        *value = lead;
        *least = 0;
        return 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        *value = lead & 0x1fu;
        *least = 0x80;
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        *value = lead & 0x0fu;
        *least = 0x800;
        return 2;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        *value = lead & 0x07u;
        *least = 0x10000;
        return 3;
    }
    return -1;
}

uint16_t vxa_name_flag(const char *name)
{
    bool ascii = true;

    for (const unsigned char *at = (const unsigned char *)name; *at != '\0';) {
        uint32_t value;
        uint32_t least;
        int count = follow_count(*at++, &value, &least);

        if (count < 0)
            return 0;
        ascii = ascii && count == 0;
        for (; count > 0; count--) {
            if ((*at & 0xc0) != 0x80)
                return 0;
            value = value << 6 | (*at++ & 0x3fu);
        }
        if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return 0;
    }
    return ascii ? 0 : ZIP_FLAG_UTF8;
}

static uint32_t external_attributes_of(uint32_t mode)
{
    uint32_t attributes = (mode & 0xffff) << 16;

    if (S_ISDIR(mode))
        attributes |= DOS_DIRECTORY;
    if (!(mode & S_IWUSR))
        attributes |= DOS_READ_ONLY;
    return attributes;
}

/* The "UT" field; none for a time that its 32 bits cannot say. */
static size_t put_time(uint8_t *p, int64_t mtime)
{
    if (mtime < INT32_MIN || mtime > INT32_MAX)
        return 0;
    zip_put16(p, ZIP_EXTRA_UNIX_TIME);
    zip_put16(p + 2, VXA_EXTRA_TIME_NBYTES - 4);
    p[4] = UT_HAS_MTIME;
    zip_put32(p + 5, (uint32_t)(int32_t)mtime);
    return VXA_EXTRA_TIME_NBYTES;
}

bool vxa_member_fill(struct vxa_member *member, const struct vxa_member_facts *facts,
                     struct vxa_failure *failure)
{
    struct zip_new_member *fields = &member->fields;
    size_t extra_nbytes = put_time(member->extra, facts->mtime);

    if (facts->block) {
        size_t block_nbytes = vxa_block_build(facts->block, member->extra + extra_nbytes,
                                              sizeof(member->extra) - extra_nbytes);

        if (block_nbytes == 0)
            return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "the VXA block does not fit");
        extra_nbytes += block_nbytes;
    }
    if (facts->kept_nbytes > 0)
        memcpy(member->extra + extra_nbytes, facts->kept, facts->kept_nbytes);
    extra_nbytes += facts->kept_nbytes;
    *fields = (struct zip_new_member){
        .name = facts->name,
        .version_made_by = ZIP_MADE_BY_UNIX,
        .flags = vxa_name_flag(facts->name),
        .external_attributes = external_attributes_of(facts->mode),
        .local_extra = member->extra,
        .local_extra_nbytes = extra_nbytes,
        .central_extra = member->extra,
        .central_extra_nbytes = extra_nbytes,
    };
    zip_dos_time_of(facts->mtime, &fields->dos_time, &fields->dos_date);
    return true;
}
