/* SPDX-License-Identifier: MIT */
/* Times what a program that uses libvx32 pays: making a guest, its first run, and each reset. */
#include "vx32.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ELF_MAX_NBYTES = 1 << 20, RESETS = 201 };

static double cpu_microseconds(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static struct vx32_image *image_of(const char *name)
{
    struct vx32_image *image = NULL;
    void *bytes = malloc(ELF_MAX_NBYTES);
    FILE *file = fopen(name, "rb");
    size_t nbytes = file && bytes ? fread(bytes, 1, ELF_MAX_NBYTES, file) : 0;

    if (vx32_image_parse(bytes, nbytes, &image, NULL) != VX32_OK)
        exit(1);
    if (file)
        (void)fclose(file);
    free(bytes);
    return image;
}

static void run(struct vx32_instance *guest)
{
    struct vx32_exit exit_of;

    vx32_run(guest, &exit_of);
    while (exit_of.reason == VX32_EXIT_HAVE_OUTPUT) {
        if (vx32_complete(guest, (int64_t)exit_of.nbytes) != VX32_OK)
            exit(1);
        vx32_run(guest, &exit_of);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Prints microseconds: making, first run, median reset. Argument: an ELF file, an engine's number.
 */
int main(int argc, char **argv)
{
    struct vx32_options options = {.struct_nbytes = sizeof options};
    static double resets[RESETS];
    struct vx32_instance *guest;
    double start, made, ran;

    if (argc != 3)
        return 2;
    options.engine = (enum vx32_engine)atoi(argv[2]);
    start = cpu_microseconds();
    if (vx32_instance_new(image_of(argv[1]), &options, &guest) != VX32_OK)
        return 1;
    made = cpu_microseconds();
    run(guest);
    ran = cpu_microseconds();
    for (int i = 0; i < RESETS; i++) {
        double before = cpu_microseconds();

        if (vx32_reset(guest) != VX32_OK)
            return 1;
        resets[i] = cpu_microseconds() - before;
        run(guest);
    }
    qsort(resets, RESETS, sizeof resets[0], ascending);
    printf("%.1f %.1f %.1f\n", made - start, ran - made, resets[RESETS / 2]);
    return 0;
}
