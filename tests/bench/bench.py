#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Times the programs against the machine's own, interleaved, and prints the tables as Markdown.
"""usage: tests/bench/bench.py [--build DIR] [--runs N] [--tree DIR]

Every table is of processor time (user + system) of whole processes: median (minimum-maximum) of N
runs, in which all columns take turns. Peers that are not installed are left out by name.
"""

import argparse
import array
import math
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import wave
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


ENGINES = ("dedicated", "embedded", "interpret")


def engine_columns(build, elf, stdin=None, engines=ENGINES):
    """The same program natively, in the sandbox, and in qemu where that is installed."""
    vxrun = os.path.join(build, "bin", "vxrun")
    columns = {"native": lambda: cpu_seconds([elf], stdin)}
    for engine in engines:
        columns[engine] = lambda engine=engine: cpu_seconds([vxrun, f"--engine={engine}", elf],
                                                            stdin)
    if shutil.which("qemu-i386"):
        columns["qemu-i386"] = lambda: cpu_seconds(["qemu-i386", elf], stdin)
    return columns


def ratios_table(title, rows):
    """rows: {name: {column: [seconds]}}, ratios to the column native, and their geometric means."""
    columns = list(next(iter(rows.values())))
    print(f"\n### {title}\n\n| program | native, CPU seconds | "
          + " | ".join(columns[1:]) + " |\n|---|---|" + "---|" * len(columns[1:]))
    for name, times in rows.items():
        cells = [ratio(times[column], times["native"]) for column in columns[1:]]
        print(f"| {name} | {cell(times['native'])} | " + " | ".join(cells) + " |")
    means = [statistics.geometric_mean(
        statistics.median([a / b for a, b in zip(times[column], times["native"])])
        for times in rows.values()) for column in columns[1:]]
    print("| geometric mean | | " + " | ".join(f"{mean:.2f}" for mean in means) + " |")


def raw_deflate(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def sample(work, tree, limit):
    """One file of the tree's bytes, in a fixed order, over and over up to the limit."""
    path = os.path.join(work, "sample")
    with open(path, "wb") as out:
        while out.tell() < limit:
            for folder, folders, files in os.walk(tree):
                folders.sort()
                for name in sorted(files):
                    source = os.path.join(folder, name)
                    if out.tell() < limit and os.path.isfile(source):
                        with open(source, "rb") as stream:
                            out.write(stream.read())
    return path


def write_wave(path, seconds):
    """Two channels of tones with some noise: nobody's recording."""
    rate, noise, period = 44100, random.Random(1), []
    for second in range(40):
        low, high = 110 + 7 * (second % 13), 440 + 31 * (second % 29)
        frames = array.array("h")
        for i in range(rate):
            tone = 7000 * math.sin(i * low * 2 * math.pi / rate)
            tone += 4000 * math.sin(i * high * 2 * math.pi / rate)
            frames.extend((int(tone + noise.gauss(0, 90)), int(tone / 2 + noise.gauss(0, 90))))
        period.append(frames.tobytes())
    with wave.open(path, "wb") as out:
        out.setparams((2, 2, rate, 0, "NONE", ""))
        for second in range(seconds):
            out.writeframes(period[second % len(period)])


def write_picture(path, width, height):
    noise = random.Random(1).randbytes(width * 3)
    rows = [bytes((noise[(i * 7 + y) % len(noise)] >> 3) + (i // 3 * 5 + y * 3 >> 4) % 200
                  for i in range(width * 3)) for y in range(400)]
    with open(path, "wb") as out:
        out.write(b"P6\n%d %d\n255\n" % (width, height))
        for y in range(height):
            out.write(rows[y % len(rows)])


def coded_inputs(work, tree):
    """{codec: coded file}, each large enough for about half a second, made with installed tools."""
    def make(codec, data, argv):
        coded = os.path.join(work, codec)
        with open(data, "rb") as source, open(coded, "wb") as out:
            subprocess.run(argv, stdin=source, stdout=out, stderr=subprocess.DEVNULL, check=True)
        return coded

    inputs = {}
    text = sample(work, tree, 400_000_000)
    with open(text, "rb") as stream, open(os.path.join(work, "deflate"), "wb") as out:
        out.write(raw_deflate(stream.read()))
    inputs["deflate"] = os.path.join(work, "deflate")
    inputs["zstd"] = make("zstd", text, ["zstd", "-q", "-8", "--no-check", "-c"])
    inputs["brotli"] = make("brotli", text, ["brotli", "-q", "5", "-c"])
    os.truncate(text, 60_000_000)
    inputs["xz"] = make("xz", text, ["xz", "-3", "-c"])
    os.truncate(text, 24_000_000)
    inputs["bzip2"] = make("bzip2", text, ["bzip2", "-9", "-c"])
    sound = os.path.join(work, "sound.wav")
    write_wave(sound, 480)
    inputs["flac"] = make("flac", sound, ["flac", "-8", "-c", "-"])
    inputs["vorbis"] = make("vorbis", sound, ["oggenc", "-Q", "-q", "5", "-o", "-", "-"])
    picture = os.path.join(work, "picture.ppm")
    write_picture(picture, 6000, 14000)
    inputs["jpeg"] = make("jpeg", picture, ["cjpeg", "-quality", "90"])
    return inputs


def decoders(build, work, tree, runs):
    rows = {}
    for codec, coded in coded_inputs(work, tree).items():
        elf = os.path.join(build, "decoders", codec + ".elf")
        if os.path.exists(elf):
            rows[codec + ".elf"] = interleave(engine_columns(build, elf, coded), runs)
    ratios_table("Decoders: the same ELF on the processor and in the sandbox", rows)


def write_call_tree(path, count):
    """A binary tree of functions that call each other."""
    with open(path, "w", encoding="ascii") as out:
        out.write('#include "start.h"\n')
        for i in range(count, 0, -1):
            out.write(f"__attribute__((noinline)) static int f{i}(int a) {{ ")
            if 2 * i + 1 <= count:
                out.write(f"int r = a * {i | 1} + 1; r += f{2 * i}(a ^ {i}); "
                          f"r ^= f{2 * i + 1}(r + {i}); return r; }}\n")
            else:
                out.write(f'__asm__ volatile(""); return a + {i}; }}\n')
        out.write("int run(void) { int s = 0; for (int i = 0; i < 60000; i++) s += f1(i); "
                  "return s; }\n")


def compile_micro(work, source):
    elf = os.path.join(work, os.path.basename(source)[:-2] + ".elf")
    subprocess.run(["clang", "--target=i386-linux-gnu", "-march=pentium4", "-O2", "-ffreestanding",
                    "-fno-pic", "-nostdlib", "-fuse-ld=lld", "-static", "-Wl,-e,_start",
                    "-I" + os.path.join(PROJECT, "tests", "bench", "micro"), "-o", elf, source],
                   check=True)
    return elf


def micro(build, work, runs):
    folder = os.path.join(PROJECT, "tests", "bench", "micro")
    tree = os.path.join(work, "call_tree.c")
    write_call_tree(tree, 4095)
    names = ("recursion", "call_loop", "function_pointers", "interpreter", "switch", "sort",
             "pointer_chase")
    sources = [os.path.join(folder, name + ".c") for name in names] + [tree]
    rows = {}
    for source in sources:
        elf = compile_micro(work, source)
        rows[os.path.basename(source)[:-2]] = interleave(
            engine_columns(build, elf, engines=ENGINES[:2]), runs)
    ratios_table("Calls, branches and loads", rows)


def milliseconds(argv, stdin=None, times=100):
    """The mean of many starts: one is too short to be timed."""
    return sum(cpu_seconds(argv, stdin) for _ in range(times)) * 1000 / times


def start_up(build, work, runs):
    folder = os.path.join(PROJECT, "tests", "bench", "micro")
    vxrun = os.path.join(build, "bin", "vxrun")
    nothing = compile_micro(work, os.path.join(folder, "nothing.c"))
    calls = compile_micro(work, os.path.join(folder, "system_calls.c"))
    touch = compile_micro(work, os.path.join(folder, "touch.c"))
    deflate = os.path.join(build, "decoders", "deflate.elf")
    small = os.path.join(work, "small")
    with open(os.path.join(work, "sample"), "rb") as stream, open(small, "wb") as out:
        out.write(raw_deflate(stream.read(100_000)))
    times = interleave({
        "/bin/true": lambda: milliseconds(["/bin/true"]),
        "null guest, native": lambda: milliseconds([nothing]),
        **{f"null guest, {engine}": lambda engine=engine: milliseconds(
            [vxrun, f"--engine={engine}", nothing]) for engine in ENGINES},
        "100 KB of deflate, native": lambda: milliseconds([deflate], small),
        **{f"100 KB of deflate, {engine}": lambda engine=engine: milliseconds(
            [vxrun, f"--engine={engine}", deflate], small) for engine in ENGINES},
    }, runs)
    print("\n### Short runs: whole processes\n\n| what | CPU milliseconds |\n|---|---|")
    for name, values in times.items():
        print(f"| {name} | {cell(values)} |")
    print("\n### Crossings\n\n| engine | system call, ns | new guest, us | reset after 1 MiB, us |"
          "\n|---|---|---|---|")
    for number, engine in ((3, "dedicated"), (4, "embedded"), (1, "interpret")):
        seconds = [cpu_seconds([vxrun, f"--engine={engine}", calls]) for _ in range(runs)]
        resets = [subprocess.run([os.path.join(build, "bin", "bench_crossings"), touch, str(number)],
                                 check=True, capture_output=True, text=True).stdout.split()
                  for _ in range(runs)]
        print(f"| {engine} | {statistics.median(seconds) * 100:.0f} | "
              f"{statistics.median(float(r[0]) for r in resets):.0f} | "
              f"{statistics.median(float(r[2]) for r in resets):.0f} |")


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
        "vxunzip -q": lambda: into([os.path.join(build, "bin", "vxunzip"), "-q", archive]),
        "vxunzip -q --engine=interpret": lambda: into(
            [os.path.join(build, "bin", "vxunzip"), "-q", "--engine=interpret", archive]),
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
    subprocess.run(["cmake", "--build", options.build, "--target", "bench_crossings"], check=True,
                   stdout=subprocess.DEVNULL)
    print(f"Machine: {model}, {os.cpu_count()} processors, {platform.platform()}. "
          f"{options.runs} runs a column, interleaved.")
    with tempfile.TemporaryDirectory() as work:
        decoders(options.build, work, options.tree, options.runs)
        micro(options.build, work, options.runs)
        start_up(options.build, work, options.runs)
        extraction(options.build, work, options.tree, options.runs)
        packing(options.build, work, options.tree, options.runs)


if __name__ == "__main__":
    main()
