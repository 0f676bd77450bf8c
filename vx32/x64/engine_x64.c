/* SPDX-License-Identifier: MIT */
/* The translating engines: from C into guest code and back, until the slice or the guest ends. */
#include "translator.h"

#include "host/host.h"
#include "interp/operand.h"
#include "verify.h"

#include <stdlib.h>
#include <string.h>
#include <xmmintrin.h>

/* ---- operations of the interpreter, called from guest code ---- */

static vx_operation_function *const operations[VX_OP_COUNT] = {
#define PLAIN(name)  [VX_OP_##name] = vx_do_##name,
#define STRING(name) [VX_OP_##name] = vx_do_##name,
#define BRANCH(name)
#define CALL(name)
#define RET(name)
#define TRAP(name)
#define SYSTEM(name)
#define OPERATION(name, mnemonic, class, reads, writes, undefined, sure) class(name)
#include "operations.def"
#undef OPERATION
#undef PLAIN
#undef STRING
#undef BRANCH
#undef CALL
#undef RET
#undef TRAP
#undef SYSTEM
};

static void flags_to_cpu(const struct vx_gate *gate, struct vx_cpu *cpu)
{
    vx_cpu_set_eflags(cpu, (uint32_t)gate->flags, VX_STATUS_FLAGS | VX_DF);
}

static void flags_to_gate(struct vx_gate *gate, const struct vx_cpu *cpu)
{
    gate->flags = vx_cpu_eflags(cpu);
}

/*
 * MXCSR is the guest's also while C answers a system call: storing and loading it costs more than
 * all the rest of crossing over. Before C works with floating point it is put away.
 */
static void load_mxcsr(struct vx_translator *translator, const struct vx_cpu *cpu)
{
    if (translator->mxcsr_loaded)
        return;
    translator->host_mxcsr = _mm_getcsr();
    if (cpu->mxcsr != translator->host_mxcsr)
        _mm_setcsr(cpu->mxcsr);
    translator->mxcsr_loaded = true;
}

static void unload_mxcsr(struct vx_translator *translator, struct vx_cpu *cpu)
{
    if (!translator->mxcsr_loaded)
        return;
    cpu->mxcsr = _mm_getcsr();
    if (cpu->mxcsr != translator->host_mxcsr)
        _mm_setcsr(translator->host_mxcsr);
    translator->mxcsr_loaded = false;
}

static bool is_integer(const struct vx_uop *uop)
{
    return vx_opcodes[uop->slot].since < VX_X87;
}

static void run_operation(struct vx_gate *gate, const struct vx_uop *uop)
{
    struct vx_cpu *cpu = gate->cpu;

    if (!is_integer(uop))
        unload_mxcsr(cpu->engine, cpu);
    flags_to_cpu(gate, cpu);
    operations[vx_opcodes[uop->slot].operation](cpu, uop);
    flags_to_gate(gate, cpu);
    load_mxcsr(cpu->engine, cpu);
}

/* ---- stubs ---- */

static void emit_leave(struct vx_emitter *e, enum vx_reason reason)
{
    vx_emit_constant(e, VX_R9, reason);
    vx_emit_jump_gate(e, VX_GATE_LEAVE);
}

static void emit_fixed_stub(struct vx_emitter *e, enum vx_stub stub)
{
    switch (stub) {
    case VX_STUB_UNKNOWN: emit_leave(e, VX_REASON_ENTER); return;
    case VX_STUB_UNKNOWN_CALLED:
        vx_emit_lea(e, VX_R8, VX_R10, 0, false);
        emit_leave(e, VX_REASON_ENTER_CALLED);
        return;
    case VX_STUB_SLICE: emit_leave(e, VX_REASON_SLICE); return;
    case VX_STUB_UNDERFLOW:
        /* The return took the last entry, which stays where it is. */
        vx_emit_lea(e, VX_RSP, VX_RSP, -8, true);
        break;
    default: break;
    }
    vx_emit_poll(e);
    vx_emit_jump_table(e);
}

static void emit_fixed_stubs(struct vx_translator *translator)
{
    struct vx_code *code = &translator->code;
    struct vx_emitter e = {.at = code->writable};

    for (unsigned stub = 0; stub < VX_STUB_COUNT; stub++) {
        translator->stubs[stub] = (uint32_t)(e.at - code->writable);
        emit_fixed_stub(&e, (enum vx_stub)stub);
    }
    code->fixed_nbytes = (uint32_t)(e.at - code->writable);
    code->used = code->fixed_nbytes;
}

/* ---- life ---- */

static bool make_shadow(struct vx_translator *translator)
{
    uint64_t underflow;

    translator->shadow = vx_host_reserve(VX_X64_SHADOW_NBYTES);
    if (translator->shadow == NULL ||
        !vx_host_protect(translator->shadow + VX_X64_SHADOW_GUARD_NBYTES,
                         VX_X64_SHADOW_NBYTES - VX_X64_SHADOW_GUARD_NBYTES, VX_HOST_READ_WRITE))
        return false;
    translator->shadow_top = translator->shadow + VX_X64_SHADOW_NBYTES - sizeof underflow;
    underflow =
        (uint64_t)(uintptr_t)(translator->code.executable + translator->stubs[VX_STUB_UNDERFLOW]);
    memcpy(translator->shadow_top, &underflow, sizeof underflow);
    return true;
}

/* Behind the polled page lie 8 bytes for each difference that a return address can have. */
static size_t gate_nbytes(void)
{
    return 2 * vx_host_page_nbytes() + ((size_t)8 << 32);
}

static bool make_gate(struct vx_translator *translator)
{
    size_t page_nbytes = vx_host_page_nbytes();
    uint8_t *pages = vx_host_reserve(gate_nbytes());

    translator->gate_pages = pages;
    if (pages == NULL || !vx_host_protect(pages, 2 * page_nbytes, VX_HOST_READ_WRITE))
        return false;
    translator->gate = (struct vx_gate *)(void *)(pages + page_nbytes - sizeof *translator->gate);
    *translator->gate = (struct vx_gate){
        .call_operation = vx_x64_call_operation,
        .leave = vx_x64_leave,
        .shadow_rsp = translator->shadow_top,
        .jumps = translator->code.jumps.entries,
        .calls = translator->code.calls.entries,
        .run_operation = run_operation,
    };
    return true;
}

/* Opcodes that lead to a group, so that a member's encoding can be made again. */
static void find_groups(struct vx_translator *translator)
{
    for (unsigned slot = VX_SLOT_GROUP; slot-- > 0;) {
        if (vx_opcodes[slot].operation == VX_OP_IN_GROUP)
            translator->group_slots[vx_opcodes[slot].group] = (uint16_t)slot;
    }
}

static void destroy(void *engine)
{
    struct vx_translator *translator = engine;

    if (translator == NULL)
        return;
    if (translator->gate_pages != NULL)
        vx_host_release(translator->gate_pages, gate_nbytes());
    if (translator->shadow != NULL)
        vx_host_release(translator->shadow, VX_X64_SHADOW_NBYTES);
    vx_code_destroy(&translator->code);
    vx_engine_interpret.destroy(translator->interp);
    free(translator->uops);
    free(translator->signals);
    free(translator);
}

static bool build(struct vx_translator *translator)
{
    translator->uops = malloc(VX_X64_UOP_COUNT * sizeof *translator->uops);
    translator->interp = vx_engine_interpret.create();
    translator->signals = vx_fault_signals_new();
    if (translator->uops == NULL || translator->interp == NULL || translator->signals == NULL ||
        !vx_fault_hook() || !vx_code_init(&translator->code))
        return false;
    emit_fixed_stubs(translator);
    find_groups(translator);
    return vx_verify_stubs(translator) && make_shadow(translator) && make_gate(translator);
}

static void *create(bool embedded)
{
    struct vx_translator *translator = calloc(1, sizeof *translator);

    if (translator == NULL)
        return NULL;
    translator->embedded = embedded;
    atomic_init(&translator->interrupted, false);
    if (build(translator))
        return translator;
    destroy(translator);
    return NULL;
}

static void *create_dedicated(void)
{
    return create(false);
}

static void *create_embedded(void)
{
    return create(true);
}

static uint64_t block_count(const void *engine)
{
    const struct vx_translator *translator = engine;

    return translator->code.built_count;
}

static uint64_t refused_block_count(const void *engine)
{
    const struct vx_translator *translator = engine;

    return translator->refused_count;
}

/* ---- interrupts ---- */

static uint8_t *poll_page(const struct vx_translator *translator)
{
    return translator->gate_pages + vx_host_page_nbytes();
}

static void interrupt(void *engine)
{
    struct vx_translator *translator = engine;

    atomic_store(&translator->interrupted, true);
    (void)vx_host_protect(poll_page(translator), vx_host_page_nbytes(), VX_HOST_NO_ACCESS);
}

static bool take_interrupt(struct vx_translator *translator)
{
    if (!atomic_load_explicit(&translator->interrupted, memory_order_relaxed) ||
        !atomic_exchange(&translator->interrupted, false))
        return false;
    (void)vx_host_protect(poll_page(translator), vx_host_page_nbytes(), VX_HOST_READ);
    return true;
}

/* ---- running ---- */

/* Lets the interpreter execute; what it stops for, or VX_STOP_SLICE when the slice is used up. */
static enum vx_stop interpret(struct vx_translator *translator, struct vx_cpu *cpu, int64_t slice)
{
    jmp_buf *escape = cpu->escape;
    int64_t rest = cpu->slice - slice;
    enum vx_stop stop;

    unload_mxcsr(translator, cpu);
    flags_to_cpu(translator->gate, cpu);
    cpu->slice = slice;
    stop = vx_engine_interpret.run(translator->interp, cpu);
    cpu->slice += rest;
    cpu->engine = translator;
    cpu->escape = escape;
    flags_to_gate(translator->gate, cpu);
    return stop;
}

/* At the entry of a call esp is still to be lowered, by the code there or here. */
static const uint8_t *enter_called(struct vx_cpu *cpu, const uint8_t *host)
{
    if (host == NULL)
        cpu->general[VX32_ESP] -= 4;
    return host;
}

static const uint8_t *follow_link(struct vx_translator *translator, struct vx_cpu *cpu,
                                  uint32_t number)
{
    bool call = translator->code.links[number].call;
    const uint8_t *host = vx_x64_resolve(translator, number);

    return call ? enter_called(cpu, host) : host;
}

/* What follows an exit of guest code: where to go on, or NULL with *stop set. */
static const uint8_t *after_exit(struct vx_translator *translator, struct vx_cpu *cpu,
                                 enum vx_stop *stop)
{
    const struct vx_gate *gate = translator->gate;

    switch (gate->reason & 0xff) {
    case VX_REASON_LINK: return follow_link(translator, cpu, gate->reason >> 8);
    case VX_REASON_MISMATCH: vx_x64_be_patient(translator, gate->fault_rip); return NULL;
    case VX_REASON_ENTER: return vx_x64_translate(translator, cpu->eip);
    case VX_REASON_ENTER_CALLED:
        return enter_called(cpu, vx_x64_translate_called(translator, cpu->eip));
    case VX_REASON_SYSTEM_CALL: *stop = VX_STOP_SYSTEM_CALL; return NULL;
    case VX_REASON_SLICE_CALLED:
    case VX_REASON_SLICE:
        if ((gate->reason & 0xff) == VX_REASON_SLICE_CALLED)
            cpu->general[VX32_ESP] -= 4;
        if (translator->counted)
            *stop = interpret(translator, cpu, cpu->slice);
        return NULL;
    case VX_REASON_FAULT:
        vx_x64_locate(translator, cpu, gate->fault_rip);
        if (atomic_load(&translator->interrupted))
            return NULL;
        break;
    default: break;
    }
    if (cpu->slice > 0)
        *stop = interpret(translator, cpu, 1);
    return NULL;
}

static enum vx_stop run_guest(struct vx_translator *translator, struct vx_cpu *cpu)
{
    enum vx_stop stop = VX_STOP_SLICE;
    const uint8_t *host = NULL;

    /* With a host address esp may not be what it should be: only entering it will put it right. */
    while (host != NULL || (stop == VX_STOP_SLICE && cpu->slice > 0)) {
        if (host == NULL && take_interrupt(translator))
            return VX_STOP_SLICE;
        if (host == NULL)
            host = vx_x64_translate(translator, cpu->eip);
        if (host == NULL) {
            stop = interpret(translator, cpu, 1);
            continue;
        }
        load_mxcsr(translator, cpu);
        vx_x64_enter(translator->gate, host);
        host = after_exit(translator, cpu, &stop);
    }
    return stop;
}

/* Not worth translating for, whatever the present code is made for. */
static bool is_short(const struct vx_cpu *cpu)
{
    return cpu->slice < VX_X64_BLOCK_MAX;
}

/* Code that the guest changed, or that was made for the other way of stopping, is forgotten. */
static void prepare(struct vx_translator *translator, const struct vx_cpu *cpu)
{
    bool counted = cpu->slice < VX_SLICE_FREE / 2;

    if (is_short(cpu))
        return;
    if (translator->mem == cpu->mem && translator->counted == counted &&
        translator->code_generation == cpu->mem->code_generation)
        return;
    translator->mem = cpu->mem;
    translator->counted = counted;
    translator->code_generation = cpu->mem->code_generation;
    vx_x64_flush(translator);
}

/* An operation did not return to guest code: its return address goes. */
static enum vx_stop after_escape(const struct vx_cpu *cpu, enum vx_stop stop)
{
    struct vx_translator *translator = cpu->engine;

    translator->gate->shadow_rsp += sizeof(uint64_t);
    return stop;
}

static enum vx_stop run(void *engine, struct vx_cpu *cpu)
{
    struct vx_translator *translator = engine;
    enum vx_stop stop;
    jmp_buf escape;

    prepare(translator, cpu);
    translator->gate->cpu = cpu;
    cpu->engine = translator;
    cpu->escape = &escape;
    flags_to_gate(translator->gate, cpu);
    switch (setjmp(escape)) {
    case 0:
        if (is_short(cpu))
            stop = interpret(translator, cpu, cpu->slice);
        else
            stop = run_guest(translator, cpu);
        flags_to_cpu(translator->gate, cpu);
        return stop;
    case VX_ESCAPE_YIELD: return after_escape(cpu, VX_STOP_SLICE);
    default: return after_escape(cpu, VX_STOP_TRAP);
    }
}

static void begin(void *engine, const struct vx_cpu *cpu)
{
    vx_fault_begin(engine, cpu->mem->base);
}

static void end(void *engine)
{
    struct vx_translator *translator = engine;

    if (translator->gate->cpu != NULL)
        unload_mxcsr(translator, translator->gate->cpu);
    vx_fault_end(engine);
}

#define COMMON                                                                                     \
    .free_running = true, .destroy = destroy, .run = run, .block_count = block_count,              \
    .refused_block_count = refused_block_count, .begin = begin, .end = end, .interrupt = interrupt

const struct vx_engine vx_engine_dedicated = {
    .kind = VX32_ENGINE_DEDICATED,
    .placement = VX_PLACE_LOW,
    .create = create_dedicated,
    COMMON,
};

const struct vx_engine vx_engine_embedded = {
    .kind = VX32_ENGINE_EMBEDDED,
    .placement = VX_PLACE_WINDOW,
    .create = create_embedded,
    COMMON,
};
