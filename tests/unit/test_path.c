/* SPDX-License-Identifier: MIT */
/* Knows that files, folders and links are made inside the target folder, whole, and nowhere else.
 */
#include "support/test.h"

#include "path.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct vxa_attributes usual = {.mode = 0644, .mtime = 1000000000};

/* Each test has a fresh folder as its working directory, with "out" and "outside" in it. */
static struct vxa_target *begin(void)
{
    char folder[] = "/tmp/test_path-XXXXXX";
    struct vxa_target *target = NULL;
    struct vxa_failure failure;

    if (!mkdtemp(folder) || chdir(folder) != 0 || mkdir("outside", 0755) != 0 ||
        !vxa_target_open("out", &target, &failure)) {
        fprintf(stderr, "no folder to work in\n");
        exit(1);
    }
    return target;
}

static void end(struct vxa_target *target)
{
    char folder[PATH_MAX];

    vxa_target_close(target);
    CHECK(system("chmod -R u+rwx out outside && rm -rf out outside") == 0);
    CHECK(getcwd(folder, sizeof(folder)) && chdir("/") == 0 && rmdir(folder) == 0);
}

/* The entries of a folder, without "." and "..". */
static size_t count_entries(const char *folder)
{
    DIR *stream = opendir(folder);
    size_t count = 0;

    if (!stream)
        return SIZE_MAX;
    for (const struct dirent *entry; (entry = readdir(stream));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}

/* Makes a file with its own name as content. */
static bool make_file(struct vxa_target *target, const char *name, bool replace,
                      struct vxa_failure *failure)
{
    struct vxa_output output;

    return vxa_output_begin(target, name, &output, failure) &&
           vxa_output_write(&output, name, strlen(name), failure) &&
           vxa_output_commit(&output, &usual, replace, failure);
}

static bool has_content(const char *path, const char *content)
{
    char buffer[8192];
    FILE *file = fopen(path, "rb");

    if (!file)
        return false;
    size_t nbytes = fread(buffer, 1, sizeof(buffer), file);

    fclose(file);
    return nbytes == strlen(content) && memcmp(buffer, content, nbytes) == 0;
}

static void put(const char *path, const char *content)
{
    FILE *file = fopen(path, "wb");

    if (!file || fputs(content, file) < 0 || fclose(file) != 0)
        exit(1);
}

static unsigned mode_of(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 ? status.st_mode & 07777 : 0xffff;
}

static bool exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

/* Counts what vxa_target_finish() reports, and keeps the last kind. */
struct reports {
    unsigned count;
    enum vxa_failure_kind kind;
};

static void note(void *context, const char *name, const struct vxa_failure *failure)
{
    struct reports *reports = context;

    (void)name;
    reports->count++;
    reports->kind = failure->kind;
}

static void a_file_is_made_with_its_folders(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct stat status;

    CHECK(make_file(target, "a/b/c", false, &failure));
    CHECK(make_file(target, "./d//e/./f", false, &failure));
    CHECK(has_content("out/a/b/c", "a/b/c"));
    CHECK(has_content("out/d/e/f", "./d//e/./f"));
    CHECK_EQ_U64(count_entries("out/a/b"), 1);
    CHECK_EQ_U64(mode_of("out/a/b/c"), 0644);
    CHECK(stat("out/a/b/c", &status) == 0 && status.st_mtime == 1000000000);
    end(target);
}

static void names_that_lead_out_are_refused(void)
{
    static const char *const names[] = {
        "..", "../outside/x", "a/../../outside/x", "a/..", "/tmp/x", "", ".",
        "./", "//x",          "a/b/../c"};
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    enum vxa_existing existing;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        failure.kind = VXA_FAILURE_NONE;
        CHECK(!make_file(target, names[i], true, &failure));
        CHECK_EQ_U64(failure.kind, VXA_FAILURE_UNSAFE);
        CHECK(!vxa_target_look(target, names[i], &existing, &failure));
        CHECK(!vxa_target_folder(target, names[i], &usual, true, &failure));
    }
    CHECK_EQ_U64(count_entries("outside"), 0);
    end(target);
}

static void a_link_on_the_way_is_never_followed(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    enum vxa_existing existing;

    CHECK(symlink("../outside", "out/way") == 0);
    CHECK(!make_file(target, "way/x", true, &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_UNSAFE);
    CHECK(!make_file(target, "way/deep/x", true, &failure));
    CHECK(!vxa_target_folder(target, "way/", &usual, true, &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_UNSAFE);
    CHECK(!vxa_target_look(target, "way/x", &existing, &failure));
    CHECK(symlink("../outside", "out/way2") == 0);
    CHECK(make_file(target, "way2", true, &failure));
    CHECK(has_content("out/way2", "way2"));
    CHECK_EQ_U64(count_entries("outside"), 0);
    end(target);
}

static void a_folder_that_turns_into_a_link_is_not_followed(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct vxa_output output;
    struct reports reports = {0};
    struct vxa_attributes wide = {.mode = 0777, .mtime = 1};

    CHECK(chmod("outside", 0700) == 0);
    CHECK(vxa_target_folder(target, "d/", &wide, false, &failure));
    CHECK(vxa_output_begin(target, "d/f", &output, &failure));
    CHECK(rename("out/d", "out/moved") == 0 && symlink("../outside", "out/d") == 0);
    CHECK(vxa_output_write(&output, "x", 1, &failure));
    CHECK(vxa_output_commit(&output, &usual, false, &failure));
    CHECK(has_content("out/moved/f", "x"));
    CHECK(!make_file(target, "d/g", false, &failure));
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(reports.count, 1);
    CHECK_EQ_U64(count_entries("outside"), 0);
    CHECK_EQ_U64(mode_of("outside"), 0700);
    end(target);
}

static void no_name_appears_before_the_commit(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct vxa_output output;

    CHECK(vxa_output_begin(target, "f", &output, &failure));
    CHECK(vxa_output_write(&output, "half", 4, &failure));
    CHECK(!exists("out/f"));
    CHECK_EQ_U64(count_entries("out"), 1);
    vxa_output_abandon(&output);
    CHECK_EQ_U64(count_entries("out"), 0);
    end(target);
}

static void what_exists_is_replaced_only_when_asked(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;

    put("out/f", "old");
    CHECK(!make_file(target, "f", false, &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_IO);
    CHECK(has_content("out/f", "old"));
    CHECK_EQ_U64(count_entries("out"), 1);
    CHECK(make_file(target, "f", true, &failure));
    CHECK(has_content("out/f", "f"));
    put("outside/victim", "precious");
    CHECK(symlink("../outside/victim", "out/l") == 0);
    CHECK(!make_file(target, "l", false, &failure));
    CHECK(make_file(target, "l", true, &failure));
    CHECK(has_content("outside/victim", "precious"));
    CHECK(has_content("out/l", "l"));
    end(target);
}

static void a_folder_is_never_replaced(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct reports reports = {0};

    CHECK(mkdir("out/d", 0755) == 0);
    CHECK(!make_file(target, "d", true, &failure));
    CHECK(!make_file(target, "d", false, &failure));
    CHECK(vxa_target_link(target, "d", "x", &usual, true, &failure));
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(reports.count, 1);
    CHECK_EQ_U64(count_entries("out"), 1);
    CHECK_EQ_U64(count_entries("out/d"), 0);
    end(target);
}

static void only_permissions_are_restored(void)
{
    struct vxa_attributes odd = {.mode = 0107777, .mtime = 5};
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct vxa_output output;
    struct reports reports = {0};

    CHECK(vxa_output_begin(target, "f", &output, &failure));
    CHECK(vxa_output_commit(&output, &odd, false, &failure));
    CHECK(vxa_target_folder(target, "d", &odd, false, &failure));
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(reports.count, 0);
    CHECK_EQ_U64(mode_of("out/f"), 0777);
    CHECK_EQ_U64(mode_of("out/d"), 0777);
    end(target);
}

static void an_unfinished_file_is_private(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct vxa_output output;
    char path[64];

    umask(0);
    CHECK(vxa_output_begin(target, "f", &output, &failure));
    (void)snprintf(path, sizeof(path), "out/%s", output.temporary_name);
    CHECK_EQ_U64(mode_of(path), 0600);
    vxa_output_abandon(&output);
    umask(022);
    end(target);
}

static void links_wait_for_the_end(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct reports reports = {0};
    char text[64] = "";

    CHECK(vxa_target_link(target, "way", "../outside", &usual, false, &failure));
    CHECK(vxa_target_link(target, "deep/l", "x", &usual, false, &failure));
    CHECK(!exists("out/way"));
    CHECK(make_file(target, "way/x", false, &failure));
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(reports.count, 1);
    CHECK(has_content("out/way/x", "way/x"));
    CHECK_EQ_U64(count_entries("outside"), 0);
    CHECK(readlink("out/deep/l", text, sizeof(text) - 1) == 1 && text[0] == 'x');
    end(target);
}

static void a_link_replaces_only_when_asked(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct reports reports = {0};
    struct stat status;
    char text[64] = "";

    put("out/kept", "old");
    put("out/replaced", "old");
    CHECK(vxa_target_link(target, "kept", "x", &usual, false, &failure));
    CHECK(vxa_target_link(target, "replaced", "x", &usual, true, &failure));
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(reports.count, 1);
    CHECK(has_content("out/kept", "old"));
    CHECK(readlink("out/replaced", text, sizeof(text) - 1) == 1);
    CHECK(lstat("out/replaced", &status) == 0 && status.st_mtime == usual.mtime);
    CHECK_EQ_U64(count_entries("out"), 2);
    end(target);
}

static void folders_get_their_attributes_last_and_inner_ones_first(void)
{
    struct vxa_attributes closed = {.mode = 0500, .mtime = 7};
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct reports reports = {0};
    struct stat status;

    CHECK(vxa_target_folder(target, "a/", &closed, false, &failure));
    CHECK(vxa_target_folder(target, "a/b/", &closed, false, &failure));
    CHECK(make_file(target, "a/b/f", false, &failure));
    CHECK(vxa_target_link(target, "a/l", "x", &usual, false, &failure));
    CHECK(mode_of("out/a") != 0500);
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(reports.count, 0);
    CHECK_EQ_U64(mode_of("out/a"), 0500);
    CHECK(stat("out/a", &status) == 0 && status.st_mtime == 7);
    CHECK(stat("out/a/b", &status) == 0 && status.st_mtime == 7);
    end(target);
}

static void a_folder_of_before_keeps_its_attributes(void)
{
    struct vxa_attributes other = {.mode = 0711, .mtime = 7};
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    struct reports reports = {0};
    char name[32];

    CHECK(mkdir("out/old", 0750) == 0 && mkdir("out/asked", 0750) == 0);
    CHECK(make_file(target, "made/f", false, &failure));
    CHECK(vxa_target_folder(target, "old", &other, false, &failure));
    CHECK(vxa_target_folder(target, "asked", &other, true, &failure));
    CHECK(vxa_target_folder(target, "made", &other, false, &failure));
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(name, sizeof(name), "many/%u/", i);
        CHECK(vxa_target_folder(target, name, &other, false, &failure));
    }
    vxa_target_finish(target, note, &reports);
    CHECK_EQ_U64(mode_of("out/old"), 0750);
    CHECK_EQ_U64(mode_of("out/asked"), 0711);
    CHECK_EQ_U64(mode_of("out/made"), 0711);
    CHECK_EQ_U64(mode_of("out/many/0"), 0711);
    CHECK_EQ_U64(mode_of("out/many/299"), 0711);
    end(target);
}

static void looking_makes_nothing(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    enum vxa_existing existing = VXA_EXISTING_FILE;

    CHECK(vxa_target_look(target, "a/b/c", &existing, &failure));
    CHECK_EQ_U64(existing, VXA_EXISTING_NONE);
    CHECK_EQ_U64(count_entries("out"), 0);
    put("out/f", "");
    CHECK(mkdir("out/d", 0755) == 0 && symlink("nowhere", "out/l") == 0);
    CHECK(vxa_target_look(target, "f", &existing, &failure) && existing == VXA_EXISTING_FILE);
    CHECK(vxa_target_look(target, "l", &existing, &failure) && existing == VXA_EXISTING_FILE);
    CHECK(vxa_target_look(target, "d/", &existing, &failure) && existing == VXA_EXISTING_FOLDER);
    end(target);
}

static void a_long_part_is_refused_and_a_long_way_is_not(void)
{
    struct vxa_target *target = begin();
    struct vxa_failure failure;
    char name[NAME_MAX + 2];
    char way[4096];

    memset(name, 'n', sizeof(name) - 1);
    name[NAME_MAX + 1] = '\0';
    CHECK(!make_file(target, name, false, &failure));
    CHECK_EQ_U64(failure.kind, VXA_FAILURE_IO);
    for (size_t i = 0; i < sizeof(way) - 2; i += 2)
        memcpy(way + i, "d/", 2);
    memcpy(way + sizeof(way) - 2, "f", 2);
    CHECK(make_file(target, way, false, &failure));
    CHECK_EQ_U64(count_entries("out"), 1);
    end(target);
}

int main(void)
{
    umask(022);
    RUN(a_file_is_made_with_its_folders);
    RUN(names_that_lead_out_are_refused);
    RUN(a_link_on_the_way_is_never_followed);
    RUN(a_folder_that_turns_into_a_link_is_not_followed);
    RUN(no_name_appears_before_the_commit);
    RUN(what_exists_is_replaced_only_when_asked);
    RUN(a_folder_is_never_replaced);
    RUN(only_permissions_are_restored);
    RUN(an_unfinished_file_is_private);
    RUN(links_wait_for_the_end);
    RUN(a_link_replaces_only_when_asked);
    RUN(folders_get_their_attributes_last_and_inner_ones_first);
    RUN(a_folder_of_before_keeps_its_attributes);
    RUN(looking_makes_nothing);
    RUN(a_long_part_is_refused_and_a_long_way_is_not);
    return test_report();
}
