/* SPDX-License-Identifier: MIT */
/* The options of vxunzip, parsed. */
#ifndef VXUNZIP_OPTIONS_H
#define VXUNZIP_OPTIONS_H

#include "extract.h"
#include "interrupt.h"
#include "options.h"

enum vxunzip_verb {
    VXUNZIP_EXTRACT,
    VXUNZIP_TEST,
    VXUNZIP_PRINT,
    VXUNZIP_LIST,
    VXUNZIP_LIST_DECODERS,
    VXUNZIP_HELP,
    VXUNZIP_VERSION,
    VXUNZIP_DESCRIBED, /* the options, on standard output */
};

struct vxunzip_options {
    struct vxa_interrupt *interrupt; /* the program's, not an option; as is the next */
    struct vxa_spawner *spawner;     /* or NULL */
    enum vxunzip_verb verb;
    const char **operands; /* the archive, then patterns; owned, as the exclusions */
    size_t operand_count;
    const char **exclusions;
    size_t exclusion_count;
    bool verbose, json, junk_paths, decoded, native, all_engines, require_isolation, certified;
    unsigned keep; /* bits of enum vxa_keep */
    int quiet;
    const char *folder;
    const char *decoder_folder;
    enum vxa_overwrite overwrite;
    enum vxa_engine engine;
    struct vxa_extract_limits limits;
    struct vxa_sandbox_limits sandbox_limits;
    uint64_t member_count_max;
    uint64_t job_count; /* 0: as many as there are processors */
};

extern const struct vxa_option_table vxunzip_option_table;

/* False after a message. In both cases vxunzip_options_free() is due. */
bool vxunzip_options_parse(struct vxunzip_options *options, int argc, char **argv);
void vxunzip_options_free(struct vxunzip_options *options);

/* A usage error: prints the text and the value, if any, and returns false. */
bool vxunzip_complain(const char *text, const char *value);

#endif
