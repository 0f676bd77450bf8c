/* SPDX-License-Identifier: 0BSD */
/* Knows how a WebP picture, lossy or lossless, becomes a BMP file. */
#include <image_file.h>
#include <string.h>
#include <webp/decode.h>

enum { RIFF_HEADER_NBYTES = 8, SMALLEST_NBYTES = 20 };

static _Noreturn void fail(const struct filter *filter, VP8StatusCode code)
{
    switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY: filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        filter_fail(filter, FILTER_BAD_DATA, "unsupported: a newer kind of WebP");
    case VP8_STATUS_NOT_ENOUGH_DATA:
        filter_fail(filter, FILTER_BAD_DATA, "the picture's data ends too early");
    default: filter_fail(filter, FILTER_BAD_DATA, "damaged picture");
    }
}

/* The size in the header must be that of the input: the library itself takes what comes. */
static void check_size(const struct filter *filter, const unsigned char *bytes, size_t nbytes)
{
    static const char magic[] = "RIFF";
    if (memcmp(bytes, magic, nbytes < 4 ? nbytes : 4) != 0)
        filter_fail(filter, FILTER_BAD_DATA, "not a WebP file");
    if (nbytes < SMALLEST_NBYTES)
        filter_fail(filter, FILTER_BAD_DATA, "the input ends within the picture");
    if (memcmp(bytes + RIFF_HEADER_NBYTES, "WEBP", 4) != 0)
        filter_fail(filter, FILTER_BAD_DATA, "not a WebP file");
    uint64_t size =
        bytes[4] | (uint32_t)bytes[5] << 8 | (uint32_t)bytes[6] << 16 | (uint32_t)bytes[7] << 24;
    uint64_t whole_nbytes = (size + 1) / 2 * 2 + RIFF_HEADER_NBYTES;
    if (nbytes < whole_nbytes)
        filter_fail(filter, FILTER_BAD_DATA, "the input ends within the picture");
    if (nbytes > whole_nbytes)
        filter_fail(filter, FILTER_BAD_DATA, "bytes follow the end of the picture");
}

/* The library writes the bottom row first, as the file has it. */
static struct image decode(const struct filter *filter, const unsigned char *bytes, size_t nbytes)
{
    struct image image;
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        filter_fail(filter, FILTER_BAD_DATA, "another version of the library");
    VP8StatusCode code = WebPGetFeatures(bytes, nbytes, &config.input);
    if (code != VP8_STATUS_OK)
        fail(filter, code);
    if (config.input.has_animation)
        filter_fail(filter, FILTER_BAD_DATA, "unsupported: an animation");
    image_open(filter, &image, (uint32_t)config.input.width, (uint32_t)config.input.height,
               config.input.has_alpha ? IMAGE_BGRA : IMAGE_BGR, 0);
    config.options.flip = 1;
    config.output.colorspace = config.input.has_alpha ? MODE_BGRA : MODE_BGR;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = image.rows;
    config.output.u.RGBA.stride = (int)image.row_nbytes;
    config.output.u.RGBA.size = image.row_nbytes * image.height;
    code = WebPDecode(bytes, nbytes, &config);
    if (code != VP8_STATUS_OK)
        fail(filter, code);
    return image;
}

int main(int argc, char **argv)
{
    struct filter filter;
    size_t nbytes;
    (void)argv;
    filter_open(&filter, "webp");
    if (argc > 1)
        filter_fail(&filter, FILTER_BAD_USAGE, "usage: webp < encoded > decoded");
    const unsigned char *bytes = image_read_all(&filter, &nbytes);
    check_size(&filter, bytes, nbytes);
    struct image image = decode(&filter, bytes, nbytes);
    image_write(&filter, &image);
    return FILTER_GOOD;
}
