"""Adapters that are not trained here: somebody's file, or a sum of versions, becomes a candidate.

`of_file` and `sum_of` look up what is wanted, `write` makes the file without any studio, and
`register` makes it a version, once. Registration by MLflow needs torch: a worker or the command
line calls it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from studio.accounts.rights import check
from studio.context import Studio, check_style, now
from studio.database import engine as db
from studio.diffusion import bases, bundled_bases, lora_files, lora_merging, lora_scales
from studio.diffusion.base_shapes import shapes_of_base
from studio.errors import StudioError
from studio.registry import imported_adapters, models, registration
from studio.registry.models import Version
from studio.store import reserved_room
from studio.store.reserved_room import Promise
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.lora import LORA
from studio.workflows.version_loading import (
    BASE_HASH,
    FILE,
    NOTES,
    adapter_file,
    base_hash,
    base_of,
    trained_size,
)

TEXTS = {"source": 500, "licence": 200, "author": 200, "trigger_word": 100}
SETTINGS = "adapter_config_sha256"  # tag: of peft's settings, where a file has them beside it
MOST_NOTES = 2000  # letters
COMMERCIAL = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True)
class Part:
    """One adapter of a merge and how much it counts."""

    style: str
    version: int
    weight: float = 1.0


@dataclass(frozen=True)
class New:
    """A version to be, in plain values: `base` is a path that `shapes_of_base` knows; a version
    with the same values of the tags `same` is this one; `why` is for the ledger."""

    style: str
    base: str
    trigger_word: str
    tags: Mapping[str, str]
    same: Sequence[str]
    why: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """How a new adapter's file is made of others. `names` are what errors call those, `weights`
    how much each counts in the sum, cut to `rank` (None: exact); without weights the one file is
    taken as it is, with the `settings` that lie beside it in a folder of peft's."""

    new: New
    names: Sequence[str]
    weights: Sequence[float] = ()
    rank: int | None = None
    settings: str = ""


def bring_in(
    studio: Studio,
    file: Path,
    *,
    style: str,
    base: str,
    trigger_word: str = "",
    source: str = "",
    author: str = "",
    licence: str = "",
    by: str,
) -> Version:
    """Check somebody's LoRA file, or a folder that peft wrote, against the base and register it as
    a candidate of `style`.

    The same file for the same style and base is registered once. StudioError as `lora_files.read`,
    and where source or licence are not said.
    """
    name, file = file.name, lora_scales.weights_of(file)
    task = of_file(
        studio,
        file,
        style=style,
        base=base,
        trigger_word=trigger_word,
        source=source,
        author=author,
        licence=licence,
        by=by,
        name=name,
    )
    return _made(studio, task, [file], by)


def merge(
    studio: Studio,
    parts: Sequence[Part],
    *,
    style: str,
    trigger_word: str = "",
    rank: int | None = None,
    by: str,
) -> Version:
    """The weighted sum of versions of one base as a new candidate of `style`.

    Exact, with ranks added up, unless `rank` asks for less.
    """
    task, files = sum_of(studio, parts, style=style, trigger_word=trigger_word, rank=rank, by=by)
    return _made(studio, task, files, by)


def of_file(
    studio: Studio,
    file: Path,
    *,
    style: str,
    base: str,
    trigger_word: str,
    source: str,
    author: str,
    licence: str,
    by: str,
    name: str = "",
) -> Task:
    """What `bring_in` makes of a file, which is not read but for its hash."""
    check(by, imported_adapters.RIGHT)
    check_style(style)
    said = {"source": source, "author": author, "licence": licence, "trigger_word": trigger_word}
    check_texts(said)
    found = bases.find_base(base)
    name, settings = name or file.name, lora_scales.beside(file)
    tags = {
        "base_name": found.name,
        "base_licence": found.licence,
        "base_commercial_use": COMMERCIAL[found.commercial],
        **base_hash(studio, found.path),
        imported_adapters.ORIGIN: "imported",
        "source": source.strip(),
        "author": author.strip(),
        "licence": licence.strip(),
        "file": name[-200:],
        "file_sha256": _sha256(file),
        SETTINGS: hashlib.sha256(settings.encode()).hexdigest() if settings else "",
    }
    same = ("file_sha256", SETTINGS, "base_name", imported_adapters.ORIGIN)
    why = f"{name[-200:]} from {source.strip()}, licence {licence.strip()}"
    new = New(style, found.path, trigger_word.strip(), tags, same, why)
    return Task(new, (name,), settings=settings)


def check_texts(said: Mapping[str, str]) -> None:
    """StudioError where what must be said of a file is missing or a book."""
    for name in ("source", "licence"):
        if not said.get(name, "").strip():
            raise StudioError(f"The {name} is missing.", "Say where it is from and its licence.")
    for name, most in TEXTS.items():
        if len(said.get(name, "")) > most or "\0" in said.get(name, ""):
            raise StudioError(f"{name} is too long or no text.", f"Use at most {most} characters.")


def sum_of(
    studio: Studio,
    parts: Sequence[Part],
    *,
    style: str,
    trigger_word: str,
    rank: int | None,
    by: str,
) -> tuple[Task, list[Path]]:
    """What `merge` makes of versions, and their files, fetched where they are not here yet."""
    check(by, imported_adapters.RIGHT)
    check_style(style)
    check_texts({"source": "merge", "licence": "merge", "trigger_word": trigger_word})
    found = check_parts(studio, parts)
    said = [f"{p.weight:g} x {p.style} v{p.version}" for p in parts]
    licences = sorted({one.tags.get("licence", "") for one in found} - {""})
    first = found[0]
    tags = {
        key: first.tags[key]
        for key in (*registration.DRAWN_BY, "base_licence", "base_commercial_use")
        if key in first.tags
    } | {
        imported_adapters.ORIGIN: "merged",
        "merged": json.dumps([[p.style, p.version, p.weight] for p in parts]),
        "merged_rank": "exact" if rank is None else str(rank),
        "licence": "; ".join(licences),
    }
    sizes = {trained_size(one) for one in found}
    if len(sizes) == 1 and (size := sizes.pop()):
        tags["trained_size"] = str(size)
    weights = {one.tags.get(BASE_HASH, "") for one in found}
    if len(weights) == 1:  # else it is not known, or no one thing
        tags[BASE_HASH] = weights.pop()
    why = f"merged of {', '.join(said)}" + (f", cut to rank {rank}" if rank else ", exact")
    base = bundled_bases.place(base_of(studio, first))
    new = New(style, base, trigger_word.strip(), tags, ("merged", "merged_rank"), why)
    names = tuple(f"{one.style} v{one.number}" for one in found)
    task = Task(new, names, tuple(part.weight for part in parts), rank)
    return task, [adapter_file(studio, one) for one in found]


def check_parts(studio: Studio, parts: Sequence[Part]) -> list[Version]:
    """The versions of a merge; StudioError where their bases differ or one is named twice."""
    if len({(p.style, p.version) for p in parts}) < max(2, len(parts)):
        raise StudioError("A merge takes two or more different adapters.", "Choose two.")
    found = [models.get(studio.client, part.style, part.version) for part in parts]
    for version in found:
        table.check_adapter(version)
    names = sorted({base_of(studio, version) for version in found})
    if len(names) > 1:
        raise StudioError(
            f"These adapters are of different bases: {', '.join(names)}.",
            "Merge adapters of the same base.",
        )
    return found


def write(task: Task, files: Sequence[Path], folder: Path) -> New:
    """Make the adapter's file in `folder`, of `files` in the order of the task's names; the version
    that it is to be, with what the file told. StudioError as `lora_files.read`."""
    new, shapes = task.new, shapes_of_base(task.new.base)
    read = [
        lora_files.read(file, shapes, name, task.settings)
        for file, name in zip(files, task.names, strict=True)
    ]
    made = lora_merging.merged(read, task.weights, task.rank) if task.weights else read[0]
    file = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lora_files.write(file, made, {"style": new.style, "trigger_word": new.trigger_word})
        size = file.stat().st_size
    except OSError as error:
        raise StudioError(f"It could not be kept: {error}", "Make room.") from error
    tags = {**new.tags, "bytes": str(size), "parts": ", ".join(made.parts)}
    if notes := " ".join(made.notes)[:MOST_NOTES]:
        tags[NOTES] = notes
    return replace(new, tags=tags, params={"rank": str(made.rank)})


def register(studio: Studio, new: New, folder: Path, *, by: str, mark: str = "") -> Version:
    """Make the folder's adapter the next version of its style, or give the one that is the same.

    Cut off anywhere and called again with the same `mark`, it leaves one version, one run and one
    row of the ledger; of a version that is there already the folder is not asked for.
    """
    with db.file_lock(studio.home / "adapters.lock", 600), ExitStack() as block:
        for version in models.list_versions(studio.client, new.style):
            if all(version.tags.get(key, "") == new.tags.get(key, "") for key in new.same):
                imported_adapters.settle(
                    studio.engine, studio.client, version, by=by, why=new.why, now=now()
                )
                return version
        block.enter_context(room(studio, folder.rglob("*")))  # MLflow has a copy of its own
        return imported_adapters.register(
            studio.engine,
            studio.client,
            studio.tracking,
            kind=LORA,
            style=new.style,
            adapter=folder,
            base=new.base,
            trigger_word=new.trigger_word,
            params=dict(new.params),
            tags={key: value for key, value in new.tags.items() if value},
            by=by,
            why=new.why,
            now=now(),
            mark=mark,
        )


def room(studio: Studio, files: Iterable[Path]) -> AbstractContextManager[Promise]:
    """Holds what a copy of these files takes on the studio's disk; StudioError where there is
    less."""
    size = sum(file.stat().st_size for file in files if file.is_file())
    return reserved_room.reserving(studio.home, studio.home, size, reserved_room.SPARE)


def _made(studio: Studio, task: Task, files: Sequence[Path], by: str) -> Version:
    with tempfile.TemporaryDirectory(dir=studio.home, prefix=".adapter-") as folder:
        with room(studio, files):
            new = write(task, files, Path(folder))
        return register(studio, new, Path(folder), by=by)


def _sha256(file: Path) -> str:
    """The file's hash, "" where it can't be read: whoever reads it then says why."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
