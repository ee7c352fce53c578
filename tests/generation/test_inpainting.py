"""A part of a picture drawn anew by the practice base; what the mask leaves is the same byte for
byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor, NotAllowed
from studio.assets import family
from studio.assets.search import Wanted
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import gallery_table, masks, picture_files, start_pictures
from studio.generation.variations import settings, variations
from studio.jobs import leases, queue
from studio.settings import load_settings
from studio.worker import process, submit
from studio.worker.context import Warm

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def noise(size: tuple[int, int]) -> Image.Image:
    """Any colours, also under alpha 0."""
    pixels = np.random.default_rng(1).integers(0, 256, (*reversed(size), 4), np.uint8)
    return Image.fromarray(pixels, "RGBA")


def boxed(size: tuple[int, int], box: tuple[int, int, int, int], grey: int = 255) -> Image.Image:
    mask = Image.new("L", size, 0)
    mask.paste(grey, box)
    return mask


@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("drawn", [(32, 24), (64, 64), (16, 16)])
def test_what_the_mask_leaves_stays_to_the_last_byte(hard: bool, drawn: tuple[int, int]) -> None:
    original, mask = noise((32, 24)), boxed((32, 24), (8, 4, 20, 12))
    new = Image.new("RGBA", drawn, (10, 200, 30, 255))
    made = np.asarray(masks.put_back(original, new, mask, hard))
    outside = np.asarray(mask) == 0
    assert (made[outside] == np.asarray(original)[outside]).all()
    assert (made[~outside] == (10, 200, 30, 255)).all()


def test_grey_mixes_unless_edges_are_hard() -> None:
    original, new = Image.new("RGBA", (4, 4), (0, 0, 0, 255)), Image.new("RGBA", (4, 4), "white")
    for grey, hard, value in ((64, False, 64), (64, True, 0), (191, False, 191), (191, True, 255)):
        made = masks.put_back(original, new, boxed((4, 4), (0, 0, 4, 4), grey), hard)
        assert made.getpixel((1, 1)) == (value, value, value, 255)
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    half = masks.put_back(clear, new, boxed((4, 4), (0, 0, 4, 4), 128), False)
    assert half.getpixel((1, 1)) == (255, 255, 255, 128)  # hidden red does not bleed


def test_a_mask_is_kept_by_its_content_and_of_its_pictures_size(tmp_path: Path) -> None:
    start = start_pictures.keep_picture(tmp_path, noise((32, 32)))
    mask = boxed((32, 32), (0, 0, 8, 8))
    kept = start_pictures.keep_mask(tmp_path, mask, start)
    assert kept == start_pictures.keep_mask(tmp_path, mask.convert("RGBA"), start)
    with Image.open(start_pictures.path(tmp_path, kept)) as opened:
        assert (opened.mode, opened.tobytes()) == ("L", mask.tobytes())
    for wrong, says in (
        (boxed((8, 8), (0, 0, 8, 8)), "8 x 8 pixels, its picture 32 x 32"),
        (boxed((32, 32), (0, 0, 0, 0)), "mask is empty"),
    ):
        with pytest.raises(StudioError, match=says):
            start_pictures.keep_mask(tmp_path, wrong, start)
    with pytest.raises(NotAllowed):
        start_pictures.keep_mask(tmp_path, mask, start, by=Actor("eve", "viewer"))


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


def drawn(studio: Studio, **asked: object) -> gallery_table.Picture:
    """The one picture of a job, done as its process would do it."""
    job = submit.ask(studio, "generate", asked, asked_by="ana", now=NOW)
    taken = leases.take(studio.engine, "w", "interactive", NOW, timedelta(hours=1))
    assert taken is not None and taken.id == job.id
    opened = process.Opened(studio.settings)
    opened.studio = studio
    process.do(studio.engine, job.id, taken.attempt, opened, Warm())
    assert queue.get(studio.engine, job.id).state == "done", queue.get(studio.engine, job.id).error
    (found,) = gallery_table.search(studio.engine, Wanted(job=job.id)).found
    return found


@pytest.mark.slow
def test_a_job_draws_a_part_anew_and_tells_how(studio: Studio) -> None:
    first = drawn(studio, prompt="a red potion", steps=4, seed=1)
    with Image.open(studio.home / first.file) as opened:
        before = opened.convert("RGBA")
    start = start_pictures.keep_picture(studio.home, before)
    mask = boxed(before.size, (4, 4, 20, 14))
    where = start_pictures.keep_mask(studio.home, mask, start)
    told = {"prompt": "a blue gem", "steps": 4, "seed": 2, "start": start, "change": 0.75}
    second = drawn(studio, **told, mask=where)
    with Image.open(studio.home / second.file) as opened:
        after = np.asarray(opened.convert("RGBA"))
    outside = np.asarray(mask) == 0
    assert (after[outside] == np.asarray(before)[outside]).all()
    assert (after[~outside] != np.asarray(before)[~outside]).any()
    assert (second.start, second.change, second.mask) == (start, 0.75, where)
    made = picture_files.read_made(studio.home / second.file)
    assert made is not None and made.mask == where
    parents = family.parents(studio.engine, second.id)
    assert [one.id for one in parents if one.kind == "picture"] == [first.id]
    assert settings(second)["mask"] == where
    assert "mask" not in variations(studio.home, second, seed=3, by="ana")
    assert first.mask == "" and "mask" not in picture_files.recipe_of(
        picture_files.read_made(studio.home / first.file)  # type: ignore[arg-type]
    )


def test_a_picture_of_another_shape_keeps_it(studio: Studio) -> None:
    wide = noise((40, 30))
    start = start_pictures.keep_picture(studio.home, wide)
    mask = boxed((40, 30), (10, 5, 25, 20))
    where = start_pictures.keep_mask(studio.home, mask, start)
    found = drawn(studio, prompt="a gem", steps=2, start=start, change=1.0, mask=where)
    with Image.open(studio.home / found.file) as opened:
        after = np.asarray(opened.convert("RGBA"))
    outside = np.asarray(mask) == 0
    assert after.shape == (30, 40, 4)
    assert (after[outside] == np.asarray(wide)[outside]).all()


def test_a_mask_without_its_picture_is_refused(studio: Studio) -> None:
    one, other = (
        start_pictures.keep_picture(studio.home, noise(size)) for size in ((32, 32), (16, 16))
    )
    where = start_pictures.keep_mask(studio.home, boxed((32, 32), (0, 0, 8, 8)), one)
    for told, says in (
        ({"mask": where}, "mask needs a picture"),
        ({"mask": where, "start": other}, "of another picture"),
        ({"mask": "ab" * 32, "start": one}, "no picture"),
    ):
        with pytest.raises(StudioError, match=says):
            asked = {"prompt": "a gem", **told}
            submit.ask(studio, "generate", asked, asked_by="ana", now=NOW)
