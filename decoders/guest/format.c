/* SPDX-License-Identifier: 0BSD */
/* Knows how numbers and strings become text: the conversions that libraries' messages use. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Text that is cut where the room ends, but counted to its end. */
struct text {
    char *to;
    size_t room_nbytes;
    size_t nbytes;
};

/* One conversion: "%" [flags] [width] [.precision] [l] letter. */
struct conversion {
    bool left, zero;
    int width;
    int precision; /* -1: none */
    int longs;
};

static void put(struct text *text, char byte)
{
    if (text->nbytes + 1 < text->room_nbytes)
        text->to[text->nbytes] = byte;
    text->nbytes++;
}

static void put_padded(struct text *text, const struct conversion *conversion, const char *part,
                       size_t nbytes)
{
    size_t width = conversion->width > 0 ? (size_t)conversion->width : 0;
    size_t padding = width > nbytes ? width - nbytes : 0;
    char pad = conversion->zero && !conversion->left ? '0' : ' ';
    for (size_t i = 0; !conversion->left && i < padding; i++)
        put(text, pad);
    for (size_t i = 0; i < nbytes; i++)
        put(text, part[i]);
    for (size_t i = 0; conversion->left && i < padding; i++)
        put(text, ' ');
}

static void put_string(struct text *text, const struct conversion *conversion, const char *string)
{
    const char *shown = string ? string : "(null)";
    size_t limit_nbytes = conversion->precision < 0 ? (size_t)-1 : (size_t)conversion->precision;
    put_padded(text, conversion, shown, strnlen(shown, limit_nbytes));
}

static void put_number(struct text *text, const struct conversion *conversion,
                       unsigned long long value, unsigned base, bool negative)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = "0123456789abcdef"[value % base];
    while (value /= base);
    struct conversion rest = *conversion;
    if (negative && conversion->zero) {
        put(text, '-'); /* before the zeros */
        rest.width--;
    } else if (negative) {
        digits[--at] = '-';
    }
    put_padded(text, &rest, digits + at, sizeof digits - at);
}

static int parse_number(const char **format, va_list *arguments)
{
    int number = 0;
    if (**format == '*') {
        ++*format;
        return va_arg(*arguments, int);
    }
    for (; **format >= '0' && **format <= '9'; ++*format)
        number = number * 10 + (**format - '0');
    return number;
}

static struct conversion parse_conversion(const char **format, va_list *arguments)
{
    struct conversion conversion = {.precision = -1};
    for (;; ++*format) {
        if (**format == '-')
            conversion.left = true;
        else if (**format == '0')
            conversion.zero = true;
        else if (**format != '+' && **format != ' ' && **format != '#')
            break;
    }
    conversion.width = parse_number(format, arguments);
    if (**format == '.') {
        ++*format;
        conversion.precision = parse_number(format, arguments);
    }
    for (; **format == 'l' || **format == 'z' || **format == 'h'; ++*format)
        conversion.longs += **format == 'l';
    return conversion;
}

static void put_conversion(struct text *text, const char **format, va_list *arguments)
{
    struct conversion conversion = parse_conversion(format, arguments);
    bool is_long = conversion.longs > 1;
    char letter = **format;
    if (letter == 's') {
        put_string(text, &conversion, va_arg(*arguments, const char *));
    } else if (letter == 'c') {
        char byte = (char)va_arg(*arguments, int);
        put_padded(text, &conversion, &byte, 1);
    } else if (letter == 'd' || letter == 'i') {
        long long value = is_long ? va_arg(*arguments, long long) : va_arg(*arguments, int);
        unsigned long long size = (unsigned long long)value;
        put_number(text, &conversion, value < 0 ? 0 - size : size, 10, value < 0);
    } else if (letter == 'u' || letter == 'x' || letter == 'X' || letter == 'p') {
        unsigned long long value =
            is_long ? va_arg(*arguments, unsigned long long) : va_arg(*arguments, unsigned);
        put_number(text, &conversion, value, letter == 'u' ? 10 : 16, false);
    } else {
        put(text, letter ? letter : '%'); /* "%%", or what is not known here */
    }
    if (letter)
        ++*format;
}

int vsnprintf(char *to, size_t room_nbytes, const char *format, va_list arguments)
{
    struct text text = {to, room_nbytes, 0};
    va_list rest;
    va_copy(rest, arguments);
    while (*format) {
        char byte = *format++;
        if (byte == '%')
            put_conversion(&text, &format, &rest);
        else
            put(&text, byte);
    }
    va_end(rest);
    if (room_nbytes)
        to[text.nbytes < room_nbytes ? text.nbytes : room_nbytes - 1] = 0;
    return (int)text.nbytes;
}

int snprintf(char *to, size_t room_nbytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int nbytes = vsnprintf(to, room_nbytes, format, arguments);
    va_end(arguments);
    return nbytes;
}
