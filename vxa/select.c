/* SPDX-License-Identifier: MIT */
/* How patterns and the members that an archive has for itself decide what is taken. */
#include "select.h"
#include "attach.h"
#include "decode.h"
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

bool vxa_selection_begin(struct vxa_selection *selection, const struct zip_archive *archive)
{
    struct vxa_block block;

    selection->has_decoders = false;
    for (size_t i = 0; i < zip_member_count(archive) && !selection->has_decoders; i++)
        selection->has_decoders = vxa_is_decoder(zip_member_at(archive, i), &block);
    selection->matched = calloc(selection->pattern_count + 1, sizeof(*selection->matched));
    return selection->matched != NULL;
}

void vxa_selection_end(struct vxa_selection *selection)
{
    free(selection->matched);
    selection->matched = NULL;
}

static bool is_own(const struct vxa_selection *selection, const struct zip_member *member)
{
    return selection->has_decoders && vxa_member_is_own(member);
}

bool vxa_selection_has(struct vxa_selection *selection, const struct zip_member *member)
{
    bool meant =
        selection->pattern_count == 0 && (selection->with_own || !is_own(selection, member));

    for (size_t i = 0; i < selection->pattern_count; i++) {
        if (vxa_pattern_match(selection->patterns[i], member->name))
            meant = selection->matched[i] = true;
    }
    for (size_t i = 0; i < selection->exclusion_count && meant; i++)
        meant = !vxa_pattern_match(selection->exclusions[i], member->name);
    return meant;
}
