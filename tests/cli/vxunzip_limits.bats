# SPDX-License-Identifier: MIT
# Knows the limits: total output, names, ratio, members, memory and time of decoders.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "--max-total refuses members beyond it, and takes smaller ones" {
  forge a.zip 'member("a", b"1" * 600)' 'member("b", b"2" * 600, method=8)' 'member("c", b"3" * 400)'
  ends 2 "$VXUNZIP" --max-total=1000 -d out a.zip
  says "b: with it the output would be more than the 1000 bytes of --max-total"
  [ "$(ls out | tr '\n' ' ')" = "a c " ]
  ends 0 "$VXUNZIP" -q --max-total=2K -d two a.zip
  ends 2 "$VXUNZIP" -t --max-total=1000 a.zip
  ends 2 "$VXUNZIP" -p --max-total=1000 a.zip
}

@test "--max-ratio refuses what is declared to blow up beyond 1 GiB, before any output" {
  forge a.zip 'member("bomb", b"", method=8, coded=b"x" * 1000, size=1 << 31)' 'member("f", b"1")'
  ends 2 "$VXUNZIP" -d out a.zip
  says "bomb: with it the output would be more than 2000 times the coded bytes; see --max-ratio"
  [ "$(ls out)" = f ]
  ends 2 "$VXUNZIP" -o -d out --max-ratio=0 a.zip
  silent_about "--max-ratio"
}

@test "the ratio counts over all members together" {
  forge a.zip 'member("a", size=1 << 29, method=8)' 'member("b", size=1 << 29, method=8)' \
    'member("c", size=1 << 29, method=8)'
  ends 2 "$VXUNZIP" -d out a.zip
  says "c: with it the output would be more than 2000 times"
  silent_about "a: with it" "b: with it"
}

@test "what was read before counts, too" {
  forge a.zip 'member("a", b"1" * 700000)' \
    'member("b", method=8, coded=b"\xff" * 10, size=1200000000)'
  ends 2 "$VXUNZIP" -d out a.zip
  says "b: "
  silent_about "--max-ratio"
}

@test "with --decode the decoded size counts" {
  forge a.zip "jpeg('f', b'1' * 2000, '$BUILD/decoders/deflate.elf')"
  ends 0 "$VXUNZIP" -q --max-total=1000 -d out a.zip
  ends 2 "$VXUNZIP" --max-total=1000 --decode -d out a.zip
  says "--max-total"
  ends 2 "$VXUNZIP" --max-total=1000 -t a.zip
}

@test "--max-members refuses the whole archive: status 3" {
  forge a.zip 'member("a")' 'member("b")'
  ends 3 "$VXUNZIP" --max-members=1 a.zip
  absent a b
  ends 0 "$VXUNZIP" -q --max-members=2 a.zip
}

@test "without --max-total the limit is 1 TiB, and 0 takes it away" {
  forge a.zip 'member("f", b"1", method=8, size=(1 << 31))' $(printf "member('g%d',b'1',method=8,size=0xfffffff0) " {1..300})
  ends 2 "$VXUNZIP" -d out --max-ratio=0 a.zip
  says "g256: with it the output would be more than the 1099511627776 bytes of --max-total"
  silent_about "g255: with it"
  ends 2 "$VXUNZIP" -o -d out --max-ratio=0 --max-total=0 a.zip
  silent_about "--max-total"
}

@test "names of more than 255 parts are refused" {
  forge a.zip 'member("d/" * 254 + "f", b"1")' 'member("d/" * 255 + "f", b"1")'
  ends 2 "$VXUNZIP" -d out a.zip
  says "its name has more than 255 parts"
  [ "$(find out -type f | wc -l)" -eq 1 ]
  rm -r out
}

# What a limit lets pass, to the byte, the instruction, or the hundredth of a second.
@test "no output passes the declared size, whatever a decoder writes" {
  forge a.zip 'program("spout")' 'coded("f", "spout", b"1" * 1600)' 'coded("g", "spout", b"1" * 1601)'
  ends 2 strace -f -qq -e trace=write -e signal=none -o trace "$VXUNZIP" -q -d out a.zip
  says "f: it decodes to more than its 1600 bytes" "g: it decodes to more than its 1601 bytes"
  python3 - <<'PY'
import re
written = [int(n) for n in re.findall(r"write\(\d+, .*\) += (\d+)", open("trace").read())]
assert sum(written) < 3201 + 500, written
PY
  [ -z "$(ls -A out)" ]
}

@test "--time is passed by less than a hundredth of itself" {
  forge a.zip 'program("forever")' 'coded("f", "forever", b"1")'
  ends 2 python3 - "$VXUNZIP" <<'PY'
import resource, subprocess, sys
status = subprocess.run([sys.argv[1], "--time=2", "-d", "out", "a.zip"]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = used.ru_utime + used.ru_stime
print(f"used {seconds:.3f} seconds")
sys.exit(status if 1.98 < seconds < 2.02 + 0.05 else 99)
PY
  says "used more than the 2 CPU seconds allowed"
}

@test "--memory refuses a decoder that needs more" {
  seq 100000 >f
  "$VXZIP" -m zstd -q a.zip f
  ends 2 "$VXUNZIP" -t --memory=64K a.zip f
  ends 0 "$VXUNZIP" -tq --memory=256M a.zip
}

@test "--time ends a decoder that runs on" {
  forge a.zip 'program("forever")' 'coded("f", "forever", b"1")'
  SECONDS=0
  ends 2 "$VXUNZIP" --time=1 -d out a.zip
  [ "$SECONDS" -lt 20 ]
  absent out/f
}
