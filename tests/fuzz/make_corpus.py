# SPDX-License-Identifier: MIT
"""Writes the small files that fuzzing starts from: tests/fuzz/corpus, or the folder given."""
import pathlib
import struct
import sys
import zlib

# ---- code ----

CODE = {
    "integer": "b8010000000515000000 29d8 0fafc3 f7f1 83e00f 0f94c0 0fb6c0 c3",
    "memory": "8b06 8947 04 8b448e10 66894502 a100000400 0fb70e 0fbe06 8d441b07 f0ff06 c7070000 0080",
    "branches": "31c9 41 83f90a 75fa e802000000 eb03 40 c3 f4 e2fe",
    "strings": "fc b910000000 f3a4 b904000000 f3ab f2ae f3a6 aa ac",
    "stack": "60 61 9c 9d 50 5b c80800 01 c9 68f0000000 6a05 58 58",
    "bits": "0fbcc1 f30fbdc1 0fa3c8 0fbae005 d3e0 c1e803 0facd008 0fc8 0fc107 0fc70f 0fb00f",
    "prefixes": "6689c8 6766 8b00 658b05 00000000 f3c3 2e7400 260f1f00 66660f1f840000000000",
    "x87": "dbe3 d9e8 d9eb d8c1 dec9 d9fa df3f dd36 d93f d92f 9b d9ee dfe0",
    "mmx": "0f6f06 0ffc06 0f7f07 0f71d004 0fd7c0 0f77",
    "sse": "0f2806 0f58c1 f30f5806 660fefc0 660f7f07 660f70c01b 0fae17 0fae1f f20f2cc0 0f2fc1",
    "state": "0fae06 0fae0e 0fa2 0f31 0fb9 ce cc cd03 f4 0f0b",
}


def call(number, *arguments):
    registers = (0xBB, 0xB9, 0xBA, 0xBE, 0xBF)
    code = b"".join(bytes([r]) + struct.pack("<I", a & 0xFFFFFFFF) for r, a in zip(registers, arguments))
    return code + b"\xb8" + struct.pack("<I", number) + b"\xcd\x80"


DATA = 0x40000
EXIT = call(1, 7)
CALLS = {
    "copy": call(3, 0, DATA, 64) + call(4, 1, DATA, 64) + call(4, 2, DATA, 5) + EXIT,
    "heap": call(45, 0) + call(45, 0x60000) + call(192, 0, 0x3000, 3, 34, -1) + call(91, 0x50000, 4096) + EXIT,
    "bad": call(4, 9, 0, 4) + call(3, 0, 0, 9) + call(4, 1, 0xFFFFFFF0, 64) + call(999) + call(252, 300),
    "code": call(192, DATA, 0x1000, 1, 50, -1) + call(125, DATA, 0x1000, 5) + b"\xb8" + struct.pack("<I", DATA) + b"\xff\xe0",
    "filter": call(54, 1) + call(146, 1, DATA, 2) + call(145, 0, DATA, 1) + call(122, DATA) + call(197, 0, DATA)
    + call(243, DATA) + call(355, DATA, 64, 0) + call(163, DATA, 4096, 8192, 1) + call(168, DATA, 2) + EXIT,
}


def run_files():
    for name, text in CODE.items():
        yield name, b"\x00\x03" + bytes.fromhex(text) + EXIT
    for name, code in CALLS.items():
        yield "calls-" + name, b"\x01\x03" + code
    yield "small-budget", b"\x02\x00" + bytes.fromhex(CODE["strings"]) + b"\xeb\xfe"


def decode_files():
    for name, text in CODE.items():
        yield name, bytes.fromhex(text)


# ---- ELF ----


def elf(segments, entry=0x10000, **changes):
    fields = dict(kind=2, machine=3, version=1, entry=entry, phoff=52, shoff=0, flags=0, ehsize=52,
                  phentsize=32, phnum=len(segments), shentsize=0, shnum=0, shstrndx=0)
    fields.update(changes)
    out = b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", *fields.values())
    body, off = b"", 4096
    for kind, vaddr, data, memory, flags in segments:
        out += struct.pack("<8I", kind, off, vaddr, vaddr, len(data), memory, flags, 4096)
        data += bytes(-len(data) % 64)
        body += data
        off += len(data)
    return out, body


def image_files():
    code = bytes.fromhex("b801000000cd80")
    head, body = elf([(1, 0x10000, code, 7, 5)])
    # One segment that begins with the header itself keeps the file small.
    whole = bytearray(head + code)
    struct.pack_into("<IIIIII", whole, 56, 0, 0x10000, 0x10000, len(whole), len(whole), 5)
    struct.pack_into("<I", whole, 24, 0x10000 + len(head))
    yield "small", bytes(whole)
    shared = bytearray(whole)
    struct.pack_into("<H", shared, 16, 3)
    yield "shared-object", bytes(shared)
    writable = bytearray(whole)
    struct.pack_into("<I", writable, 52 + 24, 7)
    yield "writable-code", bytes(writable)
    low = bytearray(whole)
    struct.pack_into("<I", low, 52 + 8, 0x1000)
    yield "low", bytes(low)
    yield "truncated", bytes(whole[:70])
    yield "outside", head + body


# ---- the VXA block ----


def item(number, data):
    return struct.pack("<BH", number, len(data)) + data


def block(items=b"", kind=1, flags=0, ident=0x5856):
    data = b"VXA1" + bytes([kind, flags, 0, 0]) + bytes(range(32)) + items
    return struct.pack("<HH", ident, len(data)) + data


ALL_ITEMS = (item(1, struct.pack("<Q", 1000)) + item(2, struct.pack("<I", 0x12345678)) + item(3, b"image/bmp")
             + item(4, b".bmp") + item(5, b"image/jpeg") + item(6, b"jpeg") + item(7, b"--a\0--b")
             + item(8, struct.pack("<Q", 1 << 20)) + item(9, struct.pack("<Q", 1 << 30)))
TIME = struct.pack("<HHBI", 0x5455, 5, 1, 1000000000)


def vxa_block_files():
    yield "plain", block()
    yield "all-items", TIME + block(ALL_ITEMS, flags=2)
    yield "decoder", block(item(6, b"zstd (RFC 8878)"), kind=2) + TIME
    yield "obligation", block(item(0x80, b"x"))
    yield "unknown-item", block(item(0x20, b"x"))
    yield "twice", block() + block()
    yield "cut", block(ALL_ITEMS)[:60]


# ---- archives ----


def deflate(data):
    """One stored block: the same bytes whatever zlib there is."""
    return b"\1" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data


def archive(members, comment=b"", prefix=b"", zip64=False):
    out, directory = bytearray(prefix), b""
    for name, data, method, extra in members:
        coded = deflate(data) if method == 8 else data
        crc, off = zlib.crc32(data), len(out) - len(prefix)
        fields = struct.pack("<HHHHHIII", 20, 0, method, 0, 33, crc, len(coded), len(data))
        out += b"PK\3\4" + fields + struct.pack("<HH", len(name), len(extra)) + name + extra + coded
        directory += (b"PK\1\2" + struct.pack("<H", 3 << 8 | 63) + fields
                      + struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0o100644 << 16, off) + name + extra)
    at = len(out) - len(prefix)
    out += directory
    if zip64:
        end = len(out) - len(prefix)
        out += b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, len(members), len(members), len(directory), at)
        out += b"PK\6\7" + struct.pack("<IQI", 0, end, 1)
        out += b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, len(comment))
    else:
        out += b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), at, len(comment))
    return bytes(out) + comment


def zip_read_files():
    text = b"the quick brown fox " * 4
    yield "empty", archive([])
    yield "stored", archive([(b"a.txt", text, 0, b"")])
    yield "deflated", archive([(b"d/", b"", 0, b""), (b"d/a.txt", text, 8, TIME + block())], b"a comment")
    yield "decoder", archive([(b".vxa/x-0011223344556677.elf", b"\x7fELF", 8, block(kind=2)), (b"a", text, 8, block())])
    yield "zip64", archive([(b"a", text, 0, b""), (b"b", b"", 0, b"")], zip64=True)
    yield "prefix", archive([(b"a", b"x", 0, b"")], prefix=b"#!/bin/sh\n")
    yield "unsafe-names", archive([(b"../a", b"", 0, b""), (b"/a", b"", 0, b""), (b"a\0b", b"", 0, b""), (b"\xff\x80", b"", 0, b"")])


TARGETS = {"decode": decode_files, "run": run_files, "image": image_files, "vxa_block": vxa_block_files,
           "zip_read": zip_read_files}


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "corpus"
    for target, files in TARGETS.items():
        (root / target).mkdir(parents=True, exist_ok=True)
        for name, data in files():
            (root / target / name).write_bytes(data)


main()
