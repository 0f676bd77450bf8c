#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Proves the C library that the decoders are linked with, by a guest of its own made from the same objects.

setup() {
  load support
  need clang ld.lld
  cd "$BATS_TEST_TMPDIR"
}

@test "the guests' C library copies, compares, divides, sorts and allocates as the standard says" {
  local guest=$PROJECT/decoders/guest
  clang --target=i686-unknown-linux-gnu -march=pentium4 -std=c11 -O1 -fno-builtin -fno-pic \
    -fno-omit-frame-pointer -fno-stack-protector -fno-asynchronous-unwind-tables -nostdinc \
    -isystem "$guest/include" -c "$BATS_TEST_DIRNAME/guest_library.c" -o guest_library.o
  ld.lld -m elf_i386 -static --gc-sections -T "$guest/guest.ld" \
    "$DECODERS"/objects/guest/*.o guest_library.o -o guest_library.elf
  status=0
  (
    ulimit -v 65536
    exec ./guest_library.elf first ''
  ) || status=$?
  [ "$status" -eq 42 ]
}

@test "the guests' mathematics is right but for the last place, and the same in the sandbox" {
  local guest=$PROJECT/decoders/guest
  need python3 cmp
  clang --target=i686-unknown-linux-gnu -march=pentium4 -std=c11 -O1 -fno-builtin -fno-pic \
    -fno-stack-protector -fno-asynchronous-unwind-tables -nostdinc -isystem "$guest/include" \
    -c "$BATS_TEST_DIRNAME/guest_math.c" -o guest_math.o
  ld.lld -m elf_i386 -static --gc-sections -T "$guest/guest.ld" \
    "$DECODERS"/objects/guest/*.o "$DECODERS"/objects/math/*.o guest_math.o -o guest_math.elf
  python3 - arguments <<'PY'
import random, struct, sys
rng = random.Random(20050412)
values = [0.0, -0.0, 0.5, -0.5, 1.0, 1.5, -1.0, 2.5, 3.0, 1e-10, 100.25, -700.0, 1e5, 0.99999, 1e22]
values += [rng.uniform(-10, 10) for _ in range(500)] + [rng.uniform(-1, 1) for _ in range(500)]
open(sys.argv[1], "wb").write(struct.pack(f"<{len(values)}d", *values))
PY
  ./guest_math.elf <arguments >results
  "$BUILD/bin/vxrun" --engine=strict guest_math.elf <arguments >sandboxed
  cmp results sandboxed
  python3 "$BATS_TEST_DIRNAME/check_math.py" arguments results
}
