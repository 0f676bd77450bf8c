/* SPDX-License-Identifier: 0BSD */
/* Knows how openjpeg's components become pixels: their depths, samplings and colour spaces. */
#include "jp2/samples.h"

enum { CHANNEL_LIMIT = 4, DEEPEST = 16, SHALLOW = 8 };

/* Where the channels of a format lie, in bytes of 8 bits or in samples of 16. */
static const unsigned char bmp_grey[] = {0};
static const unsigned char bmp_colours[] = {2, 1, 0, 3};
static const unsigned char pnm_order[] = {0, 1, 2, 3};

/* One row of every channel, as whole numbers from 0 to `largest`. */
struct rows {
    unsigned count;
    int32_t largest;
    int32_t *channels[CHANNEL_LIMIT];
};

static _Noreturn void refuse(const struct filter *filter, const char *reason)
{
    filter_fail(filter, FILTER_BAD_DATA, reason);
}

static void check_component(const struct filter *filter, const opj_image_t *picture,
                            const opj_image_comp_t *component)
{
    const opj_image_comp_t *first = &picture->comps[0];
    uint64_t step_x = component->dx / first->dx, step_y = component->dy / first->dy;
    if (!component->data)
        refuse(filter, "a component has no samples");
    if (!component->prec || component->prec > DEEPEST)
        refuse(filter, "unsupported: more than 16 bits per sample");
    if (component->dx % first->dx || component->dy % first->dy || picture->x0 % component->dx ||
        picture->y0 % component->dy || (component->w * step_x < first->w) ||
        (component->h * step_y < first->h))
        refuse(filter, "unsupported: components of such sampling");
}

static void check(const struct filter *filter, const opj_image_t *picture)
{
    if (!picture->numcomps || picture->numcomps > CHANNEL_LIMIT)
        refuse(filter, "unsupported: more than 4 components");
    if (picture->color_space == OPJ_CLRSPC_CMYK || picture->color_space == OPJ_CLRSPC_EYCC ||
        (picture->icc_profile_buf && !picture->icc_profile_len)) /* how the library says CIELab */
        refuse(filter, "unsupported: a colour space that is not grey, RGB or YCC");
    for (unsigned i = 0; i < picture->numcomps; i++)
        check_component(filter, picture, &picture->comps[i]);
}

static unsigned deepest(const opj_image_t *picture)
{
    unsigned depth = SHALLOW;
    for (unsigned i = 0; i < picture->numcomps; i++) {
        if (picture->comps[i].prec > depth)
            depth = picture->comps[i].prec;
    }
    return depth;
}

static enum image_format format_of(unsigned channel_count, bool is_deep)
{
    static const enum image_format flat[] = {IMAGE_GREY, IMAGE_BGRA, IMAGE_BGR, IMAGE_BGRA};
    static const enum image_format deep[] = {IMAGE_PGM, IMAGE_PAM_GREY_ALPHA, IMAGE_PPM,
                                             IMAGE_PAM_RGB_ALPHA};
    return (is_deep ? deep : flat)[channel_count - 1];
}

static int32_t clamp(int32_t value, int32_t largest)
{
    return value < 0 ? 0 : value > largest ? largest : value;
}

/* A row of a component, spread over its sampling and scaled from its depth to `largest`. */
static void get_row(int32_t *to, const opj_image_t *picture, unsigned index, uint32_t row,
                    int32_t largest)
{
    const opj_image_comp_t *component = &picture->comps[index];
    uint32_t step_x = component->dx / picture->comps[0].dx;
    uint32_t step_y = component->dy / picture->comps[0].dy;
    const OPJ_INT32 *from = component->data + (size_t)(row / step_y) * component->w;
    int32_t shift = component->sgnd ? 1 << (component->prec - 1) : 0;
    int32_t own_largest = (int32_t)((1U << component->prec) - 1);
    for (uint32_t x = 0; x < picture->comps[0].w; x++) {
        int32_t value = clamp(from[step_x == 1 ? x : x / step_x] + shift, own_largest);
        if (own_largest != largest)
            value = (int32_t)(((int64_t)value * largest + own_largest / 2) / own_largest);
        to[x] = value;
    }
}

/* As openjpeg's own tool: the products are cut to whole numbers. */
static void ycc_to_rgb(const struct rows *rows, uint32_t width)
{
    int32_t middle = (rows->largest + 1) / 2;
    for (uint32_t x = 0; x < width; x++) {
        int32_t y = rows->channels[0][x];
        int32_t cb = rows->channels[1][x] - middle, cr = rows->channels[2][x] - middle;
        rows->channels[0][x] = clamp(y + (int32_t)(1.402 * cr), rows->largest);
        rows->channels[1][x] = clamp(y - (int32_t)(0.344 * cb + 0.714 * cr), rows->largest);
        rows->channels[2][x] = clamp(y + (int32_t)(1.772 * cb), rows->largest);
    }
}

static bool is_ycc(const opj_image_t *picture)
{
    if (picture->numcomps < 3)
        return false;
    /* Coarser second and third components are differences of colour, whatever the file says. */
    return picture->color_space == OPJ_CLRSPC_SYCC ||
           (picture->numcomps == 3 && picture->comps[1].dx != picture->comps[0].dx);
}

static void put_row(const struct image *image, uint32_t row, const struct rows *rows)
{
    bool is_deep = rows->largest > UINT8_MAX;
    bool grey_to_colours = !is_deep && rows->count == 2;
    unsigned count = grey_to_colours ? 4 : rows->count;
    const unsigned char *order = is_deep ? pnm_order : count == 1 ? bmp_grey : bmp_colours;
    for (unsigned c = 0; c < count; c++) {
        const int32_t *from = rows->channels[grey_to_colours ? c == 3 : c];
        unsigned char *to = image_row(image, row);
        for (uint32_t x = 0; x < image->width; x++) {
            size_t at = (size_t)x * count + order[c];
            if (is_deep) {
                to[2 * at] = (unsigned char)(from[x] >> 8);
                to[2 * at + 1] = (unsigned char)from[x];
            } else {
                to[at] = (unsigned char)from[x];
            }
        }
    }
}

struct image jp2_to_image(const struct filter *filter, const opj_image_t *picture)
{
    struct image image;
    check(filter, picture);
    struct rows rows = {picture->numcomps, (int32_t)((1U << deepest(picture)) - 1), {NULL}};
    image_open(filter, &image, picture->comps[0].w, picture->comps[0].h,
               format_of(rows.count, rows.largest > UINT8_MAX), (unsigned)rows.largest);
    for (unsigned i = 0; i < rows.count; i++) {
        rows.channels[i] = opj_image_data_alloc(image.width * sizeof *rows.channels[i]);
        if (!rows.channels[i])
            filter_fail(filter, FILTER_NO_MEMORY, "out of memory");
    }
    for (uint32_t row = 0; row < image.height; row++) {
        for (unsigned i = 0; i < rows.count; i++)
            get_row(rows.channels[i], picture, i, row, rows.largest);
        if (is_ycc(picture))
            ycc_to_rgb(&rows, image.width);
        put_row(&image, row, &rows);
    }
    return image;
}
