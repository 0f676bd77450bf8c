/* SPDX-License-Identifier: MIT */
/* Hostile host code in a worker, outside the virtual machine: what the second wall leaves it. */
#include "support/test.h"

#include "isolation.h"
#include "spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The worker locks itself up as every worker does, says so in the shared memory, and then does one
 * of the deeds below, chosen by its setup. What comes of it is in the memory, if it lives.
 */
struct story {
    _Atomic uint32_t locked, walls;
    _Atomic int64_t result;
    _Atomic uint32_t over;
};

struct deed {
    const char *name;
    long (*act)(void);
    bool is_allowed;
};

/* Where the system has a wall less, seccomp must be what is missing for a deed to fail gently. */
static pid_t host;
static char buffer[4096];

static long open_file(void)
{
    return syscall(SYS_open, "/etc/passwd", O_RDONLY);
}

static long open_file_at(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static long make_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static long connect_anywhere(void)
{
    return syscall(SYS_connect, 0, buffer, 16);
}

static long fork_process(void)
{
    return syscall(SYS_fork);
}

static long vfork_process(void)
{
    return syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
}

static long clone_thread(void)
{
    return syscall(SYS_clone3, buffer, 88);
}

static long execute(void)
{
    char *const none[] = {NULL};

    return syscall(SYS_execve, "/bin/sh", none, none);
}

static long trace_host(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, host, 0, 0);
}

static long read_host_memory(void)
{
    struct iovec part = {buffer, 16};

    return syscall(SYS_process_vm_readv, host, &part, 1, &part, 1, 0);
}

static long signal_host(void)
{
    return syscall(SYS_kill, host, SIGTERM);
}

static long signal_thread(void)
{
    return syscall(SYS_tgkill, host, host, SIGTERM);
}

static long read_descriptor(void)
{
    return syscall(SYS_read, 0, buffer, 1);
}

static long write_descriptor(void)
{
    return syscall(SYS_write, 1, buffer, 1);
}

static long make_file_in_memory(void)
{
    return syscall(SYS_memfd_create, "x", 0);
}

static long map_executable(void)
{
    return syscall(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long make_executable(void)
{
    return syscall(SYS_mprotect, (uintptr_t)buffer & ~4095UL, 4096, PROT_READ | PROT_EXEC);
}

static long map_file(void)
{
    return syscall(SYS_mmap, 0, 4096, PROT_READ, MAP_SHARED, 0, 0);
}

static long move_mapping(void)
{
    return syscall(SYS_mremap, (uintptr_t)buffer & ~4095UL, 4096, 8192, MREMAP_MAYMOVE) == -1 &&
                   errno == ENOSYS
               ? 0
               : -1;
}

static long change_own_rules(void)
{
    return syscall(SYS_prctl, PR_SET_DUMPABLE, 1);
}

static long raise_limit(void)
{
    return syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, 0);
}

static long make_ring(void)
{
    return syscall(SYS_io_uring_setup, 8, buffer);
}

static long load_kernel_program(void)
{
    return syscall(SYS_bpf, 0, buffer, 128);
}

static long look_at_directory(void)
{
    return syscall(SYS_getcwd, buffer, sizeof buffer);
}

static long ask_time(void)
{
    return syscall(SYS_nanosleep, &(struct timespec){0, 1}, NULL);
}

static long wait_for_priority(void)
{
    return syscall(SYS_futex, buffer, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

#ifdef __x86_64__
/* A number of the 32-bit interface, through its own door: there 20 is getpid. */
static long old_door(void)
{
    long result;

    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    return result;
}

static long third_door(void)
{
    return syscall(SYS_getpid | 0x40000000);
}
#endif

static long nothing(void)
{
    return 0;
}

static long use_memory(void)
{
    char *pages = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return -1;
    memset(pages, 1, 1 << 20);
    return mprotect(pages, 4096, PROT_NONE) | madvise(pages + 4096, 4096, MADV_DONTNEED) |
           munmap(pages, 1 << 20);
}

/* The bound is 1 GiB here. */
static long eat_memory(void)
{
    for (int i = 0; i < 64; i++) {
        if (mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
            MAP_FAILED)
            return errno == ENOMEM ? 0 : -1;
    }
    return -1;
}

static const struct deed deeds[] = {
    {"nothing", nothing, true},
    {"memory of its own", use_memory, true},
    {"more memory than its bound, which it does not get", eat_memory, true},
    {"mremap, which it is told does not exist", move_mapping, true},
    {"open", open_file, false},
    {"openat", open_file_at, false},
    {"socket", make_socket, false},
    {"connect", connect_anywhere, false},
    {"fork", fork_process, false},
    {"vfork", vfork_process, false},
    {"clone3", clone_thread, false},
    {"execve", execute, false},
    {"ptrace", trace_host, false},
    {"process_vm_readv", read_host_memory, false},
    {"kill", signal_host, false},
    {"tgkill", signal_thread, false},
    {"read", read_descriptor, false},
    {"write", write_descriptor, false},
    {"memfd_create", make_file_in_memory, false},
    {"mmap with rights to execute", map_executable, false},
    {"mprotect with rights to execute", make_executable, false},
    {"mmap of a descriptor", map_file, false},
    {"prctl", change_own_rules, false},
    {"prlimit", raise_limit, false},
    {"io_uring_setup", make_ring, false},
    {"bpf", load_kernel_program, false},
    {"getcwd", look_at_directory, false},
    {"nanosleep", ask_time, false},
    {"a futex with priorities", wait_for_priority, false},
#ifdef __x86_64__
    {"the 32-bit door", old_door, false},
    {"the x32 door", third_door, false},
#endif
};

enum { DEED_COUNT = sizeof deeds / sizeof deeds[0] };

static struct story *story_of(struct vxa_channel_memory *memory)
{
    return (struct story *)(void *)memory->replies.bytes;
}

static void be_hostile(const struct vxa_worker_setup *setup, struct vxa_channel_memory *memory)
{
    struct story *story = story_of(memory);

    story->walls = vxa_isolate(UINT64_C(1) << 30);
    story->locked = 1;
    story->result = deeds[setup->engine].act();
    story->over = 1;
    _exit(0);
}

static bool is_as_it_should_be(const struct deed *deed, const struct story *story, int status)
{
    if (deed->is_allowed)
        return story->over && story->result == 0 && WIFEXITED(status);
    return !story->over && WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void a_worker_can_do_nothing_but_use_its_memory(void)
{
    struct vxa_failure failure;
    struct vxa_spawner *spawner = vxa_spawner_new(be_hostile, 2, &failure);

    CHECK(spawner != NULL);
    for (int i = 0; i < DEED_COUNT && spawner; i++) {
        struct vxa_worker_setup setup = {.engine = i};
        struct vxa_worker_process process;

        printf("  %s\n", deeds[i].name);
        CHECK(vxa_spawn(spawner, &setup, &process, &failure));
        for (int k = 0; k < 1000 && !vxa_worker_is_gone(&process); k++)
            usleep(10000);
        struct story told;

        memcpy(&told, story_of(process.channel.memory), sizeof told);
        int status = vxa_worker_end(spawner, &process);

        CHECK(told.locked == 1);
        CHECK(told.walls & VXA_WALL_SECCOMP);
        CHECK(is_as_it_should_be(&deeds[i], &told, status));
    }
    vxa_spawner_free(spawner);
}

/* Landlock alone, for systems on which seccomp could not be had: told by what the kernel says. */
static void landlock_stands_where_the_kernel_has_it(void)
{
    bool kernel_has_it = syscall(444, NULL, 0, 1) > 0; /* landlock_create_ruleset: its version */
    struct vxa_failure failure;
    struct vxa_spawner *spawner = vxa_spawner_new(be_hostile, 2, &failure);
    struct vxa_worker_setup setup = {0};
    struct vxa_worker_process process;

    CHECK(spawner && vxa_spawn(spawner, &setup, &process, &failure));
    while (!vxa_worker_is_gone(&process))
        usleep(1000);
    uint32_t walls = story_of(process.channel.memory)->walls;

    (void)vxa_worker_end(spawner, &process);
    printf("  this kernel %s Landlock\n", kernel_has_it ? "has" : "does not have");
    CHECK(((walls & VXA_WALL_LANDLOCK) != 0) == kernel_has_it);
    vxa_spawner_free(spawner);
}

int main(void)
{
    host = getpid();
    RUN(a_worker_can_do_nothing_but_use_its_memory);
    RUN(landlock_stands_where_the_kernel_has_it);
    return test_report();
}
