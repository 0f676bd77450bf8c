/* SPDX-License-Identifier: MIT */
/* The spawner: a process without threads and secrets that is cloned for each worker. */
#include "spawner.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct vxa_spawner {
    pthread_mutex_t mutex; /* one request at a time; guards which memories are in use */
    int descriptor;
    pid_t pid;
    vxa_worker_main *run;
    struct vxa_channel_memory *memories; /* one for each worker that there may be */
    unsigned worker_max;
    bool *in_use;
};

#if defined(__linux__) && !defined(VXA_WITHOUT_WORKERS)

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What the spawner is asked for. */
struct order {
    struct vxa_worker_setup setup;
    unsigned memory; /* which */
};

/* What comes back for it. */
struct answer {
    pid_t pid; /* or a negated error number */
};

extern char **environ;

/* ---- in the spawner's process ---- */

static bool receive(int descriptor, void *message, size_t nbytes)
{
    ssize_t count;

    do
        count = recv(descriptor, message, nbytes, 0);
    while (count < 0 && errno == EINTR);
    return count == (ssize_t)nbytes;
}

/* No signal of the terminal's is for it; and its end comes with that of the process it serves. */
static void detach(pid_t owner)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    sigset_t none;

    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != owner)
        _exit(1);
}

/* All but one; -1: all. */
static void close_others(int kept)
{
    long count = sysconf(_SC_OPEN_MAX);

#ifdef SYS_close_range
    if ((kept <= 0 || syscall(SYS_close_range, 0, kept - 1, 0) == 0) &&
        syscall(SYS_close_range, kept + 1, ~0U, 0) == 0)
        return;
#endif
    for (int i = 0; i < count && i < 65536; i++) {
        if (i != kept)
            close(i);
    }
}

/* It has no descriptor at all, and no memory that others have, but one. */
static void be_worker(const struct vxa_spawner *spawner, const struct order *order, pid_t owner)
{
    struct vxa_channel_memory *first = spawner->memories, *own = first + order->memory;
    struct vxa_channel_memory *end = first + spawner->worker_max;

    detach(owner);
    close_others(-1);
    if ((own == first || munmap(first, (size_t)((uint8_t *)own - (uint8_t *)first)) == 0) &&
        (own + 1 == end || munmap(own + 1, (size_t)((uint8_t *)end - (uint8_t *)(own + 1))) == 0))
        spawner->run(&order->setup, own);
    _exit(1);
}

/*
 * A sibling of the spawner: a child of the process that asked. Only then can that one wait for it,
 * so that its number is its own until then.
 */
static pid_t clone_sibling(void)
{
    const unsigned long flags = CLONE_PARENT | SIGCHLD;

#if defined(__s390__)
    return (pid_t)syscall(SYS_clone, 0, flags, 0, 0, 0); /* there the stack comes first */
#else
    return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
#endif
}

static void serve(const struct vxa_spawner *spawner, int descriptor, pid_t owner)
{
    struct order order;

    while (receive(descriptor, &order, sizeof order)) {
        struct answer answer = {clone_sibling()};

        if (answer.pid == 0)
            be_worker(spawner, &order, owner);
        if (answer.pid < 0)
            answer.pid = -errno;
        if (send(descriptor, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer)
            break;
    }
    _exit(0);
}

/* What a user's environment may hold is nobody's business in a worker. */
static void forget_environment(void)
{
    for (char **at = environ; at && *at; at++)
        memset(*at, 0, strlen(*at));
    environ = NULL;
}

/* ---- in the process that asks ---- */

/* Memory that is shared by being inherited: nothing of it has a name or a descriptor. */
static bool make_memories(struct vxa_spawner *spawner, unsigned worker_max)
{
    void *memories = mmap(NULL, worker_max * sizeof *spawner->memories, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    spawner->in_use = calloc(worker_max, sizeof *spawner->in_use);
    if (memories == MAP_FAILED)
        return false;
    spawner->memories = memories;
    spawner->worker_max = worker_max;
    return spawner->in_use != NULL;
}

static bool fork_spawner(struct vxa_spawner *spawner)
{
    pid_t owner = getpid();
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    spawner->descriptor = ends[0];
    spawner->pid = fork();
    if (spawner->pid == 0) {
        detach(owner);
        close_others(ends[1]);
        forget_environment();
        serve(spawner, ends[1], owner);
    }
    close(ends[1]);
    return spawner->pid > 0;
}

struct vxa_spawner *vxa_spawner_new(vxa_worker_main *run, unsigned worker_max,
                                    struct vxa_failure *failure)
{
    struct vxa_spawner *spawner = calloc(1, sizeof *spawner);

    if (spawner) {
        spawner->run = run;
        spawner->descriptor = -1;
        (void)pthread_mutex_init(&spawner->mutex, NULL);
        if (make_memories(spawner, worker_max) && fork_spawner(spawner))
            return spawner;
    }
    (void)vxa_fail_errno(failure, "cannot prepare workers", errno);
    vxa_spawner_free(spawner);
    return NULL;
}

void vxa_spawner_free(struct vxa_spawner *spawner)
{
    if (!spawner)
        return;
    if (spawner->descriptor >= 0)
        close(spawner->descriptor);
    if (spawner->pid > 0) {
        while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (spawner->memories)
        (void)munmap(spawner->memories, spawner->worker_max * sizeof *spawner->memories);
    (void)pthread_mutex_destroy(&spawner->mutex);
    free(spawner->in_use);
    free(spawner);
}

/* Its number, or worker_max. */
static unsigned take_memory(const struct vxa_spawner *spawner)
{
    unsigned memory = 0;

    while (memory < spawner->worker_max && spawner->in_use[memory])
        memory++;
    return memory;
}

/* The process's number, or a negated error number. */
static pid_t ask(struct vxa_spawner *spawner, const struct order *order)
{
    struct answer answer;

    if (order->memory == spawner->worker_max)
        return -EAGAIN;
    if (send(spawner->descriptor, order, sizeof *order, MSG_NOSIGNAL) != sizeof *order ||
        !receive(spawner->descriptor, &answer, sizeof answer))
        return -ECHILD;
    if (answer.pid > 0)
        spawner->in_use[order->memory] = true;
    return answer.pid;
}

bool vxa_spawn(struct vxa_spawner *spawner, const struct vxa_worker_setup *setup,
               struct vxa_worker_process *process, struct vxa_failure *failure)
{
    struct order order = {.setup = *setup};

    pthread_mutex_lock(&spawner->mutex);
    order.memory = take_memory(spawner);
    process->pid = ask(spawner, &order);
    pthread_mutex_unlock(&spawner->mutex);
    if (process->pid < 0)
        return vxa_fail_errno(failure, "cannot start a worker for its decoder", -process->pid);
    process->channel = vxa_channel_open(&spawner->memories[order.memory], VXA_HOST);
    return true;
}

bool vxa_worker_is_gone(const struct vxa_worker_process *process)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
}

/* For the next worker, who must find nothing there. */
static void give_back(struct vxa_spawner *spawner, struct vxa_channel_memory *memory)
{
    if (madvise(memory, sizeof *memory, MADV_REMOVE) != 0)
        memset(memory, 0, sizeof *memory);
    pthread_mutex_lock(&spawner->mutex);
    spawner->in_use[memory - spawner->memories] = false;
    pthread_mutex_unlock(&spawner->mutex);
}

int vxa_worker_end(struct vxa_spawner *spawner, struct vxa_worker_process *process)
{
    int status = -1;
    pid_t ended;

    (void)kill(process->pid, SIGKILL);
    do
        ended = waitpid(process->pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    give_back(spawner, process->channel.memory);
    return ended == process->pid ? status : -1;
}

#else

struct vxa_spawner *vxa_spawner_new(vxa_worker_main *run, unsigned worker_max,
                                    struct vxa_failure *failure)
{
    (void)run;
    (void)worker_max;
    (void)vxa_fail(failure, VXA_FAILURE_UNSUPPORTED,
                   "on this system decoders run in the program's own process");
    return NULL;
}

void vxa_spawner_free(struct vxa_spawner *spawner)
{
    free(spawner);
}

bool vxa_spawn(struct vxa_spawner *spawner, const struct vxa_worker_setup *setup,
               struct vxa_worker_process *process, struct vxa_failure *failure)
{
    (void)spawner;
    (void)setup;
    (void)process;
    return vxa_fail(failure, VXA_FAILURE_UNSUPPORTED, "no workers on this system");
}

bool vxa_worker_is_gone(const struct vxa_worker_process *process)
{
    (void)process;
    return true;
}

int vxa_worker_end(struct vxa_spawner *spawner, struct vxa_worker_process *process)
{
    (void)spawner;
    (void)process;
    return -1;
}

#endif
