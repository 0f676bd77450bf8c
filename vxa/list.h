/* SPDX-License-Identifier: MIT */
/* Tells what is in an archive, without decoding anything. */
#ifndef VXA_LIST_H
#define VXA_LIST_H

#include "select.h"
#include "zip_read.h"

#include <stdbool.h>
#include <stdio.h>

struct vxa_list_job {
    const char *archive_name;
    struct zip_archive *archive;
    struct vxa_selection *selection;
    bool verbose;
    FILE *stream;
};

struct vxa_json;

/* A line for each selected member, and totals. */
void vxa_list_members(const struct vxa_list_job *job);

/* The decoders that the archive carries or its members name; verbose: with the names of those
 * members. False when out of memory. */
bool vxa_list_decoders(const struct vxa_list_job *job);

/* The same as values of the present JSON object: "members" and "total", or "decoders". The
 * selection counts as for the lists. */
void vxa_list_members_json(const struct vxa_list_job *job, struct vxa_json *json);
bool vxa_list_decoders_json(const struct vxa_list_job *job, struct vxa_json *json);

#endif
