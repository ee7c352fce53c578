"""Bases that a team brings itself: what lies in bases/ of the studio's folder, or a Hub id.

Any other place on the studio's machine is named by those alone who may: what a person types is
looked at by the studio, and would tell them what lies there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from studio.diffusion import bases, families, offered
from studio.diffusion.bases import Base
from studio.diffusion.layout import WORKS
from studio.errors import StudioError

FOLDER = "bases"
RIGHT = "name server paths"
SUFFIXES = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")  # the others to say why they are none
KINDS = {
    families.PRACTICE: "A practice base",
    families.SD1: "Stable Diffusion 1.x",
    families.SD2: "Stable Diffusion 2.x",
    families.SDXL: "SDXL",
}


@dataclass(frozen=True)
class Own:
    """What lies in bases/: its name there, its full path, what it is, its size in bytes; `wrong`
    says why it can't be used, else empty."""

    name: str
    path: str
    kind: str
    size: int
    wrong: str = ""


def listing(home: Path) -> tuple[Own, ...]:
    """Everything in bases/ that is or pretends to be a base, by name. Reads headers, no weights."""
    try:
        found = sorted((home / FOLDER).iterdir())
    except OSError:
        return ()
    wanted = [p for p in found if p.is_dir() or p.suffix.lower() in SUFFIXES]
    return tuple(_own(path) for path in wanted if not path.name.startswith("."))


def free_to_name(home: Path, name: str) -> bool:
    """Whether everybody may name this base: it lies in bases/, or is no place on this machine."""
    if name in ("", "pocket") or _is_hub_id(name):
        return True
    place = Path(os.path.abspath(Path(name).expanduser()))  # not through links: only by its name
    return place.parent == Path(os.path.abspath(home / FOLDER))


def check(name: str) -> Base:
    """The base, looked at as far as that goes without loading it: StudioError for what is none,
    naming what it is. A Hub id is asked of the Hub, where that answers."""
    suffix = Path(name).suffix.lower()
    if suffix in SUFFIXES[1:] and not Path(name).expanduser().is_dir():
        raise StudioError(
            f"{Path(name).name} is a pickle by its name, which can run any code when it is loaded.",
            f"Get the base as .safetensors. {WORKS}",
        )
    return bases.find_base(name)


def offer(base: Base) -> offered.Offer:
    """The base as a page shows it; nothing of it is counted as a download."""
    sold = {
        True: "Its pictures may be sold.",
        False: "Its pictures may not be sold.",
        None: "Whether its pictures may be sold is not known: look that up.",
    }
    about = f"{KINDS[families.family_of(base.name)]}. {sold[base.commercial]}"
    return offered.Offer(base.name, label_of(base.name), about, base.licence)


def label_of(name: str) -> str:
    """What a page calls it: a file's or folder's own name, a Hub id whole."""
    return name if _is_hub_id(name) else Path(name).name


def _own(path: Path) -> Own:
    try:
        base = check(str(path))
        kind, wrong = KINDS[families.family_of(base.path)], ""
    except StudioError as error:
        kind, wrong = "", f"{error.message} {error.remedy}"
    return Own(path.name, os.path.abspath(path), kind, _size(path), wrong)


def _size(path: Path) -> int:
    """Bytes of a file, or of all weights in a folder."""
    files = path.rglob("*.safetensors") if path.is_dir() else [path]
    try:
        return sum(file.stat().st_size for file in files)
    except OSError:
        return 0


def _is_hub_id(name: str) -> bool:
    """Whether it is written like one and no place on this machine is called so."""
    written = name.count("/") == 1 and not name.startswith((".", "/", "~")) and name[-1] != "/"
    return written and "\\" not in name and not Path(name).exists()
