"""The job that proposes words for a dataset's pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast, get_args

from studio.context import Progress, Studio, now
from studio.datasets import caption_proposals, drafts, edits, manifests, withdrawals
from studio.datasets import versions as datasets
from studio.datasets.caption_proposals import Into
from studio.datasets.pictures import Picture
from studio.datasets.words import one_line
from studio.errors import StudioError
from studio.jobs.emit import Answer, Emit, Event
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.kinds import describing
from studio.worker.kinds.describing import Server, Task
from studio.worker.payload import Payload, Text

MEANS = ("words", "vision", "endpoint")
PROMPT = (
    "Describe this game asset in one line of at most twelve words, for a training caption: what "
    "it is, its colours and materials. Do not describe the art style or the background."
)
AT_ONCE = 8  # pictures of one step; what was proposed is kept after each
COMPARED = 300  # described pictures from which words are taken


class Describe(Payload):
    """Words for pictures, by hash: "words" are the pocket CLIP's, "vision" a model's on this
    machine, "endpoint" those of the server that is set."""

    dataset: Text
    hashes: list[Text]
    means: Text
    field: Text = "caption"
    prompt: Text = PROMPT


def check(studio: Studio, ask: Describe) -> Describe:
    """The dataset is there, and so is what is to describe it."""
    datasets.load(studio.home, ask.dataset)
    if ask.field not in get_args(Into):
        raise StudioError(
            f"There is no field {ask.field!r}.", f"Use one of {', '.join(get_args(Into))}."
        )
    check_means(studio, ask.means, ask.prompt)
    return ask.model_copy(update={"prompt": ask.prompt.strip()})


def check_means(studio: Studio, means: str, prompt: str) -> None:
    """StudioError where there is nothing that describes by these means, or no question to it."""
    if means not in MEANS:
        raise StudioError(f"{means!r} can't describe.", f"Use one of {', '.join(MEANS)}.")
    settings = studio.settings
    if means == "vision" and not settings.caption_model:
        raise StudioError("There is no vision model.", "Set STUDIO_CAPTION_MODEL.")
    if means == "endpoint" and not (settings.caption_url and settings.caption_name):
        raise StudioError(
            "There is no server to ask.", "Set STUDIO_CAPTION_URL and STUDIO_CAPTION_NAME."
        )
    if not prompt.strip() or len(prompt) > 2_000:
        raise StudioError("The question to the model is empty or too long.", "Use a few lines.")


def prepare(context: Context, ask: Describe) -> Work:
    """The pictures that want words; of those that this job has described none."""
    studio, job, settings = context.studio, context.job, context.studio.settings
    described: list[Picture] = []
    if ask.means == "words":
        version = datasets.load(studio.home, ask.dataset)
        own = [p for p in version.pictures if p.caption and p.caption_by in ("file", "hand")]
        described = own[:: len(own) // COMPARED + 1]
    task = Task(
        tuple(_wanting(studio, ask, caption_proposals.of_job(studio.engine, job.id))),
        ask.means,
        ask.field == "tags",
        ask.prompt,
        tuple(described),
        settings.caption_model,
        Server(settings.caption_url, settings.caption_key, settings.caption_name),
    )
    files = datasets.files_of(studio.home, [p.hash for p in (*task.pictures, *described)])
    inputs = {hash: Input(hash, path) for hash, path in files.items()}
    return Work(studio.home / job.folder / "work", task, inputs)


def compute(
    inputs: Mapping[str, Input], task: Task, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Words for each picture, told a few at a time; cut off, it goes on with the rest."""
    files = {hash: file.path for hash, file in inputs.items()}
    told = {hash for said in _told(emit) for hash in (*said["words"], *said["unreadable"])}
    pictures = tuple(p for p in task.pictures if p.hash not in told)
    if pictures:
        emit.say("Loading the model")
        name, step = describing.loaded(task, files, models.device)
        for start in range(0, len(pictures), AT_ONCE):
            part = pictures[start : start + AT_ONCE]
            opened = list(describing.opened(files, part))
            texts = step(opened) if opened else []
            words = {p.hash: one_line(text) for (p, _), text in zip(opened, texts, strict=True)}
            unreadable = [p.hash for p in part if p.hash not in words]
            body = {"model": name, "words": words, "unreadable": unreadable}
            emit("words", f"words {part[0].hash}", body)
            done, all = start + len(part), len(pictures)
            emit.say(Progress(f"Described {done}/{all}", done, all, "pictures", "describing"))
    said = _told(emit)
    return Outcome(
        {
            "proposed": sum(bool(text) for one in said for text in one["words"].values()),
            "unreadable": sum(len(one["unreadable"]) for one in said),
        }
    )


def apply(context: Context, ask: Describe, workdir: Path, event: Event) -> Answer:
    """Propose the words of a part, once."""
    with context.visible():
        caption_proposals.propose(
            context.studio.engine,
            ask.dataset,
            cast(Into, ask.field),
            event.body["words"],
            model=event.body["model"],
            asked_by=context.job.asked_by,
            now=now(),
            job=context.job.id,
        )
    return "go on"


def commit(context: Context, ask: Describe, outcome: Outcome) -> dict[str, Any]:
    """How many were proposed; the words are there by now."""
    return {"dataset": ask.dataset, **outcome.figures}


def _told(emit: Emit) -> list[dict[str, Any]]:
    return [event.body for event in emit.of("words")]


def _wanting(studio: Studio, ask: Describe, done: set[str]) -> list[Picture]:
    """The pictures asked for, as the draft has them now, that nobody described by hand."""
    head = manifests.heads(studio.home, ask.dataset)[0]
    version = manifests.read(studio.home, ask.dataset, head.digest)
    waiting = drafts.read(studio.engine, ask.dataset)
    asked = set(ask.hashes) - done
    return [
        row.picture
        for row in edits.applied(version.pictures, waiting, withdrawals.by(studio.home))
        if row.picture.hash in asked
        and not row.removed
        and caption_proposals.wants(row.picture, cast(Into, ask.field))
    ]


KIND = Kind(
    name="describe",
    label="Proposing words for {dataset}",
    payload=Describe,
    right="edit datasets",
    lane="short",
    check=check,
    prepare=prepare,
    compute=compute,
    apply=apply,
    commit=commit,
    needs=Needs(memory_gb=1.0),
    resumable=True,
)
