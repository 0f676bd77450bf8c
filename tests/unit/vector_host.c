/* SPDX-License-Identifier: MIT */
/* The host's side of the vector test: a page of code, guarded memory, and traps caught. */
#define _GNU_SOURCE 1
#include "vector_host.h"

#if defined(__x86_64__)

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

/*
 * Loads the machine at rdi, calls the code at rsi, stores the machine, and leaves x87 and MXCSR as
 * C expects them. Instructions in their 32-bit encodings cannot name r14 and r15.
 */
void host_call(struct host_machine *machine, const void *code);
__asm__(".text\n"
        ".globl host_call\n"
        ".type host_call, @function\n"
        "host_call:\n"
        "    pushq %rbx\n"
        "    pushq %rbp\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    movq %rdi, %r15\n"
        "    movq %rsi, %r14\n"
        "    fxrstor64 (%r15)\n"
        "    pushq 576(%r15)\n"
        "    popfq\n"
        "    movq 512(%r15), %rax\n"
        "    movq 520(%r15), %rcx\n"
        "    movq 528(%r15), %rdx\n"
        "    movq 536(%r15), %rbx\n"
        "    movq 552(%r15), %rbp\n"
        "    movq 560(%r15), %rsi\n"
        "    movq 568(%r15), %rdi\n"
        "    call *%r14\n"
        "    pushfq\n"
        "    popq 576(%r15)\n"
        "    movq %rax, 512(%r15)\n"
        "    movq %rcx, 520(%r15)\n"
        "    movq %rdx, 528(%r15)\n"
        "    movq %rbx, 536(%r15)\n"
        "    movq %rbp, 552(%r15)\n"
        "    movq %rsi, 560(%r15)\n"
        "    movq %rdi, 568(%r15)\n"
        "    fxsave64 (%r15)\n"
        "    fninit\n"
        "    pushq $0x1f80\n"
        "    ldmxcsr (%rsp)\n"
        "    popq %rax\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %rbp\n"
        "    popq %rbx\n"
        "    ret\n"
        ".size host_call, . - host_call\n");

_Static_assert(offsetof(struct host_machine, general) == 512, "as host_call has it");
_Static_assert(offsetof(struct host_machine, flags) == 576, "as host_call has it");

enum { RET = 0xc3, PAGE_FAULT = 14, ERROR_IS_WRITE = 2 };

static uint8_t *code, *memory;
static const uint8_t *code_end; /* where a trapped instruction continues: at its RET */
static volatile struct host_outcome outcome;

static void on_trap(int number, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)info;
    if ((uint64_t)registers[REG_RIP] != (uint64_t)(uintptr_t)code) {
        signal(number, SIG_DFL); /* not the tested instruction: a bug, to be seen as such */
        return;
    }
    outcome.trap = (int)registers[REG_TRAPNO];
    outcome.fault_addr = outcome.trap == PAGE_FAULT ? (uint64_t)registers[REG_CR2] : 0;
    outcome.is_write = outcome.trap == PAGE_FAULT && registers[REG_ERR] & ERROR_IS_WRITE;
    registers[REG_RIP] = (greg_t)(uintptr_t)code_end;
}

bool host_prepare(void)
{
    static const int traps[] = {SIGFPE, SIGSEGV, SIGBUS, SIGILL};
    struct sigaction action = {0};
    size_t nbytes = HOST_MEMORY_NBYTES + HOST_PAGE_NBYTES;

    code = mmap(NULL, HOST_PAGE_NBYTES, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory = mmap(NULL, nbytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED || memory == MAP_FAILED ||
        mprotect(memory + HOST_WRITABLE_NBYTES, HOST_PAGE_NBYTES, PROT_READ) ||
        mprotect(memory + HOST_MEMORY_NBYTES, HOST_PAGE_NBYTES, PROT_NONE))
        abort();
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO;
    for (size_t i = 0; i < sizeof traps / sizeof traps[0]; i++)
        if (sigaction(traps[i], &action, NULL))
            abort();
    return true;
}

uint8_t *host_memory(void)
{
    return memory;
}

void host_fill_read_only(const uint8_t *bytes)
{
    uint8_t *page = memory + HOST_WRITABLE_NBYTES;

    if (mprotect(page, HOST_PAGE_NBYTES, PROT_READ | PROT_WRITE))
        abort();
    memcpy(page, bytes, HOST_PAGE_NBYTES);
    if (mprotect(page, HOST_PAGE_NBYTES, PROT_READ))
        abort();
}

struct host_outcome host_execute(const uint8_t *insn, unsigned nbytes, struct host_machine *machine)
{
    if (memcmp(code, insn, nbytes) != 0 || code[nbytes] != RET) {
        memcpy(code, insn, nbytes);
        code[nbytes] = RET;
    }
    code_end = code + nbytes;
    outcome.trap = -1;
    outcome.fault_addr = 0;
    outcome.is_write = false;
    host_call(machine, code);
    return (struct host_outcome){outcome.trap, outcome.fault_addr, outcome.is_write};
}

#else

bool host_prepare(void)
{
    return false;
}

uint8_t *host_memory(void)
{
    return 0;
}

void host_fill_read_only(const uint8_t *bytes)
{
    (void)bytes;
}

struct host_outcome host_execute(const uint8_t *insn, unsigned nbytes, struct host_machine *machine)
{
    (void)insn;
    (void)nbytes;
    (void)machine;
    return (struct host_outcome){-1, 0, false};
}

#endif
