/* SPDX-License-Identifier: MIT */
/* Members against files: whose time is later, and whose name is meant. */
#include "revise.h"
#include "attach.h"
#include "pattern.h"

#include <sys/stat.h>

/* DOS fields count in steps of two seconds. */
enum { DOS_STEP_SECONDS = 2 };

struct filter {
    enum vxa_revision revision;
    const struct zip_archive *archive;
};

static bool is_newer(const struct vxa_input *input, const struct zip_member *member)
{
    struct stat status;
    int64_t seconds;
    bool is_exact;

    /* What cannot be read any more is for the packer to tell. */
    if ((input->kind == VXA_INPUT_LINK ? lstat : stat)(input->path, &status) != 0)
        return true;
    zip_member_mtime(member, &seconds, &is_exact);
    return (int64_t)status.st_mtime > seconds + (is_exact ? 0 : DOS_STEP_SECONDS - 1);
}

static bool is_taken(void *context, const struct vxa_input *input)
{
    const struct filter *filter = context;
    const struct zip_member *member =
        filter->archive ? zip_member_by_name(filter->archive, input->name) : NULL;

    if (!member)
        return filter->revision != VXA_REVISION_FRESHEN;
    return filter->revision == VXA_REVISION_ADD || is_newer(input, member);
}

void vxa_revise_inputs(enum vxa_revision revision, const struct zip_archive *archive,
                       struct vxa_walk *walk)
{
    struct filter filter = {revision, archive};

    vxa_walk_filter(walk, is_taken, &filter);
}

bool vxa_revise_add_members(const struct zip_archive *archive, struct vxa_walk *walk,
                            struct vxa_failure *failure)
{
    bool ok = true;
    struct stat status;

    for (size_t i = 0; ok && i < zip_member_count(archive); i++) {
        const struct zip_member *member = zip_member_at(archive, i);

        if (!member->name_problem && !vxa_member_is_own(member) &&
            lstat(member->name, &status) == 0)
            ok = vxa_walk_add(walk, member->name, failure);
    }
    return ok;
}

size_t vxa_revise_drops(const struct zip_archive *archive, const char *const *patterns,
                        size_t pattern_count, bool *drops, bool *matched)
{
    size_t count = 0;

    for (size_t i = 0; i < zip_member_count(archive); i++) {
        const struct zip_member *member = zip_member_at(archive, i);

        for (size_t k = 0; k < pattern_count && !vxa_member_is_own(member); k++) {
            if (!vxa_pattern_match(patterns[k], member->name))
                continue;
            matched[k] = true;
            count += !drops[i];
            drops[i] = true;
        }
    }
    return count;
}
