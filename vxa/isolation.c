/* SPDX-License-Identifier: MIT */
/* The second wall: which system calls a worker keeps, and what else it gives up. */
#include "isolation.h"

#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* What the process has of its own already: sanitizers have much. 0 where that is not known. */
static uint64_t present_data_nbytes(void)
{
    unsigned long page_count = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (!file)
        return 0;
    if (fscanf(file, "%*u %*u %*u %*u %*u %lu", &page_count) != 1)
        page_count = 0;
    (void)fclose(file);
    return (uint64_t)page_count * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Against what the system would otherwise do for it, and against eating up the machine. */
static void set_limits(uint64_t data_nbytes)
{
    const struct rlimit none = {0, 0}, data = {(rlim_t)data_nbytes, (rlim_t)data_nbytes};

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_FSIZE, &none);
    (void)setrlimit(RLIMIT_NOFILE, &none); /* no more than there are */
#ifdef RLIMIT_NPROC
    (void)setrlimit(RLIMIT_NPROC, &none);
#endif
#ifdef RLIMIT_MEMLOCK
    (void)setrlimit(RLIMIT_MEMLOCK, &none);
#endif
    (void)setrlimit(RLIMIT_DATA, &data);
}

#ifdef __linux__

#include <errno.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* ---- Landlock ---- */

/* Of all versions of its interface: a kernel knows the first bits of each word, up to its own. */
struct ruleset {
    uint64_t handled_fs, handled_net, scoped;
};

enum { CREATE_RULESET = 444, RESTRICT_SELF = 446, ASK_VERSION = 1 };

/* Everything that this version can forbid. With no rule behind it, everything is forbidden. */
static struct ruleset everything(long version, size_t *nbytes)
{
    static const unsigned fs_bits[] = {0, 13, 14, 15, 15, 16};
    const long newest = sizeof fs_bits / sizeof fs_bits[0] - 1;
    struct ruleset set = {
        .handled_fs = (UINT64_C(1) << fs_bits[version < newest ? version : newest]) - 1,
        .handled_net = version >= 4 ? 3 : 0,
        .scoped = version >= 6 ? 3 : 0,
    };

    *nbytes = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    return set;
}

/* Needs PR_SET_NO_NEW_PRIVS, and rights that seccomp takes away. */
static unsigned use_landlock(void)
{
    long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
    size_t nbytes;

    if (version < 1)
        return 0;
    struct ruleset set = everything(version, &nbytes);
    long descriptor = syscall(CREATE_RULESET, &set, nbytes, 0);

    if (descriptor < 0)
        return 0;
    long result = syscall(RESTRICT_SELF, descriptor, 0);

    (void)close((int)descriptor);
    return result == 0 ? VXA_WALL_LANDLOCK : 0;
}

/* ---- seccomp ---- */

static struct scmp_arg_cmp argument(unsigned number, enum scmp_compare compare, scmp_datum_t a,
                                    scmp_datum_t b)
{
    return (struct scmp_arg_cmp){number, compare, a, b};
}

#define ANY(call) seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(call), 0)
#define WITH(call, ...)                                                                            \
    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(call),                                 \
                           sizeof((struct scmp_arg_cmp[]){__VA_ARGS__}) /                          \
                               sizeof(struct scmp_arg_cmp),                                        \
                           (struct scmp_arg_cmp[]){__VA_ARGS__})

/* Memory of its own, never executable: what is, was made before. */
static int allow_memory(scmp_filter_ctx filter)
{
    const scmp_datum_t kind = MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS;
    int result = WITH(mmap, argument(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                      argument(3, SCMP_CMP_MASKED_EQ, kind, MAP_PRIVATE | MAP_ANONYMOUS));

    result |=
        WITH(mprotect, argument(2, SCMP_CMP_MASKED_EQ, ~(scmp_datum_t)(PROT_READ | PROT_WRITE), 0));
    result |= ANY(munmap);
    result |= WITH(madvise, argument(2, SCMP_CMP_EQ, MADV_DONTNEED, 0));
    result |= WITH(madvise, argument(2, SCMP_CMP_EQ, MADV_NOHUGEPAGE, 0)); /* thread sanitizer */
    result |= ANY(mincore);
    result |= ANY(brk);
    /* The C library's realloc() does without it. */
    result |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(mremap), 0);
    /* What each run needs comes first. */
    (void)seccomp_syscall_priority(filter, SCMP_SYS(mprotect), 255);
    (void)seccomp_syscall_priority(filter, SCMP_SYS(madvise), 254);
    return result;
}

/* The guest's faults come as signals; embedded guests have gs; the rest is the C library's. */
static int allow_rest(scmp_filter_ctx filter)
{
    int result = ANY(rt_sigreturn);

    result |= ANY(sigaltstack);
    result |= WITH(futex, argument(1, SCMP_CMP_EQ, FUTEX_WAIT, 0));
    result |= WITH(futex, argument(1, SCMP_CMP_EQ, FUTEX_WAKE, 0));
    result |= ANY(exit);
    result |= ANY(exit_group);
#ifdef SYS_arch_prctl
    result |= WITH(arch_prctl, argument(0, SCMP_CMP_EQ, 0x1001, 0)); /* ARCH_SET_GS */
    result |= WITH(arch_prctl, argument(0, SCMP_CMP_EQ, 0x1004, 0)); /* ARCH_GET_GS */
#endif
    return result;
}

static unsigned use_seccomp(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int result;

    if (!filter) /* before Linux 4.14; a worker has one thread */
        filter = seccomp_init(SCMP_ACT_KILL);
    if (!filter)
        return 0;
    /* Without the slow protection from speculation: a worker has nothing to hide from itself. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    result = allow_memory(filter);
    result |= allow_rest(filter);
    if (result == 0)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result == 0 ? VXA_WALL_SECCOMP : 0;
}

/* ---- all together ---- */

/* Root is nobody here. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    (void)syscall(SYS_capset, &header, none);
}

unsigned vxa_isolate(uint64_t data_nbytes)
{
    unsigned walls = 0;

    data_nbytes += present_data_nbytes(); /* while there are files */
    (void)prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        walls = use_landlock();
    set_limits(data_nbytes);
    drop_capabilities();
    return walls | use_seccomp();
}

#else

unsigned vxa_isolate(uint64_t data_nbytes)
{
    set_limits(present_data_nbytes() + data_nbytes);
    return 0;
}

#endif
