# SPDX-License-Identifier: MIT
# Knows how the tests of vxzip look into an archive without any program of this project.

# The names of all members, one a line, those of the decoders left out.
members() {
  python3 - "$1" <<'PY'
import sys, zipfile
for info in zipfile.ZipFile(sys.argv[1]).infolist():
    if not info.filename.startswith(".vxa/"):
        print(info.filename)
PY
}

# The archive's decoders and their explanation, one a line, without the hashes.
own_members() {
  python3 - "$1" <<'PY'
import re, sys, zipfile
for info in zipfile.ZipFile(sys.argv[1]).infolist():
    if info.filename.startswith(".vxa/") and info.filename.endswith((".elf", "/README.txt")):
        print(re.sub("-[0-9a-f]{16}", "", info.filename))
PY
}

# One attribute of a member as Python's zipfile has it: attribute ARCHIVE MEMBER NAME
attribute() {
  python3 - "$1" "$2" "$3" <<'PY'
import sys, zipfile
print(getattr(zipfile.ZipFile(sys.argv[1]).getinfo(sys.argv[2]), sys.argv[3]))
PY
}

# Decodes all members into a folder as .vxa/README.txt says, each with the decoder that the archive
# carries for it; checks sizes, CRCs and hashes: unpack ARCHIVE FOLDER
unpack() {
  python3 - "$1" "$2" <<'PY'
import hashlib, os, stat, struct, subprocess, sys, tempfile, zipfile, zlib

def arguments(items):
    while items:
        number, size = struct.unpack_from("<BH", items)
        if number == 7:
            return items[3:3 + size].decode().split("\0")
        items = items[3 + size:]
    return []

def block(extra):
    while len(extra) >= 4:
        field, size = struct.unpack_from("<HH", extra)
        if field == 0x5856:
            data = extra[4:4 + size]
            assert data[:4] == b"VXA1", "signature of the VXA block"
            return data[4], data[8:40], arguments(data[40:])
        extra = extra[4 + size:]
    return None, None, []

path, folder = sys.argv[1:]
archive = zipfile.ZipFile(path)
raw = open(path, "rb")
decoders = {}
for info in archive.infolist():
    kind, sha256, _ = block(info.extra)
    if kind == 2:
        elf = archive.read(info)
        assert hashlib.sha256(elf).digest() == sha256, info.filename
        assert sha256.hex()[:16] in info.filename, info.filename
        decoders[sha256] = tempfile.NamedTemporaryFile(delete=False)
        decoders[sha256].write(elf)
        decoders[sha256].close()
        os.chmod(decoders[sha256].name, 0o755)
for info in archive.infolist():
    if info.filename.startswith(".vxa/"):
        continue
    raw.seek(info.header_offset)
    header = raw.read(30)
    name_size, extra_size = struct.unpack_from("<HH", header, 26)
    raw.seek(name_size, 1)
    local_block = block(raw.read(extra_size))
    kind, sha256, words = block(info.extra)
    assert (kind, sha256, words) == local_block, "the two blocks of " + info.filename
    data = raw.read(info.compress_size)
    if kind == 1 and info.compress_type != 0:
        data = subprocess.run([decoders[sha256].name] + words, input=data, stdout=subprocess.PIPE,
                              check=True).stdout
    elif info.compress_type == 8:
        data = zlib.decompress(data, -15)
    else:
        assert info.compress_type == 0, info.filename + " has no decoder"
    assert len(data) == info.file_size and zlib.crc32(data) == info.CRC, info.filename
    name = info.filename
    if not info.flag_bits & 0x800 and info.orig_filename.isascii() is False:
        name = os.fsdecode(info.orig_filename.encode("cp437"))
    target = os.path.join(folder, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        os.symlink(data, target)
    elif name.endswith("/"):
        os.makedirs(target, exist_ok=True)
    else:
        with open(target, "wb") as file:
            file.write(data)
        os.chmod(target, mode & 0o777)
for file in decoders.values():
    os.unlink(file.name)
PY
}

# A small tree with text, noise, an empty file and a folder: sample FOLDER
sample() {
  mkdir -p "$1/deep/empty"
  python3 - "$1" <<'PY'
import os, random, sys
rng = random.Random(1958)
print("seed 1958")
words = ["guest", "host", "image", "engine", "archive", "decoder", "member", "\n"]
def text(name, count):
    with open(os.path.join(sys.argv[1], name), "w") as file:
        file.write(" ".join(rng.choice(words) for _ in range(count)))
text("a.txt", 3000)
text("deep/b.txt", 20000)
text("deep/c.log", 500)
open(os.path.join(sys.argv[1], "noise"), "wb").write(rng.randbytes(4000))
open(os.path.join(sys.argv[1], "nothing"), "w").close()
PY
}

# No file of a run is left behind in the present folder.
no_leftovers() {
  local left
  left=$(find . -name '.vxzip-*')
  [ -z "$left" ] || { echo "left behind: $left"; return 1; }
}

# An i386 program that writes NBYTES times "x" and exits 0, whatever it is given: liar FILE NBYTES
liar() {
  python3 - "$1" "$2" <<'PY'
import os, struct, sys
base = 0x08048000
count = int(sys.argv[2])
code = (b"\xb8\x04\x00\x00\x00\xbb\x01\x00\x00\x00\xb9" + struct.pack("<I", base + 84 + 34)
        + b"\xba" + struct.pack("<I", count) + b"\xcd\x80\xb8\x01\x00\x00\x00\x31\xdb\xcd\x80" + b"\x90\x90\x90")
assert len(code) == 34
code += b"x" * count
size = 84 + len(code)
elf = (b"\x7fELF\x01\x01\x01" + bytes(9)
       + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
       + struct.pack("<IIIIIIII", 1, 0, base, base, size, size, 5, 0x1000))
open(sys.argv[1], "wb").write(elf + code)
os.chmod(sys.argv[1], 0o755)
PY
}
