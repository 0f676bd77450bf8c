#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Packs one mixed tree with vxzip and with the machine's own programs, and prints sizes and times as Markdown.
"""usage: tests/bench/pack.py [--build DIR] [--tree DIR]

The tree, unless one is given: sources of this project, programs of this machine, seeded sound as
WAV, and photos (seeded pictures, coded by cjpeg). Processor time is user + system of the whole
process, proof of every member in the sandbox included; one run each.
"""

import argparse
import math
import os
import random
import shutil
import subprocess
import tempfile
import wave

from bench import PROJECT, cpu_seconds

SEED = 1977


def make_sound(path, seconds, rng):
    """Two channels of a few decaying tones and some noise, 16 bits."""
    with wave.open(path, "wb") as out:
        out.setparams((2, 2, 44100, 0, "NONE", ""))
        tones = [(rng.uniform(80, 2000), rng.uniform(0.5, 4)) for _ in range(6)]
        data = bytearray()
        for i in range(44100 * seconds):
            t = i / 44100
            for channel in range(2):
                value = sum(2500 * math.sin(6.2832 * f * t + channel) * math.exp(-(t % d) / d)
                            for f, d in tones) + rng.gauss(0, 60)
                data += max(-32768, min(32767, int(value))).to_bytes(2, "little", signed=True)
        out.writeframes(bytes(data))


def make_photo(path, width, height, rng):
    """A smooth picture with grain, through cjpeg."""
    waves = [(rng.uniform(0.002, 0.03), rng.uniform(0.002, 0.03), rng.uniform(0, 6)) for _ in range(5)]
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            value = 128 + sum(22 * math.sin(a * x + b * y + c) for a, b, c in waves)
            for shift in (0, 12, -9):
                pixels.append(max(0, min(255, int(value + shift + rng.gauss(0, 5)))))
    with open(path, "wb") as out:
        subprocess.run(["cjpeg", "-quality", "88"], check=True, stdout=out,
                       input=b"P6 %d %d 255\n" % (width, height) + bytes(pixels))


def make_tree(folder):
    rng = random.Random(SEED)
    sources = os.path.join(folder, "sources")
    for name in ("vx32", "vxa", "decoders", "docs", "tests"):
        shutil.copytree(os.path.join(PROJECT, name), os.path.join(sources, name))
    programs = os.path.join(folder, "programs")
    os.mkdir(programs)
    for name in ("bash", "python3", "perl", "git", "gawk"):
        path = shutil.which(name)
        if path:
            shutil.copy(os.path.realpath(path), os.path.join(programs, name))
    for i in range(3):
        make_sound(os.path.join(folder, f"sound{i}.wav"), 15, rng)
    for i in range(4):
        make_photo(os.path.join(folder, f"photo{i}.jpg"), 900, 600, rng)


def tree_nbytes(folder):
    return sum(os.path.getsize(os.path.join(path, name))
               for path, _, names in os.walk(folder) for name in names)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default=os.path.join(PROJECT, "build", "release"))
    parser.add_argument("--tree")
    arguments = parser.parse_args()
    vxzip = os.path.join(os.path.abspath(arguments.build), "bin", "vxzip")
    columns = {
        "zip -9": ["zip", "-q", "-r", "-9"],
        "7z a -tzip -mx9 -mmt1": ["7z", "a", "-tzip", "-mx9", "-mmt1", "-bso0"],
        "vxzip -1": [vxzip, "-qr", "-1"],
        "vxzip": [vxzip, "-qr"],
        "vxzip --no-verify": [vxzip, "-qr", "--no-verify"],
        "vxzip -9": [vxzip, "-qr", "-9"],
        "vxzip --portable": [vxzip, "-qr", "--portable"],
    }
    with tempfile.TemporaryDirectory() as work:
        tree = os.path.abspath(arguments.tree) if arguments.tree else os.path.join(work, "tree")
        if not arguments.tree:
            os.mkdir(tree)
            make_tree(tree)
        total = tree_nbytes(tree)
        print(f"{total} bytes (seed {SEED})\n\n| program | bytes | of the tree | CPU seconds |\n"
              "|---|---|---|---|")
        for name, command in columns.items():
            if not shutil.which(command[0]):
                print(f"| {name} | not installed | | |")
                continue
            archive = os.path.join(work, "a.zip")
            seconds = cpu_seconds(command + [archive, os.path.basename(tree)],
                                  cwd=os.path.dirname(tree))
            nbytes = os.path.getsize(archive)
            print(f"| {name} | {nbytes} | {100 * nbytes / total:.1f} % | {seconds:.1f} |",
                  flush=True)
            os.unlink(archive)


if __name__ == "__main__":
    main()
