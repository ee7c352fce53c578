"""Style guides: what is kept, what is refused, and whose pictures are shown."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine

from studio.accounts.rights import Actor, NotAllowed
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.registry import style_guides
from studio.registry.style_guides import Example, Guide, Scene

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return db.open_database(tmp_path)


def png(colour: str = "red", size: tuple[int, int] = (8, 6)) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", size, colour).save(file, "PNG")
    return file.getvalue()


def keep(engine: Engine, guide: Guide, after: str = "", style: str = "items") -> Guide:
    return style_guides.save(engine, style, guide, after=after, by="ana", now=NOW)


def test_what_is_kept_is_read_again_and_stands_in_the_ledger(
    engine: Engine, tmp_path: Path
) -> None:
    red, wide, high = style_guides.keep_picture(tmp_path, png(), "red.png", by="ana")
    blue, *_ = style_guides.keep_picture(tmp_path, png("blue"), "blue.png", by="ana")
    assert (wide, high) == (8, 6)
    guide = Guide(
        outline="dark,\n one pixel",
        palette=("#FF0000", " #00ff00", "#ff0000"),
        do=(Example(red, "a clean  edge"),),
        dont=(Example(blue),),
        scene=Scene(blue, 8, 6, 2, 0.25, 0.5),
    )
    kept = keep(engine, guide)
    assert kept.outline == "dark, one pixel"
    assert kept.palette == ("#ff0000", "#00ff00")
    assert kept.do == (Example(red, "a clean edge"),)
    assert style_guides.load(tmp_path, "items") == kept
    assert style_guides.styles(tmp_path) == ["items"]
    (row,) = [one for one in ledger.rows(engine, "items") if one.action == style_guides.CHANGE]
    assert (row.actor, row.reason) == ("ana", "outline, palette, do, don't, scene")
    with Image.open(style_guides.picture_path(tmp_path, "items", red)) as shown:
        assert shown.getpixel((0, 0)) == (255, 0, 0, 255)


def test_a_style_without_one_says_nothing(tmp_path: Path) -> None:
    assert style_guides.load(tmp_path, "items") == Guide()
    assert style_guides.load(tmp_path, "../x") == Guide()
    assert Guide().version == "" and Guide(view="side").version != ""


def test_pictures_that_the_guide_does_not_show_are_nobodys(engine: Engine, tmp_path: Path) -> None:
    red, *_ = style_guides.keep_picture(tmp_path, png(), "red.png", by="ana")
    for style in ("items", "tiles"):
        with pytest.raises(StudioError, match="no such picture"):
            style_guides.picture_path(tmp_path, style, red)
    keep(engine, Guide(do=(Example(red),)))
    assert style_guides.picture_path(tmp_path, "items", red).is_file()
    with pytest.raises(StudioError, match="no such picture"):
        style_guides.picture_path(tmp_path, "tiles", red)


def test_of_two_who_change_it_at_once_the_second_is_told(engine: Engine, tmp_path: Path) -> None:
    first = keep(engine, Guide(view="side"))
    keep(engine, replace(first, light="from the left"), after=first.version)
    with pytest.raises(StudioError, match="changed meanwhile by ana on 2026-01-01"):
        keep(engine, replace(first, light="from the right"), after=first.version)
    assert style_guides.load(tmp_path, "items").light == "from the left"
    again = style_guides.load(tmp_path, "items")
    assert keep(engine, again, after="anything") == again  # the same form, sent twice


@pytest.mark.parametrize(
    ("guide", "said"),
    [
        (Guide(outline="x" * 401), "has 401 characters"),
        (Guide(palette=("red",)), "'red' is no colour"),
        (Guide(palette=tuple(f"#0000{n:02x}" for n in range(65))), "lists 65 colours"),
        (Guide(do=(Example("a" * 64),) * 13), "shows 13 pictures under do"),
        (Guide(do=(Example("a" * 64),)), "aaaaaaaaaaaa of the guide is gone"),
        (Guide(do=(Example("../../etc"),)), "no SHA-256"),
        (Guide(scene=Scene("x", 1, 1)), "no SHA-256"),
    ],
)
def test_what_is_too_much_or_nothing_is_named(engine: Engine, guide: Guide, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        keep(engine, guide)


def test_pictures_that_are_none_or_too_large_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="shot.png"):
        style_guides.keep_picture(tmp_path, b"no picture", "shot.png", by="ana")
    with pytest.raises(StudioError, match="4097 x 1 pixels"):
        style_guides.keep_picture(tmp_path, png(size=(4097, 1)), "shot.png", by="ana")
    with pytest.raises(NotAllowed):
        style_guides.keep_picture(tmp_path, png(), "shot.png", by=Actor("vi", "artist"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour: red", "unknown colour"),
        ("palette: red", "palette is no list"),
        ("do: [x]", "do is no table"),
        ("scene: {picture: x, width: 0, height: 1}", "width is '0'"),
        ("scene: {picture: x, width: 9, height: 9, x: nan}", "x is 'nan'"),
        ("do: [", "no YAML"),
    ],
)
def test_a_file_that_somebody_broke_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "guides" / "items.yaml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(StudioError, match=said) as refused:
        style_guides.load(tmp_path, "items")
    assert "items.yaml" in refused.value.message


def test_the_colours_of_pictures_are_exact_where_they_are_few() -> None:
    one = Image.new("RGBA", (4, 4), "#102030")
    one.putpixel((0, 0), (255, 0, 0, 255))
    one.putpixel((1, 0), (9, 9, 9, 0))  # nobody sees it
    assert style_guides.colours_of([one]) == ("#102030", "#ff0000")
    many = Image.linear_gradient("L").convert("RGBA")
    found = style_guides.colours_of([many], 4)
    assert len(found) == 4 and all(style_guides.COLOUR.fullmatch(colour) for colour in found)
    assert style_guides.colours_of([Image.new("RGBA", (2, 2))]) == ()
