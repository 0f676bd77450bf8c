#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the list of instructions, read as a stranger would, with what the decoder accepts.

    specification.py INSTRUCTIONS_MD DECODE_LINES

Every opcode of both maps, alone and behind 66h, F3h, F2h and F0h, with each reg field, a memory
operand and each register: accepted or not, the length, the mnemonic.
"""

import re
import subprocess
import sys

PREFIXES = ["", "66", "F3", "F2", "F0"]
NOT_OPCODES = {0x0F, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3}
PADDING = "00" * 12
# The list names what 66h makes of an instruction; the printer names the 32-bit form.
WIDER = {"cwd": "cdq", "cbw": "cwde", "jcxz": "jecxz"}


class Row:
    def __init__(self, cells):
        self.mnemonic, encoding, operands, prefixes = cells[:4]
        self.operands = [o.strip() for o in operands.split(",")] if operands else []
        self.accepted = re.findall(r"[0-9A-F]{2}", prefixes)
        match = re.match(r"((?:[0-9A-F]{2} )*[0-9A-F]{2})(\+\w+)?(.*)", encoding)
        self.bytes = match.group(1).split()
        self.plus = {"+r": 8, "+i": 8, "+cc": 16, None: 1}[match.group(2)]
        self.mandatory = self.bytes.pop(0) if len(self.bytes) > 1 and self.bytes[0] in PREFIXES else ""
        rest = match.group(3)
        self.modrm = re.search(r"/(\w)", rest)
        self.modrm = self.modrm.group(1) if self.modrm else None
        self.forms = self.forms_of(rest)
        self.immediates = re.findall(r"\b(ib|iw|id|cb|cd|mo)\b", rest)

    def forms_of(self, rest):
        """Whether the operand of ModRM may be memory, a register, or both."""
        if "(memory)" in rest or "(register)" in rest:
            return {"memory"} if "(memory)" in rest else {"register"}
        both = any(re.match(r"[a-z0-9]+/m", o) for o in self.operands)
        memory = any(re.match(r"m\d*(fp|byte|&\d+)?\b", o) for o in self.operands) and not both
        return {"memory", "register"} if both else {"memory"} if memory else {"register"}

    def codes(self):
        last = int(self.bytes[-1], 16)
        return [tuple(self.bytes[:-1]) + (f"{last + i:02X}",) for i in range(self.plus)]

    def length(self, prefix):
        sizes = {"ib": 1, "iw": 2, "id": 2 if prefix == "66" else 4, "cb": 1, "cd": 4, "mo": 4}
        return (bool(prefix) + len(self.bytes) + (self.modrm is not None) +
                sum(sizes[i] for i in self.immediates))

    def takes(self, prefix, modrm):
        form = "register" if modrm >= 0xC0 else "memory"
        if self.modrm is not None:
            if form not in self.forms or (self.modrm != "r" and int(self.modrm) != modrm >> 3 & 7):
                return False
        if prefix == self.mandatory:
            return True
        if prefix == "F0" and (self.modrm is None or form != "memory"):
            return False
        return not self.mandatory and prefix in self.accepted


def read_rows(path):
    table = {}
    for line in open(path, encoding="utf-8"):
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "mnemonic":
            row = Row(cells)
            for code in row.codes():
                table.setdefault(code, []).append(row)
    return table


def find(table, prefix, opcode, modrm):
    """The row that says what these bytes are, or None."""
    candidates = table.get(opcode, []) + table.get(opcode + (f"{modrm:02X}",), [])
    rows = [r for r in candidates if r.takes(prefix, modrm)]
    exact = [r for r in rows if r.mandatory == prefix]
    return (exact or rows or [None])[0]


def same_name(mnemonic, text):
    printed = re.sub(r"^(lock|rep|repe|repne) ", "", text).split(" ")[0]
    if "cc" in mnemonic:
        return printed.startswith(mnemonic[:-2])
    return printed in (mnemonic, WIDER.get(mnemonic)) or \
        (printed[:-1] == mnemonic and printed[-1] in "bwd")


def main():
    table = read_rows(sys.argv[1])
    modrms = [reg << 3 | 1 for reg in range(8)] + list(range(0xC0, 0x100))
    cases = []
    for prefix in PREFIXES:
        for escape in ([], ["0F"]):
            for opcode in range(256):
                if not escape and opcode in NOT_OPCODES:
                    continue
                code = tuple(escape + [f"{opcode:02X}"])
                cases += [(prefix, code, modrm) for modrm in modrms]
    lines = "".join(f"{p}{''.join(c)}{m:02X}{PADDING}\n" for p, c, m in cases)
    answers = subprocess.run([sys.argv[2]], input=lines, capture_output=True, text=True,
                             check=True).stdout.splitlines()
    wrong = accepted = 0
    for (prefix, code, modrm), answer in zip(cases, answers, strict=True):
        row = find(table, prefix, code, modrm)
        nbytes, text = answer.split(" ", 1)
        expected = row.length(prefix) if row else 0
        accepted += expected > 0
        if int(nbytes) != expected or (row and not same_name(row.mnemonic, text)):
            wrong += 1
            if wrong <= 40:
                print(f"{prefix} {' '.join(code)} {modrm:02X}: specified "
                      f"{row.mnemonic if row else 'nothing'} of {expected} bytes, decoded {answer}")
    print(f"{len(cases)} encodings, {accepted} accepted, {wrong} wrong")
    sys.exit(wrong != 0 or accepted < 10000)


main()
