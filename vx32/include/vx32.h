/* SPDX-License-Identifier: MIT */
/* The public contract of libvx32: run an untrusted i386 program as a suspendable filter. */
#ifndef VX32_H
#define VX32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * An image is a validated ELF file: immutable, and shareable between threads. An instance is one
 * guest made from an image: processor, memory and nothing else. It belongs to one thread at a
 * time. vx32_run() lets the guest run until it cannot go on alone, and says why:
 *
 *     struct vx32_image *image;
 *     struct vx32_instance *guest;
 *     struct vx32_exit exit;
 *     const char *problem;
 *
 *     if (vx32_image_parse(elf, elf_nbytes, &image, &problem) != VX32_OK) ...
 *     if (vx32_instance_new(image, NULL, &guest) != VX32_OK) ...
 *     for (;;) {
 *         vx32_run(guest, &exit);
 *         if (exit.reason == VX32_EXIT_NEED_INPUT)
 *             vx32_complete(guest, fill(exit.data, exit.nbytes));
 *         else if (exit.reason == VX32_EXIT_HAVE_OUTPUT)
 *             vx32_complete(guest, consume(exit.data, exit.nbytes));
 *         else
 *             break;
 *     }
 *
 * The library has no callbacks, opens no file, reads no environment variable, has no clock and
 * keeps no process-wide state, but for one hook: where guest code is translated, the first instance
 * takes over SIGSEGV, SIGBUS and SIGFPE, and hands on every signal that no guest caused to the
 * handlers that it found. A guest can garble its own output and spend its budget, no more.
 *
 * Three vocabularies, never mixed: a status says whether the call worked, an exit reason why a
 * run returned, a trap what the guest did wrong.
 */

#define VX32_VERSION_MAJOR 0
#define VX32_VERSION_MINOR 1
#define VX32_VERSION_PATCH 0
#define VX32_VERSION       "0.1.0"

#if defined(__GNUC__)
#define VX32_MUST_CHECK __attribute__((warn_unused_result))
#else
#define VX32_MUST_CHECK
#endif

/* An address in the guest; never a host pointer. */
typedef uint32_t vx32_addr;

#define VX32_STATUS_LIST(X)                                                                        \
    X(VX32_OK, "ok")                                                                               \
    X(VX32_NO_MEMORY, "the host is out of memory")                                                 \
    X(VX32_BAD_IMAGE, "not an acceptable i386 program")                                            \
    X(VX32_UNSUPPORTED, "not supported by this build or on this host")                             \
    X(VX32_INVALID_ARGUMENT, "invalid argument")                                                   \
    X(VX32_LIMIT, "the memory limit is too small for the program")                                 \
    X(VX32_HOST_FAILURE, "the operating system refused a request")

#define VX32_ENUM_ENTRY(name, text) name,
enum vx32_status { VX32_STATUS_LIST(VX32_ENUM_ENTRY) };

/* The text of a status, for messages; never NULL; static. */
const char *vx32_status_text(enum vx32_status status);

/* ---- images ---- */

struct vx32_image;

/*
 * Validates the ELF file of `nbytes` bytes at `elf` and copies what it needs: the bytes may be
 * freed afterwards. Accepted is a static little-endian ET_EXEC for EM_386 whose segments do not
 * overlap, wrap around, lie below VX32_LOWEST_ADDR or ask for write and execute at once, and whose
 * entry point is executable. On VX32_BAD_IMAGE `*problem` (if `problem` is not NULL) points to a
 * static text that names the fault. The caller frees the image; instances keep it alive
 * themselves, so that the order of freeing does not matter.
 */
VX32_MUST_CHECK enum vx32_status vx32_image_parse(const void *elf, size_t nbytes,
                                                  struct vx32_image **image, const char **problem);

/* NULL is allowed. */
void vx32_image_free(struct vx32_image *image);

/* The address of the first instruction. */
vx32_addr vx32_image_entry(const struct vx32_image *image);

/* ---- instances ---- */

enum vx32_engine {
    VX32_ENGINE_AUTO,      /* the fastest that this host has */
    VX32_ENGINE_INTERPRET, /* on every host */
    VX32_ENGINE_TRANSLATE, /* dedicated if it can be, else embedded; VX32_UNSUPPORTED where neither
                            */
    VX32_ENGINE_DEDICATED, /* translates, with the guest in the process's lowest 4 GiB: one at a
                              time */
    VX32_ENGINE_EMBEDDED,  /* translates, with the guest anywhere: as many as there is room for */
    VX32_ENGINE_STRICT,    /* interprets, and traps where the guest reads what is undefined */
};

/* Whether instances can be made with this engine here. */
bool vx32_engine_available(enum vx32_engine engine);

/* Which system calls exist; every other number returns -ENOSYS to the guest. */
enum vx32_profile {
    VX32_PROFILE_ARCHIVE,      /* what a decoder inside an archive may use */
    VX32_PROFILE_LINUX_FILTER, /* more, so that existing static programs run */
};

/*
 * Without a limit an engine may run without counting, which is faster; with one that is never
 * reached it counts.
 */
#define VX32_FUEL_UNLIMITED UINT64_MAX
#define VX32_FUEL_COUNTED   (UINT64_MAX - 1)

/*
 * Zero (or NULL) in a field means its default. `struct_nbytes` must be sizeof(struct
 * vx32_options): a library that is newer than its caller then knows which fields exist.
 */
struct vx32_options {
    size_t struct_nbytes;
    enum vx32_engine engine;
    enum vx32_profile profile;
    /* Bytes of guest address space, the stack's end: up to 0xffff0000, a multiple of the page
     * size; default VX32_DEFAULT_MEMORY_NBYTES. */
    uint64_t memory_nbytes;
    /* Bytes reserved for the stack at the top; default VX32_DEFAULT_STACK_NBYTES. */
    uint32_t stack_nbytes;
    /* Instructions that the guest may execute until vx32_fuel_set(); default unlimited. */
    uint64_t fuel;
    /* Argument vector of the guest, argv[0] its name; copied. Default: the one name "guest". */
    int argc;
    const char *const *argv;
    /* With VX32_ENGINE_STRICT, and only there: also traps where the guest reads a byte of its stack
     * or heap (brk) that it never wrote. Moving it with MOVS or through a vector register is no
     * read; otherwise this finds good programs, too: such as copy padding, or look at words. */
    bool trap_unwritten;
};

struct vx32_instance;

/*
 * `options` may be NULL for all defaults. Without an image the instance has all that it needs of
 * the host but no program: it traps until vx32_load(). The caller frees the instance.
 */
VX32_MUST_CHECK enum vx32_status vx32_instance_new(struct vx32_image *image,
                                                   const struct vx32_options *options,
                                                   struct vx32_instance **instance);

/* NULL is allowed. */
void vx32_instance_free(struct vx32_instance *instance);

/*
 * Gives the instance this program, and `argc` and `argv` as in the options, in the place of what it
 * had. It stands as after vx32_instance_new() with them; a snapshot is given up. On an error it
 * traps until a program can be loaded, but arguments that are invalid change nothing.
 */
VX32_MUST_CHECK enum vx32_status vx32_load(struct vx32_instance *instance, struct vx32_image *image,
                                           int argc, const char *const *argv);

/*
 * Back to the state after vx32_instance_new(), or at the last vx32_snapshot(): memory, registers,
 * fuel. Nothing of what the guest did since survives, so an instance may serve data of several
 * owners in turn.
 */
VX32_MUST_CHECK enum vx32_status vx32_reset(struct vx32_instance *instance);

/*
 * Makes the present state the one that vx32_reset() goes back to: memory and its permissions,
 * registers, descriptors, the fuel that is left, and the call that is open, if there is one, so
 * that vx32_run() after a reset returns it again. Taken where a guest has prepared itself and asks
 * for its first input, it saves the preparation from then on. It must not have seen what later
 * owners must not see.
 *
 * Pages that are mapped and not zero are copied; a former snapshot is given up for the new one. The
 * guest goes on as if nothing had happened. VX32_INVALID_ARGUMENT when it is over already; then and
 * on VX32_NO_MEMORY and VX32_HOST_FAILURE a former snapshot stays.
 */
VX32_MUST_CHECK enum vx32_status vx32_snapshot(struct vx32_instance *instance);

/* ---- running ---- */

enum vx32_exit_reason {
    VX32_EXIT_NEED_INPUT,  /* read: fill `data`, up to `nbytes`, then vx32_complete() */
    VX32_EXIT_HAVE_OUTPUT, /* write: consume `nbytes` at `data`, then vx32_complete() */
    VX32_EXIT_EXITED,      /* exit: `code` is the guest's exit status, 0 to 255 */
    VX32_EXIT_OUT_OF_FUEL, /* the budget is spent; vx32_fuel_set() and run again, or give up */
    VX32_EXIT_INTERRUPTED, /* vx32_interrupt() was called; run again, or give up */
    VX32_EXIT_TRAP,        /* the guest did wrong: see `trap` */
};

/* Intel's vector numbers (SDM volume 3, "Exception and Interrupt Reference"), and some of ours. */
enum vx32_trap {
    VX32_TRAP_DIVIDE_ERROR = 0,
    VX32_TRAP_DEBUG = 1,
    VX32_TRAP_BREAKPOINT = 3,
    VX32_TRAP_OVERFLOW = 4,
    VX32_TRAP_BOUND = 5,
    VX32_TRAP_INVALID_OPCODE = 6,
    VX32_TRAP_GENERAL_PROTECTION = 13,
    VX32_TRAP_PAGE_FAULT = 14,
    VX32_TRAP_X87 = 16,
    VX32_TRAP_ALIGNMENT = 17,
    VX32_TRAP_SIMD = 19,
    /* VX32_ENGINE_STRICT only, beyond Intel's numbers: the instruction would have read... */
    VX32_TRAP_UNDEFINED_FLAG = 256,   /* a status flag that Intel leaves undefined */
    VX32_TRAP_UNWRITTEN_MEMORY = 257, /* stack or heap that was never written to */
};

enum vx32_access { VX32_ACCESS_READ = 1, VX32_ACCESS_WRITE = 2, VX32_ACCESS_EXECUTE = 4 };

struct vx32_exit {
    enum vx32_exit_reason reason;
    int fd;        /* NEED_INPUT: 0. HAVE_OUTPUT: 1 or 2 */
    void *data;    /* NEED_INPUT, HAVE_OUTPUT: guest memory, valid until the next call */
    size_t nbytes; /* at least 1 */
    int code;      /* EXITED */
    enum vx32_trap trap;
    vx32_addr eip;           /* TRAP: of the instruction at fault; else of the next one */
    vx32_addr fault_addr;    /* PAGE_FAULT, UNWRITTEN_MEMORY */
    enum vx32_access access; /* the same: what was tried */
};

/* The short name of a trap, such as "#PF page fault"; never NULL; static. */
const char *vx32_trap_text(enum vx32_trap trap);

/*
 * Runs until the guest cannot go on alone and fills `*exit`. After EXITED and TRAP the guest is
 * over: a further run returns the same exit again until vx32_reset().
 */
void vx32_run(struct vx32_instance *instance, struct vx32_exit *exit);

/*
 * Answers NEED_INPUT and HAVE_OUTPUT: `result` is the number of bytes, 0 to `nbytes`, that were
 * filled or consumed (0 for input means its end), or a negated Linux error number.
 * VX32_INVALID_ARGUMENT if no call is open or `result` is out of range.
 */
VX32_MUST_CHECK enum vx32_status vx32_complete(struct vx32_instance *instance, int64_t result);

/*
 * Makes the running or the next vx32_run() return INTERRUPTED, at once or within about a million
 * guest instructions. May be called from any thread and from a signal handler.
 */
void vx32_interrupt(struct vx32_instance *instance);

/* ---- fuel: a budget of guest instructions, exact and equal on every engine and host ---- */

/*
 * Each executed instruction costs one unit; one with a REP prefix costs one for each repetition,
 * at least one, as if it were stepped through; one that traps costs nothing beyond the repetitions
 * that it had done. A system call costs one more for each page that it maps, frees, changes, looks
 * through for free space, fills or offers for a transfer, and for each vector of readv and writev,
 * so that fuel bounds the host's work as well; if less is left, all of it. VX32_FUEL_UNLIMITED
 * takes the limit away.
 */
void vx32_fuel_set(struct vx32_instance *instance, uint64_t fuel);
uint64_t vx32_fuel_left(const struct vx32_instance *instance);

/* ---- looking in ---- */

/*
 * Copies between guest and host. All or nothing: VX32_INVALID_ARGUMENT when a byte of the range
 * is not mapped (for vx32_write(): not mapped writable).
 */
VX32_MUST_CHECK enum vx32_status vx32_read(const struct vx32_instance *instance, vx32_addr addr,
                                           void *destination, size_t nbytes);
VX32_MUST_CHECK enum vx32_status vx32_write(struct vx32_instance *instance, vx32_addr addr,
                                            const void *source, size_t nbytes);

/* Indices of `general`: Intel's register numbers. */
enum { VX32_EAX, VX32_ECX, VX32_EDX, VX32_EBX, VX32_ESP, VX32_EBP, VX32_ESI, VX32_EDI };

struct vx32_registers {
    uint32_t general[8];
    uint32_t eip;
    uint32_t eflags;
    uint8_t xmm[8][16]; /* little endian */
    uint8_t st[8][10];  /* ST(0) to ST(7), 80-bit little endian; MMX registers are their halves */
    uint16_t x87_control;
    uint16_t x87_status; /* with the top of stack in bits 11 to 13 */
    uint16_t x87_tag;    /* two bits a physical register, SDM volume 1, 8.1.7 */
    uint32_t mxcsr;
};

void vx32_registers_get(const struct vx32_instance *instance, struct vx32_registers *registers);
void vx32_registers_set(struct vx32_instance *instance, const struct vx32_registers *registers);

/*
 * Writes the instruction at `addr` as text in Intel syntax, always terminated, and returns its
 * length in bytes, or 0 (with the text "(bad)" or "(unmapped)") where there is none.
 */
size_t vx32_disassemble(const struct vx32_instance *instance, vx32_addr addr, char *text,
                        size_t text_nbytes);

struct vx32_statistics {
    uint64_t instruction_count; /* since creation or reset, while fuel was limited; else partly */
    uint64_t system_call_count;
    uint64_t block_count;         /* decoded or translated since creation */
    uint64_t refused_block_count; /* translations that were found unsafe, and interpreted instead */
    uint64_t memory_peak_nbytes;  /* most guest memory mapped at once */
};

void vx32_statistics_get(const struct vx32_instance *instance, struct vx32_statistics *statistics);

/* The engine that this instance runs on; never VX32_ENGINE_AUTO or VX32_ENGINE_TRANSLATE. */
enum vx32_engine vx32_instance_engine(const struct vx32_instance *instance);

#endif
