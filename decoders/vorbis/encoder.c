/* SPDX-License-Identifier: 0BSD */
/* Knows the encoder's functions that libvorbis names in its tables and in common code. */
#include <stdlib.h>

#define NEVER_CALLED(name)                                                                         \
    void name(void);                                                                               \
    void name(void)                                                                                \
    {                                                                                              \
        abort();                                                                                   \
    }

/* Called to release what only an encoder makes. */
#define NOTHING_TO_DO(name)                                                                        \
    void name(void);                                                                               \
    void name(void)                                                                                \
    {                                                                                              \
    }

NEVER_CALLED(drft_init)
NEVER_CALLED(drft_forward)
NEVER_CALLED(vorbis_bitrate_managed)
NEVER_CALLED(_vp_couple_quantize_normalize)
NEVER_CALLED(_vp_noisemask)
NEVER_CALLED(_vp_offset_and_mix)
NEVER_CALLED(_vp_psy_init)
NEVER_CALLED(_vp_tonemask)

NOTHING_TO_DO(drft_clear)
NOTHING_TO_DO(vorbis_bitrate_clear)
NOTHING_TO_DO(_ve_envelope_clear)
NOTHING_TO_DO(_vi_psy_free)
NOTHING_TO_DO(_vp_global_free)
NOTHING_TO_DO(_vp_psy_clear)
