"""Members of an engine's classes as its documentation names them, from a list in a text file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Documented:
    """The members of each class, and the class that it inherits ("" for none)."""

    members: dict[str, frozenset[str]]
    bases: dict[str, str]

    def has(self, name: str, member: str) -> bool:
        """Whether the class or one that it inherits has the member."""
        while name:
            if member in self.members[name]:
                return True
            name = self.bases[name]
        return False

    def anywhere(self, member: str) -> bool:
        """Whether any class has the member."""
        return any(member in members for members in self.members.values())


def read(file: Path) -> Documented:
    """A list of lines `Class < Base: member member`. AssertionError for another line, a class that
    is there twice, and a base that is not."""
    members: dict[str, frozenset[str]] = {}
    bases = {}
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        found = re.fullmatch(r"([@\w.]+)(?: < ([\w.]+))?:((?: [\w/]+)*) ?", line)
        assert found and found[1] not in members, line
        members[found[1]] = frozenset(found[3].split())
        bases[found[1]] = found[2] or ""
    assert not {base for base in bases.values() if base} - members.keys() - LEFT_OUT
    return Documented(members, {n: b if b in members else "" for n, b in bases.items()})


# Classes of which nothing is used but that others inherit them.
LEFT_OUT = {"ResourceImporter"}
