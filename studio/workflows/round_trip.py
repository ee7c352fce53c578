"""The way there and back of what needs an edit: a folder of a painting program gets the pictures,
and what is saved there comes back as painted over.

The folder's own notes (`.housestyle-sync.json`) say which file is which picture and what lay there.
Who fetched a picture has it: another person is told, and gets it only if they ask for it. A picture
that somebody painted over in the studio meanwhile is not overwritten from the folder, nor a file
that was changed in the folder from the studio.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from studio import images
from studio.accounts.rights import check
from studio.assets import files as asset_files
from studio.assets.search import Wanted
from studio.context import Studio
from studio.database.engine import writing
from studio.errors import StudioError
from studio.export import names, placing, records
from studio.export.placing import Change
from studio.export.records import Record
from studio.generation import gallery_table, painted_over
from studio.generation.gallery_table import Picture
from studio.generation.lists import as_png
from studio.sheets import sheet
from studio.sheets.formats import aseprite
from studio.store import local
from studio.text.cells import tame
from studio.workflows import exported, uses

RIGHT = "judge pictures"  # as for painting over on the page
FORMS = ("png", "aseprite")
NOTES, LIST = ".housestyle-sync.json", "needs-edit.csv"
DESTINATION = exported.FETCHED  # in the record of exports
COLUMNS = ("file", "picture", "who", "asked by", "reasons", "note", "prompt")


@dataclass(frozen=True)
class Synced:
    """What became of a folder: files that were fetched, those whose saved version went back, those
    that another person has, why others were left, and what of a saved file did not go back."""

    fetched: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass
class _Work:
    fetched: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)


def sync(
    studio: Studio,
    folder: Path,
    *,
    by: str,
    now: datetime,
    style: str = "",
    form: str = "png",
    take: bool = False,
) -> Synced:
    """Bring back what was saved in the folder, then fetch what needs an edit, of a style ("": of
    all). `take`: also what another person has. StudioError for a form that is none, and for a
    folder that can't be used; what can't be read in it is left and told."""
    check(by, RIGHT)
    if form not in FORMS:
        raise StudioError(f"There is no form {form[:40]!r}.", f"Known: {', '.join(FORMS)}.")
    try:
        if folder.exists() and not folder.is_dir():
            raise StudioError(f"{folder} is no folder.", "Name one, or a place for a new one.")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(
            f"{folder} can't be made: {error.strerror or error}.", "Name another place."
        ) from error
    root, work = folder.resolve(), _Work()
    with placing.alone(root, studio.home / "exports" / "locks"):
        notes = _notes(root)
        try:
            _keep(root, notes)  # first of all: from here on the folder is known for one of ours
            _bring_back(studio, root, notes, work, by, now)
            _fetch(studio, root, notes, work, by, now, style, form, take)
        finally:  # what was done till then is known next time
            _keep(root, notes)
    if work.returned:  # what became of them is known at once
        back = [notes[name]["picture"] for name in work.returned]
        uses.look(studio, by=by, now=now, only=back)
    return Synced(*(tuple(getattr(work, name)) for name in Synced.__dataclass_fields__))


def _keep(root: Path, notes: dict[str, dict[str, str]]) -> None:
    told = json.dumps({"schema": 1, "files": notes}, indent=1) + "\n"
    _put(root, NOTES, told.encode())


def _bring_back(
    studio: Studio,
    root: Path,
    notes: dict[str, dict[str, str]],
    work: _Work,
    by: str,
    now: datetime,
) -> None:
    for name, noted in notes.items():
        try:
            data = placing.existing(root, name)
            if data is None or placing.digest(data) == noted["hash"]:
                continue
            used = asset_files.to_use(studio.engine, [noted["picture"]])[noted["picture"]]
            picture, remarks = _saved(root / name, data)
            # Saved without a change; or it went back, and the process was killed before the notes.
            same = used.content is not None and used.content.pixels == images.pixel_digest(
                images.decode(picture, name)
            )
            if not same:
                if used.content is not None and used.content.hash != noted["of"]:
                    raise StudioError(
                        f"{used.by} painted it over in the studio meanwhile.",
                        "Look at theirs; to put yours in its place, drop it on the picture's page.",
                    )
                painted_over.paint_over(
                    studio.engine, studio.home, noted["picture"], picture, by=by, now=now
                )
                used = asset_files.to_use(studio.engine, [noted["picture"]])[noted["picture"]]
        except KeyError:
            work.left.append((name, "Its picture is not there any more."))
        except StudioError as error:
            work.left.append((name, str(error)))
        else:
            noted["hash"] = placing.digest(data)
            noted["of"] = used.content.hash if used.content else ""
            _keep(root, notes)
            if same:
                continue
            work.returned.append(name)
            work.remarks += [(name, remark) for remark in remarks]


def _fetch(
    studio: Studio,
    root: Path,
    notes: dict[str, dict[str, str]],
    work: _Work,
    by: str,
    now: datetime,
    style: str,
    form: str,
    take: bool,
) -> None:
    engine = studio.engine
    wanted = gallery_table.all_of(engine, Wanted(verdict="edit", style=style))
    ids = [one.id for one in wanted]
    people, used = records.people(engine, DESTINATION), asset_files.to_use(engine, ids)
    here = {noted["picture"]: name for name, noted in notes.items()}
    rows: list[tuple[str, ...]] = []
    fetched: list[Record] = []
    try:
        for picture in wanted:
            name = here.get(picture.id) or _name(picture, form, notes)
            owner = people.get(picture.id) or str(by)
            content = used[picture.id].content
            of = content.hash if content else ""
            if owner != str(by) and not take:
                work.others.append((name, owner))
            else:
                try:
                    change = _placed(studio, root, picture, name, notes, of)
                except StudioError as error:
                    if name not in dict(work.left):
                        work.left.append((name, str(error)))
                else:
                    if change is not None:
                        fetched.append(Record(name, picture.id, "edit", change.hash, "new", {}, {}))
                        work.fetched.append(name)
                        owner = str(by)
            rows.append(_row(picture, name, owner))
    finally:  # who has what was fetched till then is known to all
        if fetched:
            with writing(engine) as connection:
                records.add(
                    connection,
                    fetched,
                    profile=DESTINATION,
                    revision=0,
                    destination=DESTINATION,
                    asset="",
                    job=None,
                    by=by,
                    now=now,
                )
    out = io.StringIO()
    # With CRLF at the ends, so that a line break in a text is quoted.
    csv.writer(out).writerows([COLUMNS, *rows])
    _put(root, LIST, out.getvalue().encode())


def _placed(
    studio: Studio,
    root: Path,
    picture: Picture,
    name: str,
    notes: dict[str, dict[str, str]],
    of: str,
) -> Change | None:
    """Put the picture into the folder, and note it; None where it is there. StudioError where it
    can't be read or written, and where a file of that name is somebody's own."""
    if _is_current(root, name, notes, of):
        return None
    change = _new(studio, root, picture, name, notes)
    if change.state == "kept":
        raise StudioError("A file of that name is there, and stays.", "Move it away, then sync.")
    placing.write(root, [change])
    notes[name] = {"picture": picture.id, "hash": change.hash, "of": of}
    _keep(root, notes)
    return change


def _is_current(root: Path, name: str, notes: dict[str, dict[str, str]], of: str) -> bool:
    """Whether the folder has the picture as it is to be used, or as somebody works on it: not where
    its file was deleted there, nor where only the studio's changed since."""
    data = placing.existing(root, name) if name in notes else None
    if data is None:
        return False
    return notes[name]["of"] == of or placing.digest(data) != notes[name]["hash"]


def _new(
    studio: Studio, root: Path, picture: Picture, name: str, notes: dict[str, dict[str, str]]
) -> Change:
    file = local.present(studio.home / (picture.painted or picture.file))
    if name.endswith(".aseprite"):
        data = _as_aseprite(picture, file)
    else:
        data = as_png(images.open_result(file))
    known = {name: notes[name]["hash"]} if name in notes else {}
    (change,) = placing.plan(root, {name: data}, known)
    return change


def _saved(file: Path, data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """What was saved, as a picture's bytes, and what of it is not in them: an `.aseprite` as PNG.
    StudioError for one of several frames."""
    if file.suffix != ".aseprite":
        return data, ()
    found = aseprite.read(data, file.name)
    frames = found.animation.frames
    if len(frames) != 1:
        raise StudioError(
            f"It has {len(frames)} frames, and a picture is one.",
            "Delete the others, or bring it to Animate.",
        )
    return as_png(frames[0].image), found.remarks


def _as_aseprite(picture: Picture, file: Path) -> bytes:
    name = picture.name or picture.prompt[:40]
    return aseprite.write(sheet.of_pictures(name, [images.open_result(file)]))


def _name(picture: Picture, form: str, notes: dict[str, dict[str, str]]) -> str:
    """What the picture's file is called, like no other's in the folder, on Windows too."""
    called = names.proposed((picture.name or picture.prompt)[:40]) or "picture"
    name, taken = f"{called}-{picture.id[:6]}.{form}", {one.casefold() for one in notes}
    return f"{called}-{picture.id}.{form}" if name.casefold() in taken else name


def _row(picture: Picture, name: str, who: str) -> tuple[str, ...]:
    reasons = ", ".join(picture.reasons)
    asked = picture.judged_by or ""
    cells = (name, picture.id, who, asked, reasons, picture.note, picture.prompt)
    return tuple(map(tame, cells))


def _notes(root: Path) -> dict[str, dict[str, str]]:
    """What an earlier sync noted, by the files' names. StudioError where that can't be read, and
    where the folder has a list that no sync wrote."""
    data = placing.existing(root, NOTES)
    if data is None:
        if placing.existing(root, LIST) is not None:
            raise StudioError(
                f"{root / LIST} is not the studio's, and would be overwritten.",
                "Move it away, or sync into another folder.",
            )
        return {}
    try:
        notes = {
            str(name): {key: str(noted[key]) for key in ("picture", "hash", "of")}
            for name, noted in json.loads(data)["files"].items()
        }
        if not all(map(_is_name, notes)):
            raise ValueError("it names what is no file of the folder")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StudioError(
            f"{root / NOTES} can't be read.",
            "Move it away with the files that you have saved, then sync into an empty folder.",
        ) from error
    return notes


def _is_name(text: str) -> bool:
    plain = bool(text.strip(".")) and Path(text).name == text and text.isprintable()
    return plain and text not in (NOTES, LIST)


def _put(root: Path, name: str, data: bytes) -> None:
    (change,) = placing.plan(root, {name: lambda before: data}, {})
    placing.write(root, [change])
