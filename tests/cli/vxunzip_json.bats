# SPDX-License-Identifier: MIT
# Knows that --json is valid JSON whatever the names are, and says what docs/json.md promises.

load ../support/helper

setup() {
  cd "$BATS_TEST_TMPDIR"
}

# Evaluates a Python expression over the document `d` in the file "out": holds EXPRESSION...
holds() {
  local expression
  for expression in "$@"; do
    python3 -c 'import json, sys
d = json.load(open("out", encoding="utf-8"))
assert eval(sys.argv[1]), d' "$expression" || return 1
  done
}

@test "-l --json tells every member, and the sum" {
  forge a.zip 'member("d/")' 'member("f", b"1" * 1000, method=8)' 'member("../x", b"2")'
  "$VXUNZIP" -l --json a.zip >out
  unzip -l a.zip >/dev/null
  holds 'd["archive"] == "a.zip" and d["status"] == 0' '[m["name"] for m in d["members"]] == ["d/", "f", "../x"]' \
    'd["members"][1]["size"] == 1000 and d["members"][1]["compressed_size"] < 20' \
    'd["members"][1]["method"] == 8 and d["members"][1]["method_name"] == "deflate"' \
    'd["members"][1]["crc32"] == "b3b44e47"' 'd["members"][0]["kind"] == "folder"' \
    '"name_problem" in d["members"][2]' 'd["total"]["members"] == 3 and d["total"]["size"] == 1001' \
    'd["members"][0]["mtime"] == 1580702706 or d["members"][0]["mtime"] // 60 == 1580702706 // 60'
  "$VXUNZIP" -l --json a.zip f >out
  holds 'len(d["members"]) == 1'
}

@test "names of every single byte and of odd characters are valid JSON, and come back from it" {
  python3 - <<'PY'
import os
os.mkdir("tree")
for byte in range(1, 256):
    if byte != 0x2f:
        open(b"tree/b" + bytes([byte]), "w").close()
for name in ("\u00fc\u4e2d\U0001f600", "\u202etxt", "a\u2028b", "\ud800"):
    open(b"tree/" + name.encode("utf-8", "surrogatepass"), "w").close()
open(b"tree/\xc3\x28\xff\xfe\"\\\n\t\x00"[:-1], "w").close()
PY
  "$VXZIP" -qr a.zip tree
  local verb
  for verb in -l "--decoders -v" -t "-d o"; do
    # shellcheck disable=SC2086
    "$VXUNZIP" --json $verb a.zip >out
    python3 - $verb <<'PY'
import json, os, sys
text = open("out", "rb").read().decode("utf-8")
assert not any(ord(c) < 32 and c != "\n" or c in "\u2028\u202e\x7f" for c in text)
document = json.loads(text)
if sys.argv[1] == "--decoders":
    sys.exit()
names = set()
for row in document.get("members", document.get("results")):
    names.add(bytes.fromhex(row["name_hex"]) if "name_hex" in row else row["name"].encode())
wanted = {b"tree/" + name for name in os.listdir(b"tree")} | {b"tree/"}
assert {name for name in names if not name.startswith(b".vxa")} == wanted
PY
  done
}

@test "-t --json tells which member failed, how, and the exit status" {
  forge a.zip 'member("good", b"1")' 'member("bad", b"1", crc=7)' 'member("../h", b"1")' \
    'member("odd", b"1", method=777)'
  ends 2 bash -c '"$VXUNZIP" -t --json a.zip >out 2>told'
  holds 'd["status"] == 2 and d["member_count"] == 4 and d["failed_count"] == 3' \
    '[r["result"] for r in d["results"]] == ["ok", "failed", "failed", "failed"]' \
    '[r.get("kind") for r in d["results"]] == [None, "data", "unsafe", "unsupported"]' \
    '"CRC" in d["results"][1]["reason"]'
  grep -q "bad: .*CRC" told
}

@test "an extraction's report tells what was made and what was kept" {
  forge a.zip 'member("f", b"1")' 'member("g", b"2")'
  echo mine >f
  ends 0 bash -c '"$VXUNZIP" -n --json a.zip >out'
  holds '[(r["name"], r["result"]) for r in d["results"]] == [("f", "kept"), ("g", "ok")]'
  ends 2 bash -c '"$VXUNZIP" --json a.zip >out 2>/dev/null </dev/null'
  holds '[r["kind"] for r in d["results"]] == ["io", "io"]'
  ends 2 bash -c '"$VXUNZIP" --json -d f a.zip >out 2>/dev/null'
  holds 'd["status"] == 2 and d["results"][0]["result"] == "failed"'
}

@test "--decoders --json tells hash, size, codec and users" {
  seq 1000 >f
  "$VXZIP" -q -m zstd a.zip f
  "$VXUNZIP" --decoders -v --json a.zip >out
  local hash
  hash=$(sha256sum "$BUILD/decoders/zstd.elf" | cut -d ' ' -f 1)
  holds "d['decoders'][0]['sha256'] == '$hash'" 'd["decoders"][0]["used_by"] == 1' \
    'd["decoders"][0]["users"] == [{"name": "f"}]' 'd["decoders"][0]["is_in_archive"]' \
    "d['decoders'][0]['size'] == $(stat -c %s "$BUILD/decoders/zstd.elf")"
  "$VXUNZIP" -l --json a.zip >out
  holds "d['members'][-2]['decoder'] == '$hash' and d['members'][0]['is_decoder'] == '$hash'"
}

@test "what cannot be opened is a document, too; -p and --json do not go together" {
  ends 9 bash -c '"$VXUNZIP" -l --json nosuch.zip >out 2>/dev/null'
  holds 'd["status"] == 9 and "No such file" in d["error"]'
  ends 10 "$VXUNZIP" -p --json nosuch.zip
}

@test "every key that is written is in docs/json.md" {
  local key page="$BATS_TEST_DIRNAME/../../docs/json.md" count=0
  for key in $(grep -ohE 'vxa_json_[a-z]+\([^;]*"[a-z_0-9]+"' "$BATS_TEST_DIRNAME"/../../vxa/*.c |
    grep -oE '"[a-z_0-9]+"' | tr -d '"' | sort -u); do
    count=$((count + 1))
    grep -q "\`$key\`" "$page" || { echo "no $key in docs/json.md"; return 1; }
  done
  [ "$count" -ge 25 ]
}
