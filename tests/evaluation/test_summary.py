"""What versions come to, in a sentence and three numbers."""

from studio.evaluation.comparison import rows
from studio.evaluation.summary import summary


def _figures(kid, clip=(30, 31, 32), copies=0.0):
    found = {"copies": copies, "base_copies": 0.0}
    for side, name, (low, value, high) in (
        ("", "kid_x", kid),
        ("base_", "kid_x", (8, 9, 10)),
        ("real_", "kid_x", (0, 0.1, 0.2)),
        ("", "clip_score_x", clip),
        ("base_", "clip_score_x", (24, 25, 26)),
    ):
        found |= {f"{side}{name}": value, f"{side}{name}_low": low, f"{side}{name}_high": high}
    return found


def _told(**figures):
    return summary(rows({name.replace("_", " "): found for name, found in figures.items()}))


def test_the_nearest_version_is_told_of_with_what_it_beats():
    found = _told(version_1=_figures((4, 5, 6)), version_2=_figures((1, 2, 3)))
    assert found.label == "version 2"
    assert found.says == (
        "Version 2 is closer to the style than version 1 and the base, follows its prompts better "
        "than the base and copies nothing."
    )
    style, prompts, copies = found.numbers
    assert (style.value, style.better) == ("2.0000", True)
    assert style.beside == "the base 9.0000, real art 0.1000"
    assert style.way == "↓ lower is better" and prompts.way == "↑ higher is better"
    assert (prompts.value, prompts.better) == ("31.0", True)
    assert (copies.value, copies.better, copies.way) == ("0", None, "")


def test_what_is_no_better_is_not_called_better():
    found = _told(version_1=_figures((7, 9, 11), (20, 25, 30), 2.0))
    assert found.says == (
        "Version 1 can't be told apart in style from the base, follows its prompts about as well "
        "as the base and has 2 outputs that look like a copy."
    )
    assert found.numbers[0].better is None
    worse = _told(version_1=_figures((11, 12, 13), (20, 21, 22)))
    assert "farther from the style than the base" in worse.says
    assert "worse than the base" in worse.says and worse.numbers[1].better is False


def test_where_the_style_was_not_measured_nothing_is_told():
    assert _told(version_1={"pictures": 4.0}) is None
    assert summary([]) is None
