/* SPDX-License-Identifier: 0BSD */
/* Knows that the library's messages about itself are never shown. */
#define JVERSION         ""
#define JCOPYRIGHT       ""
#define JCOPYRIGHT_SHORT ""
