"""The kinds of jobs that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.jobs.table import Job
from studio.worker.kind import Kind
from studio.worker.kinds import (
    adapter,
    ballot,
    batch,
    character,
    describe,
    describe_tiles,
    evaluate,
    expand_wishes,
    export,
    finish,
    gan,
    generate,
    import_folder,
    look,
    merge,
    own,
    picture_edit,
    prop,
    prop_by_model,
    prop_by_provider,
    prop_edit,
    prop_received,
    prop_sheet,
    round,
    sheet,
    sweep,
    train,
    upload,
    upscale,
    variations,
)

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        import_folder.KIND,
        upload.KIND,
        look.KIND,
        describe.KIND,
        train.KIND,
        gan.KIND,
        sweep.KIND,
        evaluate.KIND,
        generate.KIND,
        batch.KIND,
        ballot.KIND,
        round.KIND,
        adapter.KIND,
        merge.KIND,
        own.KIND,
        finish.KIND,
        upscale.KIND,
        describe_tiles.KIND,
        prop_by_provider.KIND,
        prop_received.KIND,
        prop_by_model.KIND,
        prop.KIND,
        prop_edit.KIND,
        prop_sheet.KIND,
        picture_edit.KIND,
        export.KIND,
        sheet.KIND,
        character.KIND,
        expand_wishes.KIND,
        variations.KIND,
    )
}


def schemas() -> dict[str, int]:
    """The newest schema of each kind's payload that this program can read."""
    return {kind.name: kind.schema for kind in KINDS.values()}


def exclusive() -> tuple[str, ...]:
    """The kinds that want the accelerator's memory to themselves."""
    return tuple(kind.name for kind in KINDS.values() if kind.exclusive)


def takes_device(job: Job) -> bool:
    """Whether a job wants the accelerator's memory to itself: a training, or one that says so."""
    kind = KINDS.get(job.kind)
    return kind is not None and (kind.exclusive or kind.alone(job.payload))


def title(job: Job) -> str:
    """The job in people's words; one of an unknown kind by that one's name."""
    return title_of(job.kind, job.payload)


def title_of(name: str, payload: Mapping[str, Any]) -> str:
    """The same of the kind `name` with the words of its title alone, or more of the payload."""
    kind = KINDS.get(name)
    return kind.title(payload) if kind else name


def left_alone(job: Job) -> str:
    """Why no worker of this program takes the job, as the end of a sentence; "" where one does."""
    kind = KINDS.get(job.kind)
    if kind is None:
        return f"waits for a newer program: this one knows no jobs of the kind {job.kind!r}"
    if job.schema > kind.schema:
        return (
            f"waits for a newer program: it was asked in a newer way (schema {job.schema}) than "
            f"this one knows ({kind.schema})"
        )
    return ""
