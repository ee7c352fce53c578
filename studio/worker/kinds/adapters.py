"""Jobs of the shelf: a sent LoRA file is brought in, and several are merged."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.context import Studio, check_style
from studio.datasets import uploads
from studio.diffusion import bases
from studio.errors import StudioError
from studio.worker import payloads
from studio.workflows import adapters
from studio.workflows.version_loading import as_record

if TYPE_CHECKING:
    from studio.worker.context import Context


@dataclass(frozen=True)
class BringIn:
    """A file of the upload `upload` becomes a candidate of `style`."""

    upload: str
    file: str
    style: str
    base: str
    source: str
    licence: str
    author: str = ""
    trigger_word: str = ""


@dataclass(frozen=True)
class Merge:
    """The weighted sum of versions, `parts` being Part's values; `rank` None: exact."""

    style: str
    parts: list[dict[str, Any]]
    trigger_word: str = ""
    rank: int | None = None


@dataclass(frozen=True)
class _Part:
    style: str
    version: int
    weight: float = 1.0


def check_bring_in(studio: Studio, ask: BringIn) -> BringIn:
    """The file is there, and all is said of it; the base's full path is kept."""
    check_style(ask.style)
    adapters.check_texts(asdict(ask))
    folder = uploads.folder_of(studio.home, ask.upload) / "files"
    if ask.file not in {f.relative_to(folder).as_posix() for f in folder.rglob("*")}:
        raise StudioError(f"{ask.file[:80]} is not in this upload.", "Drop it once more.")
    return replace(ask, base=bases.find_base(ask.base).name)


def check_merge(studio: Studio, ask: Merge) -> Merge:
    """The versions are there and of one base."""
    check_style(ask.style)
    parts = _parts(ask)
    adapters.check_parts(studio, parts)
    return replace(ask, parts=[asdict(part) for part in parts])


def bring_in(context: Context, ask: BringIn) -> dict[str, Any]:
    """Check the file and register it."""
    folder = uploads.folder_of(context.studio.home, ask.upload) / "files"
    made = adapters.bring_in(
        context.studio,
        folder / ask.file,
        style=ask.style,
        base=ask.base,
        source=ask.source,
        licence=ask.licence,
        author=ask.author,
        trigger_word=ask.trigger_word,
        by=context.job.asked_by,
        name=ask.file,
    )
    context.report(f"{made.style} version {made.number} is a candidate.")
    return as_record(made)


def merge(context: Context, ask: Merge) -> dict[str, Any]:
    """Merge and register."""
    made = adapters.merge(
        context.studio,
        _parts(ask),
        style=ask.style,
        trigger_word=ask.trigger_word,
        rank=ask.rank,
        by=context.job.asked_by,
    )
    context.report(f"{made.style} version {made.number} is a candidate.")
    return as_record(made)


def _parts(ask: Merge) -> list[adapters.Part]:
    read = [payloads.read(_Part, one if isinstance(one, dict) else {}) for one in ask.parts]
    return [adapters.Part(one.style, one.version, one.weight) for one in read]
