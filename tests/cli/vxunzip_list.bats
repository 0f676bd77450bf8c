# SPDX-License-Identifier: MIT
# Knows the listings -l, -v and --decoders.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

@test "-l shows length, date, time, name and totals" {
  forge a.zip 'member("d/")' 'member("d/f", b"1" * 1234)' 'member("g", b"2" * 99, method=8)'
  ends 0 "$VXUNZIP" -l a.zip
  diff - <(echo "$output") <<'EOT'
Archive:  a.zip
  Length      Date    Time    Name
---------  ---------- -----   ----
        0  2020-02-03 04:05   d/
     1234  2020-02-03 04:05   d/f
       99  2020-02-03 04:05   g
---------                     -------
     1333                     3 files
EOT
}

@test "-l gives the same lengths, times and names as unzip -l" {
  mkdir tree
  seq 1000 >tree/a
  echo 1 >tree/b
  zip -qr a.zip tree
  "$VXUNZIP" -l a.zip | awk 'NF == 4 && $2 ~ /-/' | sed 's/^ *//' >ours
  unzip -l a.zip | awk 'NF == 4 && $2 ~ /-/' | sed 's/^ *//' >theirs
  diff theirs ours
  [ "$(wc -l <ours)" -eq 4 ]
}

@test "-v shows method, sizes, ratio, CRC-32 and decoder within 80 columns" {
  forge a.zip 'decoder("'"$BUILD"'/decoders/deflate.elf", "deflate", name=".vxa/d")' \
    'member("f", b"1" * 1000, method=8, extra=block(digest("'"$BUILD"'/decoders/deflate.elf")))' \
    'member("g", b"2", method=14)' 'member("h", b"2", method=777)' 'member("i", b"x", method=8)'
  hash=$(sha256sum "$BUILD/decoders/deflate.elf" | cut -c 1-8)
  ends 0 "$VXUNZIP" -v a.zip
  says "    1000  deflate      11  99% 2020-02-03 04:05 b3b44e47 $hash  f" \
    "       1  LZMA          1   0%" "       1  777           1   0%" \
    " -         g"
  [[ $output == *"deflate"*"$hash  .vxa/d"* ]]
  [ "$(echo "$output" | awk 'length > 80' | wc -l)" -eq 0 ]
  says "5 files"
  forge b.zip 'member("f", b"1", extra=field(VXA_ID, b"VXA9"))'
  ends 0 "$VXUNZIP" -v b.zip
  says " unusable  f"
}

@test "-l and -v show the archive's own members, and patterns choose" {
  seq 1000 >f
  "$VXZIP" -m zstd -q a.zip f
  ends 0 "$VXUNZIP" -l a.zip
  says .vxa/zstd- .vxa/README.txt
  ends 0 "$VXUNZIP" -l a.zip f
  silent_about .vxa
  says "1 file"
  ends 0 "$VXUNZIP" -lv a.zip -x '.vxa/*'
  silent_about .vxa
  ends 11 "$VXUNZIP" -l a.zip nothing
}

@test "listing escapes control characters, C1 and direction marks in names" {
  forge a.zip 'member("a\nb\x1b[2J\x7f\\", b"")' 'member("\u009b2J\u202etxt.exe", b"")' \
    'member("gr\u00fcn", b"")'
  ends 0 "$VXUNZIP" -l a.zip
  says 'a\nb\033[2J\177\\' '\302\2332J\342\200\256txt.exe' 'grün'
}

@test "--decoders tells codec, size, hash and users" {
  seq 1000 >f
  seq 2000 >g
  "$VXZIP" -m zstd -q a.zip f g
  ends 0 "$VXUNZIP" --decoders a.zip
  says "zstd" "  member    .vxa/zstd-" "  size      $(stat -c %s "$BUILD/decoders/zstd.elf") bytes" \
    "  SHA-256   $(sha256sum "$BUILD/decoders/zstd.elf" | cut -d ' ' -f 1)" "  used by   2 members"
  [ "$(echo "$output" | tail -1)" = "  used by   2 members" ]
  ends 0 "$VXUNZIP" --decoders -v a.zip
  [ "$(echo "$output" | tail -2 | tr -d ' ')" = $'f\ng' ]
}

@test "--decoders tells of missing decoders, and of none" {
  forge a.zip 'coded("f", "forever", b"1")' 'program("exit3", "other")'
  ends 0 "$VXUNZIP" --decoders a.zip
  says "(codec not named)" "none: the decoder is not in this archive" "other" "used by   0 members" \
    "used by   1 member"
  forge b.zip 'member("f")'
  ends 0 "$VXUNZIP" --decoders b.zip
  says "no decoders"
}

@test "listing a damaged or unknown member is no error" {
  forge a.zip 'member("f", b"1", crc=7)' 'member("g", b"1", method=4321)' 'member("../h", b"1")'
  ends 0 "$VXUNZIP" -l a.zip
  says "../h"
}

@test "a reader that goes away ends a listing quietly" {
  python3 -c 'import zipfile
with zipfile.ZipFile("a.zip", "w") as a:
    for i in range(20000): a.writestr(f"member{i}", b"")'
  set +e
  "$VXUNZIP" -l a.zip 2>message | head -n 1 >first
  local statuses="${PIPESTATUS[*]}"
  set -e
  [ "$statuses" = "141 0" ]
  [ ! -s message ]
}

@test "a full device under a listing is an error: status 50" {
  forge a.zip 'member("f")'
  ends 50 sh -c '"$VXUNZIP" -l a.zip >/dev/full'
  says "cannot write to standard output: No space left on device"
}
