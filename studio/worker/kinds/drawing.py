"""What the kinds of job that draw with a style have in common: what may be asked, how a pipeline is
made ready, and how pictures come home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field

from studio import images, numbers
from studio.context import Countdown, Studio, check_style, now
from studio.diffusion import bundled_bases, opaque_fill, prompt_weights, team_bases
from studio.diffusion.sampling import Draw, check_draw
from studio.errors import StudioError
from studio.finishing import style_recipes
from studio.finishing.recipe import Recipe
from studio.generation import forming, raw_pictures, start_pictures
from studio.generation import style_drawing as drawing
from studio.generation.gallery_table import Kept, record
from studio.generation.picture_files import read_made
from studio.generation.style_drawing import Loaded
from studio.jobs.emit import Answer, Emit, Event
from studio.registry import looked_up, models
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Outcome, Work
from studio.worker.kinds import guiding
from studio.worker.kinds.guiding import NO_GUIDES, Guides
from studio.worker.payload import Counted, Payload, Text, Words
from studio.workflows import prompt_adapters, recipes, version_loading
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Drawer
from studio.workflows.version_loading import base_of, generated, in_production

PROMPT_LENGTH = 2_000
ADAPTERS = 4  # beside the style's own
MOST_NOTES = 40  # sentences
START, MASK = "start", "mask"  # the inputs that a picture begins from


class Adapter(Payload):
    """Another version that acts beside the style's own, at its own strength."""

    style: Text
    version: Counted
    strength: float = 1.0


class Drawn(Payload):
    """How pictures are drawn. Without `version` what is in production draws; without `width` or
    `height` that side is as the version learned it. What is `seamless` has its holes filled, unless
    `fill` is "". `recipe` is the mark of the one that finishes them, "" for none; without it the
    style's own does, which a job keeps to its end."""

    style: Text = ""
    version: Counted | None = None
    negative: Words = ""
    steps: Counted = 20
    guidance: float = 4.0
    strength: float | None = None
    width: Counted | None = None
    height: Counted | None = None
    seamless: Text = ""
    fill: Text = opaque_fill.OPAQUE
    adapters: list[Adapter] = Field(default_factory=list)
    recipe: Text | None = None


D = TypeVar("D", bound=Drawn)


@dataclass(frozen=True)
class Wanted:
    """One picture: what is drawn and how, the name and category of its list's line, and its number
    among that one's."""

    wish: drawing.Wish
    draw: Draw
    name: str = ""
    variant: int = 1
    category: str = ""


@dataclass(frozen=True)
class Plan:
    """What is drawn with what: `name` is what the drawer loads. `strength` None: as trained.
    `others` each with the SHA-256 of its file. `recipe` finishes the pictures; None: none does."""

    drawer: Drawer
    name: str
    wanted: tuple[Wanted, ...]
    strength: float | None
    others: tuple[tuple[drawing.Other, str], ...] = ()
    start: str = ""
    change: float = 0.0
    mask: str = ""
    recipe: Recipe | None = None
    guides: Guides = NO_GUIDES


def check_drawing(ask: Drawn) -> None:
    """StudioError for steps, sizes and strengths that nothing can be drawn with."""
    check_draw(draw_of(ask))
    check_negative(ask.negative)
    if ask.strength is not None:
        check_between("strength", ask.strength, -2, 2)


def check_negative(negative: str) -> None:
    """StudioError for a negative prompt that can't be used."""
    check_between("the negative prompt's length", len(negative), 0, PROMPT_LENGTH)
    prompt_weights.check(negative)


def check_prompt(prompt: str, seed: int) -> None:
    """StudioError for a prompt or a seed that can't be used."""
    if not prompt.strip():
        raise StudioError("The prompt is empty.", "Say what to draw.")
    check_between("the prompt's length", len(prompt), 1, PROMPT_LENGTH)
    prompt_weights.check(prompt)
    numbers.seed(seed)


def own_seed(asked: dict[str, Any]) -> dict[str, Any]:
    """A payload of schema 1, whose seed went beyond the generator's, with the one of those that
    draws the same picture."""
    return {**asked, "seed": asked.get("seed", 0) % numbers.SEEDS}


def two_sides(asked: dict[str, Any]) -> dict[str, Any]:
    """A payload of schema 2, in which one size stood for both sides."""
    side = asked.get("size")
    kept = {name: value for name, value in asked.items() if name != "size"}
    return {**kept, "width": side, "height": side}


def unfinished(asked: dict[str, Any]) -> dict[str, Any]:
    """A payload of schema 3, of before styles had recipes and pictures could be seamless: its own
    go on without."""
    return {**asked, "recipe": ""}


def unled(asked: dict[str, Any]) -> dict[str, Any]:
    """A payload of schema 4, of before pictures could lead a drawing: none leads its own, as where
    nothing is said. A program of then refuses what it would draw without."""
    return asked


def seeds(first: int, count: int) -> list[int]:
    """Those of `count` pictures; after the last seed that there is comes the first."""
    return [(first + k) % numbers.SEEDS for k in range(count)]


def check_between(name: str, value: float, low: float, high: float) -> None:
    """StudioError unless `value` is within the two, both included."""
    if not low <= value <= high:
        raise StudioError(f"{name[:1].upper()}{name[1:]} is {value}.", f"Give {low} to {high}.")


def version_of(studio: Studio, style: str, number: int | None) -> models.Version:
    """The version of that number as it was a moment ago, None: the one in production; StudioError
    where there is none."""
    check_style(style)
    if number is None:
        return in_production(studio, style)
    return looked_up.version(studio.client, style, number)


def with_versions(studio: Studio, ask: D, *told: str) -> D:
    """The style's version and the mark of its recipe filled in; the other adapters are there and
    fit its base, and what draws takes what is `told` it besides."""
    main = version_of(studio, ask.style, ask.version)
    names = ("adapters", "start", "seamless", "leads", "reference")
    beside = {name: getattr(ask, name, "") for name in names}
    table.check_takes(main, *told, *(name for name, wanted in beside.items() if wanted))
    check_between("the number of further LoRAs", len(ask.adapters), 0, ADAPTERS)
    used = {(main.style, main.number)}
    for other in ask.adapters:
        check_between(f"the strength of {other.style}", other.strength, -2, 2)
        version = looked_up.version(studio.client, other.style, other.version)
        if base_of(studio, version) != base_of(studio, main):
            raise StudioError(
                f"{other.style} version {other.version} was trained on another base than "
                f"{main.style} version {main.number}.",
                "Combine versions of one base.",
            )
        if (other.style, other.version) in used:
            raise StudioError(
                f"{other.style} version {other.version} is named twice.", "Name it once."
            )
        used.add((other.style, other.version))
    return ask.model_copy(
        update={"version": main.number, "recipe": _mark(studio, main, ask.recipe)}
    )


def _mark(studio: Studio, version: models.Version, asked: str | None) -> str:
    """That of the recipe that is asked for, else of the style's own; StudioError for one that
    there is not."""
    if asked:
        return style_recipes.by_mark(studio.engine, asked).mark
    found = recipes.of_version(studio, version) if asked is None else None
    return found.mark if found else ""


def with_prompts_loras(
    studio: Studio, ask: Drawn, prompt: str
) -> tuple[str, list[Adapter], int | None]:
    """The prompt without `<lora:name:weight>`, the adapters with those, and the version that was
    looked up for it. StudioError where one is none of the studio's."""
    if not ask.style or not prompt_weights.loras(prompt)[1]:
        return prompt, ask.adapters, ask.version
    main = version_of(studio, ask.style, ask.version)
    text, found = prompt_adapters.taken(
        studio, main, prompt, [one.model_dump() for one in ask.adapters]
    )
    return text, [Adapter(**one) for one in found], main.number


def draw_of(ask: Drawn) -> Draw:
    """What is asked of the base."""
    return Draw(
        ask.steps,
        ask.guidance,
        ask.negative,
        ask.width,
        ask.height,
        ask.seamless,
        ask.fill if ask.seamless else "",
    )


def work(
    context: Context,
    ask: Drawn,
    wanted: Sequence[Wanted],
    base: str = bundled_bases.DEFAULT,
    start: str = "",
    change: float = 0.0,
    mask: str = "",
    guides: Guides = NO_GUIDES,
) -> Work:
    """What is to be drawn, in a folder of the job's own, so that no other job's pictures are
    overwritten."""
    studio, inputs = context.studio, dict[str, Input]()
    if ask.style:
        assert ask.version is not None  # the check at the door filled it in
        version = models.get(studio.client, ask.style, ask.version)
        drawer: Drawer = table.drawer(studio, version)
        out = generated(studio, version)
        name = f"{version.style} version {version.number}"
    else:
        place = team_bases.place(studio.home, base)
        drawer, out = version_loading.BareBase(place), studio.home / "generated" / "_base"
        name = f"the base {place}"
    inputs |= {hash: Input(hash, file) for hash, file in drawer.files.items()}
    others = []
    for one in ask.adapters:
        found = models.get(studio.client, one.style, one.version)
        hash, file = version_loading.adapter_by_hash(studio, found)
        inputs[hash] = Input(hash, file)
        other = drawing.Other(one.style, one.version, one.strength, found.trigger_word, file)
        others.append((other, hash))
    if start:
        inputs[START] = Input(start, start_pictures.path(studio.home, start))
    if mask:
        inputs[MASK] = Input(mask, start_pictures.path(studio.home, mask))
    inputs |= guides.files
    plan = Plan(
        drawer,
        name,
        tuple(wanted),
        ask.strength,
        tuple(others),
        start,
        change,
        mask,
        style_recipes.by_mark(studio.engine, ask.recipe) if ask.recipe else None,
        guides.without_files,
    )
    return Work(out / str(context.job.id), plan, inputs)


def compute(
    inputs: Mapping[str, Input], plan: Plan, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    """Draw what the folder does not hold yet, with a pipeline that stays loaded where it can."""

    def load() -> Loaded:
        emit.say(f"Loading {plan.name}.")
        return plan.drawer({name: one.path for name, one in inputs.items()}, models.device)

    loaded = recipes.with_recipe(models.warm.get(plan.name, load), plan.recipe)
    for sentence in _notes(loaded, plan):
        emit.say(sentence)
    strength = loaded.strength if plan.strength is None else plan.strength
    others = tuple(replace(one, file=inputs[hash].path) for one, hash in plan.others)
    begun = images.open_picture(inputs[START].path) if plan.start else None
    mask = images.open_picture(inputs[MASK].path).convert("L") if plan.mask else None

    change = plan.change if plan.start else 0.0
    besides = drawing.Besides(others, begun, plan.start, change, mask, plan.mask)
    places = {name: one.path for name, one in inputs.items()}
    besides = guiding.at_hand(besides, plan.guides, places, loaded.matte)
    countdown, files = Countdown(emit.say), list[Path]()
    for draw, part in _alike(plan.wanted):
        place = len(files)

        def kept(first: int, drawn: list[Path], place: int = place) -> None:
            """Tell of them as they come, so that a job cut off leaves none behind unseen."""
            pictures = [
                {
                    "file": file.name,
                    "name": one.name,
                    "variant": one.variant,
                    "category": one.category,
                }
                for file, one in zip(drawn, plan.wanted[place + first :], strict=False)
            ]
            emit("pictures", f"pictures {place + first}", {"pictures": pictures})

        def progress(done: int, all: int, place: int = place) -> None:
            countdown.at(place + done, len(plan.wanted))

        files += drawing.draw(
            loaded,
            [one.wish for one in part],
            draw,
            strength,
            workdir,
            progress,
            emit.step,
            kept,
            besides,
            place,
            partial(forming.put, workdir),
        )
    forming.take_away(workdir)
    return Outcome(
        {
            "style": loaded.style,
            "version": loaded.version,
            "pictures": [
                {"file": file.name, "name": w.name, "prompt": w.wish.prompt, "seed": w.wish.seed}
                for file, w in zip(files, plan.wanted, strict=True)
            ],
        }
    )


def _alike(wanted: Sequence[Wanted]) -> list[tuple[Draw, list[Wanted]]]:
    """Pictures that follow each other and are drawn alike, together."""
    return [(draw, list(part)) for draw, part in groupby(wanted, key=lambda one: one.draw)]


def _notes(loaded: Loaded, plan: Plan) -> list[str]:
    """Sentences about what is not drawn or finished as it stands, each once."""
    said = [
        sentence
        for draw, part in _alike(plan.wanted)
        for sentence in drawing.notes(loaded, [one.wish for one in part], draw)
    ]
    if plan.recipe:
        sizes = ((one.draw.width, one.draw.height) for one in plan.wanted)
        said += recipes.notes(plan.recipe, sizes, drawing.usual_side(loaded))
    return list(dict.fromkeys(said))[:MOST_NOTES]


def apply(context: Context, ask: Any, workdir: Path, event: Event) -> Answer:
    """Put pictures into the gallery; one that is there keeps its row."""
    studio, job, rows = context.studio, context.job, []
    wish = str(getattr(ask, "wish", ""))
    for one in event.body["pictures"]:
        file = workdir / one["file"]
        if made := read_made(file):
            category = one.get("category", "")
            rows.append(Kept(file, made, one["name"], one["variant"], category, wish))
    raws = (raw_pictures.beside(row.file) for row in rows)
    files = [*(row.file for row in rows), *(raw for raw in raws if raw.is_file())]
    with context.visible(files):
        record(studio.engine, studio.home, rows, by=job.asked_by, now=now(), job=job.id)
    return "go on"


def commit(context: Context, ask: Drawn, outcome: Outcome) -> dict[str, Any]:
    """The pictures with their places in the studio's folder."""
    studio, figures = context.studio, outcome.figures
    out = studio.home / "generated" / "_base"
    if ask.style:
        assert ask.version is not None
        out = generated(studio, models.get(studio.client, ask.style, ask.version))
    out = (out / str(context.job.id)).relative_to(studio.home)
    pictures = [{**one, "file": (out / one["file"]).as_posix()} for one in figures["pictures"]]
    return {**figures, "pictures": pictures}
