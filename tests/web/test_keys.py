"""The table of keys names what the pages' buttons and screens listen to, and nothing twice."""

import ast
import re

import pytest

from studio.settings import CHECKOUT
from studio.web import keys, navigation
from studio.web.javascript import FOLDER

AS_SHOWN = {"escape": "esc", "left": "←", "right": "→", "↵": "enter", "−": "-", "ctrl z": "ctrl+z"}
SCREENS = {
    "vote": "Vote",
    "rate": "Rate",
    "mask": "Datasets, masks",
    "view": "Picture",
    "finish": "Finish",
    "repeat": "Generate, repeated",
    "tilemap": "Tiles",
    "upscale": "Upscale",
    "prop_viewer": "Props",
    "animate": "Animate",
}


def known(place: str) -> set[str]:
    return {key.lower() for row in keys.KEYS if row.page == place for key in row.keys}


def known_of(page: str) -> set[str]:
    """The keys of a page and of its parts."""
    places = {row.page for row in keys.KEYS if row.page.partition(",")[0] == page}
    return {key for place in places for key in known(place)}


def test_every_key_of_a_page_means_one_thing():
    for place, rows in keys.of("Home"):
        named = [key for row in rows for key in row.keys]
        assert len(named) == len(set(named)), place
        page = place.partition(",")[0]
        assert page == keys.EVERYWHERE or page in navigation.NAMES, place


def test_keys_that_mean_the_same_are_the_same_everywhere():
    judged = [known(page) for page in ("Gallery, judging", "Rate", "Vote")]
    assert all({"s", "u"} <= one for one in judged)  # goes on, takes back
    assert {"a", "e", "x", "v", "i"} <= known("Gallery, judging") & known("Picture")
    assert {"a", "e", "x", "u"} <= known("Gallery")


def test_frames_are_played_by_the_same_keys_wherever_they_are():
    assert {"space", "←", "→", "o", "+", "-"} <= known("Characters") & known("Animate")


@pytest.mark.parametrize("screen", SCREENS)
def test_what_stands_on_a_screens_buttons_is_in_the_table(screen):
    shown = re.findall(r"</?kbd>([^<]+)</kbd>", (FOLDER / f"{screen}.html").read_text("utf-8"))
    words = {re.sub(r"^(ctrl|shift) ", r"\1+", key.lower()).replace("−", "-") for key in shown}
    words -= {"shift", "ctrl", "alt"}  # with which others mean something else
    assert words and words <= known(SCREENS[screen]), words - known(SCREENS[screen])


def test_the_shortcuts_of_buttons_are_in_the_table():
    found = set()
    for page in navigation.PAGES:
        parts = [CHECKOUT / page.file, *(CHECKOUT / "pages" / page.name.lower()).glob("*.py")]
        for node in (
            node for file in parts for node in ast.walk(ast.parse(file.read_text("utf-8")))
        ):
            if isinstance(node, ast.keyword) and node.arg == "shortcut":
                if isinstance(node.value, ast.Constant):
                    key = AS_SHOWN.get(str(node.value.value).lower(), str(node.value.value).lower())
                    assert key in known_of(page.name), (page.name, key)
                    found.add(key)
    assert {"ctrl+enter", "s", "u", "←"} <= found


def test_the_page_that_asks_comes_first():
    assert [place for place, _ in keys.of("Datasets")][:3] == [
        "Datasets, captions",
        "Datasets, masks",
        keys.EVERYWHERE,
    ]
    assert keys.of("Home")[0][0] == keys.EVERYWHERE
