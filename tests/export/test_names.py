"""Names of files: by fields, and everything that is wrong with one said before it is written."""

import pytest

from studio.errors import StudioError
from studio.export import names
from studio.export.pieces import Fields

FULL = Fields("props", "red potion", "2", "south", "03")


@pytest.mark.parametrize(
    ("pattern", "fields", "wanted"),
    [
        (names.PATTERN, FULL, "props/red_potion_2_south_03"),
        (names.PATTERN, Fields(name="gem", variant="1"), "gem_1"),
        ("{category}_{name}_{variant}_{frame}", Fields(name="gem", frame="07"), "gem_07"),
        ("art/{name}-{direction}", Fields(name="gem"), "art/gem"),
        ("{name}/{name}_{frame}", Fields(name="a  b", frame="1"), "a_b/a_b_1"),
    ],
)
def test_a_pattern_is_filled_and_empty_fields_leave_no_gap(pattern, fields, wanted):
    assert names.stem(names.checked(pattern), fields) == wanted


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{nmae}", "no field"),
        ("{category}", "has no {name}"),
        ("../{name}", "no path of names"),
        ("{name}//x", "no path of names"),
        ("{name} x", "no path of names"),
        ("ä{name}", "no path of names"),
    ],
)
def test_a_pattern_that_is_none_is_named(pattern, why):
    with pytest.raises(StudioError) as refused:
        names.checked(pattern)
    assert why in refused.value.message and refused.value.remedy


@pytest.mark.parametrize(
    ("path", "why", "instead"),
    [
        ("con.png", "Windows keeps", "con_.png"),
        ("NUL.aseprite", "Windows keeps", "NUL_.aseprite"),
        ("a/com1/x.png", "Windows keeps", "a/com1_/x.png"),
        ("Große_Kiste.png", "holds 'ß'", "Grosse_Kiste.png"),
        ("Bär.png.meta", "holds 'ä'", "Baer.png.meta"),
        ("x" * 300 + ".png", "304 letters", "x" * 96 + ".png"),
        ("what?.png", "holds '?'", "what.png"),
        (".hidden.png", "a dot", "hidden.png"),
        ("a/../b.png", "a dot", ""),
        ("/".join(["x" * 60] * 4) + ".png", "with its folders", None),
    ],
)
def test_a_name_that_some_system_refuses_is_told_with_one_that_does(path, why, instead):
    (flaw,) = names.flaws({path: "one"})
    assert why in flaw.says and flaw.asset == "one"
    if instead is not None:
        assert flaw.instead == instead
    with pytest.raises(StudioError) as refused:
        names.check([flaw])
    assert path[:40] in refused.value.message and refused.value.remedy


def test_names_that_differ_by_case_and_those_that_are_taken_are_told():
    (flaw,) = names.flaws({"a/Gem.png": "one", "a/gem.png": "two"})
    assert flaw.asset == "two" and "by case alone" in flaw.says
    (flaw,) = names.flaws({"gem.png": "two"}, {"Gem.png": "one"})
    assert "is the file of one already" in flaw.says
    assert not names.flaws({"gem.png": "one"}, {"gem.png": "one"})
    (flaw,) = names.twice([("gem.png", "one"), ("ring.png", "two"), ("gem.png", "three")])
    assert flaw.asset == "three" and "file of one as well" in flaw.says
    assert names.check([]) is None


def test_a_slash_in_a_field_makes_no_folder():
    with pytest.raises(StudioError, match="holds a slash"):
        names.stem("{name}", Fields(name="a/b"))


def test_a_name_is_proposed_of_any_text():
    assert names.proposed("a <b>red</b> potion, très chère!") == "a_b_red_b_potion_tres_chere"
    assert names.proposed("日本") == "" and names.proposed("prn.x") == "prn.x_"


def test_folders_that_differ_by_case_alone_are_told():
    (flaw,) = names.flaws({"Props/gem.png": "one", "props/ring.png": "two"})
    assert flaw.asset == "two" and "differs from Props by case alone" in flaw.says
    assert not names.flaws({"Props/gem.png": "one", "Props/ring.png": "two"})
