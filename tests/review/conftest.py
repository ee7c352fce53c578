"""A studio's database and sheets of tiny pictures that differ by version."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import Engine

from studio.database import engine as db
from studio.review import ballots
from studio.review.ballots import Ballot
from studio.review.pictures import Drawn, Side

Clock = Callable[[], datetime]
Draw = Callable[..., Drawn]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = db.open_database(tmp_path / "home")
    yield opened
    opened.dispose()


@pytest.fixture
def home(engine: Engine) -> Path:
    return db.home_of(engine)


@pytest.fixture
def clock() -> Clock:
    ticks = count()
    return lambda: START + timedelta(seconds=next(ticks))


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draws a version's sheet: 8 prompts with 2 seeds, noise that depends on the version."""

    def sheet(
        number: int,
        prompts: int = 8,
        seeds: Sequence[int] = (11, 12),
        prompt_set: str = "p1",
        side: int = 8,
    ) -> Drawn:
        files = {}
        folder = tmp_path / "sheets" / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(number)
        for prompt in range(prompts):
            for seed in seeds:
                noise = rng.integers(0, 256, (side, side, 4), np.uint8)
                noise[0, :, 3] = 0
                told = PngInfo()
                told.add_text("made by", f"version {number}")
                file = folder / f"version-{number}-{prompt}-{seed}.png"
                Image.fromarray(noise, "RGBA").save(file, pnginfo=told)
                files[f"a thing {prompt}", seed] = file
        return Drawn(Side("sample", number), prompt_set, files)

    return sheet


@pytest.fixture
def ballot(engine: Engine, home: Path, draw: Draw, clock: Clock) -> Ballot:
    """A ballot on versions 1 and 2, 16 pairs, for a panel of three."""
    return ballots.open_ballot(
        engine,
        home,
        drawn=[draw(1), draw(2)],
        question="Which one is ours?",
        voters=3,
        by="Lea",
        key="form-1",
        now=clock(),
    )
