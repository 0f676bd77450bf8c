#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the specifications and the test vectors that go into self-contained archives.

    texts.py ROOT FOLDER VERSION     writes FOLDER/guest.txt, format.txt, vectors.txt
"""

import re
import sys
from pathlib import Path

ROWS_HEAD = """\
RESULTS OF FLOATING-POINT ARITHMETIC
====================================

Each line is a call of one operation with what a real processor gave for it:

    operation, a.high, a.low, b.high, b.low, rounding, precision, flush,
    zeroes, result.high, result.low, flags

Numbers are hexadecimal, but for rounding (0 nearest, 1 down, 2 up, 3 to zero),
precision (24, 53, 64 bits; x87 only), flush (results that are denormal become
zero) and zeroes (operands that are denormal count as zero). f32 and f64 are the
formats of 32 and 64 bits, in "low"; f80 has sign and exponent in "high", the
significand in "low". The flags are those of MXCSR and the x87 status word: 01
invalid, 02 denormal operand, 04 division by zero, 08 overflow, 10 underflow,
20 inexact; 200 (f80) condition bit C1, where it occurs.

"""


def plain(markdown):
    """Markdown with nothing in it that text needs not."""
    text = re.sub(r"<!--.*?-->\n?", "", markdown, flags=re.DOTALL)
    text = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"\1", text)
    return text.replace("`", "")


def specification(title, version, root, pages):
    lines = [title, "=" * len(title), "",
             f"From vxa {version}. What version 1 promises does not change.", ""]
    parts = [plain((root / "docs" / page).read_text(encoding="utf-8")) for page in pages]
    return "\n".join(lines) + "\n" + "\n\n".join(parts)


def vectors(root):
    rows = (root / "tests/unit/float_golden.def").read_text(encoding="ascii")
    return ROWS_HEAD + "".join(
        f"{row}\n" for row in re.findall(r"^G\((.*)\)$", rows, re.MULTILINE))


def main():
    root, folder, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    texts = {
        "guest.txt": specification("THE GUEST MACHINE", version, root,
                                   ["guest.md", "instructions.md"]),
        "format.txt": specification("THE ARCHIVE FORMAT", version, root, ["format.md"]),
        "vectors.txt": vectors(root),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="ascii", newline="\n")


main()
