# SPDX-License-Identifier: MIT
"""That the reader's time and memory stay in proportion, whatever an archive says.

Usage: stress.py PROBE
"""
import hashlib
import os
import struct
import subprocess
import sys
import tempfile
import time

import programs
from archive import Archive, CENTRAL, END, END64, LOCATOR64, Member, deflate, encode
from fault import INNOCENT
from faults_vxa import KIND_DECODER, block, coded, decoder, digest

SECONDS = 40          # far from what is needed, and from what a quadratic algorithm takes
MEMORY_KIB = 1 << 20  # sanitizers keep freed memory for a while


class Probe:
    def __init__(self, path, folder):
        self.path, self.archive = path, os.path.join(folder, "a.zip")
        self.folder = folder

    def run(self, *archives):
        """Output lines; fails on a signal, a sanitizer's complaint, too much time or memory."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            process = subprocess.Popen([self.path, *(archives or [self.archive])], stdout=out,
                                       stderr=err)
            while time.monotonic() < start + SECONDS:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                time.sleep(0.01)
            else:
                process.kill()
                raise AssertionError(f"no end after {SECONDS} seconds")
            process.returncode = status
            out.seek(0), err.seek(0)
            trouble = err.read().decode(errors="replace")
            assert status == 0 and not trouble, f"wait status {status}: {trouble[:2000]}"
            assert usage.ru_maxrss < MEMORY_KIB, f"{usage.ru_maxrss} KiB of memory"
            return out.read().decode(errors="backslashreplace").splitlines()

    def read(self, archive):
        with open(self.archive, "wb") as file:
            file.write(archive if isinstance(archive, bytes) else archive.bytes())
        return self.run()

    def read_each(self, archives):
        """The output lines for each of many small archives, by one process."""
        paths = []
        for number, data in enumerate(archives):
            paths.append(os.path.join(self.folder, f"{number}.zip"))
            with open(paths[-1], "wb") as file:
                file.write(data)
        outputs, lines = [], []
        for line in self.run(*paths):
            if line in paths:
                lines = []
                outputs.append(lines)
            else:
                lines.append(line)
        assert len(outputs) == len(paths)
        return outputs


def typical():
    """Decoder, coded member, descriptor-free neighbours, comment, zip64: most kinds of records."""
    return Archive([decoder(programs.COPIES), coded(digest(programs.COPIES)), INNOCENT], end64={},
                   comment=b"comment")


# ---- damage of every kind ----

def every_truncation_is_refused(probe):
    whole = typical().bytes()
    for nbytes, lines in enumerate(probe.read_each([whole[:n] for n in range(len(whole))])):
        assert lines[0].startswith("archive: not zip: "), f"{nbytes} bytes: {lines}"


def no_flipped_bit_is_overlooked_in_the_data(probe):
    archive = typical()
    whole = archive.bytes()
    places = []
    off = 0
    for member in archive.members:
        off += len(member.local_bytes())
        places += range(off - len(member.body), off)
    flipped = [whole[:i] + bytes([whole[i] ^ 1 << i % 8]) + whole[i + 1:] for i in places]
    for place, lines in zip(places, probe.read_each(flipped)):
        assert lines[-1] in ("1 of 3 members good", "2 of 3 members good"), f"{place}: {lines}"


def every_flipped_byte_is_survived(probe):
    whole = typical().bytes()
    for flip in 0xFF, 0x01, 0x80:
        probe.read_each([whole[:i] + bytes([whole[i] ^ flip]) + whole[i + 1:]
                         for i in range(len(whole))])


def every_field_of_all_ones_is_survived(probe):
    whole = typical().bytes()
    for nbytes in 2, 4, 8:
        probe.read_each([whole[:i] + b"\xff" * nbytes + whole[i + nbytes:]
                         for i in range(len(whole) - nbytes)])


# ---- no archives ----

def a_pipe_is_refused_at_once(probe):
    path = os.path.join(probe.folder, "pipe")
    os.mkfifo(path)
    assert probe.run(path)[0].startswith("archive: io: ")


def a_folder_is_refused(probe):
    assert probe.run(probe.folder) == [
        "archive: io: cannot open the archive: Is a directory"]


def a_missing_file_is_named_as_such(probe):
    assert probe.run(probe.archive + "x") == [
        "archive: io: cannot open the archive: No such file or directory"]


# ---- many of something ----

def many_entries(names, **central):
    """An archive of empty members, made faster than by the builder. One local header for all."""
    fields = {**Member(b"").central, "local_off": 0, "extra_nbytes": 0, "comment_nbytes": 0,
              "name_nbytes": len(names[0]), **central}
    record = encode(CENTRAL, fields)
    directory = b"".join(record + name for name in names)
    body = Member(names[0]).local_bytes()
    count = {"disk": 0, "directory_disk": 0, "disk_entries": len(names), "entries": len(names),
             "directory_nbytes": len(directory), "directory_off": len(body)}
    end64 = encode(END64, {**count, "signature": 0x06064B50, "record_nbytes": 44, "made_by": 45,
                           "version": 45})
    locator = encode(LOCATOR64, {"signature": 0x07064B50, "disk": 0, "disks": 1,
                                 "end_off": len(body) + len(directory)})
    end = encode(END, {**count, "signature": 0x06054B50, "disk_entries": 0xFFFF, "entries": 0xFFFF,
                       "comment_nbytes": 0})
    return body + directory + end64 + locator + end


def members_of_one_name_cost_no_more_than_others(probe):
    lines = probe.read(many_entries([b"one name"] * 300000))
    assert lines[-1] == "0 of 300000 members good", lines[-1]


def entries_for_one_place_are_all_refused(probe):
    lines = probe.read(many_entries([b"%08d" % i for i in range(100000)]))
    assert lines[-1] == "0 of 100000 members good", lines[-1]


def wrong_decoders_are_not_kept(probe):
    """Each member names the one decoder of 15 MiB whose hash is not what it claims."""
    elf = bytes(15 << 20)
    wrong = decoder(elf, sha256=bytes(32), coded=deflate(elf))
    lines = probe.read(Archive([wrong] + [coded(bytes(32)) for _ in range(200)]))
    assert lines[-1] == "0 of 201 members good", lines[-1]


def wrong_decoders_of_one_hash_are_not_all_tried_for_each_member(probe):
    elf = bytes(15 << 20)
    wrong = decoder(elf, sha256=bytes(32), coded=deflate(elf))
    lines = probe.read(Archive([wrong] * 4 + [coded(bytes(32))] * 2000))
    assert lines[-1] == "0 of 2004 members good", lines[-1]


def decoders_that_nobody_has_are_sought_quickly(probe):
    """As many decoders as members, and none fits."""
    def sha256(number):
        return hashlib.sha256(struct.pack("<I", number)).digest()
    members = [Member(b"d", extra=block(sha256(i), KIND_DECODER)) for i in range(0, 30000, 2)]
    members += [coded(sha256(i), data=b"") for i in range(1, 30000, 2)]
    lines = probe.read(Archive(members, end64={}, end={"entries": len(members) & 0xFFFF}))
    assert lines[-1] == "0 of 30000 members good", lines[-1]


# ---- much of something ----

def sparse_archive(path, nbytes, end64):
    """Nothing but zip64 end records behind `nbytes` that are not on the disk."""
    fields = {"disk": 0, "directory_disk": 0, "disk_entries": 0xFFFF, "entries": 0xFFFF,
              "directory_nbytes": 0xFFFFFFFF, "directory_off": 0xFFFFFFFF, "comment_nbytes": 0}
    with open(path, "wb") as file:
        file.truncate(nbytes)
        file.seek(nbytes)
        file.write(encode(END64, {**fields, "signature": 0x06064B50, "record_nbytes": 44,
                                  "made_by": 45, "version": 45, **end64}))
        file.write(encode(LOCATOR64, {"signature": 0x07064B50, "disk": 0, "end_off": nbytes,
                                      "disks": 1}))
        file.write(encode(END, {**fields, "signature": 0x06054B50}))


def a_directory_larger_than_its_members_can_make_it_is_not_read(probe):
    sparse_archive(probe.archive, 8 << 30, {"directory_nbytes": 8 << 30, "directory_off": 0,
                                            "entries": 1, "disk_entries": 1})
    lines = probe.run()
    assert lines == [
        "archive: data: a count of 1 is too small for its directory of 8589934592 bytes"], lines


def more_members_than_the_limit_are_not_read(probe):
    count = (1 << 24) + 1
    sparse_archive(probe.archive, 8 << 30, {"directory_nbytes": count * 46, "entries": count,
                                            "directory_off": (8 << 30) - count * 46,
                                            "disk_entries": count})
    assert probe.run() == [
        "archive: limit: it has 16777217 members; the limit is 16777216"]


def members_beyond_4_gib_are_read(probe):
    """A sparse stored member of 5 GiB lies between two small ones; it is too long to be read."""
    first, last = Member(b"first", b"hello"), Member(b"last", b"world")
    gap = 5 << 30
    local = first.local_bytes()
    last_off = len(local) + gap
    last.central["extra"] = struct.pack("<HHQ", 1, 8, last_off)
    directory = first.central_bytes(0) + last.central_bytes(0xFFFFFFFF)
    with open(probe.archive, "wb") as file:
        file.write(local)
        file.seek(last_off)
        file.write(last.local_bytes())
        directory_off = file.tell()
        file.write(directory)
        end64_off = file.tell()
        count = {"disk": 0, "directory_disk": 0, "disk_entries": 2, "entries": 2,
                 "directory_nbytes": len(directory)}
        file.write(encode(END64, {**count, "signature": 0x06064B50, "record_nbytes": 44,
                                  "made_by": 45, "version": 45, "directory_off": directory_off}))
        file.write(encode(LOCATOR64, {"signature": 0x07064B50, "disk": 0, "end_off": end64_off,
                                      "disks": 1}))
        file.write(encode(END, {**count, "signature": 0x06054B50, "directory_off": 0xFFFFFFFF,
                                "comment_nbytes": 0}))
    assert probe.run() == ["2 of 2 members good"], probe.run()


TESTS = [
    every_truncation_is_refused,
    no_flipped_bit_is_overlooked_in_the_data,
    every_flipped_byte_is_survived,
    every_field_of_all_ones_is_survived,
    a_pipe_is_refused_at_once,
    a_folder_is_refused,
    a_missing_file_is_named_as_such,
    members_of_one_name_cost_no_more_than_others,
    entries_for_one_place_are_all_refused,
    wrong_decoders_are_not_kept,
    wrong_decoders_of_one_hash_are_not_all_tried_for_each_member,
    decoders_that_nobody_has_are_sought_quickly,
    a_directory_larger_than_its_members_can_make_it_is_not_read,
    more_members_than_the_limit_are_not_read,
    members_beyond_4_gib_are_read,
]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    failed = 0
    for test in TESTS:
        if len(sys.argv) > 2 and test.__name__ not in sys.argv[2:]:
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(Probe(sys.argv[1], folder))
                verdict = "ok"
            except AssertionError as error:
                failed += 1
                verdict = f"FAILED: {error}"
        print(f"{test.__name__} ({time.monotonic() - start:.1f} s): {verdict}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
