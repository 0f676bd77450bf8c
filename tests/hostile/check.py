# SPDX-License-Identifier: MIT
"""That every bad archive is read with exactly the complaint that it deserves.

Usage: check.py PROBE               compares the output of the probe with what each fault demands
       check.py --write FOLDER      only writes the archives, FOLDER/<fault>.zip
"""
import os
import subprocess
import sys
import tempfile

import faults_end  # noqa: F401 (each registers its faults)
import faults_member  # noqa: F401
import faults_vxa  # noqa: F401
from fault import faults

TIMEOUT_SECONDS = 60


def write_all(folder):
    for fault in faults.values():
        with open(os.path.join(folder, fault.name + ".zip"), "wb") as file:
            file.write(fault.bytes)


def run(command):
    """Output lines, and what went wrong beside them: sanitizers, signals, time."""
    try:
        result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return [], f"no end after {TIMEOUT_SECONDS} seconds"
    trouble = result.stderr.decode(errors="replace")
    if result.returncode != 0:
        trouble += f"exit status {result.returncode}"
    return result.stdout.decode(errors="backslashreplace").splitlines(), trouble


def is_good(probe, fault, folder):
    lines, trouble = run([probe, os.path.join(folder, fault.name + ".zip")])
    if lines == fault.lines and not trouble:
        return True
    print(f"FAILED: {fault.name}")
    for line in fault.lines:
        print("  expected: " + line)
    for line in lines + trouble.splitlines():
        print("  got:      " + line)
    return False


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--write":
        os.makedirs(sys.argv[2], exist_ok=True)
        write_all(sys.argv[2])
        return 0
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        write_all(folder)
        good = [is_good(sys.argv[1], fault, folder) for fault in faults.values()]
    print(f"{sum(good)} of {len(good)} bad archives are treated as they must be")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
