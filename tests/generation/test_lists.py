"""Lists: every wrong line named; the zip by their names, painted-over pictures first."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.assets.search import Wanted
from studio.database import engine as db
from studio.errors import StudioError
from studio.generation import gallery_table, lists, painted_over, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.lists import Line, read_list
from studio.generation.picture_files import Made

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "hp_small, a red potion, 2, 7\ngem, a blue gem, 3, 9\n",
        "hp_small\ta red potion\t2\t7\ngem\ta blue gem\t3\t9",
        'seed;name;prompt;count\n7;hp_small;"a red potion";2\n\n# later\n9;gem;a  blue gem;3\n',
        "hp_\u200bsmall, a\u00ad red potion, 2, 7\r\ngem,\u00a0a blue\u2060 gem, 3, 9",
        "\ufeffName,Prompt,Count,Seed\r\nhp_small,a red potion,2,7\r\ngem,a blue gem,3,9\r\n",
    ],
)
def test_lists_as_people_paste_them(text):
    found = read_list(text)
    assert not found.problems
    assert found.lines == (
        Line("hp_small", "a red potion", 2, 7),
        Line("gem", "a blue gem", 3, 9),
    )
    assert found.pictures == 5


def test_what_is_not_said_is_filled_in_the_same_each_time():
    first, second = read_list("a, a gem\nb, a gem", count=4), read_list("a, a gem\nb, a gem", 4)
    assert first == second and [one.count for one in first.lines] == [4, 4]
    assert first.lines[0].seed != first.lines[1].seed
    quoted = read_list('a, "a gem, cut, on <b>silk</b>", 1')
    assert quoted.lines[0].prompt == "a gem, cut, on <b>silk</b>"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "empty"),
        ("gem, a blue gem\nGEM, another", "Line 2: the name 'GEM' stands in line 1"),
        ("../gem, a blue gem", r"Line 1: name is '../gem', which can't be a file's name"),
        ("con tact, a gem", "can't be a file's name"),
        ("gem, ", "Line 1: gem has no prompt"),
        ("gem, a gem, many", "count is 'many'"),
        ("gem, a gem, 0", "count is '0'"),
        ("gem, a gem, 1, -4", "seed is '-4'"),
        ("gem, red, blue, green, cut", "Line 1: count is 'blue'"),
        ("gem, red, blue, green, cut", 'A prompt with commas stands in "quotes"'),
        ("gem, a gem, 1, 2, 8, 8, c, n, x, more", "10 cells, more than name, prompt, count, seed"),
        ("name, prompt, seamless\na, a, x\nb, b, z", "Line 3: seamless is 'z'. Give one of x, y"),
        ("name, prompt, width, seamless\na, a, 30, both", "width is 30, and a seamless picture's"),
        ("name, prompt\ngem, a gem, 3", "3 cells, more than name, prompt."),
        ("name, prompt, width, width\ngem, a gem, 8, 9", "two columns 'width'"),
        ("name, prompt, width\ngem, a gem\nring, a ring, 4", "Line 3: width is '4'"),
        ("name, prompt, height\ngem, a gem, tall", "height is 'tall'. Give a whole number from 8"),
        ("name, prompt, category\ngem, a gem, a/b", "category is 'a/b', which can't be a folder"),
        ("name, prompt, negative\ngem, a gem, a <lora:x:1>", "Line 2: "),
        ("gem, a {red,blue gem", "in prompt a { is not closed. Write alternatives as {wood,iron}"),
        (f"gem, a {{{'x' * 60},b}} gem", "Shorten the name or the alternatives"),
        ("gem, {1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}, 3", "12,288 pictures"),
        ("a_red, a gem\na, a {red,blue} gem", "Line 2: the name 'a_red' stands in line 1"),
        ("name, prompt, size\ngem, a gem, 3", "no column 'size'"),
        ("\n".join(f"g{k}, a gem, 100" for k in range(101)), "10,100 pictures"),
        ("gem, " + "x" * 2001, "2,001 characters"),
        ("x" * 2_000_001, "longer than 2 MB"),
    ],
)
def test_what_is_wrong_is_named(text, named):
    found = read_list(text)
    assert any(named in problem for problem in found.problems), found.problems


def test_a_line_says_its_size_category_and_negative_prompt():
    text = "category\tname\tprompt\twidth\theight\tnegative prompt\tcount\n"
    text += "heroes\tknight\ta knight\t32\t48\tblur, text\t2\n\tgem\ta gem\t\t\t\t\n"
    found = read_list(text, count=3)
    assert not found.problems and found.pictures == 5
    knight, gem = found.lines
    assert (knight.width, knight.height, knight.category) == (32, 48, "heroes")
    assert knight.negative == "blur, text"
    assert (gem.width, gem.height, gem.category, gem.negative) == (None, None, "", "")
    plain = read_list("knight, a knight, 2, 7, 32, 48, heroes, blur").lines[0]
    assert plain == Line("knight", "a knight", 2, 7, 32, 48, "heroes", "blur")


def test_a_line_says_over_which_edges_it_is_seamless():
    found = read_list("name, prompt, seamless\na, grass, Both\nb, ground, x\nc, tree, no\nd, sky")
    assert not found.problems
    assert [line.seamless for line in found.lines] == ["both", "x", "no", ""]


def test_alternatives_make_lines_of_their_own():
    found = read_list("chest, a {wood, iron} {small,large} chest, 2, 5\nring, a ring, 1")
    assert (found.written, len(found.lines), found.pictures) == (2, 5, 9)
    assert [(line.name, line.prompt) for line in found.lines[:4]] == [
        ("chest_wood_small", "a wood small chest"),
        ("chest_wood_large", "a wood large chest"),
        ("chest_iron_small", "a iron small chest"),
        ("chest_iron_large", "a iron large chest"),
    ]
    assert {line.seed for line in found.lines[:4]} == {5}  # one that is given holds for all
    own = read_list("chest, a {wood,iron} chest").lines
    assert own[0].seed != own[1].seed
    quoted = read_list('chest; "a {wood;iron} chest"; 2')
    assert [line.prompt for line in quoted.lines] == ["a {wood;iron} chest"]


def test_sizes_are_whole_factors_and_sharp():
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 255))
    picture.putpixel((1, 0), (0, 0, 0, 0))
    large = lists.at_factor(picture, "4")
    assert large.size == (16, 16)
    assert [large.getpixel((x, 0))[3] for x in (3, 4, 7, 8)] == [255, 0, 0, 255]
    assert lists.at_factor(large, "1/4").tobytes() == picture.tobytes()
    assert lists.at_factor(picture, "1/8").size == (1, 1)
    with pytest.raises(StudioError, match="1.5"):
        lists.at_factor(picture, "1.5")


def test_the_zip_is_by_the_lists_names_and_prefers_what_was_painted_over(tmp_path):
    engine = db.open_database(tmp_path)
    made = Made("props", 1, "pocket", "r", "d", "a gem", "a gem", "", 3, 20, 4.0, 1.0)
    rows = []
    for name, variant, colour in (("gem", 1, "red"), ("gem", 2, "blue"), ("ring", 1, "lime")):
        picture = Image.new("RGBA", (8, 8), colour)
        file = picture_files.keep(tmp_path / "generated", f"{name}{variant}", picture, made)
        rows.append(Kept(file, made, name, variant, "stones" if variant == 2 else ""))
    ids = gallery_table.record(engine, tmp_path, rows, by="ana", now=NOW, job=1)
    painted = io.BytesIO()
    Image.new("RGBA", (8, 8), "white").save(painted, format="PNG")
    painted_over.paint_over(engine, tmp_path, ids[1], painted.getvalue(), by="cy", now=NOW)
    rows[2].file.unlink()
    found = gallery_table.all_of(engine, Wanted(job=1))
    assert lists.pack(tmp_path, found, "2", tmp_path / "out.zip") == 2
    with zipfile.ZipFile(tmp_path / "out.zip") as packed:
        assert packed.namelist() == ["gem_1.png", "stones/gem_2.png", "missing.txt"]
        assert packed.read("missing.txt") == b"ring_1.png\n"
        with Image.open(packed.open("stones/gem_2.png")) as picture:
            assert (picture.size, picture.getpixel((0, 0))) == ((16, 16), (255, 255, 255, 255))
    assert not list(tmp_path.glob("*.part"))
    engine.dispose()
