"""What is asked for to draw a picture once more, or others like it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.generation import gallery_table, picture_files, start_pictures
from studio.generation.gallery_table import Kept, Picture
from studio.generation.picture_files import Made
from studio.generation.variations import settings, variations
from studio.worker.kinds.generate import Generate
from studio.worker.payload import read

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OTHER = {"style": "tiles", "version": 1, "strength": 0.3}
TOLD = {"prompt": "a red potion", "negative": "blue", "steps": 9, "guidance": 2.5}


def picture(home: Path, **changes: object) -> Picture:
    about = {"style": "props", "version": 2, "base": "pocket", "run": "", "dataset": ""}
    made = Made(**{**about, **TOLD, "full_prompt": "", "seed": 41, "strength": 0.7, **changes})
    file = picture_files.keep(home / "generated", "one", Image.new("RGBA", (32, 32), "red"), made)
    engine = db.open_database(home)
    (id,) = gallery_table.record(engine, home, [Kept(file, made)], by="ana", now=NOW)
    found = gallery_table.get(engine, id)
    engine.dispose()
    return found


def test_the_very_same_is_asked_for_again(tmp_path: Path) -> None:
    asked = settings(picture(tmp_path, adapters=(OTHER,), seed=2**40 + 41, start="ab", change=0.4))
    assert asked == {
        **TOLD,
        **{"style": "props", "version": 2, "strength": 0.7, "width": 32, "height": 32},
        **{"seed": 41, "count": 1, "adapters": [OTHER], "start": "ab", "change": 0.4},
    }
    read(Generate, asked)


def test_variations_begin_from_the_picture_with_other_seeds(tmp_path: Path) -> None:
    one = picture(tmp_path)
    asked = variations(tmp_path, one, seed=7, by="ana")
    read(Generate, asked)
    assert (asked["seed"], asked["count"], asked["change"]) == (7, 4, 0.5)
    assert (asked["prompt"], asked["style"], asked["version"]) == ("a red potion", "props", 2)
    with Image.open(start_pictures.path(tmp_path, asked["start"])) as kept:
        assert kept.getpixel((0, 0)) == (255, 0, 0, 255)
    alone = variations(tmp_path, one, seed=7, by="ana", begins=False)
    assert "start" not in alone and (alone["seed"], alone["count"]) == (7, 4)
    with pytest.raises(NotAllowed):
        variations(tmp_path, one, seed=7, by=Actor("eve", "viewer"))


def test_one_step_may_change_all_of_it(tmp_path: Path) -> None:
    assert variations(tmp_path, picture(tmp_path, steps=1), seed=1, by="ana")["change"] == 1


def test_a_picture_of_a_base_alone_is_drawn_with_that(tmp_path: Path) -> None:
    asked = settings(picture(tmp_path, style="base", version=0))
    assert asked["base"] == "pocket" and "style" not in asked and "strength" not in asked
    read(Generate, asked)
