# SPDX-License-Identifier: MIT
"""That vxunzip says of every bad archive what the reader says, and writes nothing but good members.

Usage: unpack.py VXUNZIP [FAULT]...
"""
import os
import subprocess
import sys
import tempfile

import check
from fault import faults

LIMITS = ["--memory=256M", "--time=1", "--max-ratio=0", "--max-total=0"]
# What vxunzip words in its own way: it has no limit on instructions, but one on time.
REWORDED = {"executed more than the 5000000 instructions": "used more than the 1 CPU seconds"}
RISING = [0, 1, 11, 81, 2, 3, 9, 10, 51, 4, 50, 80]
ARCHIVE_STATUS = {"not zip": 9, "io": 9, "data": 3, "limit": 3, "unsupported": 81}
MEMBER_STATUS = {"data": 2, "decoder": 2, "limit": 2, "name": 2, "unsupported": 81,
                 "no decoder": 81}


def expectation(fault):
    """The exit status of a test of the whole archive, and texts that must be on stderr."""
    statuses, texts = [0], []
    for line in fault.lines:
        subject, _, rest = line.partition(": ")
        kind, _, text = rest.partition(": ")
        if subject == "archive":
            statuses.append(ARCHIVE_STATUS[kind])
        elif subject == "warning":
            statuses.append(1)
            text = rest
        elif kind in MEMBER_STATUS:
            statuses.append(MEMBER_STATUS[kind])
        else:
            continue
        for old, new in REWORDED.items():
            text = text.replace(old, new)
        texts.append(text)
    return max(statuses, key=RISING.index), texts


def run(arguments, folder):
    result = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=folder,
                            stderr=subprocess.PIPE, timeout=check.TIMEOUT_SECONDS)
    return result.returncode, result.stderr.decode(errors="backslashreplace")


def options(fault):
    return ["--decode"] if fault.name.startswith("already_coded") else []


def complaints_of_testing(program, fault, folder):
    status, texts = expectation(fault)
    got, said = run([program, "-t", *options(fault), *LIMITS, "a.zip"], folder)
    if got != status:
        yield f"-t: exit status {got} instead of {status}: {said}"
    for text in texts:
        if text not in said:
            yield f"-t: does not say \"{text}\" but: {said}"
    if status == 0 and said:
        yield f"-t: says {said}"


def tree(folder):
    found = {}
    for path, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(path, name), folder)] = None
        for name in files:
            with open(os.path.join(path, name), "rb") as file:
                found[os.path.relpath(os.path.join(path, name), folder)] = file.read()
    return found


def complaints_of_extracting(program, fault, folder):
    status, _ = run([program, "-o", "-d", "inner/target", *options(fault), *LIMITS, "a.zip"],
                    folder)
    if status not in RISING:
        yield f"exit status {status}"
    wanted = {data for name, data in fault.contents.items()
              if not name.startswith(b".vxa/") and not name.endswith(b"/")}
    for path, content in tree(folder).items():
        if path == "a.zip" or path in ("inner", "inner/target") and content is None:
            continue
        if not path.startswith("inner/target/"):
            yield f"writes outside its folder: {path}"
        elif content is not None and content not in fault.contents.values():
            yield f"leaves a file that no good member is: {path}: {content[:50]}"
        wanted.discard(content)
    if wanted:
        yield f"does not extract what is good: {wanted}"


def is_good(program, fault):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "a.zip"), "wb") as file:
            file.write(fault.bytes)
        complaints = [*complaints_of_testing(program, fault, folder),
                      *complaints_of_extracting(program, fault, folder)]
    for complaint in complaints:
        print(f"FAILED: {fault.name}: {complaint.rstrip()}")
    return not complaints


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = os.path.abspath(sys.argv[1])
    chosen = [faults[name] for name in sys.argv[2:]] or list(faults.values())
    good = [is_good(program, fault) for fault in chosen]
    print(f"{sum(good)} of {len(good)} bad archives are unpacked as they must be")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
