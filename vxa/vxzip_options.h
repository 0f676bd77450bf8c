/* SPDX-License-Identifier: MIT */
/* The options of vxzip, and what a run of it knows. */
#ifndef VXZIP_OPTIONS_H
#define VXZIP_OPTIONS_H

#include "interrupt.h"
#include "options.h"
#include "progress.h"
#include "revise.h"
#include "sandbox.h"
#include "walk.h"

struct vxzip_settings {
    struct vxa_interrupt *interrupt;
    struct vxa_spawner *spawner; /* or NULL */
    struct vxa_walk_options walk;
    const char **include, **exclude;
    const char *method;
    enum vxa_revision revision;
    unsigned keep; /* bits of enum vxa_keep */
    struct vxa_progress progress;
    size_t packed_count;
    FILE *said; /* where members are told of: not where the archive goes */
    int level;
    bool portable, self_contained, verify, test, require_isolation, certify, quiet, verbose,
        names_from_stdin, help, version, described;
    enum vxa_engine engine;
    unsigned jobs; /* 0: as many as there are processors */
    const char *decoder_folder;
    const char *archive; /* with its suffix */
    char *archive_room;
    uint64_t size, compressed_size; /* totals for -v */
    bool *drops;                    /* members that -d takes away */
    bool reader_gone;               /* nobody reads standard output any more */
    int status;
};

extern const struct vxa_option_table vxzip_option_table;

/* A vxa_option_handler() for the settings. */
bool vxzip_take_option(void *context, const struct vxa_option *option, const char *value);

/* Prints the text and the value, if any, and returns false. */
bool vxzip_usage_error(const char *text, const char *value);

#endif
