"""Captions and provenance of a folder: same-name .txt or .caption, metadata files, or the name.

Metadata may lie in any folder; its file names are relative to it. A .txt beside the picture
wins over a .caption, and that over metadata, being the more particular. Where several metadata
files name a picture, later ones (.csv, .json) fill what .jsonl leaves empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import takewhile
from pathlib import Path, PurePosixPath

from studio.datasets import metadata_files
from studio.datasets.metadata_files import Note
from studio.datasets.pictures import Refusal, listed
from studio.datasets.words import one_line, plain
from studio.errors import StudioError
from studio.text import decoding

TEXTS = (".caption", ".txt")  # the later wins
NOT_CAPTIONS = {
    *("license", "licence", "readme", "notice", "copying", "credits", "changelog"),
    *("makefile", "dockerfile", "authors", "contributors", "todo"),
}


@dataclass(frozen=True)
class Notes:
    """Notes by relative picture name; captions that belong to nothing; remarks for the importer."""

    by_picture: dict[str, Note]
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]


@dataclass
class _Reading:
    """What has been read so far."""

    notes: dict[str, Note]
    refused: list[Refusal]
    warnings: list[str]
    read_as: dict[str, list[str]]  # files by their encoding
    other_case: list[str]  # files of which only the case of the name differs from a picture's


def read_notes(
    folder: Path, pictures: Sequence[str], texts: Sequence[str], metadata: Sequence[str]
) -> Notes:
    """All that the folder says about `pictures` (relative posix names, as the other lists).

    StudioError, naming file and line, for metadata that can't be understood.
    """
    reading = _Reading({}, [], [], {}, [])
    _read_metadata(folder, pictures, metadata, reading)
    _read_texts(folder, pictures, texts, reading)
    warnings = [
        f"{'The text is' if len(files) == 1 else f'{len(files):,} texts are'} not UTF-8 and read "
        f"as {encoding}: {listed(files)}."
        for encoding, files in reading.read_as.items()
    ]
    if reading.other_case:
        warnings.append(
            f"Taken for their pictures, though only the case of the name differs: "
            f"{listed(reading.other_case)}."
        )
    return Notes(reading.notes, tuple(reading.refused), (*reading.warnings, *warnings))


def without_picture(texts: Sequence[str], pictures: Sequence[str]) -> list[str]:
    """The texts that describe none of the pictures, and should."""
    owners = _OfTexts(pictures, [])
    stems = {name: PurePosixPath(name).stem.lower() for name in texts}
    return [n for n in texts if stems[n] not in NOT_CAPTIONS and not owners.of(n)]


def passed_over(texts: Sequence[str], pictures: Sequence[str]) -> list[str]:
    """The texts that are no captions by their names (README.txt), and describe none of the
    pictures."""
    owners = _OfTexts(pictures, [])
    stems = {name: PurePosixPath(name).stem.lower() for name in texts}
    return [n for n in texts if stems[n] in NOT_CAPTIONS and not owners.of(n)]


def _read_metadata(
    folder: Path, pictures: Sequence[str], metadata: Sequence[str], reading: _Reading
) -> None:
    named = _Names(pictures, reading.other_case)
    for name in _in_order(metadata):
        try:
            found = metadata_files.read(folder / name, name)
        except StudioError as error:
            if PurePosixPath(name).suffix.lower() != ".json":
                raise
            # Many programs leave a metadata.json of their own.
            reading.refused.append(_left_out(name, error))
            continue
        if found.read_as:
            reading.read_as.setdefault(found.read_as, []).append(name)
        reading.warnings += found.told
        here = PurePosixPath(name).parent
        below = [p for p in pictures if found.loose and PurePosixPath(p).is_relative_to(here)]
        elsewhere = _Elsewhere(below)
        for file_name, note in found.notes.items():
            if found.loose:
                owners = elsewhere.of(file_name)
            else:
                owners = named.of(str(here / file_name), file_name)
            if len(owners) == 1:
                reading.notes[owners[0]] = filled(reading.notes.get(owners[0], Note()), note)
            else:
                why = "several have that name" if owners else "it is not there"
                reading.refused.append(_orphan(file_name, f"{name} describes it, but {why}"))


def _in_order(metadata: Sequence[str]) -> list[str]:
    """Deeper folders first, within one as METADATA has them, then kohya's."""
    names = {name: PurePosixPath(name) for name in sorted(metadata)}
    order = {own: rank for rank, own in enumerate(metadata_files.METADATA)}
    ranked = sorted(names, key=lambda name: order.get(names[name].name.lower(), len(order)))
    return sorted(ranked, key=lambda name: names[name].parent, reverse=True)


def _read_texts(
    folder: Path, pictures: Sequence[str], texts: Sequence[str], reading: _Reading
) -> None:
    owners_by_text = _OfTexts(pictures, reading.other_case)
    owners_of: dict[str, list[str]] = {}
    for name in sorted(texts, key=lambda n: (TEXTS.index(PurePosixPath(n).suffix.lower()), n)):
        if owners := owners_by_text.of(name):
            owners_of[name] = owners
        elif PurePosixPath(name).stem.lower() not in NOT_CAPTIONS:
            reading.refused.append(_orphan(name, "a caption without a picture of the same name"))
    if passed := passed_over(sorted(texts), pictures):
        reading.warnings.append(f"No captions, by their names: {listed(passed)}.")
    outdone: list[str] = []
    for name, text in _decoded(folder, list(owners_of), reading):
        for picture in owners_of[name]:
            before = reading.notes.get(picture, Note())
            if text and before.text and text != before.text:
                outdone.append(f"{name} ({picture})")
            reading.notes[picture] = replace(before, text=text or before.text)
    if outdone:
        reading.warnings.append(
            f"Used, though the metadata or a .caption says otherwise: {listed(outdone)}."
        )


def _decoded(folder: Path, names: Sequence[str], reading: _Reading) -> list[tuple[str, str]]:
    """Names and texts in one line each, of those that can be read."""
    said: dict[str, decoding.Decoded | bytes] = {}
    for name in names:
        try:
            data = (folder / name).read_bytes()
            said[name] = data
            said[name] = decoding.decode(data, name)
        except OSError as error:
            reason = f"the file can't be read ({error.strerror or error})."
            reading.refused.append(Refusal(name, reason, "Check its permissions."))
        except StudioError:
            continue
    # Files of one folder were mostly written by one program.
    hints = [one.read_as for one in said.values() if not isinstance(one, bytes) and one.read_as]
    unsure = [one for one in said.values() if isinstance(one, bytes)]
    likely = max(hints, key=hints.count) if hints else decoding.likely(unsure)
    found = []
    for name, one in said.items():
        try:
            text = decoding.decode(one, name, likely) if isinstance(one, bytes) else one
        except StudioError as error:
            reading.refused.append(_left_out(name, error))
            continue
        if text.read_as:
            reading.read_as.setdefault(text.read_as, []).append(name)
        found.append((name, one_line(text.text)))
    return found


class _Names:
    """Pictures by their names, as written or, where that is one, in other case; files that name
    them in other case are put into `other_case`."""

    def __init__(self, pictures: Iterable[str], other_case: list[str], whole: bool = True) -> None:
        self._exact: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        self._other_case = other_case
        for picture in pictures:
            name = plain(picture if whole else str(PurePosixPath(picture).with_suffix("")))
            self._exact.setdefault(name, []).append(picture)
            self._folded.setdefault(name.casefold(), []).append(picture)

    def of(self, written: str, file: str) -> list[str]:
        """The pictures that `written` means; `file` says so."""
        found = self._exact.get(plain(written), [])
        if not found:
            folded = self._folded.get(plain(written).casefold(), [])
            found = folded if len(folded) == 1 else []
            self._other_case += [f"{file} ({picture})" for picture in found]
        return found


class _OfTexts:
    """Pictures by the texts beside them: potion.txt or potion.png.txt of potion.png."""

    def __init__(self, pictures: Sequence[str], other_case: list[str]) -> None:
        self._stems = _Names(pictures, other_case, whole=False)
        self._whole = _Names(pictures, other_case)

    def of(self, text: str) -> list[str]:
        """The pictures that a text describes."""
        stem = str(PurePosixPath(text).with_suffix(""))
        return self._stems.of(stem, text) or self._whole.of(stem, text)


class _Elsewhere:
    """Pictures by paths of another machine, or names without a suffix, as kohya's scripts write
    them."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self._by_last: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for picture in pictures:
            path = PurePosixPath(plain(picture))
            for own in (path, path.with_suffix("")):
                self._by_last.setdefault(own.name, []).append((own.parts[::-1], picture))

    def of(self, path: str) -> list[str]:
        """The pictures whose own path agrees with most of this one's end."""
        wanted = PurePosixPath(plain(path)).parts[::-1]
        found: dict[int, list[str]] = {}
        for parts, picture in self._by_last.get(wanted[0] if wanted else "", []):
            pairs = zip(parts, wanted, strict=False)
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            found.setdefault(same, []).append(picture)
        return found[max(found)] if found else []


def _left_out(name: str, error: StudioError) -> Refusal:
    return Refusal(name, error.message.removeprefix(f"{name}: "), error.remedy)


def _orphan(name: str, reason: str) -> Refusal:
    return Refusal(name, f"{reason}.", "Add the picture, correct the name, or remove the caption.")


def filled(first: Note, second: Note | None) -> Note:
    """The first note with what only the second says."""
    if second is None:
        return first
    empty = Note()
    silent = {f.name for f in fields(Note) if getattr(first, f.name) == getattr(empty, f.name)}
    return replace(first, **{name: getattr(second, name) for name in silent})
