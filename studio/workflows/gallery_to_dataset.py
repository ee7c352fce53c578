"""From the gallery to a dataset: approved pictures, painted over where an artist did so."""

from __future__ import annotations

from collections.abc import Sequence

from studio import context, images
from studio.datasets import additions
from studio.errors import StudioError
from studio.generation.gallery_table import Picture
from studio.generation.prompts import without_trigger
from studio.registry import models

HANDED_ON = 2_000  # pictures that go into a dataset at once; they are in memory together


def hand_on(
    studio: context.Studio, dataset: str, found: Sequence[Picture], *, actor: str
) -> additions.Added:
    """Add the approved ones of `found` to a dataset, painted over where an artist did so.

    Each says which version drew it from what prompt, and who painted over it; its caption is the
    prompt without trigger word, its category that of its list. StudioError where none is approved
    or a file is gone.
    """
    approved = [one for one in found if one.verdict == "approved"]
    if not 1 <= len(approved) <= HANDED_ON:
        raise StudioError(
            f"{len(approved):,} of these pictures are approved.",
            f"Choose 1 to {HANDED_ON:,} approved pictures at once.",
        )
    words: dict[tuple[str, int], tuple[str, str]] = {}
    for style, number in {(one.style, one.version) for one in approved}:
        try:
            version = models.get(studio.client, style, number)
            licence = version.tags.get("base_licence", "")
            words[style, number] = version.trigger_word, licence
        except StudioError:  # the version was deleted; its pictures are still there
            words[style, number] = "", ""
    return additions.add_pictures(
        studio.home,
        dataset,
        [_as_new(studio, one, *words[one.style, one.version]) for one in approved],
        now=context.now(),
        actor=actor,
        says="approved pictures",
    )


def _as_new(
    studio: context.Studio, one: Picture, trigger_word: str, licence: str
) -> additions.NewPicture:
    file = studio.home / (one.painted or one.file)
    named = f"{one.style} version {one.version}"
    return additions.NewPicture(
        data=images.read_file(file),
        file_name=f"approved/{one.style}-v{one.version}-{one.seed}-{one.id}.png",
        caption=without_trigger(one.prompt, trigger_word),
        category=one.category,
        tags=("generated", "painted over") if one.painted else ("generated",),
        source=f"generated with {named}, seed {one.seed}",
        author=f"{one.painted_by}, over {named}" if one.painted else one.by,
        licence=f"base: {licence}" if licence else "",
        origin="painted" if one.painted else "generated",
    )
