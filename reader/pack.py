#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Deflates files and writes them as C arrays for vxa/self_contained.h.

    pack.py OUTPUT FILE...
"""

import sys
import zlib
from pathlib import Path


def array(number, data):
    lines = [", ".join(map(str, data[i:i + 24])) for i in range(0, len(data), 24)]
    return f"static const uint8_t bytes_{number}[] = {{\n" + ",\n".join(lines) + "};\n"


def main():
    arrays, rows = [], []
    for number, name in enumerate(sys.argv[2:]):
        data = Path(name).read_bytes()
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
        packed = deflater.compress(data) + deflater.flush()
        arrays.append(array(number, packed))
        rows.append(f'    {{".vxa/{Path(name).name}", bytes_{number}, sizeof bytes_{number}, '
                    f"{len(data)}, {zlib.crc32(data)}u}},\n")
    Path(sys.argv[1]).write_text(
        "/* Made by reader/pack.py. */\n#include \"self_contained.h\"\n\n" + "\n".join(arrays) +
        "\nconst struct vxa_packed_text vxa_self_contained[] = {\n" + "".join(rows) + "};\n"
        "const size_t vxa_self_contained_count =\n"
        "    sizeof vxa_self_contained / sizeof vxa_self_contained[0];\n", encoding="ascii")


main()
