"""Datasets: their versions and pictures, what is added, edited and frozen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from studio import context
from studio.api import paging
from studio.api.calls import Asking, Call, Caller, Keeping, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.paging import Page, Paged
from studio.api.parts import Name, Wait, Webhook
from studio.api.problems import NotThere, looked_up
from studio.datasets import drafts, edits, manifests, pictures, versions
from studio.datasets.edits import Change
from studio.datasets.manifests import Head
from studio.worker.kinds.upload import Addition
from studio.worker.payload import Payload, Text, Words

router = APIRouter(tags=["datasets"], route_class=Call)

MOST_EDITS = 2_000


class DatasetVersion(BaseModel):
    """One frozen version; `version` is the short name, the first letters of its digest."""

    dataset: str
    version: str
    digest: str
    created: str
    by: str
    says: str
    parent: str | None
    pictures: int


class Dataset(BaseModel):
    """A dataset: how many versions it has, and its newest."""

    dataset: str
    versions: int
    newest: DatasetVersion


class Edit(Payload):
    """A field of a picture (its hash) gets a value; null: what the frozen version has."""

    picture: Text
    field: edits.Field
    value: Text | list[Text] | bool | None


class Edits(Payload):
    """What is changed at once, with a line on what it is."""

    edits: list[Edit] = Field(min_length=1, max_length=MOST_EDITS)
    says: Words = ""


class Draft(BaseModel):
    """The step that was added to the draft of the next version (null: there was nothing to change),
    and how many edits wait in it."""

    step: int | None
    waiting: int


class Freeze(Payload):
    """A line on what changed; without it one is made of the draft."""

    says: Words = ""


@router.get("/datasets", **needs("look"))
def datasets(asking: Asking, paged: Paged) -> Page[Dataset]:
    """Every dataset, by name."""
    names = manifests.names(asking.studio.home)
    return paging.of_all(paged, names, str, lambda name: _dataset(asking, name))


@router.get("/datasets/{dataset}", **needs("look"))
def dataset(asking: Asking, dataset: Name) -> Dataset:
    """One dataset."""
    return _dataset(asking, dataset)


@router.get("/datasets/{dataset}/versions", **needs("look"))
def dataset_versions(asking: Asking, paged: Paged, dataset: Name) -> Page[DatasetVersion]:
    """A dataset's versions, the newest first."""
    heads = _heads(asking, dataset)
    return paging.of_all(paged, heads, _age, _version, falling=True)


@router.get("/datasets/{dataset}/versions/{digest}/pictures", **needs("look"))
def dataset_pictures(
    asking: Asking, paged: Paged, dataset: Name, digest: Name
) -> Page[pictures.Picture]:
    """A version's pictures by file name, with their captions and where they are from."""
    with looked_up():
        whole = versions.load(asking.studio.home, dataset, digest).digest
    found = _pictures(asking.studio.home, dataset, whole)
    # A version never changes: a picture has its number in it.
    return paging.of_all(paged, enumerate(found), lambda one: one[0], lambda one: one[1])


@router.post("/datasets/{dataset}/additions", **puts_in("edit datasets"))
async def add_to_dataset(
    asking: Keeping, dataset: Name, body: Addition, wait: Wait = 0, webhook: Webhook = ""
) -> Response:
    """Add an upload to a dataset, or begin one with it: a job, which freezes a version."""
    payload = {**body.model_dump(), "name": dataset}
    return await put(asking, asked(asking, "upload", payload, webhook), wait)


@router.post("/datasets/{dataset}/edits", **needs("edit datasets"))
def edit_dataset(asking: Asking, dataset: Name, body: Edits) -> Draft:
    """Add edits to the draft of the next version: captions, categories, licences and the like."""
    _heads(asking, dataset)
    engine = asking.studio.engine
    changes = [
        Change(
            one.picture, one.field, tuple(one.value) if isinstance(one.value, list) else one.value
        )
        for one in body.edits
    ]
    says = body.says.strip() or f"{len(changes)} edits by a program"
    written = drafts.write(
        engine, dataset, changes, says=says, by=asking.by, now=context.now(), key=asking.mark
    )
    return Draft(step=written.step, waiting=len(drafts.read(engine, dataset)))


@router.post("/datasets/{dataset}/freeze", **needs("edit datasets"))
def freeze_dataset(asking: Asking, dataset: Name, body: Freeze) -> DatasetVersion:
    """Make the draft a version; where it changes nothing, the newest version is the answer."""
    _heads(asking, dataset)
    studio = asking.studio
    made = drafts.freeze(
        studio.engine, studio.home, dataset, says=body.says, by=asking.by, now=context.now()
    )
    return next(_version(one) for one in _heads(asking, dataset) if one.digest == made.digest)


@lru_cache(maxsize=4)
def _pictures(home: Path, name: str, digest: str) -> tuple[pictures.Picture, ...]:
    """A version never changes; its manifest may have megabytes."""
    return versions.load(home, name, digest).pictures


def _dataset(asking: Caller, name: str) -> Dataset:
    heads = _heads(asking, name)
    return Dataset(dataset=name, versions=len(heads), newest=_version(heads[0]))


def _heads(asking: Caller, name: str) -> list[Head]:
    heads = manifests.heads(asking.studio.home, name)
    if not heads:
        names = manifests.names(asking.studio.home)
        there = f"There is: {', '.join(names)}." if names else "Send an upload and add it."
        raise NotThere(f"There is no dataset {name[:80]!r}.", there)
    return heads


def _version(one: Head) -> DatasetVersion:
    return DatasetVersion(
        dataset=one.name,
        version=one.version,
        digest=one.digest,
        created=one.created,
        by=one.actor,
        says=one.says,
        parent=one.parent,
        pictures=one.pictures,
    )


def _age(one: Head) -> str:
    """What is larger the newer a version is."""
    return f"{one.sequence:09} {one.created} {one.digest}"
