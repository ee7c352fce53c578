"""What describes pictures: the pocket CLIP with words of the set, a vision model, or a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio import images
from studio.captioning import nearest_captions, openai_endpoint, vision_models
from studio.datasets import versions as datasets
from studio.datasets.pictures import Picture
from studio.diffusion import bundled_bases
from studio.errors import StudioError
from studio.worker.kinds.seen_by_clip import at_32, pocket

Opened = tuple[Picture, Image.Image]
Step = Callable[[list[Opened]], list[str]]


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible server: its address, key, and what it calls the model."""

    url: str = ""
    key: str = field(default="", repr=False)
    name: str = ""


@dataclass(frozen=True)
class Task:
    """Which pictures are described by which means, in plain values. "words" are taught by the
    pictures `described`, "vision" is the model of a folder or a Hub id, "endpoint" the server."""

    pictures: tuple[Picture, ...]
    means: str
    tags: bool
    prompt: str
    described: tuple[Picture, ...] = ()
    vision: str = ""
    server: Server = Server()


def opened(files: Mapping[str, Path], pictures: tuple[Picture, ...]) -> Iterator[Opened]:
    """The pictures, whose files are given by hash, as RGBA; those that can't be opened are passed
    by: the page shows that they are missing."""
    for picture in pictures:
        try:
            file, name = files.get(picture.hash), picture.file_name
            yield picture, datasets.open_stored(file, picture.hash, name, picture.reading)
        except StudioError:
            continue


def loaded(task: Task, files: Mapping[str, Path], device: str) -> tuple[str, Step]:
    """The name that goes with the proposals, and what describes pictures; `device` is as
    STUDIO_DEVICE has it."""
    if task.means == "words":
        return _words(task, files)
    if task.means == "vision":
        return _vision(task, device)
    import httpx

    client, server = httpx.Client(), task.server

    def ask_server(found: list[Opened]) -> list[str]:
        return [
            openai_endpoint.caption(
                client, server.url, server.key, server.name, task.prompt, picture
            )
            for _, picture in found
        ]

    return server.name, ask_server


def _vision(task: Task, device: str) -> tuple[str, Step]:
    from studio.diffusion.bases import pick_device

    model = vision_models.load(task.vision, pick_device(device).type)

    def look(found: list[Opened]) -> list[str]:
        seen = [images.on_matte(_large(one), (128, 128, 128)) for _, one in found]
        return model.caption(seen, task.prompt)

    return model.name, look


def _words(task: Task, files: Mapping[str, Path]) -> tuple[str, Step]:
    """Colours that are counted, the picture's category, and words that proved right in this set."""
    from studio.colours import dominant_colours
    from studio.diffusion.vocabulary import FILE_NAME

    seen = pocket("#808080")
    assert seen.encode_texts is not None
    known = (bundled_bases.CLIP.parent / FILE_NAME).read_text("utf-8").split()
    named = nearest_captions.kinds(known)
    texts = seen.encode_texts([f"a {word}" for word in named])

    def vectors(found: list[Opened]) -> Any:
        return seen.encode_pictures([at_32(one, "nearest") for _, one in found])

    described = list(opened(files, task.described))
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
                dominant_colours(np.asarray(one.convert("RGBA"))), p.category, said, task.tags
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
