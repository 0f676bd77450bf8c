/* SPDX-License-Identifier: MIT */
/* The command line of vxrun. */
#ifndef VXRUN_OPTIONS_H
#define VXRUN_OPTIONS_H

#include "vx32.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum vxrun_action {
    VXRUN_RUN,
    VXRUN_HELP,
    VXRUN_VERSION,
    VXRUN_DESCRIBED, /* the options, on standard output */
    VXRUN_USAGE_ERROR
};

struct vxrun_options {
    enum vxrun_action action;
    enum vx32_engine engine;
    enum vx32_profile profile;
    uint64_t memory_nbytes; /* 0: the library's default */
    uint64_t fuel;          /* VX32_FUEL_UNLIMITED: no limit */
    double cpu_seconds;     /* 0: no limit */
    bool statistics, trace, trap_unwritten;
    /* The guest's argument vector; argv[0] is also the program's file name. */
    int argc;
    char **argv;
};

/* A VXRUN_USAGE_ERROR has been explained on standard error. */
enum vxrun_action vxrun_parse(int argc, char **argv, struct vxrun_options *options);

void vxrun_print_help(FILE *stream);

/* As --engine= wants it; static. */
const char *vxrun_engine_name(enum vx32_engine engine);

#endif
