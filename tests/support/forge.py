# SPDX-License-Identifier: MIT
# Writes ZIP archives byte by byte, with any lie that a test wants: forge.py ARCHIVE EXPRESSION...
"""Each EXPRESSION is a call of member(), coded(), jpeg(), decoder() or program()."""
import hashlib
import struct
import subprocess
import sys
import zlib

VXA_ID = 0x5856


def field(number, data):
    return struct.pack("<HH", number, len(data)) + data


def item(number, data):
    return struct.pack("<BH", number, len(data)) + data


def block(sha256, kind=1, flags=0, items=b""):
    return field(VXA_ID, b"VXA1" + bytes([kind, flags, 0, 0]) + sha256 + items)


def raw_deflate(data):
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def zstd(data):
    return subprocess.run(["zstd", "-cq", "--no-check", f"--stream-size={len(data)}"], input=data,
                          stdout=subprocess.PIPE, check=True).stdout


def content(path):
    with open(path, "rb") as file:
        return file.read()


def digest(path):
    return hashlib.sha256(content(path)).digest()


def elf(code):
    """A static i386 program whose entry is the first byte of `code`."""
    base = 0x08048000
    size = 84 + len(code)
    return (b"\x7fELF\1\1\1" + bytes(9)
            + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
            + struct.pack("<IIIIIIII", 1, 0, base, base, size, size, 5, 0x1000) + code)


# Programs that misbehave: one runs forever; one first writes 16 bytes of itself; one executes a
# privileged instruction; one writes without end; one exits with status 3; one writes 16 bytes and
# exits without having read anything.
WRITE = (b"\xb8\4\0\0\0\xbb\1\0\0\0\xb9" + struct.pack("<I", 0x08048000)
         + b"\xba\x10\0\0\0\xcd\x80")
PROGRAMS = {
    "forever": elf(b"\xeb\xfe"),
    "write-then-forever": elf(WRITE + b"\xeb\xfe"),
    "privileged": elf(b"\xf4"),
    "spout": elf(WRITE + b"\xeb" + bytes([256 - len(WRITE) - 2])),
    "deaf": elf(WRITE + b"\xb8\1\0\0\0\x31\xdb\xcd\x80"),
    "exit3": elf(b"\xb8\1\0\0\0\xbb\3\0\0\0\xcd\x80"),
}


def program(name, codec="codec"):
    """One of PROGRAMS as a decoder in the archive."""
    return decoder(None, codec, elf_bytes=PROGRAMS[name])


def coded(name, by, data=b"", **more):
    """A member of method 0x5856 that one of PROGRAMS is to decode."""
    sha256 = hashlib.sha256(PROGRAMS[by]).digest()
    return member(name, data, method=VXA_ID, coded=b"coded", extra=block(sha256, flags=1), **more)


def jpeg(name, data, path, suffix=b".txt", size=None, crc=None, items=None):
    """A stored file that was coded before: deflated data, with the decoder in `path`."""
    if items is None:
        items = (item(1, struct.pack("<Q", len(data) if size is None else size))
                 + item(2, struct.pack("<I", zlib.crc32(data) if crc is None else crc))
                 + item(4, suffix))
    return member(name, raw_deflate(data), extra=block(digest(path), flags=2, items=items))


def member(name, data=b"", method=0, mode=0o100644, coded=None, crc=None, size=None, extra=b"",
           local_name=None, time=(2020, 2, 3, 4, 5, 6), host=3, flags=None):
    """A member; `coded` are its bytes in the archive, `data` what they decode to."""
    if isinstance(name, str):
        name = name.encode("utf-8", "surrogateescape")
    if flags is None:
        flags = 0 if name.isascii() else 0x800
    if coded is None:
        coded = raw_deflate(data) if method == 8 else zstd(data) if method == 93 else data
    date = (time[0] - 1980) << 9 | time[1] << 5 | time[2]
    clock = time[3] << 11 | time[4] << 5 | time[5] // 2
    return {
        "name": name,
        "local_name": name if local_name is None else local_name.encode(),
        "coded": coded,
        "common": struct.pack("<HHHHHIII", 20, flags, method, clock, date,
                              zlib.crc32(data) if crc is None else crc, len(coded),
                              len(data) if size is None else size),
        "extra": extra,
        "made_by": host << 8 | 30,
        "attributes": mode << 16 | (0x10 if name.endswith(b"/") else 0) if host == 3 else mode,
    }


def decoder(path, codec="codec", name=None, sha256=None, coded=None, elf_bytes=None):
    """A decoder as a member of kind 2."""
    data = content(path) if elf_bytes is None else elf_bytes
    sha256 = hashlib.sha256(data).digest() if sha256 is None else sha256
    name = f".vxa/{codec}-{sha256.hex()[:16]}.elf" if name is None else name
    return member(name, data, method=8, coded=coded,
                  extra=block(sha256, kind=2, items=item(6, codec.encode())))


def write(path, members):
    body = directory = b""
    for one in members:
        off = len(body)
        lengths = struct.pack("<HH", len(one["local_name"]), len(one["extra"]))
        body += b"PK\3\4" + one["common"] + lengths + one["local_name"] + one["extra"]
        body += one["coded"]
        directory += (b"PK\1\2" + struct.pack("<H", one["made_by"]) + one["common"]
                      + struct.pack("<HHHHHII", len(one["name"]), len(one["extra"]), 0, 0, 0,
                                    one["attributes"], off) + one["name"] + one["extra"])
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory),
                                  len(body), 0)
    with open(path, "wb") as file:
        file.write(body + directory + end)


if __name__ == "__main__":
    write(sys.argv[1], [eval(expression) for expression in sys.argv[2:]])
