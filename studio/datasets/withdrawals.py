"""Pictures that were withdrawn: by whom, when and why, for every dataset at once.

datasets/withdrawn.json   the record; a line of it is never deleted, only taken back with a reason

A picture is meant by its content. What was varied from a withdrawn picture counts as withdrawn
too. `versions` freezes no such picture; versions frozen before keep theirs, and are not trained on.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.accounts.rights import check
from studio.database import ledger
from studio.database.engine import bump, file_lock, home_of, writing
from studio.database.ledger import stamp
from studio.datasets import manifests
from studio.datasets.manifests import DatasetVersion
from studio.datasets.pictures import Picture, Refusal, listed
from studio.datasets.words import one_line
from studio.errors import StudioError
from studio.store.publish import publish

GROUNDS = (
    "consent was taken back",
    "consent has ended",
    "licence does not allow it",
    "somebody else's work",
    "shows a person or a mark",
    "another reason",
)
LONGEST = 500


@dataclass(frozen=True)
class Withdrawal:
    """One picture's withdrawal: its file name then, on what ground, and the reason in words.

    `asked_by` is the person whose picture it is, where they asked. The last three are set when it
    was taken back. Moments are ISO UTC.
    """

    hash: str
    file_name: str
    at: str
    by: str
    ground: str
    why: str
    asked_by: str = ""
    back_at: str = ""
    back_by: str = ""
    back_why: str = ""


def listing(home: Path) -> tuple[Withdrawal, ...]:
    """All of them, the newest first, also those that were taken back."""
    return tuple(reversed(_read(home)))


def active(home: Path) -> Mapping[str, Withdrawal]:
    """Those that hold now, by the picture's hash."""
    path = _path(home)
    try:
        stat = path.stat()
    except FileNotFoundError:
        return {}
    return _active(path, stat.st_mtime_ns, stat.st_size)


def mark(home: Path) -> tuple[int, int]:
    """Another one after every change: the key of caches."""
    try:
        stat = _path(home).stat()
        return stat.st_mtime_ns, stat.st_size
    except FileNotFoundError:
        return 0, 0


def of(home: Path, picture: Picture) -> Withdrawal | None:
    """The withdrawal that holds for a picture, by itself or by what it was varied from."""
    found = active(home)
    return found.get(picture.hash) or (found.get(picture.parent) if picture.parent else None)


def by(home: Path) -> Callable[[Picture], tuple[str, str] | None]:
    """For `edits.applied`: who withdrew a picture, and when."""

    def told(picture: Picture) -> tuple[str, str] | None:
        found = of(home, picture)
        return (found.by, found.at) if found else None

    return told


def left(home: Path, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """Those of the pictures that may be used."""
    if not active(home):
        return tuple(pictures)
    return tuple(p for p in pictures if of(home, p) is None)


def among(home: Path, pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    """Those of the pictures that were withdrawn."""
    return tuple(p for p in pictures if of(home, p)) if active(home) else ()


def hidden(home: Path) -> frozenset[str]:
    """Hashes of what nobody gets to see but who may withdraw pictures: those withdrawn, those
    varied from them, and masks of nothing else, in whatever version."""
    return _hidden(home, mark(home)) if active(home) else frozenset()


def refusals(home: Path, pictures: Iterable[Picture]) -> tuple[Refusal, ...]:
    """Why pictures that somebody brings in are left out."""
    found = []
    for picture in pictures:
        said = of(home, picture)
        if said:
            reason = f"{said.by} withdrew it on {said.at[:10]}: {said.why}"
            found.append(
                Refusal(picture.file_name, reason, "Leave it out, or ask who withdrew it.")
            )
    return tuple(found)


def check_usable(home: Path, version: DatasetVersion) -> None:
    """StudioError where something of the version was withdrawn: nothing learns from it any more."""
    gone = among(home, version.pictures)
    if gone:
        names = listed([p.file_name for p in gone], most=3)
        raise StudioError(
            f"{version.name}@{version.version} holds {len(gone):,} withdrawn "
            f"picture{'s' * (len(gone) > 1)}: {names}.",
            f"Freeze {version.name} anew on the page Datasets, which leaves them out, and train "
            "on that version.",
        )


def withdraw(
    engine: Engine,
    pictures: Sequence[Picture],
    *,
    ground: str,
    why: str,
    asked_by: str = "",
    by: str,
    now: datetime,
) -> int:
    """Withdraw pictures from every dataset; how many were not withdrawn before.

    StudioError for a ground that is none or without a reason.
    """
    check(by, "withdraw pictures")
    if ground not in GROUNDS:
        raise StudioError(f"{ground[:80]!r} is no ground.", f"Use one of: {'; '.join(GROUNDS)}.")
    why, asked_by = _said(why), one_line(asked_by)[:100]
    home = home_of(engine)
    with _one_writer(home):
        there = active(home)
        new = [
            Withdrawal(p.hash, p.file_name, stamp(now), str(by), ground, why, asked_by)
            for p in {p.hash: p for p in pictures}.values()
            if p.hash not in there
        ]
        if new:
            _write(home, [*_read(home), *new])
    if new:
        names = listed([one.file_name for one in new], most=3)
        _tell(engine, "withdraw", f"{ground}: {why} ({names})", by, now)
    return len(new)


def take_back(engine: Engine, hash: str, *, why: str, by: str, now: datetime) -> bool:
    """The picture may be used again; False where it was not withdrawn. The record stays."""
    check(by, "withdraw pictures")
    why = _said(why)
    home = home_of(engine)
    with _one_writer(home):
        if hash not in active(home):
            return False
        _write(
            home,
            [
                replace(one, back_at=stamp(now), back_by=str(by), back_why=why)
                if one.hash == hash and not one.back_at
                else one
                for one in _read(home)
            ],
        )
    _tell(engine, "take a withdrawal back", f"{why} ({hash[:12]})", by, now)
    return True


def _said(why: str) -> str:
    why = one_line(why)
    if not 3 <= len(why) <= LONGEST:
        raise StudioError(
            "A withdrawal needs a reason." if len(why) < 3 else "The reason is too long.",
            f"Say in a line why, in at most {LONGEST} characters.",
        )
    return why


def _tell(engine: Engine, action: str, reason: str, by: str, now: datetime) -> None:
    # After the file: what counts for freezing and training stands before it is told.
    with writing(engine) as connection:
        ledger.record(connection, at=now, actor=by, action=action, reason=reason)
        bump(connection)


def _path(home: Path) -> Path:
    return home / "datasets" / "withdrawn.json"


def _one_writer(home: Path) -> AbstractContextManager[None]:
    _path(home).parent.mkdir(parents=True, exist_ok=True)
    return file_lock(home / "datasets" / ".withdrawn.lock")


def _read(home: Path) -> list[Withdrawal]:
    try:
        found = json.loads(_path(home).read_text("utf-8"))
        return [Withdrawal(**one) for one in found["withdrawn"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        # Nothing may be frozen or learned as if nobody had withdrawn anything.
        raise StudioError(
            f"{_path(home)}: the record of withdrawn pictures can't be read ({error}).",
            "Put it back from a backup.",
        ) from error


def _write(home: Path, found: Sequence[Withdrawal]) -> None:
    said = {"schema": 1, "withdrawn": [asdict(one) for one in found]}
    publish(_path(home), json.dumps(said, indent=1, ensure_ascii=False).encode())


@functools.lru_cache(maxsize=8)
def _hidden(home: Path, mark: tuple[int, int]) -> frozenset[str]:
    # Versions of after a withdrawal hold nothing of it, so that theirs need not be looked at.
    gone, masks, others = set(active(home)), set(), set()
    for name in manifests.names(home):
        for head in manifests.heads(home, name):
            for picture in manifests.read(home, name, head.digest).pictures:
                if of(home, picture):
                    gone.add(picture.hash)
                    masks.add(picture.mask)
                else:
                    others.add(picture.mask)
    return frozenset(gone | (masks - others - {""}))


@functools.lru_cache(maxsize=8)
def _active(path: Path, changed_ns: int, size: int) -> Mapping[str, Withdrawal]:
    return {one.hash: one for one in _read(path.parent.parent) if not one.back_at}
