#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Times the programs against the machine's own, interleaved, and prints the tables as Markdown.
"""usage: tests/bench/bench.py [--build DIR] [--runs N] [--tree DIR]

Every table is of processor time (user + system) of whole processes: median (minimum-maximum) of N
runs, in which all columns take turns. Peers that are not installed are left out by name.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import zlib

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def cpu_seconds(argv, stdin=None, cwd=None):
    """Runs a command with its output thrown away; its processor time. It must succeed."""
    source = open(stdin, "rb") if stdin else subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=source, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, cwd=cwd)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if stdin:
        source.close()
    if process.returncode != 0:
        sys.exit(f"bench: {argv} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def interleave(columns, runs):
    """columns: {name: function that returns seconds}; {name: [seconds]} after one warm-up each."""
    times = {name: [] for name in columns}
    for number in range(runs + 1):
        for name, run in columns.items():
            seconds = run()
            if number:
                times[name].append(seconds)
    return times


def cell(values):
    return f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def ratio(values, base):
    """Pair by pair, since the columns took turns."""
    pairs = [a / b for a, b in zip(values, base)]
    return f"{statistics.median(pairs):.2f} ({min(pairs):.2f}-{max(pairs):.2f})"


def table(title, times, base):
    print(f"\n### {title}\n\n| what | CPU seconds | ratio to {base} |\n|---|---|---|")
    for name, values in times.items():
        print(f"| {name} | {cell(values)} | {ratio(values, times[base])} |")


def raw_deflate(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def sample(work, tree, limit):
    """One file of the tree's bytes, in a fixed order."""
    path = os.path.join(work, "sample")
    with open(path, "wb") as out:
        for folder, folders, files in os.walk(tree):
            folders.sort()
            for name in sorted(files):
                source = os.path.join(folder, name)
                if out.tell() < limit and os.path.isfile(source):
                    with open(source, "rb") as stream:
                        out.write(stream.read())
    return path


def decoders(build, work, tree, runs):
    data = sample(work, tree, 100_000_000)
    with open(data, "rb") as stream:
        content = stream.read()
    with open(data + ".deflate", "wb") as stream:
        stream.write(raw_deflate(content))
    subprocess.run(["zstd", "-q", "-8", "--no-check", "-f", data, "-o", data + ".zstd"], check=True)
    print(f"\nInput of the decoders: {len(content)} bytes of {tree}.")
    vxrun = os.path.join(build, "bin", "vxrun")
    qemu = shutil.which("qemu-i386")
    for codec in ("deflate", "zstd"):
        elf = os.path.join(build, "decoders", codec + ".elf")
        coded = f"{data}.{codec}"
        columns = {
            "native i386": lambda: cpu_seconds([elf], coded),
            "vxrun, interpreter": lambda: cpu_seconds([vxrun, "--engine=interpret", elf], coded),
        }
        if qemu:
            columns["qemu-i386"] = lambda: cpu_seconds([qemu, elf], coded)
        table(f"Decoder {codec}.elf", interleave(columns, runs), "native i386")


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)


def extraction(build, work, tree, runs):
    archive = os.path.join(work, "tree.zip")
    subprocess.run(["zip", "-q", "-r", "-6", archive, "."], cwd=tree, check=True)
    out = os.path.join(work, "out")

    def into(argv):
        fresh(out)
        return cpu_seconds(argv, cwd=out)

    columns = {
        "unzip -q": lambda: into(["unzip", "-q", archive]),
        "vxunzip -q, interpreter": lambda: into([os.path.join(build, "bin", "vxunzip"), "-q",
                                                 archive]),
    }
    for name, argv in (("7z x -mmt1", ["7z", "x", "-y", "-mmt1", archive]),
                       ("bsdtar -x", ["bsdtar", "-xf", archive])):
        if shutil.which(argv[0]):
            columns[name] = lambda argv=argv: into(argv)
    table(f"Extraction of {tree} as zip -6 made it", interleave(columns, runs), "unzip -q")


def packing(build, work, tree, runs):
    vxzip = os.path.join(build, "bin", "vxzip")
    sizes = {}

    def pack(name, argv):
        archive = os.path.join(work, "packed.zip")
        if os.path.exists(archive):
            os.remove(archive)
        seconds = cpu_seconds([*argv, archive, "."], cwd=tree)
        sizes[name] = os.path.getsize(archive)
        return seconds

    commands = {
        "zip -6": ["zip", "-q", "-r", "-6"],
        "vxzip": [vxzip, "-q", "-r"],
        "vxzip --no-verify": [vxzip, "-q", "-r", "--no-verify"],
    }
    columns = {name: (lambda name=name, argv=argv: pack(name, argv))
               for name, argv in commands.items()}
    table(f"Packing {tree}", interleave(columns, runs), "zip -6")
    print("\nSizes: " + ", ".join(f"{name} {size} bytes" for name, size in sizes.items()) + ".")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default=os.path.join(PROJECT, "build", "release"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tree", default="/usr/include")
    options = parser.parse_args()
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as stream:
        model = next((line.split(":")[1].strip() for line in stream if "model name" in line), "?")
    print(f"Machine: {model}, {os.cpu_count()} processors, {platform.platform()}. "
          f"{options.runs} runs a column, interleaved.")
    with tempfile.TemporaryDirectory() as work:
        decoders(options.build, work, options.tree, options.runs)
        extraction(options.build, work, options.tree, options.runs)
        packing(options.build, work, options.tree, options.runs)


if __name__ == "__main__":
    main()
