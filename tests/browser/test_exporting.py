"""From a drawn picture to its named file in the game's folder by two keys, counted in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studio import context
from studio.database.engine import writing
from studio.export import iptc, profiles
from studio.export.profiles import Profile
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from tests.browser.conftest import Running, drawn_all
from tests.browser.furnished import Furnished
from tests.export.drawn import sprite

Visit = Callable[..., Page]


@pytest.mark.slow
def test_two_keys_lead_from_the_picture_to_the_game_s_folder(
    visit: Visit, there: Furnished, running: Running
) -> None:
    studio, now = there.studio, context.now()
    made = Made("keyed", 1, "pocket", "", "", "a key", "a key", "", 3, 9, 2.5, 1.0)
    file = picture_files.keep(studio.home / "generated" / "keyed", "key", sprite(), made)
    row = Kept(file, made, "key", category="items")
    (id,) = gallery_table.record(studio.engine, studio.home, [row], by="Kai", now=now)
    profile = Profile(engine="unity", folder="game", below="Assets")
    profiles.save(studio.engine, "two-keys", profile, after=0, by="Kai", now=now)
    with writing(studio.engine) as connection:
        profiles.remember(connection, "Kai", "keyed", "two-keys", now)
    target = running.home.parent / "game" / "Assets" / "items" / "key_1.png"
    page = visit(f"/Picture?id={id}", person="Kai")
    drawn_all(page)
    expect(page.get_by_text("shown at")).to_be_visible()  # keys are heard from here on
    assert not target.exists()
    pressed = 0
    for key, wanted in (("a", "Approved"), ("p", "2 files|3 files|written")):
        page.keyboard.press(key)
        pressed += 1
        expect(page.get_by_text(re.compile(wanted)).first).to_be_visible()
        page.wait_for_timeout(1500)  # a key that comes sooner was meant for the one before
    assert pressed == 2
    assert np.array_equal(np.asarray(Image.open(target)), np.asarray(sprite()))
    assert iptc.read(target.read_bytes()) == iptc.DRAWN
    assert target.with_name("key_1.png.meta").is_file()
