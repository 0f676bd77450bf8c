/* SPDX-License-Identifier: MIT */
/* How names become files: folder by folder, with descriptors instead of paths. */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, PERMISSION_BITS = 0777 };

/* What waits for the end: a link to be made, or the attributes of a folder. */
struct later {
    char *name;
    char *link_target; /* NULL: a folder */
    struct vxa_attributes attributes;
    bool replace;
    size_t number; /* in the order of the archive */
};

/* A folder that this run has made. */
struct made {
    dev_t device;
    ino_t inode; /* 0: an empty slot */
};

struct vxa_target {
    int fd;
    struct later *later;
    size_t later_count, later_room;
    struct made *made; /* a hash table, at most half full */
    size_t made_count, made_room;
};

static bool out_of_memory(struct vxa_failure *failure)
{
    return vxa_fail(failure, VXA_FAILURE_MEMORY, "out of memory");
}

/* ---- the target folder ---- */

/* Makes a folder, and what is missing above it. */
static bool make_folders(const char *folder)
{
    size_t nbytes = strlen(folder);
    char *path = strdup(folder);
    bool ok = path != NULL;

    for (size_t i = 1; ok && i <= nbytes; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        path[i] = '\0';
        ok = mkdir(path, 0777) == 0 || errno == EEXIST || errno == EISDIR;
        path[i] = folder[i];
    }
    free(path);
    return ok;
}

bool vxa_target_open(const char *folder, struct vxa_target **target, struct vxa_failure *failure)
{
    struct vxa_target *opened = calloc(1, sizeof(*opened));

    if (!opened)
        return out_of_memory(failure);
    opened->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened->fd < 0 && errno == ENOENT && make_folders(folder))
        opened->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened->fd < 0) {
        int number = errno;

        free(opened);
        return vxa_fail_errno(failure, "cannot open the target folder", number);
    }
    *target = opened;
    return true;
}

void vxa_target_close(struct vxa_target *target)
{
    if (!target)
        return;
    for (size_t i = 0; i < target->later_count; i++) {
        free(target->later[i].name);
        free(target->later[i].link_target);
    }
    free(target->later);
    free(target->made);
    close(target->fd);
    free(target);
}

/* ---- which folders are ours ---- */

static struct made *find_made(const struct vxa_target *target, dev_t device, ino_t inode)
{
    size_t mask = target->made_room - 1;
    size_t slot = (size_t)((uint64_t)inode * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;

    while (target->made[slot].inode != 0 &&
           (target->made[slot].inode != inode || target->made[slot].device != device))
        slot = (slot + 1) & mask;
    return &target->made[slot];
}

static bool grow_made(struct vxa_target *target)
{
    struct vxa_target grown = {.made_room = target->made_room ? 2 * target->made_room : 64};

    grown.made = calloc(grown.made_room, sizeof(*grown.made));
    if (!grown.made)
        return false;
    for (size_t i = 0; i < target->made_room; i++) {
        const struct made *old = &target->made[i];

        if (old->inode != 0)
            *find_made(&grown, old->device, old->inode) = *old;
    }
    free(target->made);
    target->made = grown.made;
    target->made_room = grown.made_room;
    return true;
}

/* Without memory the folder counts as one that was there before. */
static void note_made(struct vxa_target *target, int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return;
    if (2 * (target->made_count + 1) > target->made_room && !grow_made(target))
        return;
    struct made *slot = find_made(target, status.st_dev, status.st_ino);

    target->made_count += slot->inode == 0;
    *slot = (struct made){status.st_dev, status.st_ino};
}

static bool is_ours(const struct vxa_target *target, int fd)
{
    struct stat status;

    return target->made_room > 0 && fstat(fd, &status) == 0 &&
           find_made(target, status.st_dev, status.st_ino)->inode != 0;
}

/* ---- the way to a name ---- */

/* Where a name leads. */
struct place {
    int folder_fd; /* -1: the folder does not exist */
    char name[NAME_MAX + 1];
};

/* Why a folder could not be opened; ELOOP and ENOTDIR are what a link in its place gives. */
static bool step_failed(const char *part, int number, struct vxa_failure *failure)
{
    char what[NAME_MAX + 32];

    if (number == ELOOP || number == ENOTDIR)
        return vxa_fail(failure, VXA_FAILURE_UNSAFE,
                        "\"%s\" on its way is a link or a file, not a folder", part);
    (void)snprintf(what, sizeof(what), "cannot open the folder \"%s\"", part);
    return vxa_fail_errno(failure, what, number);
}

/* Opens a folder inside `fd`; makes it if it is missing and a target is given. */
static int open_step(struct vxa_target *target, int fd, const char *part)
{
    int next = openat(fd, part, FOLDER_FLAGS);
    bool made;

    if (next >= 0 || errno != ENOENT || !target)
        return next;
    made = mkdirat(fd, part, 0777) == 0;
    if (!made && errno != EEXIST)
        return -1;
    next = openat(fd, part, FOLDER_FLAGS);
    if (next >= 0 && made)
        note_made(target, next);
    return next;
}

/* Takes the next part off the name; parts that are empty or "." are passed over. False at the end
 * of the name, and for a part that is refused; only then the failure's kind is set. */
static bool take_part(const char **name, char part[NAME_MAX + 1], struct vxa_failure *failure)
{
    size_t nbytes;

    do {
        *name += strspn(*name, "/");
        nbytes = strcspn(*name, "/");
        if (nbytes == 0)
            return false;
        if (nbytes > NAME_MAX)
            return vxa_fail_errno(failure, "cannot make it", ENAMETOOLONG);
        memcpy(part, *name, nbytes);
        part[nbytes] = '\0';
        *name += nbytes;
    } while (strcmp(part, ".") == 0);
    return strcmp(part, "..") != 0 ||
           vxa_fail(failure, VXA_FAILURE_UNSAFE, "its name has a part \"..\"");
}

/* Like take_part(), for the part that must be there; an absolute name has none that is safe. */
static bool first_part(const char **name, char part[NAME_MAX + 1], struct vxa_failure *failure)
{
    failure->kind = VXA_FAILURE_NONE;
    if (**name == '/')
        return vxa_fail(failure, VXA_FAILURE_UNSAFE, "its name is absolute");
    if (take_part(name, part, failure))
        return true;
    return failure->kind == VXA_FAILURE_NONE
               ? vxa_fail(failure, VXA_FAILURE_UNSAFE, "its name has no parts")
               : false;
}

/*
 * Opens the folder that the name lies in. `maker` is the target again if missing folders are to be
 * made; else NULL, and a missing folder is no failure.
 */
static bool find_place(const struct vxa_target *target, struct vxa_target *maker, const char *name,
                       struct place *place, struct vxa_failure *failure)
{
    char next_part[NAME_MAX + 1];

    place->folder_fd = -1;
    if (!first_part(&name, place->name, failure))
        return false;
    int fd = fcntl(target->fd, F_DUPFD_CLOEXEC, 0);

    if (fd < 0)
        return vxa_fail_errno(failure, "cannot open the target folder", errno);
    while (take_part(&name, next_part, failure)) {
        int next = open_step(maker, fd, place->name);
        int number = errno;

        close(fd);
        if (next < 0 && number == ENOENT && !maker)
            return true;
        if (next < 0)
            return step_failed(place->name, number, failure);
        fd = next;
        memcpy(place->name, next_part, sizeof(next_part));
    }
    if (failure->kind != VXA_FAILURE_NONE) {
        close(fd);
        return false;
    }
    place->folder_fd = fd;
    return true;
}

bool vxa_target_look(const struct vxa_target *target, const char *name, enum vxa_existing *existing,
                     struct vxa_failure *failure)
{
    struct place place;
    struct stat status;

    *existing = VXA_EXISTING_NONE;
    if (!find_place(target, NULL, name, &place, failure))
        return false;
    if (place.folder_fd < 0)
        return true;
    if (fstatat(place.folder_fd, place.name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        *existing = S_ISDIR(status.st_mode) ? VXA_EXISTING_FOLDER : VXA_EXISTING_FILE;
    close(place.folder_fd);
    return true;
}

/* ---- what waits ---- */

static bool make_room(struct vxa_target *target)
{
    size_t room = target->later_room ? 2 * target->later_room : 16;

    if (target->later_count < target->later_room)
        return true;
    struct later *later = realloc(target->later, room * sizeof(*later));

    if (!later)
        return false;
    target->later = later;
    target->later_room = room;
    return true;
}

static bool remember(struct vxa_target *target, const char *name, const char *link_target,
                     const struct vxa_attributes *attributes, bool replace,
                     struct vxa_failure *failure)
{
    struct later later = {
        .name = strdup(name),
        .link_target = link_target ? strdup(link_target) : NULL,
        .attributes = *attributes,
        .replace = replace,
        .number = target->later_count,
    };

    if (!later.name || (link_target && !later.link_target) || !make_room(target)) {
        free(later.name);
        free(later.link_target);
        return out_of_memory(failure);
    }
    target->later[target->later_count++] = later;
    return true;
}

bool vxa_target_folder(struct vxa_target *target, const char *name,
                       const struct vxa_attributes *attributes, bool replace,
                       struct vxa_failure *failure)
{
    struct place place;

    if (!find_place(target, target, name, &place, failure))
        return false;
    int fd = open_step(target, place.folder_fd, place.name);
    int number = errno;

    close(place.folder_fd);
    if (fd < 0)
        return step_failed(place.name, number, failure);
    bool ours = is_ours(target, fd);

    close(fd);
    return !(ours || replace) || remember(target, name, NULL, attributes, replace, failure);
}

bool vxa_target_link(struct vxa_target *target, const char *name, const char *link_target,
                     const struct vxa_attributes *attributes, bool replace,
                     struct vxa_failure *failure)
{
    return remember(target, name, link_target, attributes, replace, failure);
}

/* ---- files ---- */

static bool name_temporary(char name[32])
{
    uint64_t random;

    if (getentropy(&random, sizeof(random)) != 0)
        return false;
    (void)snprintf(name, 32, ".vxa-%016llx", (unsigned long long)random);
    return true;
}

bool vxa_output_begin(struct vxa_target *target, const char *name, struct vxa_output *output,
                      struct vxa_failure *failure)
{
    struct place place;

    if (!find_place(target, target, name, &place, failure))
        return false;
    output->folder_fd = place.folder_fd;
    memcpy(output->name, place.name, sizeof(place.name));
    do {
        output->fd = !name_temporary(output->temporary_name)
                         ? -1
                         : openat(output->folder_fd, output->temporary_name,
                                  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    } while (output->fd < 0 && errno == EEXIST);
    if (output->fd >= 0)
        return true;
    (void)vxa_fail_errno(failure, "cannot make a file in its folder", errno);
    close(output->folder_fd);
    return false;
}

bool vxa_output_write(struct vxa_output *output, const void *data, size_t nbytes,
                      struct vxa_failure *failure)
{
    const char *bytes = data;

    while (nbytes > 0) {
        ssize_t count = write(output->fd, bytes, nbytes);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return vxa_fail_errno(failure, "cannot write it", errno);
        bytes += count;
        nbytes -= (size_t)count;
    }
    return true;
}

void vxa_output_abandon(struct vxa_output *output)
{
    if (output->fd >= 0)
        close(output->fd);
    unlinkat(output->folder_fd, output->temporary_name, 0);
    close(output->folder_fd);
}

/* File systems without hard links get the check and the renaming in two steps. */
static bool give_free_name(int folder_fd, const char *temporary_name, const char *name)
{
    struct stat status;

    if (linkat(folder_fd, temporary_name, folder_fd, name, 0) == 0)
        return unlinkat(folder_fd, temporary_name, 0) == 0;
    if (errno == EEXIST)
        return false;
    if (fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return false;
    }
    return renameat(folder_fd, temporary_name, folder_fd, name) == 0;
}

/* A folder is never replaced: renaming onto it fails. */
static bool give_name(int folder_fd, const char *temporary_name, const char *name, bool replace)
{
    return replace ? renameat(folder_fd, temporary_name, folder_fd, name) == 0
                   : give_free_name(folder_fd, temporary_name, name);
}

/* For utimensat(). */
static void fill_times(struct timespec times[2], const struct vxa_attributes *attributes)
{
    times[0] = attributes->has_atime ? attributes->atime : (struct timespec){.tv_nsec = UTIME_NOW};
    times[1] = (struct timespec){.tv_sec = (time_t)attributes->mtime,
                                 .tv_nsec = (long)attributes->mtime_nanoseconds};
}

/* Owner and extended attributes: without them the file is as good. */
static void set_kept(int fd, const struct vxa_kept *kept, struct vxa_failure *failure)
{
    const char *what = NULL;
    int number = 0;

    if (kept->has_owner && fchown(fd, (uid_t)kept->user, (gid_t)kept->group) != 0) {
        what = "its owner cannot be set";
        number = errno;
    }
    if (kept->xattrs && !vxa_kept_set_xattrs(kept, fd)) {
        what = "an extended attribute cannot be set";
        number = errno;
    }
    if (!what)
        return;
    (void)vxa_fail_errno(failure, what, number);
    failure->kind = VXA_FAILURE_WARNING;
}

/* The owner first: changing it takes permissions away. */
static bool set_attributes(int fd, const struct vxa_attributes *attributes,
                           struct vxa_failure *failure)
{
    struct timespec times[2];

    fill_times(times, attributes);
    set_kept(fd, &attributes->kept, failure);
    return fchmod(fd, attributes->mode & PERMISSION_BITS) == 0 && futimens(fd, times) == 0;
}

bool vxa_output_commit(struct vxa_output *output, const struct vxa_attributes *attributes,
                       bool replace, struct vxa_failure *failure)
{
    const char *what = "cannot finish the file";
    bool ok = set_attributes(output->fd, attributes, failure);

    ok = close(output->fd) == 0 && ok;
    output->fd = -1;
    if (ok) {
        what = "cannot give the file its name";
        ok = give_name(output->folder_fd, output->temporary_name, output->name, replace);
    }
    if (!ok) {
        (void)vxa_fail_errno(failure, what, errno);
        vxa_output_abandon(output);
        return false;
    }
    close(output->folder_fd);
    return true;
}

/* ---- the end ---- */

/* The link is made under a temporary name, so that what stands there is replaced, not followed. */
static bool place_link(const struct place *place, const struct later *later)
{
    struct timespec times[2];
    char temporary_name[32];
    int number;

    fill_times(times, &later->attributes);
    if (!name_temporary(temporary_name) ||
        symlinkat(later->link_target, place->folder_fd, temporary_name) != 0)
        return false;
    if (later->attributes.kept.has_owner)
        (void)!fchownat(place->folder_fd, temporary_name, (uid_t)later->attributes.kept.user,
                        (gid_t)later->attributes.kept.group, AT_SYMLINK_NOFOLLOW);
    if (utimensat(place->folder_fd, temporary_name, times, AT_SYMLINK_NOFOLLOW) == 0 &&
        give_name(place->folder_fd, temporary_name, place->name, later->replace))
        return true;
    number = errno;
    unlinkat(place->folder_fd, temporary_name, 0);
    errno = number;
    return false;
}

static bool make_link(struct vxa_target *target, const struct later *later,
                      struct vxa_failure *failure)
{
    struct place place;

    if (!find_place(target, target, later->name, &place, failure))
        return false;
    bool ok = place_link(&place, later);

    if (!ok)
        (void)vxa_fail_errno(failure, "cannot make the link", errno);
    close(place.folder_fd);
    return ok;
}

static bool set_folder(struct vxa_target *target, const struct later *later,
                       struct vxa_failure *failure)
{
    struct place place;

    if (!find_place(target, target, later->name, &place, failure))
        return false;
    int fd = openat(place.folder_fd, place.name, FOLDER_FLAGS);
    bool ok = fd >= 0 && set_attributes(fd, &later->attributes, failure);

    if (!ok)
        (void)vxa_fail_errno(failure, "cannot set the folder's mode and time", errno);
    if (fd >= 0)
        close(fd);
    close(place.folder_fd);
    return ok;
}

/* Links first, in their order; then folders, the inner before the outer. */
static int compare_later(const void *a, const void *b)
{
    const struct later *one = a;
    const struct later *other = b;

    if (!one->link_target != !other->link_target)
        return one->link_target ? -1 : 1;
    int order = one->link_target ? 0 : strcmp(other->name, one->name);

    return order != 0 ? order : one->number < other->number ? -1 : 1;
}

void vxa_target_finish(struct vxa_target *target, vxa_target_report *report, void *context)
{
    if (target->later_count > 0)
        qsort(target->later, target->later_count, sizeof(*target->later), compare_later);
    for (size_t i = 0; i < target->later_count; i++) {
        const struct later *later = &target->later[i];
        struct vxa_failure failure = {0};

        bool ok = (later->link_target ? make_link : set_folder)(target, later, &failure);

        if (!ok || failure.kind == VXA_FAILURE_WARNING)
            report(context, later->name, &failure);
    }
}
