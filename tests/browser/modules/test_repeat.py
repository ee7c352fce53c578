"""A picture repeated, by itself in chromium: moved without end, at whole scales, with its lines."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from studio.web.javascript import FOLDER

CORNERS = """() => {
  const picture = document.createElement("canvas");
  picture.width = picture.height = 8;
  const pen = picture.getContext("2d");
  pen.fillStyle = "rgb(0, 0, 255)";
  pen.fillRect(0, 0, 8, 8);
  pen.fillStyle = "rgb(255, 0, 0)";
  pen.fillRect(0, 0, 1, 1);
  return picture.toDataURL();
}"""
STAGE = (
    ".stage { width: 240px; height: 240px; line-height: 0 } canvas { width: 100%; height: 100% }"
)


@pytest.fixture
def drawn(blank: Page, mount: Any) -> Any:
    """Draws pictures of 8 px, blue with a red pixel in the corner where each begins."""
    for styles in ("closeup", "repeat"):
        blank.add_style_tag(path=FOLDER / f"{styles}.css")
    blank.add_style_tag(content=STAGE)
    url = blank.evaluate(CORNERS)

    def draw(*ways: str, **more: Any) -> None:
        pictures = [
            {"url": url, "alt": "w", "width": 8, "height": 8, "way": way, "verdict": f"{way} fits"}
            for way in ways
        ]
        mount("repeat", {"pictures": pictures, "around": 300, "ways": {}, **more})
        blank.wait_for_function("document.querySelector('canvas').width > 0")
        blank.wait_for_timeout(50)

    return draw


def red(page: Page) -> list[tuple[int, int]]:
    """Where repeated pictures begin, in pixels of the canvas."""
    found = page.evaluate(
        """() => {
        const canvas = document.querySelector("canvas");
        const { data, width, height } = canvas.getContext("2d")
          .getImageData(0, 0, canvas.width, canvas.height);
        const at = (x, y) => data[4 * (y * width + x)] > 200;
        const found = [];
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
          const first = at(x, y) && !(x && at(x - 1, y)) && !(y && at(x, y - 1));
          if (first) found.push([x, y]);
        }
        return found;
      }"""
    )
    return [(x, y) for x, y in found]


def test_it_is_seen_three_times_each_way_and_goes_on_wherever_it_is_moved(
    blank: Page, drawn: Any
) -> None:
    drawn("both")
    begun = red(blank)
    assert len(begun) == 9
    step = begun[1][0] - begun[0][0]
    assert step % 8 == 0  # whole pixels of the screen for each of the picture's
    stage = blank.locator(".stage")
    box = stage.bounding_box()
    assert box is not None
    blank.mouse.move(box["x"] + 20, box["y"] + 20)
    blank.mouse.down()
    blank.mouse.move(box["x"] + 20 + 3 * step + 10, box["y"] + 25, steps=4)
    blank.mouse.up()
    moved = red(blank)
    assert {x % step for x, _ in moved if x} == {(begun[0][0] + 10) % step}
    assert {y % step for _, y in moved if y} == {(begun[0][1] + 5) % step}
    stage.focus()
    for _ in range(8):  # eight eighths are one picture
        blank.keyboard.press("ArrowRight")
    assert red(blank) == moved


def test_one_axis_repeats_alone_and_keys_zoom_and_draw_lines(blank: Page, drawn: Any) -> None:
    drawn("x")
    assert len(red(blank)) == 3
    before = red(blank)
    blank.keyboard.press("+")
    after = red(blank)
    assert after[1][0] - after[0][0] > before[1][0] - before[0][0] if len(after) > 1 else True
    blank.keyboard.press("0")
    assert red(blank) == before
    button = blank.locator("[data-do=lines]")
    blank.keyboard.press("l")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(blank.locator("[data-part=verdict]")).to_have_text("Seams: x fits.")


def test_of_several_one_is_shown_and_the_page_s_keys_go_on(blank: Page, drawn: Any) -> None:
    drawn("both", "x", ways={"n": "next"})
    which = blank.locator("[data-part=which]")
    expect(which).to_have_text("1 of 2")
    blank.keyboard.press("]")
    expect(which).to_have_text("2 of 2")
    assert len(red(blank)) == 3
    blank.keyboard.press("]")
    expect(which).to_have_text("1 of 2")
    blank.keyboard.press("n")
    assert blank.evaluate("window.said.at(-1)") == "next"
