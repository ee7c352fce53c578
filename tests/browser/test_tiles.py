"""The map of a tileset: painted by pointer and keys, laid by the studio's rules, kept, saved."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from studio.database import engine as db
from studio.tiles import kept, maps
from studio.tiles.kept import Source
from studio.tiles.settings import usual
from tests.browser.conftest import Running, drawn_all
from tests.tiles import tiled_reading
from tests.tiles.drawn import GRASS, WATER, texture

pytestmark = pytest.mark.slow
# The painted points of a set, as the browser keeps them.
KEPT = "id => localStorage.getItem('housestyle map ' + id)"


@pytest.fixture(scope="module")
def sets(running: Running) -> dict[str, str]:
    """One set of each kind in the running studio."""
    engine = db.open_database(running.home)
    sources = (Source(texture(GRASS, 16, 1), "grass"), Source(texture(WATER, 16, 2), "water"))
    now = datetime.now(UTC)
    made = {
        kind: kept.make(engine, running.home, *sources, usual(16, kind=kind), by="Ana", now=now)
        for kind in ("wang", "blob", "platform")
    }
    engine.dispose()
    return made


def _painted(page: Page, id: str, shape: tuple[int, int]) -> np.ndarray:
    text = page.evaluate(KEPT, id)
    return np.array([one == "1" for one in text]).reshape(shape)


@pytest.mark.parametrize("kind", ["wang", "blob", "platform"])
def test_a_map_is_painted_and_saved_as_the_studio_would_lay_it(
    visit, sets: dict[str, str], kind: str, tmp_path: Path
) -> None:
    page: Page = visit(f"/Tiles?set={sets[kind]}")
    drawn_all(page)
    more = kind == "wang"
    shape = (16 + more, 24 + more)
    page.locator('[data-do="clear"]').click()
    assert not _painted(page, sets[kind], shape).any()
    view = page.get_by_role("application", name="Map")
    view.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert _painted(page, sets[kind], shape).sum() == 1
    box = page.locator("[data-part=sheet]").bounding_box()
    assert box is not None
    step = box["width"] / 24
    page.mouse.move(box["x"] + 4.4 * step, box["y"] + 3.4 * step)
    page.mouse.down()
    page.mouse.move(box["x"] + 9.4 * step, box["y"] + 3.4 * step, steps=4)
    page.mouse.up()
    painted = _painted(page, sets[kind], shape)
    assert painted[3, 4:10].all() and painted.sum() == 7
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as .tmx").click()
    download.value.save_as(tmp_path / "map.tmx")
    read = np.array(tiled_reading.numbers(tiled_reading.read((tmp_path / "map.tmx").read_bytes())))
    assert (read - 1 == maps.laid(kind, painted, 3)).all()
    page.get_by_role("button", name="Undo").click()
    assert _painted(page, sets[kind], shape).sum() == 1
    page.reload()
    drawn_all(page)
    expect(page.get_by_role("button", name="Save as PNG")).to_be_visible()
    assert _painted(page, sets[kind], shape).sum() == 1
