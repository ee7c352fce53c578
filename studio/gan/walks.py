"""Walks from seed to seed, as frames and as a file that moves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from studio.errors import StudioError
from studio.gan import latents
from studio.gan.sampling import Sampler
from studio.store.publish import publishing

ENDINGS = (".png", ".apng", ".webp")
MOST = 2_000  # frames
MILLISECONDS = 80  # that a frame stands


def frames(
    sampler: Sampler,
    seeds: Sequence[int],
    steps: int,
    classes: Sequence[tuple[str, float]] = (),
    truncation: float | None = None,
    loop: bool = False,
) -> list[Image.Image]:
    """Pictures from the first seed to the last, `steps` from each to the next; with `loop` back to
    the first. Without `classes` each seed's own one turns into the next one's. StudioError for
    fewer than two seeds or more than MOST frames."""
    if len(seeds) < 2:
        raise StudioError("A walk needs two seeds.", "Give more, such as 1,7,12.")
    stops = [*seeds, seeds[0]] if loop else list(seeds)
    count = (len(stops) - 1) * steps + (0 if loop else 1)
    if count > MOST:
        raise StudioError(f"That is a walk of {count:,} frames.", f"Give fewer: at most {MOST:,}.")
    shape = sampler.shape
    mixed = latents.mixed(shape, classes)
    rows, kinds = [], []
    for first, second in zip(stops, stops[1:], strict=False):
        ends = [latents.of_seed(shape, seed, truncation) for seed in (first, second)]
        named = [mixed if classes else latents.class_of(shape, seed) for seed in (first, second)]
        for step in range(steps):
            share = step / steps
            rows.append(latents.between(ends[0], ends[1], share))
            kinds.append(named[0] * (1 - share) + named[1] * share)
    if not loop:
        rows.append(latents.of_seed(shape, stops[-1], truncation))
        kinds.append(mixed if classes else latents.class_of(shape, stops[-1]))
    return sampler.of_latents(rows, kinds)


def check_name(file: Path) -> None:
    """StudioError where no walk can be written to a file of this name: GIF, say, has no
    half-transparent pixels and other times than were asked."""
    if file.suffix.lower() not in ENDINGS:
        raise StudioError(
            f"{file.name} is no name for a walk.", f"Give one that ends in {', '.join(ENDINGS)}."
        )


def write(file: Path, pictures: Sequence[Image.Image], milliseconds: int = MILLISECONDS) -> None:
    """Publish pictures as an APNG or WebP, lossless, that repeats for ever."""
    check_name(file)
    options = {"save_all": True, "append_images": list(pictures[1:]), "loop": 0}
    with publishing(file) as aside:
        if file.suffix.lower() == ".webp":
            pictures[0].save(
                aside,
                "WEBP",
                lossless=True,
                exact=True,
                minimize_size=False,
                duration=milliseconds,
                **options,
            )
        else:
            # Each frame whole in the place of the one before: alpha is not laid over it.
            pictures[0].save(aside, "PNG", duration=milliseconds, disposal=1, blend=0, **options)
