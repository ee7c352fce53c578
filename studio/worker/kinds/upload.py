"""The job that adds what a browser sent to a dataset."""

from __future__ import annotations

from typing import Any, cast, get_args

from studio.context import Studio, now
from studio.datasets import upload_import, uploads
from studio.datasets import versions as datasets
from studio.datasets.additions import SameName
from studio.datasets.freeze import check_look
from studio.datasets.manifests import Look
from studio.datasets.sheets import requests
from studio.datasets.sheets.requests import Asked
from studio.errors import StudioError
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Counted, Payload, Text


class Addition(Payload):
    """What was sent is added to a dataset; `upload` is its token.

    `same_name`: "replace" or "beside" pictures whose names are there. `filter` begins a new set,
    with what else is said of its look. `cuts` and `frames` say how sheets and animations are cut.
    """

    upload: Text
    same_name: Text = "replace"
    source: Text = ""
    author: Text = ""
    licence: Text = ""
    filter: Text | None = None
    matte: Text | None = None
    size: Counted | None = None
    behind: Text | None = None
    mirror: bool | None = None
    tileable: Text | None = None
    cuts: list[Text] = []
    frames: bool = False


class Upload(Addition):
    """The same, to dataset `name`."""

    name: Text


def check(studio: Studio, ask: Upload) -> Upload:
    """The upload is there, name and choices can be used."""
    datasets.check_name(ask.name)
    uploads.folder_of(studio.home, ask.upload)
    if ask.same_name not in get_args(SameName):
        raise StudioError(f"same_name is {ask.same_name!r}.", "Give replace or beside.")
    if (look := _look(ask)) is not None:
        check_look(look)
    for text in ask.cuts:
        requests.read(text)
    return ask


def commit(context: Context, ask: Upload, outcome: Outcome) -> dict[str, Any]:
    """Add it; done before, its report is the answer. The report waits on the page of datasets."""
    found = upload_import.add_upload(
        context.studio.engine,
        context.studio.home,
        ask.upload,
        ask.name,
        same_name=cast(SameName, ask.same_name),
        look=_look(ask),
        source=ask.source,
        author=ask.author,
        licence=ask.licence,
        asked=Asked(tuple(ask.cuts), ask.frames),
        by=context.job.asked_by,
        now=now(),
        report=context.report,
    )
    return {"dataset": ask.name, "version": found.version, "new": found.new, "report": found.id}


def _look(ask: Upload) -> Look | None:
    """Of a new set; None where the pictures come to one that is there."""
    if ask.filter is None:
        return None
    said = ask.model_dump(include={"matte", "filter", "size", "behind", "mirror", "tileable"})
    return Look(**{field: value for field, value in said.items() if value is not None})


KIND = Kind(
    name="upload",
    label="Adding pictures to {name}",
    payload=Upload,
    right="edit datasets",
    lane="short",
    check=check,
    commit=commit,
    resumable=True,
)
