/* SPDX-License-Identifier: 0BSD */
/* Knows the error numbers that this C library and its system calls can give. */
#ifndef GUEST_ERRNO_H
#define GUEST_ERRNO_H

#define EBADF  9
#define ENOMEM 12
#define EFAULT 14
#define EINVAL 22
#define EDOM   33
#define ERANGE 34
#define ENOSYS 38

extern int errno;

#endif
