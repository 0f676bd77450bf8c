# SPDX-License-Identifier: MIT
"""The list of bad archives: each a function named by its fault, with what must be said of it."""
import re

from archive import Archive, Member

faults = {}
BAD_MEMBER = re.compile(r"member (\d+): (?!block not|warning:)")
INNOCENT = Member(b"innocent.txt", b"nothing is wrong with this one")


class Fault:
    """`lines`: the whole output of the probe; `contents`: of the good members, by name."""

    def __init__(self, make, lines):
        self.name = make.__name__
        made = make()
        self.bytes = made.bytes() if isinstance(made, Archive) else made
        self.lines = list(lines)
        self.contents = {}
        if isinstance(made, Archive):
            bad = {int(match[1]) for match in (BAD_MEMBER.match(line) for line in lines) if match}
            good = [m for number, m in enumerate(made.members) if number not in bad]
            self.lines.append(f"{len(good)} of {len(made.members)} members good")
            self.contents = {member.central["name"]: member.data for member in good}


def fault(*lines):
    """The lines of the probe's output, all of them but the count at the end, which follows."""
    def register(make):
        if make.__name__ in faults:
            raise ValueError("two faults of one name: " + make.__name__)
        faults[make.__name__] = Fault(make, lines)
        return make
    return register


def harmless(make):
    """What looks odd and is allowed."""
    return fault()(make)


def beside_innocent(name=b"a.txt", data=b"hello", **rest):
    """The bad member is number 0; number 1 must stay readable."""
    return Archive([Member(name, data, **rest), INNOCENT])
