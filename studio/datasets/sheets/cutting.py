"""Files that hold several pictures become those pictures, before a folder is taken in.

A sheet is cut by a grid that a person asks for, or by the JSON beside it; .aseprite and .psd are
flattened; animations give their first frame, or all of them when asked. Frames are written aside,
one after the other, as PNG; the folder itself is not touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath

from studio import images
from studio.datasets import captions, intake, words
from studio.datasets.intake import Found
from studio.datasets.metadata_files import Note
from studio.datasets.pictures import Cut, Refusal, listed
from studio.datasets.sheets import animation, aseprite, atlas, grid, photoshop, requests
from studio.datasets.sheets.cut_files import CutFiles
from studio.datasets.sheets.frame_files import FrameFiles
from studio.datasets.sheets.frames import Frame
from studio.datasets.sheets.requests import PLAIN, WHOLE, Asked, Wanted
from studio.errors import StudioError

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class _Parts:
    """What a file holds: its frames, what they were cut by, and how many cells its grid has."""

    frames: Iterator[Frame]
    by: str = ""
    cells: int = 0


Reader = Callable[[bytes, str], _Parts]


def cut_files(
    home: Path,
    folder: Path,
    into: Path,
    asked: Asked = PLAIN,
    report: Report = lambda done, all: None,
    *,
    found: Found | None = None,
) -> CutFiles:
    """Cut what is asked, and what can only be taken cut, into the folder `into` of the studio
    `home`; `found` is what lies in `folder`, where somebody has looked already.

    What can't be cut is refused by name and the rest goes on. StudioError for a request that can't
    be understood or means no file, an unreadable folder, and a full disk.
    """
    wanted = [requests.read(text) for text in asked.cuts]
    found = found or intake.find(folder)
    for one, text in zip(wanted, asked.cuts, strict=True):
        if not any(one.fits(name) for name in found.pictures):
            raise StudioError(f"{text!r} means no picture of those that came.", "Check the name.")
    tables, refused = _tables(folder, found)
    readers = dict(_readers(folder, found, wanted, tables, asked.animations))
    about = _about(folder, found, list(readers))
    made = FrameFiles(home, into, folder, set(found.pictures) - readers.keys())
    warnings: list[str] = []
    for done, (name, reader) in enumerate(readers.items()):
        report(done, len(readers))
        try:
            warnings.append(_cut(folder / name, name, reader, about.get(name, Note()), made))
        except StudioError as error:
            reason = error.message.removeprefix(f"{folder / name}: ").removeprefix(f"{name}: ")
            refused.append(Refusal(name, reason, error.remedy))
    if not asked.animations:
        still = [n for n in found.pictures if n not in readers and animation.moves(folder / n)]
        if still:
            warnings.append(
                f"Ask for all frames to have more than the first one of {listed(still)}."
            )
    texts = {text for text in found.texts if _stem(text) in map(_stem, readers)}
    return CutFiles(
        made.at,
        made.notes,
        frozenset({*readers, *texts, *(table for table, _ in tables.values())}),
        tuple(refused),
        tuple(warnings),
    )


def _readers(
    folder: Path,
    found: Found,
    wanted: Sequence[Wanted],
    tables: Mapping[str, tuple[str, tuple[atlas.Piece, ...]]],
    animations: bool,
) -> Iterator[tuple[str, Reader]]:
    """How each file that is to be cut is read; of a picture a person's own word goes first."""
    # What knows its tags goes before a sheet that was exported from it.
    for name in found.layered:
        if PurePosixPath(name).suffix.lower() == ".psd":
            yield name, lambda data, name: _Parts(iter([photoshop.flattened(data, name)]))
        else:
            yield name, lambda data, name: _Parts(aseprite.frames(data, name))
    for name in found.pictures:
        how = next((one for one in reversed(wanted) if one.fits(name)), None)
        if how is not None:
            if how.how != WHOLE:
                yield name, partial(_by_grid, how)
        elif name in tables:
            yield name, partial(_by_table, *tables[name])
        elif animations and animation.moves(folder / name):
            yield name, lambda data, name: _Parts(animation.cut(data, name))


def _by_grid(how: Wanted, data: bytes, name: str) -> _Parts:
    sheet = images.decode(data, name)
    cells = requests.grid_of(how, sheet, name)
    return _Parts(grid.cut(sheet, cells), str(cells), len(cells.boxes(sheet.size)))


def _by_table(table: str, pieces: Sequence[atlas.Piece], data: bytes, name: str) -> _Parts:
    return _Parts(atlas.cut(images.decode(data, name), pieces, table), PurePosixPath(table).name)


def _tables(
    folder: Path, found: Found
) -> tuple[dict[str, tuple[str, tuple[atlas.Piece, ...]]], list[Refusal]]:
    """By picture, the JSON beside it that tells its frames, and those; JSON that is no use."""
    tables: dict[str, tuple[str, tuple[atlas.Piece, ...]]] = {}
    refused = []
    for table in found.tables:
        try:
            told = atlas.read(images.read_file(folder / table), table)
        except StudioError as error:
            reason = error.message.removeprefix(f"{folder / table}: ").removeprefix(f"{table}: ")
            refused.append(Refusal(table, reason, error.remedy))
            continue
        beside = [n for n in found.pictures if _folder(n) == _folder(table)] if told else []
        meant = {n: pieces for n in beside if told and (pieces := atlas.of(told, n, table))}
        tables |= {name: (table, pieces) for name, pieces in meant.items()}
        if told and not meant:
            refused.append(
                Refusal(table, "the sheet that it tells of is not beside it.", "Bring in both.")
            )
    return tables, refused


def _about(folder: Path, found: Found, names: Sequence[str]) -> Mapping[str, Note]:
    """What texts and metadata say of files that are cut: it holds for each of their frames."""
    if not names:
        return {}
    return captions.read_notes(folder, names, found.texts, found.metadata).by_picture


def _cut(path: Path, name: str, reader: Reader, about: Note, made: FrameFiles) -> str:
    """Write a file's frames and say in a line what became of them; after a StudioError none."""
    data = images.read_file(path)
    digest = hashlib.sha256(data).hexdigest()
    parts = reader(data, name)
    first = next(parts.frames, None)
    second = next(parts.frames, None)
    several = second is not None or parts.cells > 1
    with made.of_one_file():
        counts = {"kept": 0, "held": 0, "empty": 0}
        held = []
        for frame in chain((f for f in (first, second) if f is not None), parts.frames):
            cut = Cut(name, digest, frame.number, frame.tag, parts.by)
            group = frame.tag or about.category
            category = _own_category(name, several) if group is None else group
            note = replace(about, category=category, cut=cut)
            what = made.add(frame, note, name, several)
            counts[what] += 1
            held += [frame.number] if what == "held" else []
        if parts.cells:
            counts["empty"] = parts.cells - counts["kept"] - counts["held"]
        if not counts["kept"] and not counts["held"]:
            raise StudioError(f"{name}: nothing is drawn in it.", "Leave it out.")
    said = [f"{counts['kept']:,} picture{'s' * (counts['kept'] != 1)}"]
    if held:
        said.append(f"{len(held):,} left out as the same as others ({_numbers(held)})")
    if counts["empty"]:
        said.append(f"{counts['empty']:,} empty left out")
    by = f"cut by {parts.by} into " if parts.by else ""
    return f"{name}: {by}{', '.join(said)}."


def _own_category(name: str, several: bool) -> str | None:
    """A sheet's frames belong together: by its folder as every picture, else by its own name."""
    path = PurePosixPath(name)
    return path.stem if several and path.parent.as_posix() == "." else None


def _numbers(found: Sequence[int]) -> str:
    return listed([str(number) for number in found], most=10)


def _stem(name: str) -> str:
    return words.plain(str(PurePosixPath(name).with_suffix("")))


def _folder(name: str) -> str:
    return PurePosixPath(name).parent.as_posix()
