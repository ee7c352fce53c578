"""What `generate` is told beside a prompt: a template, LoRAs, a picture to begin from, and those
that lead."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import drawing_leads
from studio.cli.number_flags import number
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.diffusion.sampling import Draw
    from studio.generation.style_drawing import Besides
    from studio.registry.models import Version

CHANGE = 0.6  # of a picture that is begun from


@dataclass(frozen=True)
class Inputs:
    """Prompts as they are asked for, how they are drawn, what else a job's payload says, and the
    same as the pictures will name it."""

    texts: list[str]
    draw: Draw
    asked: dict[str, Any]
    besides: Besides


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--template", metavar="NAME", help="a prompt saved on the page Generate")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=TEXT",
        help="fills a {field} of the prompt; once for each",
    )
    parser.add_argument(
        "--from",
        dest="start",
        metavar="PICTURE",
        help="begin from this: a file, or a picture's id in the gallery",
    )
    parser.add_argument(
        "--change", type=number(0.01, 1), help=f"how much of it may change, up to 1 ({CHANGE})"
    )
    parser.add_argument(
        "--mask", type=Path, metavar="FILE", help="white where --from is drawn anew; the rest stays"
    )
    drawing_leads.add(parser)


def templated(
    studio: Studio, arguments: argparse.Namespace, texts: Sequence[str]
) -> tuple[list[str], str]:
    """The prompts with their fields filled, and the negative one. StudioError for a field that is
    empty, or that none of them has."""
    from studio.generation import prompt_templates as kept

    negative = str(arguments.negative)
    if arguments.template:
        if texts:
            raise StudioError("--template is a prompt already.", "Leave the other prompts out.")
        found = kept.find(studio.engine, arguments.template, arguments.style)
        texts, negative = [found.prompt], negative or found.negative
    if not arguments.set and not arguments.template:
        return list(texts), negative  # braces are drawn as they stand
    values = {}
    for one in arguments.set:
        name, sign, text = one.partition("=")
        values[name.strip()] = text
        if not sign:
            raise StudioError(f"{one!r} fills no field.", "Write FIELD=TEXT.")
    known = {name for text in (*texts, negative) for name in kept.fields(text)}
    if (odd := next((name for name in values if name not in known), None)) is not None:
        there = ", ".join(sorted(known)) or "none"
        raise StudioError(f"There is no field {odd!r} in the prompt.", f"Fields: {there}.")
    return [kept.filled(text, values) for text in texts], kept.filled(negative, values)


def read(
    studio: Studio,
    version: Version,
    arguments: argparse.Namespace,
    texts: Sequence[str],
    draw: Draw,
) -> Inputs:
    """Pictures and masks kept, and the LoRAs that the prompts ask for. StudioError for what can't
    be used, or not for several prompts at once."""

    asked, besides = _adapters(studio, version, texts)
    if (arguments.lead or arguments.reference) and len(texts) != 1:
        raise StudioError("--lead and --reference go with one prompt.", "Give it with the command.")
    led, besides = drawing_leads.read(studio, version, arguments, besides, start_of)
    if arguments.start is None:
        if arguments.mask or arguments.change is not None:
            raise StudioError("--mask and --change need --from.", "Say of which picture.")
        return Inputs([text for text, _ in asked], draw, {**_extra(asked), **led}, besides)
    if len(texts) != 1:
        raise StudioError("--from goes with one prompt.", "Give it with the command.")
    from studio.diffusion.sampling import check_draw
    from studio.generation import start_pictures
    from studio.images import open_picture

    start, change = start_of(studio, arguments.start), arguments.change or CHANGE
    more: dict[str, Any] = {"start": start, "change": change}
    besides = replace(besides, start_hash=start, change=change)
    if arguments.mask:
        by = studio.settings.user
        mask = start_pictures.keep_mask(studio.home, open_picture(arguments.mask), start, by=by)
        more["mask"], besides = mask, replace(besides, mask_hash=mask)
        if own := start_pictures.drawn_at(studio.home, start):
            sides = (draw.width or own.width, draw.height or own.height)
            draw = check_draw(replace(draw, width=sides[0], height=sides[1]))
    more |= led
    return Inputs([text for text, _ in asked], draw, {**_extra(asked), **more}, besides)


def _adapters(
    studio: Studio, version: Version, texts: Sequence[str]
) -> tuple[list[tuple[str, list[dict[str, Any]]]], Besides]:
    """Each prompt without the signs of LoRAs, with those; they are the same for all."""
    from studio.generation.style_drawing import Besides, Other
    from studio.registry import models
    from studio.workflows import prompt_adapters

    asked = [prompt_adapters.taken(studio, version, text) for text in texts]
    if any(beside != asked[0][1] for _, beside in asked):
        raise StudioError("The prompts ask for other LoRAs each.", "Ask for them one by one.")
    others = []
    for one in asked[0][1] if asked else []:
        word = models.get(studio.client, one["style"], one["version"]).trigger_word
        others.append(Other(one["style"], one["version"], one["strength"], word, Path()))
    return asked, Besides(tuple(others))


def _extra(asked: Sequence[tuple[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    return {"adapters": asked[0][1]} if asked and asked[0][1] else {}


def start_of(studio: Studio, named: str) -> str:
    """A picture to begin from, kept: a file's, or one of the gallery as it is to be used."""
    from studio.generation import gallery_table, lists, start_pictures

    by = studio.settings.user
    if Path(named).is_file():
        return start_pictures.keep(studio.home, Path(named).read_bytes(), named, by=by)
    try:
        picture = gallery_table.get(studio.engine, named)
    except StudioError as error:
        remedy = "Give a file, or the id of a picture, which its page has in its address."
        raise StudioError(f"There is neither a file nor a picture {named!r}.", remedy) from error
    return start_pictures.keep_picture(studio.home, lists.open_picture(studio.home, picture), by=by)
