"""From sheets to judgement: what versions drew, as ballots and rating rounds take it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from studio.datasets import versions as datasets
from studio.errors import StudioError
from studio.evaluation.sheet import folder_of, read_sheet
from studio.registry.models import Version
from studio.review import blind, ratings, votes
from studio.review.ballots import STRIP
from studio.review.pictures import Drawn, Side
from studio.workflows import Studio


def drawn(studio: Studio, style: str, numbers: Sequence[int]) -> list[Drawn]:
    """What the versions drew, in the order of `numbers`; 0 is the base, as on the newest sheet.

    StudioError where one has no sheet yet.
    """
    found = {}
    for number in sorted(set(numbers) - {0}):
        folder = folder_of(studio.home, style, number)
        sheet = read_sheet(folder)
        if sheet is None:
            raise StudioError(
                f"Version {number} of {style} has no sheet of pictures yet.",
                "Evaluate it first, then it can be judged.",
            )
        files = {(cell.prompt, cell.seed): folder / cell.version for cell in sheet.cells}
        found[number] = Drawn(Side(style, number), sheet.prompts, files)
        base = {(cell.prompt, cell.seed): folder / cell.base for cell in sheet.cells}
        found[0] = Drawn(Side(style, 0), sheet.prompts, base)
    if 0 not in found:
        raise StudioError("A base alone can't be judged.", "Choose a version as well.")
    return [found[number] for number in numbers]


def without_sheet(studio: Studio, style: str, numbers: Sequence[int]) -> list[int]:
    """Those of the versions that were not evaluated yet."""
    return [n for n in numbers if n and read_sheet(folder_of(studio.home, style, n)) is None]


def strip(studio: Studio, version: Version) -> list[str]:
    """Hashes of some real pictures of the version's style; none where its data set is gone."""
    try:
        known = datasets.load(studio.home, version.dataset, version.dataset_digest)
    except StudioError:
        return []
    hashes = sorted(picture.hash for picture in known.pictures)
    return random.Random(version.dataset_digest).sample(hashes, min(STRIP, len(hashes)))


def picture(studio: Studio, who: str, address: str) -> bytes:
    """The picture that an address names, for the person whom it was made for; else StudioError."""
    named = blind.opened(blind.secret(studio.engine), who, address)
    data = None
    if named is not None:
        kind, id, side = named
        if kind == "p":
            data = votes.picture(studio.engine, studio.home, who, id, side)
        else:
            data = ratings.picture(studio.engine, studio.home, id)
    if data is None:
        raise StudioError("There is no such picture for you.", "Load the page again.")
    return data
