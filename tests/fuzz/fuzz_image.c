/* SPDX-License-Identifier: MIT */
/* Hostile program files: parsed, and if accepted loaded, run for a little and reset. */
#include "vx32.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUEL = 2000, MAX_EXITS = 20 };

static void run_a_little(struct vx32_instance *guest)
{
    struct vx32_exit exit;

    vx32_fuel_set(guest, FUEL);
    for (int i = 0; i < MAX_EXITS; i++) {
        vx32_run(guest, &exit);
        if (exit.reason != VX32_EXIT_NEED_INPUT && exit.reason != VX32_EXIT_HAVE_OUTPUT)
            return;
        if (vx32_complete(guest, (int64_t)exit.nbytes) != VX32_OK)
            abort();
    }
}

static void load_and_run(struct vx32_image *image)
{
    const struct vx32_options options = {
        .struct_nbytes = sizeof options,
        .memory_nbytes = 0xffff0000,
        .profile = VX32_PROFILE_LINUX_FILTER,
    };
    struct vx32_instance *guest;

    if (vx32_instance_new(image, &options, &guest) != VX32_OK)
        return;
    run_a_little(guest);
    if (vx32_reset(guest) == VX32_OK)
        run_a_little(guest);
    vx32_instance_free(guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vx32_image *image;
    const char *problem;
    enum vx32_status status = vx32_image_parse(data, size, &image, &problem);

    if ((status == VX32_OK) != (image != NULL) || (status == VX32_BAD_IMAGE && problem == NULL))
        abort();
    if (status == VX32_OK)
        load_and_run(image);
    vx32_image_free(image);
    return 0;
}
