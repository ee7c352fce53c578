"""A mask drawn in a browser: pixel by pixel, kept over reruns and reloads, never over another's."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from scipy import ndimage

from studio import context
from studio.datasets import drafts, edits, mask_edits
from studio.datasets.versions import load, picture_path
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
NEWS_MS = 15_000  # a page looks every five seconds for what others changed
SAVE = "Save to the draft"


def stored(there: Furnished, hash: str) -> np.ndarray | None:
    """The mask of a picture as the draft has it, None where it has none."""
    pictures = load(there.studio.home, STYLE).pictures
    rows = edits.applied(pictures, drafts.read(there.studio.engine, STYLE))
    mask = next(row.picture.mask for row in rows if row.picture.hash == hash)
    if not mask:
        return None
    return np.asarray(Image.open(picture_path(there.studio.home, mask)))


def drag(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """From the middle of one of the picture's pixels to that of another."""
    page.locator(".view").scroll_into_view_if_needed()
    box = page.locator(".sheet").bounding_box()
    assert box is not None
    by = box["width"] / 32
    places = [(box["x"] + (x + 0.5) * by, box["y"] + (y + 0.5) * by) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=3)
    page.mouse.up()


def test_it_is_drawn_saved_and_taken_back(visit: Visit, there: Furnished) -> None:
    picture = load(there.studio.home, STYLE).pictures[3]
    page = visit(f"/Datasets?set={STYLE}&tab=Masks&mask={picture.hash}")
    drawn_all(page)
    state, undo = page.locator("[data-part=state]"), page.get_by_role("button", name="Undo Ctrl Z")
    expect(state).to_have_text("No mask: everything counts.")
    want = np.full((32, 32), 255, np.uint8)
    page.get_by_label("Pixels wide").fill("3")
    drag(page, (5, 4), (10, 4))
    want[3:6, 4:12] = 0
    page.get_by_role("button", name="Rectangle").click()
    page.get_by_role("button", name="Half").click()
    drag(page, (20, 20), (23, 29))
    want[20:30, 20:24] = 128
    drag(page, (0, 30), (31, 31))
    undo.click()  # the last one is not wanted
    page.locator(".view").focus()
    for key in ("e", "[", "[", *["ArrowUp"] * 2, " "):  # from where the rectangle ended
        page.keyboard.press(key)
    want[29, 31] = 255
    page.get_by_text("31, 29").wait_for()
    expect(state).to_have_text("Not saved yet. This browser keeps it.")
    # A rerun, by somebody else's change, and a reload cost nothing of it.
    other = load(there.studio.home, STYLE).pictures[7].hash
    change = [edits.Change(other, "category", "jewels")]
    drafts.write(there.studio.engine, STYLE, change, says="x", by="Lea", now=context.now())
    expect(page.get_by_text("1 category changed")).to_be_visible(timeout=NEWS_MS)
    expect(state).to_have_text("Not saved yet. This browser keeps it.")
    assert stored(there, picture.hash) is None
    page.reload()
    expect(page.get_by_text("Your unsaved drawing is back.")).to_be_visible()
    page.get_by_role("button", name=SAVE).click()
    expect(state).to_have_text("Saved.")
    expect(page.get_by_text("1 mask changed")).to_be_visible()
    found = stored(there, picture.hash)
    assert found is not None and np.array_equal(found, want), np.argwhere(found != want)
    # Loaded again it is the same, and its steps go on from there.
    page.reload()
    expect(state).to_have_text("Saved.")
    page.get_by_role("button", name="Invert").click()
    page.get_by_role("button", name=SAVE).click()
    expect(state).to_have_text("Saved.")
    inverted = stored(there, picture.hash)
    assert inverted is not None and np.array_equal(inverted, 255 - want)
    undo.click()
    expect(state).to_have_text("Not saved yet. This browser keeps it.")
    page.keyboard.press("Control+s")
    expect(state).to_have_text("Saved.")
    found = stored(there, picture.hash)
    assert found is not None and np.array_equal(found, want)
    # Transparency as a mask; a fill of one colour of the picture.
    page.get_by_role("button", name="From transparency").click()
    page.get_by_role("button", name="Leave out", exact=True).click()
    page.get_by_role("button", name="Fill").click()
    drag(page, (16, 16), (16, 16))
    page.get_by_role("button", name=SAVE).click()
    expect(state).to_have_text("Saved.")
    with Image.open(picture_path(there.studio.home, picture.hash)) as art:
        pixels = np.asarray(art.convert("RGBA"))
    areas, _ = ndimage.label((pixels == pixels[16, 16]).all(axis=2))
    filled = np.where(areas == areas[16, 16], 0, pixels[..., 3])
    found = stored(there, picture.hash)
    assert found is not None and np.array_equal(found, filled)
    # A file of another size is named with its remedy, one that fits is taken.
    small, fits = io.BytesIO(), io.BytesIO()
    Image.new("L", (8, 8)).save(small, "PNG")
    Image.fromarray(want, "L").save(fits, "PNG")
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Load a file").click()
    chosen.value.set_files({"name": "my.png", "mimeType": "image/png", "buffer": small.getvalue()})
    expect(
        page.get_by_text("my.png: the mask is 8 x 8 pixels, its picture 32 x 32")
    ).to_be_visible()
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Load a file").click()
    chosen.value.set_files({"name": "my.png", "mimeType": "image/png", "buffer": fits.getvalue()})
    expect(page.get_by_text("the mask is 8 x 8")).to_be_hidden()
    expect(state).to_have_text("Saved.")
    found = stored(there, picture.hash)
    assert found is not None and np.array_equal(found, want)


def test_two_who_draw_at_once_lose_nothing(visit: Visit, there: Furnished) -> None:
    picture = load(there.studio.home, STYLE).pictures[8]
    page = visit(f"/Datasets?set={STYLE}&tab=Masks&mask={picture.hash}")
    drawn_all(page)
    state = page.locator("[data-part=state]")
    expect(state).to_have_text("No mask: everything counts.")
    drag(page, (2, 2), (6, 2))
    ben = np.full((32, 32), 255, np.uint8)
    ben[10:12] = 0
    data = io.BytesIO()
    Image.fromarray(ben, "L").save(data, "PNG")
    mask_edits.save(
        there.studio.engine,
        there.studio.home,
        STYLE,
        picture.hash,
        data.getvalue(),
        seen="",
        by="Ben",
        now=context.now(),
    )
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("Yours is still here.")).to_be_visible()
    assert np.array_equal(stored(there, picture.hash), ben)  # type: ignore[arg-type]
    page.get_by_role("button", name="Leave out what either leaves out").click()
    expect(state).to_have_text("Saved.")
    want = ben.copy()
    want[2, 2:7] = 0
    assert np.array_equal(stored(there, picture.hash), want)  # type: ignore[arg-type]
    says = [step.by for step in drafts.history(there.studio.engine, STYLE)[:2]]
    assert says == ["Ana", "Ben"]


def test_there_is_room_to_draw_without_scrolling(visit: Visit, there: Furnished) -> None:
    picture = load(there.studio.home, STYLE).pictures[9]
    page = visit(f"/Datasets?set={STYLE}&tab=Masks&mask={picture.hash}")
    page.set_viewport_size({"width": 1440, "height": 900})
    drawn_all(page)
    expect(page.locator("[data-part=state]")).to_have_text("No mask: everything counts.")
    for part in (".sheet", "[data-do=save]", "[data-tool=brush]"):
        box = page.locator(part).bounding_box()
        assert box is not None and box["y"] > 0 and box["y"] + box["height"] <= 900, (part, box)
    sheet = page.locator(".sheet").bounding_box()
    assert sheet is not None and sheet["width"] >= 256  # 32 pixels, each 8 times enlarged
