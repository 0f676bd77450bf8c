#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Times the decoders on the processor against the x86-64 tools, interleaved, and prints Markdown.
"""usage: tests/bench/tools.py [--build DIR] [--runs N] [--tree DIR] [CODEC...]

The decoders' ELFs are run by the kernel, without sandbox. User time of whole processes: median
(minimum-maximum) of N runs in which the columns take turns, after one that does not count.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile

import bench

GZIP_TOOLS = {"gzip": ["gzip", "-dc"], "libdeflate-gunzip": ["libdeflate-gunzip", "-c"]}

# decoder: [what kind of data, encoder, {tool: its command}]; IN and OUT are files. The tools get the
# raw deflate stream in its gzip file.
CODECS = {
    "deflate": ["text 50", ["gzip", "-n", "-6", "-c"], GZIP_TOOLS],
    "deflate --gzip": ["text 100", ["gzip", "-n", "-6", "-c"], GZIP_TOOLS],
    "bzip2": ["text 10", ["bzip2", "-9", "-c"], {"bzip2": ["bzip2", "-dc"]}],
    "xz": ["text 30", ["xz", "-3", "-c"], {"xz": ["xz", "-dc", "-T1"]}],
    "zstd": ["text 200", ["zstd", "-q", "-8", "-c"],
             {"zstd": ["zstd", "-dcq", "--single-thread"]}],
    "zstd --no-checksum": ["text 200", ["zstd", "-q", "-8", "-c"],
                           {"zstd --no-check": ["zstd", "-dcq", "--no-check", "--single-thread"]}],
    "brotli": ["text 60", ["brotli", "-q", "5", "-c"], {"brotli": ["brotli", "-dc"]}],
    "lz4": ["text 200", ["lz4", "-q", "-1", "-c"], {"lz4": ["lz4", "-dcq"]}],
    "flac": ["sound 240", ["flac", "-s", "-8", "-c", "-"], {"flac": ["flac", "-dcs", "-"]}],
    "vorbis": ["sound 60", ["oggenc", "-Q", "-q", "5", "-o", "-", "-"],
               {"oggdec": ["oggdec", "-Q", "-o", "/dev/null", "IN"]}],
    "opus": ["sound 60", ["opusenc", "--quiet", "-", "-"],
             {"opusdec": ["opusdec", "--quiet", "--rate", "48000", "--no-dither", "IN", "OUT.wav"]}],
    "mp3": ["sound 120", ["lame", "--quiet", "-b", "160", "-", "-"],
            {"mpg123": ["mpg123", "-q", "-w", "/dev/null", "IN"]}],
    "jpeg": ["picture 6000 6000", ["cjpeg", "-quality", "90"], {"djpeg": ["djpeg", "-bmp"]}],
    "jp2": ["picture 1500 1000", ["opj_compress", "-r", "8", "-I", "-i", "IN.ppm", "-o", "OUT.jp2"],
            {"opj_decompress": ["opj_decompress", "-quiet", "-i", "IN", "-o", "OUT.bmp"]}],
    "webp": ["picture 2500 2000", ["cwebp", "-quiet", "-q", "85", "-o", "-", "--", "IN"],
             {"dwebp": ["dwebp", "-quiet", "-nodither", "-bmp", "-o", "/dev/null", "--", "IN"]}],
    "png": ["picture 3000 3000", ["pnmtopng"], {"pngtopam": ["pngtopam"]}],
}


def user_seconds(argv, stdin):
    """Runs a command with its output thrown away; its user time. It must succeed."""
    with open(stdin, "rb") as source:
        process = subprocess.Popen(argv, stdin=source, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"tools: {argv} ended with {process.returncode}")
    return usage.ru_utime


def make_data(work, kind, tree):
    """The file that is to be coded, of a kind such as "sound 60", made once."""
    name, *sizes = kind.split()
    path = os.path.join(work, "IN.ppm" if name == "picture" else "sample")
    if name == "text":
        path = bench.sample(work, tree, int(sizes[0]) * 1_000_000)
        os.truncate(path, int(sizes[0]) * 1_000_000)
    elif name == "sound":
        bench.write_wave(path, int(sizes[0]))
    else:
        bench.write_picture(path, *map(int, sizes))
    return path


def place(argv, work, coded):
    """The words IN and OUT, with or without an ending, as files in the folder `work`."""
    names = {"IN": coded, "IN.ppm": coded}
    return [names.get(word) or (os.path.join(work, word) if word.startswith("OUT.") else word)
            for word in argv]


def encode(work, codec, argv, data):
    ending = next((word[3:] for word in argv if word.startswith("OUT.")), "." + codec)
    coded = os.path.join(work, "OUT" + ending)
    with open(data, "rb") as source:
        with open(os.devnull if f"OUT{ending}" in argv else coded, "wb") as out:
            subprocess.run(place(argv, work, data), stdin=source, stdout=out,
                           stderr=subprocess.DEVNULL, check=True)
    return coded


def without_wrapper(gzip_file):
    """The raw stream of a gzip file that has no name."""
    raw = gzip_file + ".raw"
    with open(gzip_file, "rb") as source, open(raw, "wb") as out:
        out.write(source.read()[10:-8])
    return raw


def compare(build, work, codec, tree, runs):
    """{column: [seconds]}, the decoder's own column first."""
    kind, encoder, tools = CODECS[codec]
    name, *arguments = codec.split()
    coded = encode(work, name, encoder, make_data(work, kind, tree))
    own_coded = without_wrapper(coded) if codec == "deflate" else coded
    elf = os.path.join(build, "decoders", name + ".elf")
    columns = {"": lambda: user_seconds([elf, *arguments], own_coded)}
    for tool, argv in tools.items():
        columns[tool] = lambda argv=argv: user_seconds(place(argv, work, coded), coded)
    return bench.interleave(columns, runs)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default=os.path.join(bench.PROJECT, "build", "release"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tree", default="/usr/include")
    parser.add_argument("codecs", nargs="*", default=list(CODECS))
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} processors, load {load:.1f} at the start. "
          f"{options.runs} runs a column, interleaved.\n\n"
          "| decoder | data | user seconds, i386 | tool | user seconds, x86-64 | ratio |\n"
          "|---|---|---|---|---|---|")
    for codec in options.codecs:
        with tempfile.TemporaryDirectory() as work:
            times = compare(options.build, work, codec, options.tree, options.runs)
        own = times.pop("")
        for tool, values in times.items():
            print(f"| {codec} | {CODECS[codec][0]} | {bench.cell(own)} | {tool} | "
                  f"{bench.cell(values)} | {bench.ratio(own, values)} |", flush=True)


if __name__ == "__main__":
    main()
