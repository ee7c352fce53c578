"""Enlarged pictures as files and as assets: a PNG with all that made it inside, in the gallery
beside the picture that it came from, which is its parent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.assets.files import Content
from studio.assets.records import Asset, New
from studio.assets.thumbnails import SMALLER
from studio.context import Studio
from studio.generation import gallery_table, picture_files, prompts
from studio.generation.picture_files import Made
from studio.workflows import finished_files, upscale_styles, upscaling
from studio.workflows.upscaling import Wanted

FOLDER = "upscaled"  # of the studio's folder: a folder for each job
KEY = "housestyle-upscaling"  # the chunk that says how
LONGEST = 60  # letters of a file's name


@dataclass(frozen=True)
class About:
    """What a result says of itself: how it was drawn as any picture's file says it, and the
    settings of its enlarging, as plain JSON."""

    made: dict[str, Any]
    upscaling: dict[str, Any]
    of: str

    def texts(self, width: int, height: int) -> dict[str, str]:
        """The texts of its PNG by their keywords."""
        made = Made(**{**self.made, "adapters": tuple(self.made.get("adapters", ()))})
        how = {"schema": 1, **picture_files.recipe_of(made), "width": width, "height": height}
        upscaled = {"schema": 1, "of": self.of, "settings": self.upscaling}
        return {
            picture_files.KEY: json.dumps(how),
            KEY: json.dumps(upscaled),
            picture_files.PARAMETERS: picture_files.parameters(made, (width, height)),
        }


def about(studio: Studio, asked: Wanted) -> About:
    """What the result of these settings says. What diffusion draws names what drew it; all else
    goes on naming what drew the picture that it came from."""
    source, settings = asked.source, asked.settings
    told = Made(**_before(asked))
    if asked.draws is not None:
        words = upscale_styles.trigger_words(studio, settings, asked.draws)
        told = _drawn(told, asked, words)
    kept = {**picture_files.recipe_of(told), "adapters": [dict(one) for one in told.adapters]}
    return About(kept, upscaling.as_json(settings), source.hash)


def new(
    home: Path,
    asked: Wanted,
    about: About,
    files: Mapping[str, tuple[Path, Content]],
    before: Sequence[str] = (),
) -> New:
    """The asset of a result whose files lie in the studio's folder: `files` by role. `before` are
    earlier results of the same picture that it takes the place of."""
    source, settings, made = asked.source, asked.settings, dict(about.made)
    style, version, seed = (made.pop(name) for name in ("style", "version", "seed"))
    asset = source.asset
    recipe = {
        **made,
        "made_by": upscaling.MADE_BY,
        "upscaling": about.upscaling,
        "of": {"hash": source.hash, "width": source.width, "height": source.height},
    }
    main = files[gallery_table.DRAWN][0]
    return New(
        kind=gallery_table.KIND,
        key=main.relative_to(home).as_posix(),
        files=dict(files),
        parents=tuple(dict.fromkeys((*source.parents, *before))),
        style=asset.style if asset and asked.draws is None else style,
        version=asset.version if asset and asked.draws is None else version,
        seed=seed,
        name=asset.name if asset else file_name(source.about),
        variant=asset.variant if asset else 1,
        category=asset.category if asset else "",
        text=" ".join(filter(None, (made["prompt"], settings.prompt, source.about))),
        recipe=recipe,
    )


def folder_of(home: Path, job: int) -> Path:
    """Where the results of a job lie."""
    return home / FOLDER / str(job)


def names_of(asked: Wanted) -> dict[str, str]:
    """The file names of a result by their roles; the smaller copy's is there for large ones."""
    size = f"{asked.settings.width}x{asked.settings.height}"
    stem = f"{file_name(asked.source.about)}-{size}"
    return {gallery_table.DRAWN: f"{stem}.png", SMALLER: f"{stem}.smaller.webp"}


def file_name(called: str) -> str:
    """A name that every system takes."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in called)
    return plain[:LONGEST].strip("._-") or "picture"


def _before(asked: Wanted) -> dict[str, Any]:
    """How the picture that is enlarged was drawn; a file from elsewhere was not."""
    source = asked.source
    asset = source.asset or unknown(source.about, asked.settings.seed)
    own = {"style": asset.style, "version": asset.version, "seed": asset.seed or 0}
    return {**finished_files.told(asset), **own}


def unknown(called: str, seed: int = 0) -> Asset:
    """A picture of which nothing is known but what it is called."""
    return Asset(
        number=0,
        id="",
        key="",
        kind="",
        style="",
        version=0,
        by="",
        at="",
        seed=seed,
        job=None,
        name=called,
        variant=1,
        category="",
        verdict=None,
        text="",
        recipe={},
    )


def _drawn(before: Made, asked: Wanted, words: Sequence[str]) -> Made:
    settings, draws = asked.settings, asked.draws
    assert draws is not None
    version = draws.version
    prompt = settings.prompt or before.prompt
    return replace(
        before,
        style=version.style if version else "base",
        version=version.number if version else 0,
        base=draws.base,
        run=version.run_id if version else "",
        dataset=f"{version.dataset}@{version.dataset_digest[:12]}" if version else "",
        prompt=prompt,
        full_prompt=prompts.with_triggers(settings.prompt, words),
        negative=settings.negative,
        seed=settings.seed,
        steps=settings.steps,
        guidance=float(settings.guidance),
        strength=float(settings.weight),
        adapters=tuple(
            {"style": style, "version": number, "strength": float(strength)}
            for style, number, strength in settings.adapters
        ),
        start="" if asked.source.named in asked.source.parents else asked.source.named,
        change=float(settings.strength),
        reading={},
        mask="",
        finish="",
        seamless={"xy": "both"}.get(settings.wrap, settings.wrap),
        fill="",
    )
