/* SPDX-License-Identifier: 0BSD */
/* Knows how a JPEG 2000 picture becomes a BMP file, or PNM and PAM beyond 8 bits per sample. */
#include <errno.h>
#include <image_file.h>
#include <openjpeg.h>
#include <stdio.h>
#include <string.h>

#include "jp2/boxes.h"
#include "jp2/samples.h"

struct input {
    const unsigned char *bytes;
    size_t nbytes;
    size_t at;
};

/* The library's first word about a failure is the exact one; what it only warns of is damage too.
 */
static void fail(const char *message, void *context)
{
    const struct filter *filter = context;
    char reason[200];
    snprintf(reason, sizeof reason, "%s", message);
    size_t nbytes = strlen(reason);
    while (nbytes && reason[nbytes - 1] == '\n')
        reason[--nbytes] = 0;
    filter_fail(filter, errno == ENOMEM ? FILTER_NO_MEMORY : FILTER_BAD_DATA, reason);
}

static OPJ_SIZE_T read_input(void *to, OPJ_SIZE_T nbytes, void *context)
{
    struct input *input = context;
    size_t rest_nbytes = input->nbytes - input->at;
    size_t part_nbytes = nbytes < rest_nbytes ? nbytes : rest_nbytes;
    if (!part_nbytes)
        return (OPJ_SIZE_T)-1;
    memcpy(to, input->bytes + input->at, part_nbytes);
    input->at += part_nbytes;
    return part_nbytes;
}

static OPJ_BOOL seek_input(OPJ_OFF_T to, void *context)
{
    struct input *input = context;
    if (to < 0 || (uint64_t)to > input->nbytes)
        return OPJ_FALSE;
    input->at = (size_t)to;
    return OPJ_TRUE;
}

static OPJ_OFF_T skip_input(OPJ_OFF_T nbytes, void *context)
{
    struct input *input = context;
    return seek_input((OPJ_OFF_T)input->at + nbytes, context) ? nbytes : -1;
}

static opj_stream_t *open_stream(const struct filter *filter, struct input *input)
{
    opj_stream_t *stream = opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE);
    if (!stream)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    opj_stream_set_user_data(stream, input, NULL);
    opj_stream_set_user_data_length(stream, input->nbytes);
    opj_stream_set_read_function(stream, read_input);
    opj_stream_set_skip_function(stream, skip_input);
    opj_stream_set_seek_function(stream, seek_input);
    return stream;
}

static opj_codec_t *open_codec(struct filter *filter, const struct input *input)
{
    opj_dparameters_t parameters;
    bool is_bare = jp2_is_codestream(input->bytes, input->nbytes);
    opj_codec_t *codec = opj_create_decompress(is_bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
    opj_set_default_decoder_parameters(&parameters);
    if (!codec)
        filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    opj_set_error_handler(codec, fail, filter);
    opj_set_warning_handler(codec, fail, filter);
    if (!opj_setup_decoder(codec, &parameters) || !opj_decoder_set_strict_mode(codec, OPJ_TRUE))
        filter_fail(filter, FILTER_BAD_DATA, "damaged picture");
    return codec;
}

static opj_image_t *decode(struct filter *filter, struct input *input)
{
    opj_image_t *picture = NULL;
    opj_stream_t *stream = open_stream(filter, input);
    opj_codec_t *codec = open_codec(filter, input);
    if (!opj_read_header(stream, codec, &picture) || !opj_decode(codec, stream, picture) ||
        !opj_end_decompress(codec, stream))
        fail("damaged picture", filter);
    opj_destroy_codec(codec);
    opj_stream_destroy(stream);
    return picture;
}

int main(int argc, char **argv)
{
    struct filter filter;
    struct input input = {0};
    (void)argv;
    filter_open(&filter, "jp2");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: jp2 < encoded > decoded");
    input.bytes = image_read_all(&filter, &input.nbytes);
    if (!jp2_is_codestream(input.bytes, input.nbytes) && !jp2_is_file(input.bytes, input.nbytes))
        filter_fail(&filter, FILTER_BAD_DATA, "not a JPEG 2000 picture");
    const char *reason = jp2_check_end(input.bytes, input.nbytes);
    if (reason)
        filter_fail(&filter, FILTER_BAD_DATA, reason);
    struct image image = jp2_to_image(&filter, decode(&filter, &input));
    image_write(&filter, &image);
    return FILTER_GOOD;
}
