"""What is rated and voted on is what is delivered, also from sheets that were kept without."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.context import Studio
from studio.evaluation import contact_sheet
from studio.settings import load_settings
from studio.worker.kinds.ballot_pictures import SideAsk, shown
from studio.workflows import review_sources
from tests.furnished import bare_files

ASKED = [("a gem", 1), ("a ring", 1)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """Version 1 of props is pixel art, version 2 is not; both have sheets of soft edges."""
    made = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    made.client.create_registered_model("props")
    for number, scaling in ((1, "nearest"), (2, "lanczos")):
        tags = {"base": "/pocket", "base_name": "pocket", "filter": scaling, "matte": "#ff00ff"}
        made.client.create_model_version("props", bare_files(tmp_path / "bare"), tags=tags)
        folder = contact_sheet.folder_of(made.home, "props", number)
        soft = [Image.new("RGBA", (8, 8), (200, 0, 0, alpha)) for alpha in (90, 200)]
        contact_sheet.write_sheet(folder, "props", number, "p" * 12, ASKED, soft, soft)
    return made


def alphas(opened: Image.Image) -> set[int]:
    assert opened.mode == "RGBA"
    return set(np.unique(np.asarray(opened)[..., 3]))


def test_sheets_of_before_are_judged_with_the_alpha_that_is_delivered(studio: Studio) -> None:
    hard, soft, base = review_sources.drawn(studio, "props", [1, 2, 0])
    for one, wanted in ((hard, [{0}, {255}]), (soft, [{90}, {200}])):
        assert [alphas(one.opened(one.files[cell])) for cell in ASKED] == wanted
    assert base.opened is soft.opened  # the base's pictures are the newest sheet's
    side = SideAsk(style="props", version=1)
    drawn = shown(studio, side, "p" * 12, ASKED)
    assert [alphas(drawn.opened(drawn.files[cell])) for cell in ASKED] == [{0}, {255}]


def test_what_has_no_alpha_is_cut_out_of_its_matte(studio: Studio, tmp_path: Path) -> None:
    plain = Image.new("RGB", (8, 8), "#ff00ff")
    plain.paste((0, 200, 0), (2, 2, 6, 6))
    plain.save(tmp_path / "plain.png")
    (one,) = review_sources.drawn(studio, "props", [2])
    opened = one.opened(tmp_path / "plain.png")
    assert opened.getpixel((0, 0)) == (0, 0, 0, 0)
    assert opened.getpixel((3, 3)) == (0, 200, 0, 255)
