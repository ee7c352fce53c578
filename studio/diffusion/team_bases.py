"""Bases that a team brings itself: what lies in bases/ of the studio's folder, or a Hub id.

Any other place on the studio's machine is named by those alone who may: what a person types is
looked at by the studio, and would tell them what lies there.

Versions keep their base's whole path. Where nothing lies there any more, since the studio's folder
was moved or a backup was restored elsewhere, `place` finds it again: by its name in bases/, if it
lay in such a folder, or where somebody said that it lies now. A base from elsewhere is never
guessed by its name: another base of that name would draw other pictures, and nobody would know
why.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.diffusion import base_offers, bases, bundled_bases, families
from studio.diffusion.bases import Base
from studio.diffusion.folder_layout import WORKS
from studio.errors import StudioError
from studio.store.publish import publish

FOLDER = "bases"
MOVED = "bases.json"  # in the studio's folder: where bases lie now, by where they lay
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
    if not name or bundled_bases.find(name) or _is_hub_id(name):
        return True
    place = Path(os.path.abspath(Path(name).expanduser()))  # not through links: only by its name
    return place.parent == Path(os.path.abspath(home / FOLDER))


def place(home: Path, name: str) -> str:
    """Where the base that is known as `name` lies now; `name` itself where it still lies there, is
    no place on this machine, or is found nowhere."""
    if not is_lost(name):
        return name
    known, at, seen = moved(home), name, set[str]()
    while is_lost(at) and at not in seen:
        seen.add(at)
        inside = home / FOLDER / Path(at).name
        if at in known:
            at = known[at]
        elif Path(at).parent.name == FOLDER and inside.exists():
            at = os.path.abspath(inside)
    return name if is_lost(at) else at


def is_lost(name: str) -> bool:
    """Whether it is a place on this machine where nothing lies."""
    try:
        where = Path(name).expanduser()
        return where.is_absolute() and not where.exists()
    except (OSError, RuntimeError):  # nobody's home, or a folder that is closed to us
        return True


def moved(home: Path) -> Mapping[str, str]:
    """Where people said that bases lie now, by where they lay."""
    try:
        told = json.loads((home / MOVED).read_text("utf-8"))
        return {str(old): str(new) for old, new in told.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def move(home: Path, old: str, new: str) -> Base:
    """Note that the base that lay at `old` lies at `new`; StudioError where it still lies there, or
    `new` is no base."""
    if not Path(old).is_absolute():
        raise StudioError(
            f"{old} is no place on this machine.",
            "Give the whole path as versions name it: python -m studio base list",
        )
    if not is_lost(old):
        raise StudioError(f"{old} lies where it lay.", "Nothing is to be told.")
    found = check(new)
    if not Path(found.path).is_absolute():
        raise StudioError(f"{new} is no place on this machine.", "Give its file or folder.")
    publish(home / MOVED, json.dumps({**moved(home), old: found.name}, indent=1))
    return found


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


def offer(base: Base) -> base_offers.Offer:
    """The base as a page shows it; nothing of it is counted as a download."""
    sold = {
        True: "Its pictures may be sold.",
        False: "Its pictures may not be sold.",
        None: "Whether its pictures may be sold is not known: look that up.",
    }
    about = f"{KINDS[families.family_of(base.path)]}. {sold[base.commercial]}"
    return base_offers.Offer(base.name, label_of(base.name), about, base.licence)


def label_of(name: str) -> str:
    """What a page calls it: a file's or folder's own name, a Hub id whole."""
    return name if _is_hub_id(name) else Path(name).name


def _own(path: Path) -> Own:
    try:
        base = check(str(path))
        kind, wrong = KINDS[families.family_of(base.path)], ""
    except StudioError as error:
        kind, wrong = "", f"{error.message} {error.remedy}"
    return Own(path.name, os.path.abspath(path), kind, size(path), wrong)


def size(path: Path) -> int:
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
