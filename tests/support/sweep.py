#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Damages an archive in many places, one at a time, and looks at what vxunzip makes of each.
"""usage: sweep.py make TREE | sweep.py cut|flip VXUNZIP ARCHIVE TREE"""

import os
import random
import shutil
import subprocess
import sys

SEED = 20050412
PLACES = 200
STEP = 1 << 16


def make(tree):
    rng = random.Random(SEED)
    words = [rng.randbytes(rng.randrange(2, 9)) for _ in range(300)]
    os.makedirs(tree + "/coded")
    os.makedirs(tree + "/deflated")
    for number in range(40):
        folder = "deflated" if number % 4 == 0 else "coded"
        with open(f"{tree}/{folder}/{number}", "wb") as out:
            out.write(b"".join(rng.choices(words, k=rng.randrange(1, 20000))))
    with open(tree + "/noise", "wb") as out:
        out.write(rng.randbytes(400_000))


def contents(tree):
    found = {}
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as stream:
                found[os.path.relpath(path, tree)] = stream.read()
    return found


def damaged(archive, how):
    """The damaged archives, each with what was done to it."""
    with open(archive, "rb") as stream:
        whole = stream.read()
    if how == "cut":
        for size in range(0, len(whole), STEP):
            yield f"cut to {size} bytes", whole[:size]
        return
    rng = random.Random(SEED)
    for _ in range(PLACES):
        place, change = rng.randrange(len(whole)), rng.randrange(1, 256)
        yield (f"byte {place} changed by {change:#x}",
               whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1:])


def complaint(vxunzip, data, originals):
    """What is wrong with vxunzip's answer, or None."""
    with open("damaged.zip", "wb") as stream:
        stream.write(data)
    shutil.rmtree("out", ignore_errors=True)
    run = subprocess.run([vxunzip, "-q", "-d", "out", "damaged.zip"], capture_output=True,
                         timeout=300, stdin=subprocess.DEVNULL, check=False)
    found = contents("out/tree") if os.path.isdir("out/tree") else {}
    wrong = [name for name, data in found.items() if originals.get(name) != data]
    if run.returncode < 0 or run.returncode not in (0, 1, 2, 3, 9, 81):
        return f"status {run.returncode}: {run.stderr[-500:]}"
    if wrong:
        return f"wrong files {wrong}, status {run.returncode}"
    if run.returncode == 0 and len(found) != len(originals):
        return f"status 0 with {len(found)} of {len(originals)} files"
    if run.returncode != 0 and b"damaged.zip: " not in run.stderr:
        return f"status {run.returncode} without a message: {run.stderr}"
    return None


def main():
    if sys.argv[1] == "make":
        make(sys.argv[2])
        return
    how, vxunzip, archive, tree = sys.argv[1:5]
    originals = contents(tree)
    count = failures = 0
    for what, data in damaged(archive, how):
        problem = complaint(vxunzip, data, originals)
        count += 1
        if problem:
            failures += 1
            print(f"{what}: {problem}")
    print(f"{count} damaged archives, {failures} failures, seed {SEED}")
    sys.exit(failures > 0 or count == 0)


main()
