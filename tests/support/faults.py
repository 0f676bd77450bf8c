# SPDX-License-Identifier: MIT
# Runs a program many times, each time with another fault, and looks at what it leaves: faults.py SCENE HOW COUNT SEED
"""Scenes: pack, update, extract. How: kill (SIGKILL after a random time), or what strace is to
inject, such as write:error=ENOSPC, at a random call; or memory (an allocation that fails). In the present folder are tree/, what is
packed, and old.zip, an archive of it as it was before; VXZIP and VXUNZIP name the programs."""
import filecmp
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile

VXZIP, VXUNZIP = os.environ["VXZIP"], os.environ["VXUNZIP"]


KILLED = "killed"


def content(path):
    with open(path, "rb") as file:
        return file.read()


def command(scene, work):
    archive = os.path.join(work, "a.zip")
    if scene == "extract":
        return [VXUNZIP, "-q", "-o", "--jobs=1", "-d", os.path.join(work, "out"), "new.zip"]
    return [VXZIP, "-q", "-r", "--jobs=1", "-m", "deflate", archive, "tree"]


def prepare(scene, work):
    shutil.rmtree(work, ignore_errors=True)
    os.mkdir(work)
    if scene == "update":
        shutil.copy("old.zip", os.path.join(work, "a.zip"))


def expected(name):
    """An input that cannot be read leaves the member of an archive as it was."""
    return [content(path) for path in (name, os.path.join("old", name)) if os.path.exists(path)]


def is_whole(path, least):
    """Whether it is an archive of what is in tree/, with at least so many members."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith(".vxa/") and not name.endswith("/"):
                if archive.read(name) not in expected(name):
                    return False
        return sum(name.startswith("tree/") for name in archive.namelist()) >= least


def check_archive(scene, work, done, message):
    archive = os.path.join(work, "a.zip")
    if not os.path.exists(archive):
        return scene == "pack" and not done
    if scene == "update" and not done and content(archive) == content("old.zip"):
        return True
    return is_whole(archive, 0 if "left out" in message else 20)


def check_files(work, done):
    """Every file is whole under its own name, or not there; all are when the run was good."""
    count = 0
    for folder, _, names in os.walk(os.path.join(work, "out")):
        for name in names:
            path = os.path.join(folder, name)
            if name.startswith(".vxa-"):
                continue
            if not filecmp.cmp(path, os.path.relpath(path, os.path.join(work, "out")), False):
                return False
            count += 1
    return not done or count >= 20


def leftovers(work):
    return [name for _, _, names in os.walk(work) for name in names
            if name.startswith((".vxa-", ".vxzip-"))]


def check(scene, work, done, message):
    if scene == "extract":
        return check_files(work, done)
    return check_archive(scene, work, done, message)


def run_killed(scene, work, seconds):
    program = subprocess.Popen(command(scene, work), stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    program.send_signal(signal.SIGKILL)
    return program.wait() == 0, ""


def run_injected(scene, work, how, when):
    call = how.split(":")[0]
    traced = ["strace", "-qq", "-o", os.path.join("trace"), "-e", f"trace={call}",
              "-e", "signal=none", "-e", f"inject={how}:when={when}"]
    result = subprocess.run(traced + command(scene, work), stderr=subprocess.PIPE, timeout=240)
    message = result.stderr.decode()
    if result.returncode < 0 or result.returncode > 128:
        raise SystemExit(f"{scene}, {how}, call {when}: status {result.returncode}: {message}")
    if result.returncode != 0 and message.count("\n") < 1:
        raise SystemExit(f"{scene}, {how}, call {when}: status {result.returncode} without a word")
    return result.returncode == 0, message


def begin_count(lines, end):
    """Lines up to there that are no such call."""
    return sum(line.startswith("socketpair") or "(" not in line for line in lines[:end])


def run_without_memory(scene, work, number):
    result = subprocess.run(command(scene, work), stderr=subprocess.PIPE, timeout=240,
                            env=shim(NO_MEMORY=str(number)))
    message = result.stderr.decode()
    # minizip writes to the header of a member before it looks whether it has got its memory.
    if result.returncode == -signal.SIGSEGV and scene != "extract":
        return False, KILLED
    if result.returncode < 0 or result.returncode > 128:
        raise SystemExit(f"{scene}, allocation {number}: status {result.returncode}: {message}")
    if result.returncode != 0 and not message:
        raise SystemExit(f"{scene}, allocation {number}: status {result.returncode} without a word")
    return result.returncode == 0, message


def shim(**variables):
    library = os.path.join(os.environ["BUILD"], "bin", "no_memory.so")
    return dict(os.environ, LD_PRELOAD=library, **variables)


def measure(scene, how):
    """How long a run takes; or the numbers of such calls, once the program itself is loaded."""
    prepare(scene, "work")
    if how == "memory":
        subprocess.run(command(scene, "work"), check=True, env=shim(NO_MEMORY_COUNT="count"))
        return range(1, int(content("count")) + 1)
    if how == "kill":
        start = time.monotonic()
        subprocess.run(command(scene, "work"), check=True)
        return time.monotonic() - start
    subprocess.run(["strace", "-qq", "-o", "trace", "-e", f"trace={how.split(':')[0]},socketpair",
                    "-e", "signal=none"] + command(scene, "work"), check=True)
    lines = list(open("trace"))
    begin = next(i for i, line in enumerate(lines) if line.startswith("socketpair"))
    return [i - begin_count(lines, i) + 1 for i, line in enumerate(lines)
            if i > begin and "(" in line and not line.startswith("socketpair")]


def main():
    scene, how, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    most = measure(scene, how)
    chance = random.Random(seed)
    good = left = 0
    points = [chance.uniform(0, 1.1 * most) for _ in range(count)] if how == "kill" else \
        chance.sample(most, min(count, len(most)))
    for point in points:
        prepare(scene, "work")
        if how == "kill":
            done, message = run_killed(scene, "work", point)
        elif how == "memory":
            done, message = run_without_memory(scene, "work", point)
        else:
            done, message = run_injected(scene, "work", how, point)
        if not check(scene, "work", done, message):
            raise SystemExit(f"{scene}, {how}, seed {seed}, at {point}: damaged; {message}")
        if how != "kill" and message != KILLED and leftovers("work"):
            raise SystemExit(f"{scene}, {how}, at call {point}: {leftovers('work')} left; {message}")
        good += done
        left += bool(leftovers("work"))
    print(f"{scene}, {how}, seed {seed}: {len(points)} faults, {good} runs good in spite of them, "
          f"{left} with temporary files left")


if __name__ == "__main__":
    main()
