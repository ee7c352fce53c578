from studio.evaluation import comparison
from studio.evaluation.comparison import rows, together


def _figures(kid, **more):
    low, value, high = kid
    return {
        "kid_x": value,
        "kid_x_low": low,
        "kid_x_high": high,
        "base_kid_x": 9.0,
        "base_kid_x_low": 8.0,
        "base_kid_x_high": 10.0,
        "real_kid_x": 0.1,
        "real_kid_x_low": 0.0,
        "real_kid_x_high": 0.2,
        "real_pictures": 24.0,
        **more,
    }


def test_a_figure_stands_between_real_art_and_the_base():
    row = rows({"version 1": _figures((2, 3, 4))})[0]
    assert [(m.label, m.kind) for m in row.marks] == [
        ("real art", "real"),
        ("version 1", "version"),
        ("base", "base"),
    ]
    assert (row.marks[1].low, row.marks[1].high) == (2, 4)
    assert row.says == "Better than the base: version 1."


def test_better_is_said_only_where_intervals_separate():
    apart = rows({"version 1": _figures((4, 5, 6)), "version 2": _figures((1, 2, 3))})[0]
    assert apart.says.startswith("Version 2 is better than version 1.")
    touching = rows({"version 1": _figures((2.9, 5, 6)), "version 2": _figures((1, 2, 3))})[0]
    assert touching.says.startswith("No version is better than the others")
    three = {"version 1": (4, 5, 6), "version 2": (1, 2, 3), "version 3": (2, 2.5, 7)}
    said = rows({label: _figures(kid) for label, kid in three.items()})[0].says
    assert said.startswith(
        "Version 2 is better than version 1, and can't be told apart from version 3."
    )


def test_worse_than_the_base_and_in_the_range_of_real_art_are_said():
    said = rows({"version 1": _figures((11, 12, 13)), "version 2": _figures((0.1, 0.2, 0.3))})
    assert "Worse than the base: version 1." in said[0].says
    assert "Reaches into the range of real art: version 2." in said[0].says


def test_a_base_that_beats_real_art_is_no_measure():
    found = {"clip_score_x": 30.0, "clip_score_x_low": 25.0, "clip_score_x_high": 35.0}
    found |= {"base_clip_score_x": 60.0, "base_clip_score_x_low": 55, "base_clip_score_x_high": 65}
    found |= {"real_clip_score_x": 31.0, "real_clip_score_x_low": 26, "real_clip_score_x_high": 36}
    said = rows({"version 1": found})[0].says
    assert "no measure" in said and "Worse than the base" not in said


def test_a_figure_without_an_interval_or_with_few_pictures_calls_none_better():
    more = {"frechet_x": 1.0, "base_frechet_x": 5.0, "palette_distance": 3.0}
    found = {r.name: r for r in rows({"version 1": _figures((2, 3, 4), **more)})}
    assert "never gates" in found["frechet_x"].says
    assert "calls nothing better" in found["palette_distance"].says
    assert found["palette_distance"].marks[0].low is None
    assert "real_pictures" not in found


def test_a_figure_that_only_some_versions_have_is_left_out():
    both = rows({"version 1": _figures((2, 3, 4), copies=1.0), "version 2": _figures((2, 3, 4))})
    assert [r.name for r in both] == ["kid_x"]


def test_other_prompts_or_other_pictures_are_never_side_by_side():
    keys = {
        "version 3": ("a" * 12, "art@1", ""),
        "version 2": ("b" * 12, "art@1", ""),
        "version 1": ("a" * 12, "art@2", ""),
        "version 4": ("a" * 12, "art@1", ""),
    }
    beside, said = together(keys)
    assert beside == ["version 3", "version 4"]
    assert "version 2 was measured with other prompts" in said[0] and "art@2" in said[1]
    assert together({}) == ([], [])


def test_pictures_with_and_without_finishing_are_never_side_by_side():
    keys = {
        "version 2": ("a" * 12, "art@1", "hard alpha"),
        "version 1": ("a" * 12, "art@1", ""),
        "version 3": ("a" * 12, "art@1", "hard alpha"),
    }
    beside, said = together(keys)
    assert beside == ["version 2", "version 3"]
    assert said == [
        "version 1 was measured as the model drew them, version 2 with hard alpha, as they are "
        "delivered."
    ]


def test_pictures_finished_by_other_recipes_are_told_apart_by_their_marks():
    keys = {
        "version 2": ("a" * 12, "art@1", "hard alpha, recipe 0123456789ab"),
        "version 1": ("a" * 12, "art@1", "hard alpha"),
    }
    beside, said = together(keys)
    assert beside == ["version 2"]
    assert said == [
        "version 1 was measured with hard alpha, as they are delivered, version 2 with hard alpha "
        "and recipe 0123456789ab, as they are delivered."
    ]


def test_what_the_eye_sees_stands_between_raw_base_and_real_arts_range():
    look = {"real_colours": 6.0, "real_colours_low": 5.0, "real_colours_high": 7.5}
    one = {"colours": 7.0, "raw_colours": 508.0, "base_colours": 5.5, **look}
    two = {"colours": 30.0, **look}
    (row,) = rows({"version 1": one, "version 2": two})
    assert [(mark.label, mark.kind) for mark in row.marks] == [
        ("real art", "real"),
        ("version 1", "version"),
        ("version 1, raw", "raw"),
        ("version 2", "version"),
        ("base", "base"),
    ]
    assert row.says == (
        "Within real art's range: version 1. Outside of real art's range: version 2."
    )
    (bare,) = rows({"version 1": {"colours": 7.0}})
    assert bare.says == ""


def test_real_pictures_beside_a_prompt_show_the_like():
    captions = {"a": "a blue gem", "b": "a red gem of fire", "c": "a red tree", "d": "a red gem"}
    assert comparison.likest("a red gem", captions, 3) == ["b", "d", "a"]
    assert comparison.likest("a red gem of fire", captions, 3) == ["b", "d"]


def test_nothing_is_shown_beside_a_prompt_where_nothing_is_near():
    captions = {"a": "a red sword", "b": "a teal ring", "c": ""}
    assert comparison.likest("a red tree", captions, 2) == []
    assert comparison.likest("", captions, 2) == []


def test_real_art_copies_nothing_its_near_duplicates_are_told_as_what_they_are():
    figures = {"copies": 1.0, "base_copies": 0.0, "real_copies": 2.0}
    (row,) = rows({"version 1": figures})
    assert [mark.kind for mark in row.marks] == ["version", "base"]
    assert "Real art has near-duplicates of its own: 2 pictures" in row.says
    (row,) = rows({"version 1": {**figures, "real_copies": 0.0}})
    assert row.says == ""
