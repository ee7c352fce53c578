"""The job that makes a folder of pictures a dataset's newest version."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.context import Studio, now
from studio.datasets import folder_import
from studio.datasets import versions as datasets
from studio.datasets.freeze import check_look
from studio.datasets.manifests import Look
from studio.datasets.sheets import requests
from studio.datasets.sheets.requests import Asked
from studio.errors import StudioError
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Counted, Payload, Text


class Import(Payload):
    """A folder of pictures becomes the newest version of dataset `name`; `cuts` and `frames` say
    how its sheets and animations are cut."""

    name: Text
    folder: Text
    source: Text = ""
    author: Text = ""
    licence: Text = ""
    matte: Text | None = None
    filter: Text | None = None
    size: Counted | None = None
    behind: Text | None = None
    mirror: bool | None = None
    tileable: Text | None = None
    cuts: list[Text] = []
    frames: bool = False


def check(studio: Studio, ask: Import) -> Import:
    """The folder is there, name and look can be used."""
    datasets.check_name(ask.name)
    folder = Path(ask.folder).expanduser()
    if not folder.is_absolute() or not folder.is_dir():
        raise StudioError(f"There is no folder {ask.folder}.", "Give the full path of a folder.")
    check_look(_look(studio.home, ask) or Look())
    for text in ask.cuts:
        requests.read(text)
    return ask.model_copy(update={"folder": str(folder)})


def commit(context: Context, ask: Import, outcome: Outcome) -> dict[str, Any]:
    """Add a folder's pictures to a dataset. Cut off, it takes the pictures that are there."""
    result = folder_import.import_folder(
        context.studio.home,
        ask.name,
        Path(ask.folder),
        look=_look(context.studio.home, ask),
        source=ask.source,
        author=ask.author,
        licence=ask.licence,
        asked=Asked(tuple(ask.cuts), ask.frames),
        now=now(),
        actor=context.job.asked_by,
    )
    version = result.version
    context.report(f"{version.name}@{version.version}: {len(version.pictures)} pictures")
    return {
        "name": version.name,
        "version": version.version,
        "digest": version.digest,
        "pictures": len(version.pictures),
        "new": result.new,
        "changed": result.changed,
        "gone": result.gone,
        "refused": [asdict(refusal) for refusal in result.refused],
        "warnings": result.warnings,
    }


def _look(home: Path, ask: Import) -> Look | None:
    """The look asked for; what is not said stays as the newest version has it."""
    asked = ask.model_dump(include={"matte", "filter", "size", "behind", "mirror", "tileable"})
    given = {name: value for name, value in asked.items() if value is not None}
    before = datasets.list_versions(home, ask.name)
    return replace(before[0].look if before else Look(), **given) if given else None


KIND = Kind(
    name="import",
    label="Bringing pictures into {name}",
    payload=Import,
    right="import from server folders",
    lane="short",
    check=check,
    commit=commit,
    resumable=True,
)
