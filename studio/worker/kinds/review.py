"""The jobs of ballots: same-seed sheets are drawn and kept ahead, before anybody is asked to vote.

What a version's sheet already holds of the prompt set is taken from there; the rest is drawn into
home/review/drawn, a picture at a time, so that a job that was cut off goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from studio.context import Studio, check_style, now
from studio.errors import StudioError
from studio.evaluation import prompts as prompt_sets
from studio.evaluation.sheet import folder_of, read_sheet
from studio.generation.prompts import with_trigger, without_trigger
from studio.registry import models
from studio.review import ballots, invited, own, pairing, ratings, rubrics, tally
from studio.review.pictures import HAND, Drawn, Side
from studio.store.publish import publishing
from studio.worker.payloads import read
from studio.workflows import review_sources
from studio.workflows.versions import load_version

if TYPE_CHECKING:
    from studio.worker.context import Context

SEED = 11  # of voters' own prompts, on all sides
SIDES = 6
Cell = tuple[str, int]
Report = Callable[[str], None]


@dataclass(frozen=True)
class SideAsk:
    """A version of a style (0: its base); or, with `hand`, pictures that people made, by name."""

    style: str
    version: int = 0
    hand: str = ""


@dataclass(frozen=True)
class OpenBallot:
    """A ballot to be opened. `prompts`: version of the prompt set of `of`, "" the current one;
    `form` makes a second send of it the same ballot; the rest is as `ballots.open_ballot` has it.
    """

    question: str
    sides: list[dict[str, Any]]
    of: str
    form: str
    prompts: str = ""
    voters: int = 5
    invited: list[str] = field(default_factory=list)
    asks: str | None = None
    share: int | None = None
    due: str | None = None
    repeats: int = 0
    golds: int = 0


@dataclass(frozen=True)
class OwnPrompts:
    """A voter's own prompts for a ballot."""

    ballot: int
    prompts: list[str]


@dataclass(frozen=True)
class OpenRound:
    """Ratings of what versions of a style drew on their sheets, by `rubric` (name@version)."""

    style: str
    versions: list[int]
    rubric: str
    wanted: int = 0
    due: str | None = None


def check_round(studio: Studio, ask: OpenRound) -> OpenRound:
    """The sheets and the rubric are there."""
    review_sources.drawn(studio, ask.style, ask.versions)
    rubrics.named(studio.home, ask.rubric)
    return ask


def open_round(context: Context, ask: OpenRound) -> dict[str, Any]:
    """Keep the pictures and open the ratings."""
    studio = context.studio
    number = max(ask.versions)
    made = ratings.open_round(
        studio.engine,
        studio.home,
        drawn=review_sources.drawn(studio, ask.style, ask.versions),
        rubric=rubrics.named(studio.home, ask.rubric),
        by=context.job.asked_by,
        now=now(),
        wanted=ask.wanted,
        due=day(ask.due),
        strip=review_sources.strip(studio, models.get(studio.client, ask.style, number)),
    )
    return {"round": made.id}


def check_ballot(studio: Studio, ask: OpenBallot) -> OpenBallot:
    """Question, sides, prompts and people can be used; the prompt set is pinned."""
    people = [str(name) for name in dict.fromkeys(ask.invited)]
    ballots.checked(ask.question, len(people) or ask.voters, ask.repeats, ask.golds)
    sides = [side_of(studio, read(SideAsk, values)) for values in ask.sides]
    if len(set(sides)) < max(2, len(ask.sides)) or len(sides) > SIDES:
        raise StudioError(f"A ballot compares 2 to {SIDES} versions that differ.", "Choose others.")
    if ask.asks is not None and ask.asks not in get_args(ballots.Asks):
        raise StudioError(f"asks is {ask.asks!r}.", f"Give {', '.join(get_args(ballots.Asks))}.")
    if ask.due is not None:
        try:
            date.fromisoformat(ask.due)
        except ValueError:
            raise StudioError(f"{ask.due!r} is no date.", "Write it as 2026-12-31.") from None
    version = prompt_sets.load(studio.home, ask.of, ask.prompts or None).version
    return replace(ask, prompts=version, invited=people)


def check_own(studio: Studio, ask: OwnPrompts) -> OwnPrompts:
    """The ballot asks for prompts, and these are as many as it asks for."""
    ballot = ballots.get(studio.engine, ask.ballot)
    if not ballot.open or not ballot.own:
        raise StudioError("This ballot takes no prompts.", "Load the page again.")
    return replace(ask, prompts=own.prompts(ballot, "\n".join(map(str, ask.prompts))))


def side_of(studio: Studio, ask: SideAsk) -> Side:
    """The side that is asked for; StudioError where there is none."""
    if ask.hand:
        review_sources.hand_folder(studio.home, ask.hand)
        name = " ".join(ask.style.split())
        if not 1 <= len(name) <= 40:
            raise StudioError("The pictures by hand have no name.", "Give 1 to 40 characters.")
        return Side(name, HAND)
    check_style(ask.style)
    if ask.version:
        models.get(studio.client, ask.style, ask.version)
    elif not models.list_versions(studio.client, ask.style):
        raise StudioError(f"There is no style {ask.style}.", "Choose another one.")
    return Side(ask.style, ask.version)


def open_ballot(context: Context, ask: OpenBallot) -> dict[str, Any]:
    """Draw what is missing, keep the pictures, open the ballot."""
    studio = context.studio
    known = prompt_sets.load(studio.home, ask.of, ask.prompts)
    cells = [(prompt, seed) for prompt in known.prompts for seed in known.seeds]
    asked = [read(SideAsk, values) for values in ask.sides]
    for one in asked:  # nothing is drawn that no picture by hand can stand against
        if one.hand:
            cells = list(review_sources.by_hand(studio.home, one.hand, cells))
    drawn = [draw(studio, one, known.version, cells, context.report, context.step) for one in asked]
    context.report(f"Keeping {len(pairing.common(drawn)) * len(drawn)} pictures.")
    people = ask.invited
    ballot = ballots.open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question=ask.question,
        voters=ask.voters,
        by=context.job.asked_by,
        key=ask.form,
        now=now(),
        asks=ask.asks,  # type: ignore[arg-type]
        share=ask.share,
        due=day(ask.due),
        strip=_strip(studio, asked),
        invited=people,
        repeats=ask.repeats,
        golds=ask.golds,
    )
    context.report(f"Ballot {ballot.id} is open: {ballot.share} pairs for each voter.")
    return {"ballot": ballot.id, "pairs": ballot.share}


def own_prompts(context: Context, ask: OwnPrompts) -> dict[str, Any]:
    """Draw a voter's prompts by every side of the ballot."""
    studio, voter = context.studio, context.job.asked_by
    ballot = ballots.get(studio.engine, ask.ballot)
    invited.refuse(studio.engine, ballot.id, voter)
    cells = [(prompt, SEED) for prompt in ask.prompts]
    drawn = [
        draw(studio, SideAsk(side.style, side.number), "", cells, context.report, context.step)
        for side in ballot.sides
    ]
    made = own.add(studio.engine, studio.home, ballot.id, voter, drawn, now())
    return {"ballot": ballot.id, "pairs": made}


def reachable(ask: OpenBallot, pairs: int) -> bool:
    """Whether the ballot could reach a verdict at all, with `pairs` pairs of pictures."""
    voters = len(ask.invited) or ask.voters
    asks: ballots.Asks = "people" if ask.asks == "people" else "panel"
    if ask.asks is None and voters >= ballots.PANEL:
        asks = "people"
    return tally.reachable(asks, voters, ask.share or pairs, len(ask.sides))


def draw(
    studio: Studio,
    ask: SideAsk,
    prompts: str,
    cells: Sequence[Cell],
    report: Report,
    step: Callable[[int, int], None],
) -> Drawn:
    """What one side shows for the cells: from its sheet, else drawn now, else by hand."""
    side = side_of(studio, ask)
    if ask.hand:
        return Drawn(side, "", review_sources.by_hand(studio.home, ask.hand, cells))
    found = _of_sheet(studio, side, prompts)
    folder = studio.home / "review" / "drawn" / side.style / str(side.number)
    files = {cell: found.get(cell) or folder / f"{_name(cell)}.png" for cell in cells}
    missing = [cell for cell in cells if not files[cell].is_file()]
    if missing:
        _draw(studio, side, missing, folder, report, step)
    return Drawn(side, prompts, files)


def _of_sheet(studio: Studio, side: Side, prompts: str) -> dict[Cell, Path]:
    """What the version's own sheet holds, or the newest one where the base is asked for."""
    numbers = (
        [side.number]
        if side.number
        else [v.number for v in models.list_versions(studio.client, side.style)]
    )
    for number in numbers:
        folder = folder_of(studio.home, side.style, number)
        sheet = read_sheet(folder)
        if sheet is not None and sheet.prompts == prompts:
            return {
                (cell.prompt, cell.seed): folder / (cell.version if side.number else cell.base)
                for cell in sheet.cells
            }
    return {}


def _draw(
    studio: Studio,
    side: Side,
    cells: Sequence[Cell],
    folder: Path,
    report: Report,
    step: Callable[[int, int], None],
) -> None:
    from studio.diffusion import adapters, sampling

    version = (
        models.get(studio.client, side.style, side.number)
        if side.number
        else models.list_versions(studio.client, side.style)[0]
    )
    report(f"Loading {side.style} {side.name}.")
    loaded = load_version(studio, version)
    adapters.set_strength(loaded.pipeline, version.strength if side.number else 0.0)
    drawing = sampling.Draw(size=loaded.size)
    folder.mkdir(parents=True, exist_ok=True)
    worded = with_trigger if side.number else without_trigger
    for first in range(0, len(cells), sampling.BATCH):
        part = cells[first : first + sampling.BATCH]
        texts = [worded(prompt, version.trigger_word) for prompt, _ in part]
        made = sampling.draw_pictures(
            loaded.pipeline, texts, [seed for _, seed in part], drawing, step=step
        )
        for cell, picture in zip(part, made, strict=True):
            with publishing(folder / f"{_name(cell)}.png", flush=False) as aside:
                picture.save(aside, format="PNG")
        report(f"{side.style} {side.name}: {first + len(part)}/{len(cells)} pictures")


def _name(cell: Cell) -> str:
    return hashlib.sha256(f"{cell[1]}\n{cell[0]}".encode()).hexdigest()[:24]


def _strip(studio: Studio, asked: Sequence[SideAsk]) -> list[str]:
    """Real pictures of the first version's style."""
    for one in asked:
        if one.version:
            return review_sources.strip(studio, models.get(studio.client, one.style, one.version))
    return []


def day(written: str | None) -> date | None:
    """A due date as a page or payload has it."""
    return date.fromisoformat(written) if written else None
