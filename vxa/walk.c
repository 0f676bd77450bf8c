/* SPDX-License-Identifier: MIT */
/* How files become inputs: recursion, patterns, order, links, and what is left out. */
#include "walk.h"
#include "pattern.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RESERVED_PREFIX ".vxa/"

/* A folder on the way from the operand down to the present one. */
struct vxa_walk_ancestor {
    const struct vxa_walk_ancestor *parent;
    dev_t device;
    ino_t inode;
};

bool vxa_name_is_reserved(const char *name)
{
    return strncmp(name, RESERVED_PREFIX, sizeof(RESERVED_PREFIX) - 1) == 0;
}

static bool out_of_memory(struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory for the list of files");
}

static void warn(struct vxa_walk *walk, const char *path, const char *reason)
{
    struct vxa_failure failure;

    (void)vxa_fail(&failure, VXA_FAILURE_WARNING, "%s", reason);
    walk->warning(walk->warning_context, path, &failure);
}

static void warn_unreadable(struct vxa_walk *walk, const char *path, int error_number)
{
    struct vxa_failure failure;

    (void)vxa_fail_errno(&failure, "left out", error_number);
    walk->unreadable_count++;
    walk->warning(walk->warning_context, path, &failure);
}

/* ---- names ---- */

/* Behind the last ".." component; sets `*found` if there is one. */
static const char *skip_parents(const char *path, bool *found)
{
    const char *rest = path;

    for (const char *at = path; *at != '\0';) {
        size_t nbytes = strcspn(at, "/");

        if (nbytes == 2 && memcmp(at, "..", 2) == 0) {
            rest = at + nbytes;
            *found = true;
        }
        at += nbytes;
        at += strspn(at, "/");
    }
    return rest;
}

/* The member name of `path`: "" where nothing is left of it. NULL without memory. */
static char *member_name(const struct vxa_walk *walk, const char *path, bool is_directory,
                         bool *had_parents)
{
    char *name = malloc(strlen(path) + 2);
    char *end = name;

    if (!name)
        return NULL;
    for (const char *at = skip_parents(path, had_parents); *at != '\0';) {
        size_t nbytes = strcspn(at, "/");

        if (nbytes > 0 && !(nbytes == 1 && *at == '.')) {
            if (walk->options->junk_paths)
                end = name;
            else if (end > name)
                *end++ = '/';
            memcpy(end, at, nbytes);
            end += nbytes;
        }
        at += nbytes;
        at += strspn(at, "/");
    }
    if (is_directory && end > name)
        *end++ = '/';
    *end = '\0';
    return name;
}

static bool matches_any(const char *const *patterns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (vxa_pattern_match(patterns[i], name))
            return true;
    }
    return false;
}

static bool is_wanted(const struct vxa_walk_options *options, const char *name)
{
    return (options->include_count == 0 ||
            matches_any(options->include, options->include_count, name)) &&
           !matches_any(options->exclude, options->exclude_count, name);
}

/* ---- the list, with a hash table over the names ---- */

static size_t hash(const char *name)
{
    uint64_t value = 14695981039346656037u; /* FNV-1a */

    while (*name != '\0')
        value = (value ^ (unsigned char)*name++) * 1099511628211u;
    return (size_t)(value ^ value >> 32);
}

/* The slot that holds the name or could take it. */
static size_t *slot_of(const struct vxa_walk *walk, const char *name)
{
    size_t at = hash(name) & (walk->slot_count - 1);

    while (walk->slots[at] != 0 && strcmp(walk->inputs[walk->slots[at] - 1].name, name) != 0)
        at = (at + 1) & (walk->slot_count - 1);
    return &walk->slots[at];
}

const struct vxa_input *vxa_walk_find(const struct vxa_walk *walk, const char *name)
{
    if (walk->slot_count == 0)
        return NULL;
    size_t slot = *slot_of(walk, name);

    return slot == 0 ? NULL : &walk->inputs[slot - 1];
}

/* Room for one more input, with the table at most half full. */
static bool grow(struct vxa_walk *walk)
{
    if (walk->input_count < walk->input_room)
        return true;
    size_t room = walk->input_room == 0 ? 64 : walk->input_room * 2;
    struct vxa_input *inputs = realloc(walk->inputs, room * sizeof(*inputs));

    if (!inputs)
        return out_of_memory(walk->failure);
    walk->inputs = inputs;
    size_t *slots = calloc(room * 2, sizeof(*slots));

    if (!slots)
        return out_of_memory(walk->failure);
    free(walk->slots);
    walk->slots = slots;
    walk->slot_count = room * 2;
    walk->input_room = room;
    for (size_t i = 0; i < walk->input_count; i++)
        *slot_of(walk, walk->inputs[i].name) = i + 1;
    return true;
}

/* Takes over `name`. */
static bool append(struct vxa_walk *walk, const char *path, char *name, enum vxa_input_kind kind,
                   const struct stat *status)
{
    struct vxa_input input = {strdup(path), name, kind, status->st_dev, status->st_ino, 0};

    if (kind == VXA_INPUT_FILE)
        input.nbytes = (uint64_t)status->st_size;

    if (!input.path || !grow(walk)) {
        free(input.path);
        free(name);
        return out_of_memory(walk->failure);
    }
    size_t *slot = slot_of(walk, name);

    if (*slot != 0) {
        const struct vxa_input *other = &walk->inputs[*slot - 1];
        bool same = other->device == input.device && other->inode == input.inode;

        if (!same)
            (void)vxa_fail(walk->failure, VXA_FAILURE_UNSAFE,
                           "two different files would have this name in the archive: %.200s and "
                           "%.200s",
                           other->path, path);
        free(input.path);
        free(name);
        return same;
    }
    walk->inputs[walk->input_count++] = input;
    if (S_ISREG(status->st_mode))
        walk->total_nbytes += (uint64_t)status->st_size;
    *slot = walk->input_count;
    return true;
}

/* ---- the file system ---- */

static bool visit(struct vxa_walk *walk, const char *path);

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

/* The entries without "." and "..", in the order of their bytes. -1 with errno on failure. */
static ptrdiff_t read_folder(const char *path, char ***names)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    size_t room = 0;
    const struct dirent *entry;

    *names = NULL;
    if (!folder)
        return -1;
    while ((errno = 0, entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (count == room) {
            room = room == 0 ? 32 : room * 2;
            char **larger = realloc(*names, room * sizeof(**names));

            if (!larger)
                break;
            *names = larger;
        }
        (*names)[count] = strdup(entry->d_name);
        if (!(*names)[count])
            break;
        count++;
    }
    int error_number = entry ? ENOMEM : errno;

    closedir(folder);
    if (error_number != 0) {
        free_names(*names, count);
        *names = NULL;
        errno = error_number;
        return -1;
    }
    if (count > 1)
        qsort(*names, count, sizeof(**names), compare_names);
    return (ptrdiff_t)count;
}

/* "FOLDER/NAME", without doubling a slash. */
static char *join(const char *folder, const char *name)
{
    size_t folder_nbytes = strlen(folder);
    size_t name_nbytes = strlen(name);
    char *path = malloc(folder_nbytes + name_nbytes + 2);

    if (!path)
        return NULL;
    memcpy(path, folder, folder_nbytes);
    if (folder_nbytes > 0 && folder[folder_nbytes - 1] != '/')
        path[folder_nbytes++] = '/';
    memcpy(path + folder_nbytes, name, name_nbytes + 1);
    return path;
}

static bool is_ancestor(const struct vxa_walk *walk, const struct stat *status)
{
    for (const struct vxa_walk_ancestor *at = walk->ancestor; at; at = at->parent) {
        if (at->device == status->st_dev && at->inode == status->st_ino)
            return true;
    }
    return false;
}

static bool descend(struct vxa_walk *walk, const char *path, const struct stat *status)
{
    struct vxa_walk_ancestor here = {walk->ancestor, status->st_dev, status->st_ino};
    char **names;
    ptrdiff_t count = read_folder(path, &names);
    bool ok = true;

    if (count < 0) {
        warn_unreadable(walk, path, errno);
        return true;
    }
    walk->ancestor = &here;
    for (ptrdiff_t i = 0; ok && i < count; i++) {
        char *child = join(path, names[i]);

        ok = child ? visit(walk, child) : out_of_memory(walk->failure);
        free(child);
    }
    walk->ancestor = here.parent;
    free_names(names, (size_t)count);
    return ok;
}

/* Takes the one path as a member, if it is wanted. */
static bool take(struct vxa_walk *walk, const char *path, enum vxa_input_kind kind,
                 const struct stat *status)
{
    bool had_parents = false;
    char *name = member_name(walk, path, kind == VXA_INPUT_DIRECTORY, &had_parents);

    if (!name)
        return out_of_memory(walk->failure);
    if (*name == '\0' || !is_wanted(walk->options, name) ||
        (kind == VXA_INPUT_DIRECTORY && walk->options->junk_paths)) {
        free(name);
        return true;
    }
    if (vxa_name_is_reserved(name)) {
        if (kind != VXA_INPUT_DIRECTORY) {
            walk->unsupported_count++;
            warn(walk, path, "left out: names below .vxa/ belong to the archive's decoders");
        }
        free(name);
        return true;
    }
    if (had_parents && !walk->ancestor)
        warn(walk, path, "everything up to the last \"..\" is left out of the member's name");
    return append(walk, path, name, kind, status);
}

/* Whether lstat() found a link that must be followed by stat(). */
static bool examine(const struct vxa_walk *walk, const char *path, struct stat *status)
{
    if (lstat(path, status) != 0)
        return false;
    if (S_ISLNK(status->st_mode) && !walk->options->keep_links)
        return stat(path, status) == 0;
    return true;
}

static bool visit(struct vxa_walk *walk, const char *path)
{
    struct stat status;

    if (!examine(walk, path, &status)) {
        warn_unreadable(walk, path, errno);
        return true;
    }
    if (walk->archive_exists && status.st_dev == walk->archive_device &&
        status.st_ino == walk->archive_inode)
        return true;
    if (S_ISREG(status.st_mode))
        return take(walk, path, VXA_INPUT_FILE, &status);
    if (S_ISLNK(status.st_mode))
        return take(walk, path, VXA_INPUT_LINK, &status);
    if (!S_ISDIR(status.st_mode)) {
        walk->unsupported_count++;
        warn(walk, path, "left out: a device, socket or pipe");
        return true;
    }
    if (is_ancestor(walk, &status)) {
        walk->unsupported_count++;
        warn(walk, path, "left out: a link to a folder that it lies in");
        return true;
    }
    return take(walk, path, VXA_INPUT_DIRECTORY, &status) &&
           (!walk->options->recurse || descend(walk, path, &status));
}

void vxa_walk_begin(struct vxa_walk *walk, const struct vxa_walk_options *options,
                    vxa_walk_warning *warning, void *warning_context)
{
    struct stat status;

    *walk = (struct vxa_walk){
        .options = options, .warning = warning, .warning_context = warning_context};
    if (options->archive && stat(options->archive, &status) == 0) {
        walk->archive_exists = true;
        walk->archive_device = status.st_dev;
        walk->archive_inode = status.st_ino;
    }
}

bool vxa_walk_add(struct vxa_walk *walk, const char *path, struct vxa_failure *failure)
{
    walk->failure = failure;
    return visit(walk, path);
}

bool vxa_walk_add_lines(struct vxa_walk *walk, FILE *stream, struct vxa_failure *failure)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t nbytes;
    bool ok = true;

    while (ok && (nbytes = getline(&line, &room, stream)) >= 0) {
        if (nbytes > 0 && line[nbytes - 1] == '\n')
            line[nbytes - 1] = '\0';
        if (*line != '\0')
            ok = vxa_walk_add(walk, line, failure);
    }
    if (ok && ferror(stream))
        ok = vxa_fail_errno(failure, "the list of names", errno);
    free(line);
    return ok;
}

void vxa_walk_filter(struct vxa_walk *walk, vxa_walk_test *keep, void *context)
{
    size_t count = 0;

    for (size_t i = 0; i < walk->input_count; i++) {
        struct vxa_input input = walk->inputs[i];

        if (keep(context, &input)) {
            walk->inputs[count++] = input;
            continue;
        }
        free(input.path);
        free(input.name);
    }
    walk->input_count = count;
    if (walk->slot_count > 0)
        memset(walk->slots, 0, walk->slot_count * sizeof(*walk->slots));
    for (size_t i = 0; i < count; i++)
        *slot_of(walk, walk->inputs[i].name) = i + 1;
}

/* By file; of one file in the order of the inputs. */
static int compare_files(const void *a, const void *b)
{
    const struct vxa_input *one = *(const struct vxa_input *const *)a;
    const struct vxa_input *other = *(const struct vxa_input *const *)b;

    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    if (one->inode != other->inode)
        return one->inode < other->inode ? -1 : 1;
    return one < other ? -1 : 1;
}

bool vxa_walk_find_doubles(const struct vxa_walk *walk, vxa_walk_double *tell, void *context)
{
    const struct vxa_input **files = calloc(walk->input_count + 1, sizeof(const void *));
    size_t count = 0;

    if (!files)
        return false;
    for (size_t i = 0; i < walk->input_count; i++) {
        if (walk->inputs[i].kind == VXA_INPUT_FILE)
            files[count++] = &walk->inputs[i];
    }
    if (count > 1)
        qsort(files, count, sizeof(*files), compare_files);
    for (size_t first = 0, i = 1; i < count; i++) {
        if (files[i]->device != files[first]->device || files[i]->inode != files[first]->inode)
            first = i;
        else
            tell(context, files[first], files[i]);
    }
    free(files);
    return true;
}

void vxa_walk_end(struct vxa_walk *walk)
{
    for (size_t i = 0; i < walk->input_count; i++) {
        free(walk->inputs[i].path);
        free(walk->inputs[i].name);
    }
    free(walk->inputs);
    free(walk->slots);
}
