"""Generate: the size of a picture, and a style's usual ones."""

import pytest

from studio.accounts.rights import Actor
from studio.generation import usual_sizes
from studio.jobs import queue
from studio.web import ui
from tests.pages.generate_page import NOW, address, draw, keep, plain, said


def sides(at) -> tuple[int | None, int | None]:
    return tuple(at.number_input(key=f"{side} of props 1").value for side in ("width", "height"))


@pytest.mark.slow
def test_the_usual_sizes_come_first_and_any_width_and_height_stand_beside(
    studio, style, open_page, monkeypatch
):
    rows = [("hero", 32, 48), ("background", 160, 90)]
    new = usual_sizes.checked(rows)
    usual_sizes.write(studio.engine, "props", new, (), by="ana", now=NOW)
    at = open_page("Generate")
    size = at.selectbox(key="size of props 1")
    assert size.options == ["Default 32 x 32", "hero 32 x 48", "background 160 x 90"]
    assert sides(at) == (None, None) and address(at, "size") == "32x32"
    size.select("hero 32 x 48").run()
    assert sides(at) == (32, 48) and address(at, "size") == "32x48"
    at.number_input(key="width of props 1").set_value(30).run()
    assert at.selectbox(key="size of props 1").value == "Another size"
    assert "30 x 48 is drawn as 32 x 48 and its middle cut out" in said(at)
    at.text_area(key="prompt").input("a gem").run()
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["width"], job.payload["height"]) == (30, 48)
    at = open_page("Generate", size="Background")  # by name, too
    assert sides(at) == (160, 90) and at.selectbox(key="size of props 1").value == (
        "background 160 x 90"
    )
    at = open_page("Generate", size="64")
    assert sides(at) == (64, 64)
    assert "no usual size" in said(open_page("Generate", size="cave"))
    monkeypatch.setattr(ui, "person", lambda: Actor("eve", "artist"))
    at = open_page("Generate")
    assert not [b for b in at.button if b.label == "Usual sizes"]


@pytest.mark.slow
def test_usual_sizes_are_changed_in_a_form(studio, style, open_page):
    def typed(at, row, name, *sides):
        next(t for t in at.text_input if t.label == f"Name {row}").input(name).run()
        for side, pixels in zip(("Width", "Height"), sides, strict=False):
            next(n for n in at.number_input if n.label == f"{side} {row}").set_value(pixels).run()

    def pressed(at, label):
        next(b for b in at.button if b.label == label).click().run()

    at = open_page("Generate")
    pressed(at, "Usual sizes")
    typed(at, 1, "hero", 32, 48)
    pressed(at, "Add a size")
    typed(at, 2, "cave", 160)
    pressed(at, "Save")
    assert "the height of cave" in plain(at) and usual_sizes.read(studio.home, "props") == ()
    # A reload keeps what was typed.
    at = open_page("Generate")
    pressed(at, "Usual sizes")
    assert [t.value for t in at.text_input if t.label.startswith("Name ")] == ["hero", "cave"]
    typed(at, 2, "cave", 160, 90)
    pressed(at, "Save")
    told = [str(one) for one in usual_sizes.read(studio.home, "props")]
    assert told == ["hero 32 x 48", "cave 160 x 90"]
    pressed(at, "Usual sizes")
    at.button(key="size-remove-0").click().run()
    pressed(at, "Save")
    assert [str(one) for one in usual_sizes.read(studio.home, "props")] == ["cave 160 x 90"]
    assert not [t for t in at.text_input if t.label.startswith("Name ")]


def test_a_picture_gone_on_with_brings_its_size(studio, style, open_page):
    id = keep(studio, size=(40, 24))
    assert sides(open_page("Generate", again=id)) == (40, 24)
    at = open_page("Generate", start=id)
    assert sides(at) == (40, 24) and address(at, "size") == "40x24"
