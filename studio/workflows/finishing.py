"""Finishing: pictures that are there become finished ones, which are assets of their own.

A finished picture stands in the gallery beside the one that it came from, which stays as it is and
is its parent. The steps stand in its record and in its file, and lead to the same asset whoever
takes them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from studio.accounts.rights import check
from studio.assets import contents, files, records
from studio.assets.records import Asset, New
from studio.context import Studio
from studio.errors import StudioError
from studio.finishing import steps as all_steps
from studio.finishing.steps import Steps
from studio.generation import gallery_table, raw_pictures, seam_verdicts
from studio.workflows import finished_files
from studio.workflows.finished_files import Made
from studio.workflows.finishing_sources import Source, by_a_job

RIGHT = "finish pictures"


@dataclass(frozen=True)
class Kept:
    """What became of many: the ids of the finished pictures, those of the pictures that the steps
    change nothing of, and why others were left out, a sentence by id."""

    ids: tuple[str, ...]
    same: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


def keep(studio: Studio, found: Sequence[Source], steps: Steps, *, by: str, now: datetime) -> Kept:
    """Finish these pictures and keep what comes of it, all of it in one transaction; those that
    are there from these steps already stay as they are. One that can't be finished is left out,
    and told. StudioError where they are too many for one answer, or one is gone."""
    check(by, RIGHT)
    contents.check_room(studio.engine, by, studio.settings.most_drawn)
    if by_a_job(found):
        raise StudioError("These are too many pictures to be finished at once.", "Ask for a job.")
    made: list[Made] = []
    same: list[str] = []
    left: list[tuple[str, str]] = []
    for source in found:
        try:
            one = finished_files.write(folder_of(studio.home), source, steps)
        except StudioError as error:
            left.append((source.asset.id, str(error)))
            continue
        if one is None:
            same.append(source.asset.id)
        else:
            made.append(one)
    ids = record(studio, made, steps, by=by, now=now)
    return Kept(tuple(ids), tuple(same), tuple(left))


def record(
    studio: Studio,
    made: Sequence[Made],
    steps: Steps,
    *,
    by: str,
    now: datetime,
    job: int | None = None,
) -> list[str]:
    """Put finished pictures, whose files lie in the studio's folder, beside those that they came
    from; their ids. StudioError where one of those is gone, and then nothing is put in."""
    there = {one.id: one for one in records.of_ids(studio.engine, [one.of for one in made])}
    if gone := next((one.of for one in made if one.of not in there), ""):
        raise StudioError(
            f"Picture {gone} is not there any more.", "Load the page again; what you set stays."
        )
    new = [_new(there[one.of], one, steps, studio.home) for one in made]
    return records.put(studio.engine, new, by=by, now=now, job=job)


def take_back(studio: Studio, ids: Sequence[str], *, by: str) -> list[str]:
    """Take away again finished pictures that were just kept; which went. What somebody has judged,
    put on a board or made something of meanwhile stays."""
    check(by, RIGHT)
    own = [one.id for one in records.of_ids(studio.engine, ids) if steps_of(one)]
    return records.take_back(studio.engine, own)


def steps_of(asset: Asset) -> Steps | None:
    """The steps that a picture was finished with by hand; None for any other."""
    told = asset.recipe.get("finishing")
    return all_steps.read(told) if told else None


def folder_of(home: Path) -> Path:
    """Where finished pictures lie."""
    return home / raw_pictures.BY_HAND


def _new(of: Asset, made: Made, steps: Steps, home: Path) -> New:
    main = made.files[gallery_table.DRAWN]
    how = {"begun": made.parents[0], "finishing": all_steps.said_of(steps)}
    if way := of.recipe.get("seamless"):  # a step can cut an edge that fitted
        how["seams"] = seam_verdicts.of_file(main, way)
    return New(
        kind=gallery_table.KIND,
        key=main.relative_to(home).as_posix(),
        files={role: (path, files.read(path)) for role, path in made.files.items()},
        parents=made.parents,
        style=of.style,
        version=of.version,
        seed=of.seed or 0,
        name=of.name,
        variant=of.variant,
        category=of.category,
        text=str(of.recipe.get("prompt") or of.name),
        recipe={**finished_files.told(of), **how},
    )
