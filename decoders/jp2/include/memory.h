/* SPDX-License-Identifier: 0BSD */
/* Knows that openjpeg includes this name, and uses none of its contents. */
#include <string.h>
