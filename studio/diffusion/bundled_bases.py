"""The practice bases that come with the studio, by name. Light: nothing here loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.settings import CHECKOUT, POCKET


@dataclass(frozen=True)
class Bundled:
    """A base by its name: where it lies, and its licence. All of them may be used commercially."""

    name: str
    folder: Path
    licence: str


FIRST = "pocket"
BASES = {
    base.name: base
    for base in (
        Bundled(FIRST, POCKET, "CC0-1.0"),
        Bundled("pocket-2", CHECKOUT / "pocket-2", "CC-BY-3.0"),
    )
}
# The base of what is new, and whose CLIP measures it. What was made with another keeps its own.
DEFAULT = FIRST
CLIP = BASES[DEFAULT].folder / "clip"


def find(name: str) -> Bundled | None:
    """The bundled base of that name, or None."""
    return BASES.get(name)


def place(name: str) -> str:
    """The folder of a bundled base; any other name as it is."""
    found = BASES.get(name)
    return str(found.folder) if found else name


def present() -> tuple[Bundled, ...]:
    """Those that lie in this checkout, the default first."""
    there = [base for base in BASES.values() if (base.folder / "model_index.json").is_file()]
    return tuple(sorted(there, key=lambda base: base.name != DEFAULT))
