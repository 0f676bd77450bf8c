/* SPDX-License-Identifier: MIT */
/* vxrun: runs one i386 program as a filter, for tests, for debugging and to look around. */
#include "vx32.h"
#include "vxrun_options.h"
#include "vxrun_report.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum exit_status {
    EXIT_OWN_FAILURE = 125,
    EXIT_BAD_IMAGE = 126,
    EXIT_SIGNAL_BASE = 128,
    EXIT_BUDGET_SPENT = EXIT_SIGNAL_BASE + 24, /* SIGXCPU */
};

struct session {
    const struct vxrun_options *options;
    struct vx32_instance *guest;
    uint64_t fuel; /* of the user's budget, not yet given to the guest */
    double start_seconds;
};

/* The guest that the timer's signal interrupts: all that a handler can see. */
static struct vx32_instance *volatile timed_guest;

static int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("vxrun: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return status;
}

static double cpu_seconds(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- the guest's three descriptors ---- */

/* A count, 0 at the end, or -1 with errno. */
static ssize_t read_input(void *data, size_t nbytes)
{
    ssize_t count;

    do
        count = read(STDIN_FILENO, data, nbytes);
    while (count < 0 && errno == EINTR);
    return count;
}

static bool write_all(int fd, const void *data, size_t nbytes)
{
    const char *next = data;

    while (nbytes > 0) {
        ssize_t count = write(fd, next, nbytes);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        next += count;
        nbytes -= (size_t)count;
    }
    return true;
}

static int answer(struct vx32_instance *guest, size_t nbytes)
{
    enum vx32_status status = vx32_complete(guest, (int64_t)nbytes);

    return status == VX32_OK ? 0 : fail(EXIT_OWN_FAILURE, "%s", vx32_status_text(status));
}

static int serve_input(struct vx32_instance *guest, const struct vx32_exit *exit)
{
    ssize_t count = read_input(exit->data, exit->nbytes);

    if (count < 0)
        return fail(EXIT_OWN_FAILURE, "cannot read standard input: %s", strerror(errno));
    return answer(guest, (size_t)count);
}

static int serve_output(struct vx32_instance *guest, const struct vx32_exit *exit)
{
    if (!write_all(exit->fd, exit->data, exit->nbytes))
        return fail(EXIT_OWN_FAILURE, "cannot write standard %s: %s",
                    exit->fd == STDERR_FILENO ? "error" : "output", strerror(errno));
    return answer(guest, exit->nbytes);
}

/* ---- limits ---- */

static void on_timer(int number)
{
    (void)number;
    vx32_interrupt(timed_guest);
}

/* Interrupts the guest when the time is up, and then again and again until it is noticed. */
static int start_timer(struct vx32_instance *guest, double seconds)
{
    enum { AGAIN_MICROSECONDS = 10000 };
    struct sigaction action = {.sa_handler = on_timer, .sa_flags = SA_RESTART};
    struct itimerval timer = {.it_interval = {.tv_usec = AGAIN_MICROSECONDS}};

    timer.it_value.tv_sec = (time_t)seconds;
    timer.it_value.tv_usec = (suseconds_t)((seconds - (double)timer.it_value.tv_sec) * 1e6) + 1;
    timed_guest = guest;
    if (sigaction(SIGPROF, &action, NULL) != 0 || setitimer(ITIMER_PROF, &timer, NULL) != 0)
        return fail(EXIT_OWN_FAILURE, "cannot limit the time: %s", strerror(errno));
    return 0;
}

static void stop_timer(void)
{
    const struct itimerval off = {.it_value = {.tv_usec = 0}};

    (void)setitimer(ITIMER_PROF, &off, NULL);
}

static int check_time(const struct session *session)
{
    double limit = session->options->cpu_seconds;

    if (limit <= 0 || cpu_seconds() - session->start_seconds < limit)
        return 0;
    return fail(EXIT_BUDGET_SPENT, "stopped: the CPU time of %g seconds is spent", limit);
}

/*
 * Gives the guest its fuel: 0, or the exit status when nothing is left. Without a need to know the
 * number of instructions they are not counted.
 */
static int refuel(struct session *session)
{
    const struct vxrun_options *options = session->options;
    uint64_t portion = session->fuel;

    if (portion == 0)
        return fail(EXIT_BUDGET_SPENT, "stopped: the fuel of %llu instructions is spent",
                    (unsigned long long)options->fuel);
    if (options->trace)
        portion = 1;
    else if (options->statistics && portion == VX32_FUEL_UNLIMITED)
        portion = VX32_FUEL_COUNTED;
    if (session->fuel != VX32_FUEL_UNLIMITED)
        session->fuel -= portion;
    vx32_fuel_set(session->guest, portion);
    return 0;
}

/* ---- running ---- */

static void trace_next(struct vx32_instance *guest)
{
    struct vx32_registers registers;

    vx32_registers_get(guest, &registers);
    vxrun_print_instruction(guest, registers.eip);
}

/* True while the guest goes on; otherwise `*status` is how the command ends. */
static bool act(struct session *session, const struct vx32_exit *exit, int *status)
{
    switch (exit->reason) {
    case VX32_EXIT_NEED_INPUT: *status = serve_input(session->guest, exit); break;
    case VX32_EXIT_HAVE_OUTPUT: *status = serve_output(session->guest, exit); break;
    case VX32_EXIT_OUT_OF_FUEL:
        *status = refuel(session);
        if (*status == 0 && session->options->trace)
            trace_next(session->guest);
        break;
    case VX32_EXIT_INTERRUPTED: *status = check_time(session); break;
    case VX32_EXIT_EXITED: *status = exit->code; return false;
    case VX32_EXIT_TRAP:
        vxrun_print_trap(session->guest, exit);
        *status = EXIT_SIGNAL_BASE + vxrun_trap_signal(exit->trap);
        return false;
    }
    return *status == 0;
}

static int run(const struct vxrun_options *options, struct vx32_instance *guest)
{
    struct session session = {options, guest, options->fuel, cpu_seconds()};
    struct vx32_exit exit;
    int status = 0;

    if (options->trace)
        setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* one write a line */
    vx32_fuel_set(guest, 0); /* so that the first portion, too, begins with refuel() */
    if (options->cpu_seconds > 0)
        status = start_timer(guest, options->cpu_seconds);
    if (status != 0)
        return status;
    do
        vx32_run(guest, &exit);
    while (act(&session, &exit, &status));
    stop_timer();
    if (options->statistics)
        vxrun_print_statistics(guest, cpu_seconds() - session.start_seconds);
    return status;
}

/* ---- the program file ---- */

static void *read_stream(FILE *file, size_t *nbytes)
{
    size_t capacity = 1 << 16;
    char *bytes = NULL;

    for (*nbytes = 0;;) {
        char *larger = realloc(bytes, capacity);

        if (larger == NULL)
            break;
        bytes = larger;
        *nbytes += fread(bytes + *nbytes, 1, capacity - *nbytes, file);
        if (*nbytes < capacity && !ferror(file))
            return bytes;
        if (ferror(file))
            break;
        capacity *= 2;
    }
    free(bytes);
    return NULL;
}

/* The whole file, or NULL with errno. */
static void *read_file(const char *name, size_t *nbytes)
{
    FILE *file = fopen(name, "rb");
    void *bytes;
    int reason;

    if (file == NULL)
        return NULL;
    bytes = read_stream(file, nbytes);
    reason = errno;
    (void)fclose(file);
    errno = reason;
    return bytes;
}

static int load_image(const char *name, struct vx32_image **image)
{
    const char *problem = NULL;
    enum vx32_status status;
    size_t nbytes;
    void *bytes = read_file(name, &nbytes);

    if (bytes == NULL)
        return fail(EXIT_OWN_FAILURE, "%s: %s", name, strerror(errno));
    status = vx32_image_parse(bytes, nbytes, image, &problem);
    free(bytes);
    if (status == VX32_BAD_IMAGE)
        return fail(EXIT_BAD_IMAGE, "%s: %s", name, problem);
    if (status != VX32_OK)
        return fail(EXIT_OWN_FAILURE, "%s: %s", name, vx32_status_text(status));
    return 0;
}

static int make_guest(const struct vxrun_options *options, struct vx32_image *image,
                      struct vx32_instance **guest)
{
    const struct vx32_options settings = {
        .struct_nbytes = sizeof settings,
        .engine = options->engine,
        .trap_unwritten = options->trap_unwritten,
        .profile = options->profile,
        .memory_nbytes = options->memory_nbytes,
        .argc = options->argc,
        .argv = (const char *const *)options->argv,
    };
    enum vx32_status status = vx32_instance_new(image, &settings, guest);

    if (status == VX32_OK)
        return 0;
    return fail(status == VX32_LIMIT ? EXIT_BAD_IMAGE : EXIT_OWN_FAILURE, "%s: %s",
                options->argv[0], vx32_status_text(status));
}

static int run_program(const struct vxrun_options *options)
{
    struct vx32_image *image = NULL;
    struct vx32_instance *guest = NULL;
    int status = load_image(options->argv[0], &image);

    if (status == 0)
        status = make_guest(options, image, &guest);
    vx32_image_free(image);
    if (status == 0)
        status = run(options, guest);
    vx32_instance_free(guest);
    return status;
}

/* Makes sure that what was printed arrived. */
static int finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return fail(EXIT_OWN_FAILURE, "cannot write standard output: %s", strerror(errno));
    return 0;
}

int main(int argc, char **argv)
{
    struct vxrun_options options;

    switch (vxrun_parse(argc, argv, &options)) {
    case VXRUN_HELP: vxrun_print_help(stdout); return finish_output();
    case VXRUN_VERSION: puts("vxrun " VX32_VERSION); return finish_output();
    case VXRUN_DESCRIBED: return finish_output();
    case VXRUN_USAGE_ERROR: return EXIT_OWN_FAILURE;
    case VXRUN_RUN: break;
    }
    return run_program(&options);
}
