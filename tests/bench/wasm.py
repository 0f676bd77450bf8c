#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Compares decoders in the sandbox with the same sources as WebAssembly: in node (V8), and turned into C by wasm2c.
"""usage: tests/bench/wasm.py [--build DIR] [--runs N] [--tree DIR]

The same main program, library sources and flags as the decoder's; the C library is wasi-libc's.
Needs clang, lld, wasi-libc, libclang-rt-14-dev-wasm32, nodejs, wabt (wasm2c) and gcc.
"""

import argparse
import glob
import hashlib
import os
import re
import shutil
import subprocess
import tempfile

from bench import (PROJECT, coded_inputs, cpu_seconds, engine_columns, interleave, ratios_table)

DECODERS = os.path.join(PROJECT, "decoders")
HERE = os.path.dirname(os.path.abspath(__file__))
RUN_IN_NODE = """
const { WASI } = require('node:wasi');
const wasi = new WASI({ version: 'preview1', args: ['decoder'], returnOnExit: true });
WebAssembly.compile(require('node:fs').readFileSync(process.argv[2]))
  .then((module) => WebAssembly.instantiate(module, wasi.getImportObject()))
  .then((instance) => process.exit(wasi.start(instance)));
"""


def recipe(codec):
    """The words of the decoder's entry in the table of decoders, by keyword."""
    with open(os.path.join(DECODERS, "CMakeLists.txt"), encoding="ascii") as stream:
        entry = re.search(rf"vxa_add_decoder\({codec}\n(.*?)\)\n", stream.read(), re.S).group(1)
    words, key = {"INCLUDES": [], "FILES": [], "OWN": [], "FLAGS": []}, None
    for word in entry.split():
        if re.fullmatch("[A-Z]+", word):
            key = word
        words.setdefault(key, []).append(word.strip('"'))
    return {key: values[1:] if values[:1] == [key] else values for key, values in words.items()}


def compile_wasm(build, work, codec):
    parts = recipe(codec)
    sources = os.path.join(build, "decoders", "sources")
    headers = os.path.join(work, "headers")
    os.makedirs(headers, exist_ok=True)
    for name in ("filter.h", "signal.h"):
        shutil.copy(os.path.join(DECODERS, "guest", "include", name), headers)
    folder = os.path.join(work, codec + ".module")
    os.makedirs(folder, exist_ok=True)
    wasm = os.path.join(folder, "decoder.wasm")  # wasm2c makes names of it
    own = [os.path.join(DECODERS, name) for name in [codec + "/main.c", "guest/filter.c"] + parts["OWN"]]
    subprocess.run(
        ["clang", "--target=wasm32-wasi", "-O2", "-std=gnu11", "-w", "-I", headers,
         "-I", DECODERS] + parts["FLAGS"] +
        ["-I" + os.path.join(sources, name) for name in parts["INCLUDES"]] + own +
        [os.path.join(sources, name) for name in parts["FILES"]] + ["-o", wasm], check=True)
    return wasm


def compile_c(wasm):
    folder = os.path.dirname(wasm)
    runtime = os.path.dirname(glob.glob("/usr/share/wabt/wasm2c/wasm-rt-impl.c")[0])
    program, source = os.path.join(folder, "decoder"), os.path.join(folder, "decoder.c")
    subprocess.run(["wasm2c", wasm, "-o", source], check=True)
    subprocess.run(["gcc", "-O2", "-w", "-I", folder, "-I", runtime, "-o", program, source,
                    os.path.join(HERE, "wasm2c_host.c"), os.path.join(runtime, "wasm-rt-impl.c"),
                    "-lm"], check=True)
    return program


def check_same(elf, coded, programs):
    """All give the decoder's bytes."""
    def digest(argv):
        with open(coded, "rb") as stream:
            return hashlib.sha256(subprocess.run(argv, stdin=stream, check=True,
                                                 stdout=subprocess.PIPE).stdout).digest()
    assert len({digest(argv) for argv in [[elf]] + programs}) == 1, elf


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default=os.path.join(PROJECT, "build", "release"))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tree", default="/usr/include")
    options = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as work:
        script = os.path.join(work, "run.js")
        with open(script, "w", encoding="ascii") as out:
            out.write(RUN_IN_NODE)
        inputs = coded_inputs(work, options.tree)
        for codec in ("deflate", "xz", "bzip2"):
            wasm = compile_wasm(options.build, work, codec)
            program = compile_c(wasm)
            coded = inputs[codec]
            elf = os.path.join(options.build, "decoders", codec + ".elf")
            in_node = ["node", "--no-warnings", script, wasm]
            # Node 20 often ends with a segmentation fault where libdeflate reads this much.
            has_node = codec != "deflate"
            check_same(elf, coded, [in_node, [program]] if has_node else [[program]])
            columns = engine_columns(options.build, elf, coded, engines=["dedicated"])
            columns = {name: run for name, run in columns.items() if "qemu" not in name}
            if has_node:
                columns["node"] = lambda argv=in_node, coded=coded: cpu_seconds(argv, coded)
            columns["wasm2c"] = lambda argv=[program], coded=coded: cpu_seconds(argv, coded)
            rows[codec] = interleave(columns, options.runs)
    ratios_table("The same sources as WebAssembly", {codec: rows[codec] for codec in ("xz", "bzip2")})
    ratios_table("The same, without node", {"deflate": rows["deflate"]})


if __name__ == "__main__":
    main()
