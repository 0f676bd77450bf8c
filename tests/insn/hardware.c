/* SPDX-License-Identifier: MIT */
/* Drives a traced process of the host: registers and memory in, one case, registers and memory out.
 */
#include "hardware.h"

#if defined(__linux__) && defined(__x86_64__)

#include "cpu.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CODE_SEGMENT_32 = 0x23, FPE_DIVIDE = 1, SIGNAL_FROM_KERNEL = 0x80 };

struct hardware {
    pid_t pid;
    struct user_regs_struct base; /* segment registers and the like */
    bool uses_x87, uses_simd;
};

/* ---- life ---- */

static void become_program(int file)
{
    char path[32];
    char *arguments[] = {(char[]){"insn"}, NULL}, *environment[] = {NULL};

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
        execve(path, arguments, environment);
    _exit(127);
}

static int write_file(const struct program *program)
{
    int file = memfd_create("insn", MFD_CLOEXEC);
    size_t done = 0;

    while (file >= 0 && done < program->elf_nbytes) {
        ssize_t n = write(file, program->elf + done, program->elf_nbytes - done);

        if (n <= 0) {
            close(file);
            return -1;
        }
        done += (size_t)n;
    }
    return file;
}

static const char *attach(struct hardware *h, const struct program *program)
{
    int file = write_file(program), status;

    if (file < 0)
        return "cannot write the program into a memory file";
    h->pid = fork();
    if (h->pid == 0)
        become_program(file);
    close(file);
    if (h->pid < 0)
        return "cannot fork";
    if (waitpid(h->pid, &status, 0) != h->pid || !WIFSTOPPED(status))
        return "cannot trace or execute a 32-bit process on this host";
    if (ptrace(PTRACE_SETOPTIONS, h->pid, NULL, PTRACE_O_EXITKILL) != 0 ||
        ptrace(PTRACE_GETREGS, h->pid, NULL, &h->base) != 0 || h->base.cs != CODE_SEGMENT_32)
        return "the traced process is not a 32-bit one";
    return NULL;
}

/*
 * The guest has nothing mapped but the program. So the kernel's stack and code are taken away,
 * which a random address might hit, and the thread area is made.
 */
static const char *furnish(struct hardware *h, struct state *state, struct outcome *outcome)
{
    enum { LOWEST = DATA_ADDR + 0x1000000, SYSTEM_CALL_MUNMAP = 91 };
    const uint32_t highest = 0xffffe000;

    state->registers.x87_control = 0x37f;
    state->registers.mxcsr = 0x1f80;
    state->registers.eip = program_call_addr();
    state->registers.general[VX32_EAX] = SYSTEM_CALL_MUNMAP;
    state->registers.general[VX32_EBX] = LOWEST;
    state->registers.general[VX32_ECX] = highest - LOWEST;
    if (!hardware_run(h, state, outcome) || outcome->state.registers.general[VX32_EAX] != 0)
        return "cannot unmap the traced process's stack";
    state->registers.eip = program_gs_setup_addr();
    program_put_thread_area(state->data);
    if (!hardware_run(h, state, outcome) || outcome->fault != FAULT_NONE ||
        ptrace(PTRACE_GETREGS, h->pid, NULL, &h->base) != 0)
        return "cannot give the traced process a thread area";
    return NULL;
}

struct hardware *hardware_start(const struct program *program, const char **problem)
{
    struct hardware *h = calloc(1, sizeof *h);
    struct outcome *outcome = calloc(1, sizeof *outcome);
    struct state *state = calloc(1, sizeof *state);

    *problem = h && outcome && state ? attach(h, program) : "out of memory";
    if (*problem == NULL)
        *problem = furnish(h, state, outcome);
    free(outcome);
    free(state);
    if (*problem == NULL)
        return h;
    hardware_end(h);
    return NULL;
}

void hardware_end(struct hardware *h)
{
    int status;

    if (h != NULL && h->pid > 0 && kill(h->pid, SIGKILL) == 0)
        waitpid(h->pid, &status, 0);
    free(h);
}

void hardware_expect_x87(struct hardware *h, bool uses_x87, bool uses_simd)
{
    h->uses_x87 = uses_x87;
    h->uses_simd = uses_simd;
}

/* ---- registers ---- */

static struct user_regs_struct general_of(const struct hardware *h,
                                          const struct vx32_registers *registers)
{
    struct user_regs_struct user = h->base;

    user.rax = registers->general[VX32_EAX];
    user.rcx = registers->general[VX32_ECX];
    user.rdx = registers->general[VX32_EDX];
    user.rbx = registers->general[VX32_EBX];
    user.rsp = registers->general[VX32_ESP];
    user.rbp = registers->general[VX32_EBP];
    user.rsi = registers->general[VX32_ESI];
    user.rdi = registers->general[VX32_EDI];
    user.rip = registers->eip;
    user.eflags = registers->eflags | VX_EFLAGS_ALWAYS;
    user.orig_rax = ~0ull; /* no system call is to be restarted */
    return user;
}

static void put_general(const struct user_regs_struct *user, struct vx32_registers *registers)
{
    const unsigned long long general[8] = {user->rax, user->rcx, user->rdx, user->rbx,
                                           user->rsp, user->rbp, user->rsi, user->rdi};

    for (int i = 0; i < 8; i++)
        registers->general[i] = (uint32_t)general[i];
    registers->eip = (uint32_t)user->rip;
    registers->eflags = (uint32_t)user->eflags;
}

static struct user_fpregs_struct float_of(const struct vx32_registers *registers)
{
    struct user_fpregs_struct user;
    unsigned valid = 0;

    memset(&user, 0, sizeof user);
    for (int i = 0; i < 8; i++) {
        memcpy((uint8_t *)user.st_space + 16 * i, registers->st[i], 10);
        memcpy((uint8_t *)user.xmm_space + 16 * i, registers->xmm[i], 16);
        valid |= (registers->x87_tag >> 2 * i & 3) != 3 ? 1u << i : 0;
    }
    user.cwd = registers->x87_control;
    user.swd = registers->x87_status;
    user.ftw = (uint16_t)valid;
    user.mxcsr = registers->mxcsr;
    return user;
}

static void put_float(const struct user_fpregs_struct *user, struct vx32_registers *registers)
{
    registers->x87_tag = 0;
    for (int i = 0; i < 8; i++) {
        memcpy(registers->st[i], (const uint8_t *)user->st_space + 16 * i, 10);
        memcpy(registers->xmm[i], (const uint8_t *)user->xmm_space + 16 * i, 16);
        registers->x87_tag |= (uint16_t)((user->ftw >> i & 1 ? 0 : 3) << 2 * i);
    }
    registers->x87_control = user->cwd;
    registers->x87_status = user->swd;
    registers->mxcsr = user->mxcsr;
}

/* ---- memory ---- */

static bool move_data(struct hardware *h, uint8_t *data, bool in)
{
    struct iovec local = {data, DATA_NBYTES};
    struct iovec remote = {(void *)(uintptr_t)DATA_ADDR, DATA_NBYTES};
    ssize_t n = in ? process_vm_writev(h->pid, &local, 1, &remote, 1, 0)
                   : process_vm_readv(h->pid, &local, 1, &remote, 1, 0);

    return n == DATA_NBYTES;
}

/* ---- running ---- */

static bool load(struct hardware *h, const struct state *initial)
{
    struct user_regs_struct general = general_of(h, &initial->registers);
    struct user_fpregs_struct vectors = float_of(&initial->registers);

    return move_data(h, (uint8_t *)initial->data, true) &&
           ptrace(PTRACE_SETREGS, h->pid, NULL, &general) == 0 &&
           ptrace(PTRACE_SETFPREGS, h->pid, NULL, &vectors) == 0;
}

static bool unload(struct hardware *h, struct state *state)
{
    struct user_regs_struct general;
    struct user_fpregs_struct vectors;

    if (ptrace(PTRACE_GETREGS, h->pid, NULL, &general) != 0 ||
        ptrace(PTRACE_GETFPREGS, h->pid, NULL, &vectors) != 0)
        return false;
    put_general(&general, &state->registers);
    put_float(&vectors, &state->registers);
    return move_data(h, state->data, false);
}

/* Both floating-point faults come as SIGFPE; #MF comes first where both are possible. */
static enum fault float_fault(const struct hardware *h, const struct vx32_registers *registers)
{
    bool pending = registers->x87_status & ~registers->x87_control & VX_FE_ALL;

    if (h->uses_x87 && h->uses_simd)
        return pending ? FAULT_X87 : FAULT_SIMD;
    return h->uses_x87 ? FAULT_X87 : FAULT_SIMD;
}

static enum fault fault_of(const struct hardware *h, const siginfo_t *info,
                           const struct vx32_registers *registers)
{
    switch (info->si_signo) {
    case SIGTRAP: return FAULT_NONE;
    case SIGFPE: return info->si_code == FPE_DIVIDE ? FAULT_DIVIDE : float_fault(h, registers);
    case SIGILL: return FAULT_OPCODE;
    case SIGSEGV:
        return info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR ? FAULT_PAGE
                                                                            : FAULT_GENERAL;
    default: return FAULT_OTHER;
    }
}

bool hardware_run(struct hardware *h, const struct state *initial, struct outcome *outcome)
{
    siginfo_t info;
    int status;

    if (!load(h, initial) || ptrace(PTRACE_CONT, h->pid, NULL, NULL) != 0 ||
        waitpid(h->pid, &status, 0) != h->pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_GETSIGINFO, h->pid, NULL, &info) != 0 || !unload(h, &outcome->state))
        return false;
    outcome->fault = fault_of(h, &info, &initial->registers);
    outcome->fault_addr = 0;
    if (outcome->fault == FAULT_PAGE)
        outcome->fault_addr = (uint32_t)(uintptr_t)info.si_addr;
    if (outcome->fault == FAULT_NONE)
        outcome->state.registers.eip--;
    return true;
}

#else

struct hardware *hardware_start(const struct program *program, const char **problem)
{
    (void)program;
    *problem = "this host is not x86-64 Linux";
    return NULL;
}

void hardware_end(struct hardware *hardware)
{
    (void)hardware;
}

bool hardware_run(struct hardware *hardware, const struct state *initial, struct outcome *outcome)
{
    (void)hardware, (void)initial, (void)outcome;
    return false;
}

void hardware_expect_x87(struct hardware *hardware, bool uses_x87, bool uses_simd)
{
    (void)hardware, (void)uses_x87, (void)uses_simd;
}

#endif
