"""The job that proposes words for a dataset's pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast, get_args

import numpy as np
from PIL import Image

from studio import images
from studio.captioning import nearest_captions, openai_endpoint, vision_models
from studio.context import Progress, Studio, now, set_threads
from studio.datasets import (
    caption_proposals,
    drafts,
    edits,
    manifests,
    withdrawals,
)
from studio.datasets import versions as datasets
from studio.datasets.caption_proposals import Into
from studio.datasets.pictures import Picture
from studio.diffusion import bundled_bases
from studio.errors import StudioError
from studio.worker.context import Context
from studio.worker.kind import Kind, Needs, Outcome
from studio.worker.kinds.seen_by_clip import at_32, pocket
from studio.worker.payload import Payload, Text

MEANS = ("words", "vision", "endpoint")
PROMPT = (
    "Describe this game asset in one line of at most twelve words, for a training caption: what "
    "it is, its colours and materials. Do not describe the art style or the background."
)
AT_ONCE = 8  # pictures of one step; what was proposed is kept after each
Opened = tuple[Picture, Image.Image]
Step = Callable[[list[Opened]], list[str]]
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
    if ask.means not in MEANS or ask.field not in get_args(Into):
        raise StudioError(f"{ask.means!r} can't describe.", f"Use one of {', '.join(MEANS)}.")
    settings = studio.settings
    if ask.means == "vision" and not settings.caption_model:
        raise StudioError("There is no vision model.", "Set STUDIO_CAPTION_MODEL.")
    if ask.means == "endpoint" and not (settings.caption_url and settings.caption_name):
        raise StudioError(
            "There is no server to ask.", "Set STUDIO_CAPTION_URL and STUDIO_CAPTION_NAME."
        )
    if not ask.prompt.strip() or len(ask.prompt) > 2_000:
        raise StudioError("The question to the model is empty or too long.", "Use a few lines.")
    return ask.model_copy(update={"prompt": ask.prompt.strip()})


def commit(context: Context, ask: Describe, outcome: Outcome) -> dict[str, Any]:
    """Words for each picture that wants some; cut off, it goes on with the rest."""
    studio, job = context.studio, context.job
    pictures = _wanting(studio, ask, caption_proposals.of_job(studio.engine, job.id))
    made, left = 0, 0
    if pictures:
        context.report("Loading the model")
        name, step = _means(studio, ask)
        for start in range(0, len(pictures), AT_ONCE):
            part = pictures[start : start + AT_ONCE]
            opened = list(_opened(studio, part))
            left += len(part) - len(opened)
            texts = step(opened) if opened else []
            said = {p.hash: text for (p, _), text in zip(opened, texts, strict=True)}
            made += caption_proposals.propose(
                studio.engine,
                ask.dataset,
                cast(Into, ask.field),
                said,
                model=name,
                asked_by=job.asked_by,
                now=now(),
                job=job.id,
            )
            done, all = start + len(part), len(pictures)
            line = f"Described {done}/{all}"
            context.report(Progress(line, done, all, "pictures", "describing"))
    return {"dataset": ask.dataset, "proposed": made, "unreadable": left}


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


def _opened(studio: Studio, pictures: list[Picture]) -> Iterator[Opened]:
    for picture in pictures:
        try:
            yield picture, images.open_picture(datasets.picture_path(studio.home, picture.hash))
        except StudioError:
            continue  # the page shows that it is missing


def _means(studio: Studio, ask: Describe) -> tuple[str, Step]:
    """The name that goes with the proposals, and what describes RGBA pictures."""
    settings = studio.settings
    if ask.means == "words":
        return _words(studio, ask)
    if ask.means == "vision":
        from studio.diffusion.bases import pick_device

        set_threads(settings)
        loaded = vision_models.load(settings.caption_model, pick_device(settings.device).type)

        def look(found: list[Opened]) -> list[str]:
            seen = [images.on_matte(_large(one), (128, 128, 128)) for _, one in found]
            return loaded.caption(seen, ask.prompt)

        return loaded.name, look
    import httpx

    client = httpx.Client()

    def ask_server(found: list[Opened]) -> list[str]:
        return [
            openai_endpoint.caption(
                client,
                settings.caption_url,
                settings.caption_key,
                settings.caption_name,
                ask.prompt,
                one,
            )
            for _, one in found
        ]

    return settings.caption_name, ask_server


def _words(studio: Studio, ask: Describe) -> tuple[str, Step]:
    """Colours that are counted, the picture's category, and words that proved right in this set."""
    from studio.colours import dominant_colours
    from studio.diffusion.vocabulary import FILE_NAME

    seen = pocket(studio.settings, "#808080")
    assert seen.encode_texts is not None
    known = (bundled_bases.CLIP.parent / FILE_NAME).read_text("utf-8").split()
    named = nearest_captions.kinds(known)
    texts = seen.encode_texts([f"a {word}" for word in named])

    def vectors(found: list[Opened]) -> Any:
        return seen.encode_pictures([at_32(one, "nearest") for _, one in found])

    version = datasets.load(studio.home, ask.dataset)
    own = [p for p in version.pictures if p.caption and p.caption_by in ("file", "hand")]
    described = list(_opened(studio, own[:: len(own) // COMPARED + 1]))
    by = nearest_captions.taught(
        vectors(described) if described else np.zeros((0, len(texts[0])), np.float32),
        [nearest_captions.said_of(p.caption, p.category) for p, _ in described],
        named,
        texts,
    )

    def look(found: list[Opened]) -> list[str]:
        likely = nearest_captions.proposed(vectors(found), by, named, texts)
        return [
            nearest_captions.phrase(
                dominant_colours(np.asarray(one.convert("RGBA"))),
                p.category,
                said,
                ask.field == "tags",
            )
            for (p, one), said in zip(found, likely, strict=True)
        ]

    return seen.name, look


def _large(picture: Image.Image) -> Image.Image:
    """Small pictures enlarged by a whole factor: vision models were taught on large ones."""
    factor = 384 // max(picture.size)
    if factor < 2:
        return picture
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.NEAREST)


KIND = Kind(
    name="describe",
    label="Proposing words for {dataset}",
    payload=Describe,
    right="edit datasets",
    lane="short",
    check=check,
    commit=commit,
    needs=Needs(memory_gb=1.0),
    resumable=True,
)
