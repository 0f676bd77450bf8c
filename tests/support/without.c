/* SPDX-License-Identifier: MIT */
/* Runs a program on a system that lacks seccomp, Landlock or both: without WALLS PROGRAM... */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LANDLOCK_CREATE_RULESET = 444 };

int main(int argc, char **argv)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int result = filter && argc > 2 ? 0 : -1;

    if (result == 0 && strstr(argv[1], "landlock"))
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), LANDLOCK_CREATE_RULESET, 0);
    if (result == 0 && strstr(argv[1], "seccomp")) {
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
        result |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                   SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
    }
    if (result == 0)
        result = seccomp_load(filter);
    if (result == 0)
        (void)execv(argv[2], argv + 2);
    perror("without");
    return 99;
}
