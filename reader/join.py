#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Joins the sandbox, the interpreter and the reader into one C file.

    join.py ROOT OUTPUT VERSION

Every header stands once, tables wherever they are used. What several files call by one name gets
the file's name behind it. C11's words are explained away, so that a compiler for C99 will do.
"""

import re
import sys
from pathlib import Path

SOURCES = """
vx32/instance.c vx32/run.c vx32/engine.c vx32/text.c vx32/image.c vx32/mem.c vx32/load.c
vx32/snapshot.c vx32/syscall.c vx32/syscall_io.c vx32/syscall_memory.c vx32/syscall_linux.c
vx32/cpu.c vx32/opcodes.c vx32/decode.c vx32/print.c
vx32/float/f32.c vx32/float/f64.c vx32/float/f80.c vx32/float/f80_convert.c vx32/float/f80_step.c
vx32/interp/interp.c vx32/interp/block.c vx32/interp/handlers.c vx32/interp/special.c
vx32/interp/operand.c vx32/interp/special_arith.c vx32/interp/special_shift.c
vx32/interp/special_move.c vx32/interp/special_vector.c vx32/interp/op_arith.c
vx32/interp/op_shift.c vx32/interp/op_move.c vx32/interp/op_string.c vx32/interp/op_control.c
vx32/interp/op_x87.c vx32/interp/op_x87_move.c vx32/interp/op_sse_move.c vx32/interp/op_vector.c
vx32/interp/op_vector_shift.c vx32/interp/op_shuffle.c vx32/interp/op_sse_float.c
vx32/interp/op_sse_convert.c
vx32/strict/strict.c vx32/strict/flag_use.c vx32/strict/memory_use.c vx32/strict/shadow.c
vxa/sha256.c vxa/vxa_block.c
reader/elf_plain.c reader/memory_plain.c reader/inflate.c reader/archive.c reader/vxread.c
""".split()

FOLDERS = ["vx32", "vx32/include", "vxa", "reader"]
REPLACED = {"libelf.h": "reader/elf_plain.h"}
# Functions that the sandbox and the interpreter each have their own of.
TWICE = ["vx_load", "vx_store", "vx_put32", "vx_put64"]
# Headers that are meant to be included several times.
TEMPLATES = {"binary.h"}
DROPPED = {"stdatomic.h", "emmintrin.h", "setjmp.h", "direct.h", "sys/stat.h"}

HEAD = """\
/* SPDX-License-Identifier: MIT */
/*
 * vxread {version}: extracts ZIP archives that carry their own decoders.
 *
 *     cc vxread.c -o vxread
 *     ./vxread ARCHIVE.zip [FOLDER]
 *
 * One file for any compiler of C99 whose char has 8 bits. It needs the C library and nothing else.
 * Made from the sources of vxa {version}: a ZIP reader, deflate, and an interpreter for the i386
 * programs that the archive carries as decoders (guest.txt describes the machine, format.txt the
 * archive). To build it where speed matters, ask the compiler to optimize.
 *
{licence}
 */
#define VX_PLAIN_C
/* On processors without vectors, gcc 12 with -O2 computes lanes of emulated ones wrong. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__TINYC__)
#pragma GCC optimize("no-tree-vectorize")
#endif
#if defined(__unix__) && !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
"""

C99 = """\
/* ---- what C11 has and C99 has not; one thread only, so that nothing need be atomic ---- */

#undef _Noreturn
#undef _Alignas
#undef _Alignof
#undef _Static_assert
#if defined(__GNUC__)
#define _Noreturn __attribute__((noreturn))
#else
#define _Noreturn
#endif
#define _Alignas(nbytes)
#define _Alignof(type)                              16
#define _Static_assert(condition, text)             struct vx_asserted
#define aligned_alloc(alignment, nbytes)            malloc(nbytes)
#define atomic_int                                  int
#define atomic_uint                                 unsigned
#define atomic_init(object, value)                  (*(object) = (value))
#define atomic_load_explicit(object, order)         (*(object))
#define atomic_store_explicit(object, value, order) (*(object) = (value))
#define atomic_fetch_add_explicit(object, n, order) vx_plain_add((object), (n))
#define atomic_fetch_sub_explicit(object, n, order) vx_plain_add((object), 0u - (n))
#define atomic_exchange_explicit(object, n, order)  vx_plain_exchange((object), (n))

/* WebAssembly without exceptions: a decoder that traps ends the program. */
#if defined(__wasm__)
#define VX_NO_ESCAPE
typedef int jmp_buf[1];
#define setjmp(place) ((void)(place), 0)
#define longjmp(place, value) vx_plain_end()
static _Noreturn void vx_plain_end(void)
{
    fputs("vxread: a decoder trapped\\n", stderr);
    exit(1);
}
#else
#include <setjmp.h>
#endif

static int vx_plain_exchange(int *object, int value)
{
    int old = *object;

    *object = value;
    return old;
}

static unsigned vx_plain_add(unsigned *object, unsigned n)
{
    unsigned old = *object;

    *object = old + n;
    return old;
}
"""


class Joiner:
    def __init__(self, root):
        self.root = root
        self.seen = set()
        self.system = set()

    def find(self, name, folder):
        if name in REPLACED:
            return self.root / REPLACED[name]
        for place in [folder] + [self.root / f for f in FOLDERS]:
            if (place / name).is_file():
                return (place / name).resolve()
        raise SystemExit(f"join: no file {name}")

    def text_of(self, path):
        text = path.read_text(encoding="ascii")
        if path.parent == self.root / "vx32":
            text = re.sub(r"\b(" + "|".join(TWICE) + r")\b", r"\1_of_instance", text)
        return text

    def expand(self, path, headers):
        """The file's lines with tables in place of their includes; headers go to a list."""
        out = []
        for line in self.text_of(path).splitlines():
            match = re.match(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', line)
            if "SPDX-License-Identifier" in line:
                continue
            if not match:
                out.append(line)
                continue
            quoted, system = match.groups()
            if system and system not in REPLACED:
                if system in DROPPED:
                    if system not in ("stdatomic.h", "setjmp.h"):
                        out.append(line)
                else:
                    self.system.add(system)
                continue
            target = self.find(quoted or system, path.parent)
            if target.suffix == ".def" or target.name in TEMPLATES:
                lines = self.expand(target, headers)
                out.extend(lines)
                out.extend(f"#undef {line.split()[1]}" for line in lines[:20]
                           if line.startswith("#ifndef"))
            elif target not in self.seen:
                self.seen.add(target)
                lines = self.expand(target, headers)
                headers.append((target, lines))
        return out


FILE_SCOPE = [
    r"^static [^=;{(]*?\b(\w+)\(",
    r"^static [^;({]*?\b(\w+)(?:\[[^\]]*\])* =",
    r"^(?:struct|enum|union) (\w+) \{",
    r"^#\s*define (\w+)",
    r"^    ([A-Z][A-Z0-9_]+)(?: = [^,]*)?,",
    r"[{,] ([A-Z][A-Z0-9_]+) = [^,]*?(?=[,}])",
    r"^typedef .*?\b\*?(\w+)\)?(?:\([^)]*\))?;",
]


def names_of(text):
    names = set()
    for pattern in FILE_SCOPE:
        names.update(re.findall(pattern, text, re.MULTILINE))
    return names


def own_names(text):
    """Names that the file alone means: not those of headers, which begin with a prefix of theirs."""
    return {n for n in names_of(text) if not re.match(r"(?i)(vx32|vx_|vxa_|zip_|reader_|elf)", n)}


def rename(text, names, stem):
    if not names:
        return text
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|(?<![.\w>])(' + "|".join(sorted(names)) + r")\b")
    return pattern.sub(lambda m: m.group(0) if m.group(1) is None else f"{m.group(1)}_{stem}", text)


def licence_of(root):
    text = (root / "LICENSE").read_text(encoding="ascii")
    text = text[text.index("MIT License"):text.index("BSD Zero Clause")].rstrip()
    return "\n".join(f" * {line}".rstrip() for line in text.splitlines())


def title(path):
    return f"/* ======== {path} ======== */\n"


def main():
    root, output, version = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
    joiner = Joiner(root)
    files, owners = [], {}
    for source in SOURCES:
        headers = []
        body = "\n".join(joiner.expand(root / source, headers))
        files.append((source, headers, body))
        for name in own_names(body):
            owners.setdefault(name, []).append(source)
    parts = []
    for source, headers, body in files:
        parts += [title(h.relative_to(root)) + "\n".join(lines) + "\n" for h, lines in headers]
        shared = {name for name in own_names(body) if len(owners[name]) > 1}
        parts.append(title(source) + rename(body, shared, Path(source).stem) + "\n")
    with open(output, "w", encoding="ascii", newline="\n") as file:
        file.write(HEAD.format(version=version, licence=licence_of(root)))
        file.write("".join(f"#include <{name}>\n" for name in sorted(joiner.system)))
        file.write("\n" + C99 + "\n" + "\n".join(parts))


main()
