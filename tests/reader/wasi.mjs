// SPDX-License-Identifier: MIT
// Runs vxread.wasm with the whole file system: node wasi.mjs MODULE [OPTION]... ARCHIVE FOLDER
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [module, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: 'preview1', args: ['vxread', ...args], env: {}, preopens: { '/': '/' }, returnOnExit: true,
});
const { instance } = await WebAssembly.instantiate(readFileSync(module), wasi.getImportObject());
process.exitCode = wasi.start(instance);
