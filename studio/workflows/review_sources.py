"""From sheets to judgement: what versions drew, as ballots and rating rounds take it."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from studio import images
from studio.context import Studio
from studio.datasets import versions as datasets
from studio.errors import StudioError
from studio.evaluation import contact_sheet
from studio.evaluation.contact_sheet import folder_of, read_sheet
from studio.registry import models
from studio.registry.models import Version
from studio.review import blinding, rating_rounds, votes
from studio.review.ballots import STRIP
from studio.review.pictures import Drawn, Opened, Side
from studio.store.publish import publishing
from studio.workflows import recipes

MOST = 200  # pictures by hand


def drawn(studio: Studio, style: str, numbers: Sequence[int]) -> list[Drawn]:
    """What the versions drew, in the order of `numbers`; 0 is the base, as on the newest sheet.

    StudioError where one has no test sheet yet.
    """
    found = {}
    for number in sorted(set(numbers) - {0}):
        folder = folder_of(studio.home, style, number)
        sheet = read_sheet(folder)
        if sheet is None:
            raise StudioError(
                f"Version {number} of {style} has no test sheet yet.",
                "Evaluate it first, then it can be judged.",
            )
        opened = as_delivered(studio, models.get(studio.client, style, number))
        files = {(cell.prompt, cell.seed): folder / cell.version for cell in sheet.cells}
        found[number] = Drawn(Side(style, number), sheet.prompts, files, opened)
        if sheet.has_base:
            base = {(cell.prompt, cell.seed): folder / cell.base for cell in sheet.cells}
            found[0] = Drawn(Side(style, 0), sheet.prompts, base, opened)
    if not found:
        raise StudioError("A base alone can't be judged.", "Choose a version as well.")
    if 0 in numbers and 0 not in found:
        raise StudioError(f"These versions of {style} have no base.", "Choose versions alone.")
    return [found[number] for number in numbers]


def as_delivered(studio: Studio, version: Version) -> Opened:
    """How what a version or its base drew is opened: finished as its drawings are now, also from
    sheets that were kept without, or with another recipe."""
    about = recipes.about(studio, version)

    def opened(file: Path) -> Image.Image:
        file = contact_sheet.as_drawn(file)
        picture = images.open_picture(file)
        with images.opened(file) as plain:
            had_alpha = plain.mode == "RGBA"
        return about.finish(picture if had_alpha else picture.convert("RGB"))

    return opened


def without_sheet(studio: Studio, style: str, numbers: Sequence[int]) -> list[int]:
    """Those of the versions that were not evaluated yet."""
    return [n for n in numbers if n and read_sheet(folder_of(studio.home, style, n)) is None]


def strip(studio: Studio, version: Version) -> list[str]:
    """Hashes of some real pictures of the version's style; none where its dataset is gone."""
    try:
        known = datasets.load(studio.home, version.dataset, version.dataset_digest)
    except StudioError:
        return []
    hashes = sorted(picture.hash for picture in known.pictures)
    return random.Random(version.dataset_digest).sample(hashes, min(STRIP, len(hashes)))


def picture(studio: Studio, who: str, address: str) -> bytes:
    """The picture that an address names, for the person whom it was made for; else StudioError."""
    named = blinding.opened(blinding.secret(studio.engine), who, address)
    data = None
    if named is not None:
        kind, id, side = named
        if kind == "b":
            data = votes.both(studio.engine, studio.home, who, id)
        elif kind == "p":
            data = votes.picture(studio.engine, studio.home, who, id, side)
        else:
            data = rating_rounds.picture(studio.engine, studio.home, id)
    if data is None:
        raise StudioError("There is no such picture for you.", "Load the page again.")
    return data


def keep_by_hand(home: Path, files: Sequence[tuple[str, bytes]]) -> str:
    """Keep pictures that people made, each named by its prompt; the name of all of them together.

    StudioError for one that is no picture, or for too many.
    """
    if not 1 <= len(files) <= MOST:
        raise StudioError(f"There are {len(files)} pictures by hand.", f"Give 1 to {MOST}.")
    told = hashlib.sha256()
    for name, data in sorted(files):
        images.decode(data, name)
        told.update(f"{len(name)} {name} {len(data)}\n".encode() + data)
    token = told.hexdigest()[:24]
    folder = home / "review" / "hand" / token
    if folder.is_dir():
        return token
    with publishing(folder, once=True) as aside:  # another tab may be quicker
        aside.mkdir()
        listed = {}
        for place, (name, data) in enumerate(sorted(files)):
            (aside / f"{place:03d}.png").write_bytes(data)
            listed[f"{place:03d}.png"] = Path(name).stem
        (aside / "names.json").write_text(json.dumps(listed))
    return token


def hand_folder(home: Path, token: str) -> Path:
    """Where pictures by hand lie, or StudioError."""
    folder = home / "review" / "hand" / token
    if not re.fullmatch(r"[0-9a-f]{24}", token) or not (folder / "names.json").is_file():
        raise StudioError("The pictures by hand are not there any more.", "Choose them again.")
    return folder


def by_hand(
    home: Path, token: str, cells: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Path]:
    """The pictures by prompt and seed: named by a prompt, several of one by a number behind it.

    The n-th picture of a prompt stands against the n-th seed. StudioError where none fits.
    """
    folder = hand_folder(home, token)
    names: dict[str, str] = json.loads((folder / "names.json").read_text())
    found: dict[tuple[str, int], Path] = {}
    for prompt in dict.fromkeys(prompt for prompt, _ in cells):
        seeds = [seed for known, seed in cells if known == prompt]
        mine = [file for file, name in names.items() if _spoken(name) == _spoken(prompt)]
        if not mine:
            mine = [f for f, name in names.items() if _spoken(name, True) == _spoken(prompt)]
        for seed, file in zip(seeds, mine, strict=False):
            found[prompt, seed] = folder / file
    if not found:
        raise StudioError(
            "No picture by hand is named by a prompt of this set.",
            f"Name them like {cells[0][0]!r}.",
        )
    return found


def _spoken(name: str, numbered: bool = False) -> str:
    """A prompt or a file's name as words; `numbered`: without a number at its end."""
    words = re.sub(r"[\W_]+", " ", name.casefold()).strip()
    return re.sub(r" \d+$", "", words) if numbered else words
