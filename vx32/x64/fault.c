/* SPDX-License-Identifier: MIT */
/* Turns signals that guest code causes into exits: the one thing that the library hooks. */
#include "translator.h"

#include "host/host.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * A guest's page fault, division fault or unmasked exception comes as a signal while host code for
 * a guest runs. The handler only puts the guest's registers away and lets the thread go on in C,
 * where the interpreter executes the instruction again and says what is wrong with it. Everything
 * else is handed to the handlers that were there before.
 */

enum { ARCH_SET_GS_CODE = 0x1001, ARCH_GET_GS_CODE = 0x1004, HWCAP2_FSGSBASE_BIT = 1 << 1 };
enum { SIGNAL_STACK_NBYTES = 1 << 16 };

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

/* All that the library keeps for the process: who had the signals before it. */
static struct {
    pthread_once_t once;
    bool installed;
    struct sigaction previous[SIGNAL_COUNT];
} fault_hook = {.once = PTHREAD_ONCE_INIT};

/* And for the thread: which guest it runs. */
static _Thread_local struct vx_translator *fault_running __attribute__((tls_model("initial-exec")));

/* What begin() changed of the thread. */
struct vx_signals {
    stack_t own, old;
    bool stack_changed;
    uint64_t old_gs;
    bool fsgsbase;
    _Alignas(16) uint8_t stack[SIGNAL_STACK_NBYTES]; /* sanitizers want its ends aligned */
};

/* ---- the guest's state out of a signal frame ---- */

static void save_general(struct vx_cpu *cpu, const gregset_t regs)
{
    static const int numbers[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX,
                                   REG_R14, REG_RBP, REG_RSI, REG_RDI};

    for (unsigned i = 0; i < 8; i++)
        cpu->general[i] = (uint32_t)regs[numbers[i]];
}

/* Puts the state away, and goes on in C as if the guest had left. */
static void leave_guest(struct vx_translator *translator, ucontext_t *context)
{
    struct vx_gate *gate = translator->gate;
    struct vx_cpu *cpu = gate->cpu;
    greg_t *regs = context->uc_mcontext.gregs;

    save_general(cpu, regs);
    memcpy(cpu->xmm, context->uc_mcontext.fpregs->_xmm, sizeof cpu->xmm);
    cpu->slice = regs[REG_R12];
    gate->flags = (uint64_t)regs[REG_EFL];
    gate->shadow_rsp = (uint8_t *)(uintptr_t)regs[REG_RSP];
    gate->fault_rip = (uint64_t)regs[REG_RIP];
    gate->reason = VX_REASON_FAULT;
    regs[REG_RIP] = (greg_t)(uintptr_t)vx_x64_leave_after_fault;
    regs[REG_RSP] = (greg_t)(uintptr_t)gate->host_rsp;
}

static void go_on_at_stub(const struct vx_translator *translator, ucontext_t *context,
                          enum vx_stub stub)
{
    context->uc_mcontext.gregs[REG_RIP] =
        (greg_t)(uintptr_t)(translator->code.executable + translator->stubs[stub]);
}

/* ---- what a signal means ---- */

/*
 * An indirect branch to where no block is: from now on without a signal. The tables tell which of
 * the two it was where both were read as zero: r10 is a guest address that lacks an entry only if
 * it has just been called.
 */
static void branch_to_unknown(struct vx_translator *translator, ucontext_t *context, uintptr_t addr)
{
    const struct vx_code *code = &translator->code;
    const greg_t *regs = context->uc_mcontext.gregs;
    bool zero = regs[REG_RIP] == 0;
    bool call = zero ? vx_table_lacks(&code->calls, (uint64_t)regs[REG_R10])
                     : vx_table_holds(&code->calls, addr);
    enum vx_stub stub = call ? VX_STUB_UNKNOWN_CALLED : VX_STUB_UNKNOWN;

    if (zero)
        vx_table_fill_page(call ? &code->calls : &code->jumps,
                           (vx32_addr)regs[call ? REG_R10 : REG_R8],
                           code->executable + translator->stubs[stub]);
    go_on_at_stub(translator, context, stub);
}

/* In a stub or behind a landing, where r8d is the next guest address. */
static bool is_outside_blocks(const struct vx_code *code, uintptr_t rip)
{
    uintptr_t offset = rip - (uintptr_t)code->executable;

    return offset < code->fixed_nbytes || offset >= code->cold;
}

static void handle_poll(struct vx_translator *translator, ucontext_t *context)
{
    if (is_outside_blocks(&translator->code, (uintptr_t)context->uc_mcontext.gregs[REG_RIP]))
        go_on_at_stub(translator, context, VX_STUB_SLICE);
    else
        leave_guest(translator, context);
}

/* Calls went deeper than the shadow stack: it starts again, and the returns will look up. */
static void handle_overflow(struct vx_translator *translator, ucontext_t *context)
{
    context->uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)translator->shadow_top;
    if (atomic_load(&translator->interrupted))
        leave_guest(translator, context);
}

/* In the check of a landing: also an interrupt comes there, with the return done. */
static bool is_landing(const ucontext_t *context, struct vx_emitter *expected)
{
    const void *code = (const void *)(uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    uint8_t check[VX_CHECK_NBYTES];

    expected->at = check;
    vx_emit_check(expected);
    return memcmp(code, check, sizeof check) == 0;
}

static void handle_landing(struct vx_translator *translator, ucontext_t *context)
{
    struct vx_gate *gate = translator->gate;

    leave_guest(translator, context);
    gate->cpu->eip = (vx32_addr)context->uc_mcontext.gregs[REG_R8];
    gate->reason = context->uc_mcontext.gregs[REG_R9] == 0 ? VX_REASON_ENTER : VX_REASON_MISMATCH;
}

static bool within(uintptr_t addr, const uint8_t *start, size_t nbytes)
{
    return addr - (uintptr_t)start < nbytes;
}

/* False: no guest caused it. */
static bool handle(int number, const siginfo_t *info, ucontext_t *context)
{
    struct vx_translator *translator = fault_running;
    uintptr_t rip = (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
    uintptr_t addr = number == SIGSEGV ? (uintptr_t)info->si_addr : 0;
    const uint8_t *poll;

    if (translator == NULL)
        return false;
    poll = (const uint8_t *)(translator->gate + 1);
    if ((uintptr_t)context->uc_mcontext.gregs[REG_R15] != (uintptr_t)poll ||
        (rip != 0 && !vx_code_holds(&translator->code, rip)))
        return false;
    if (rip == 0 || vx_table_holds(&translator->code.jumps, addr) ||
        vx_table_holds(&translator->code.calls, addr))
        branch_to_unknown(translator, context, addr);
    else if (within(addr, translator->shadow, VX_X64_SHADOW_GUARD_NBYTES))
        handle_overflow(translator, context);
    else if (vx_code_holds(&translator->code, rip) && is_landing(context, &(struct vx_emitter){0}))
        handle_landing(translator, context);
    else if (within(addr, poll, 1))
        handle_poll(translator, context);
    else
        leave_guest(translator, context);
    return true;
}

/* ---- the hook ---- */

static void pass_on(int number, siginfo_t *info, void *context)
{
    const struct sigaction *before = fault_hook.previous;

    for (unsigned i = 0; i + 1 < SIGNAL_COUNT && signals[i] != number; i++)
        before++;
    if ((before->sa_flags & SA_SIGINFO) != 0)
        before->sa_sigaction(number, info, context);
    else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN)
        before->sa_handler(number);
    else
        (void)sigaction(number, before, NULL); /* and it comes again */
}

static void on_signal(int number, siginfo_t *info, void *context)
{
    if (!handle(number, info, context))
        pass_on(number, info, context);
}

static void hook(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    fault_hook.installed = true;
    for (unsigned i = 0; i < SIGNAL_COUNT; i++) {
        if (sigaction(signals[i], &action, &fault_hook.previous[i]) != 0)
            fault_hook.installed = false;
    }
}

bool vx_fault_hook(void)
{
    return pthread_once(&fault_hook.once, hook) == 0 && fault_hook.installed;
}

/* ---- the thread ---- */

struct vx_signals *vx_fault_signals_new(void)
{
    struct vx_signals *made = malloc(sizeof *made);

    if (made == NULL)
        return NULL;
    memset(made, 0, offsetof(struct vx_signals, stack));
    made->own.ss_sp = made->stack;
    made->own.ss_size = sizeof made->stack;
    made->fsgsbase = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT) != 0;
    return made;
}

static uint64_t get_gs(bool fsgsbase)
{
    uint64_t base = 0;

    if (fsgsbase)
        __asm__ volatile("rdgsbase %0" : "=r"(base));
    else
        (void)syscall(SYS_arch_prctl, ARCH_GET_GS_CODE, &base);
    return base;
}

static void set_gs(bool fsgsbase, uint64_t base)
{
    if (fsgsbase)
        __asm__ volatile("wrgsbase %0" : : "r"(base));
    else
        (void)syscall(SYS_arch_prctl, ARCH_SET_GS_CODE, base);
}

void vx_fault_begin(struct vx_translator *translator, const uint8_t *guest_base)
{
    struct vx_signals *thread = translator->signals;

    fault_running = translator;
    thread->stack_changed = sigaltstack(&thread->own, &thread->old) == 0;
    if (translator->embedded) {
        thread->old_gs = get_gs(thread->fsgsbase);
        set_gs(thread->fsgsbase, (uint64_t)(uintptr_t)guest_base);
    }
}

void vx_fault_end(struct vx_translator *translator)
{
    struct vx_signals *thread = translator->signals;

    if (translator->embedded)
        set_gs(thread->fsgsbase, thread->old_gs);
    if (thread->stack_changed)
        (void)sigaltstack(&thread->old, NULL);
    fault_running = NULL;
}
