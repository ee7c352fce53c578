"""Single pixels that nobody meant, and those that somebody did."""

import numpy as np

from studio.pixels.proposals import Proposal, applied, changes, where
from studio.pixels.strays import holes, strays
from tests.pixels.drawn import drawn, letters


def _by_place(proposals):
    return {one.changes[0][:2]: one for one in proposals}


def test_a_speck_takes_the_colour_around_it():
    rgba = drawn(["RRRRR", "RRRRR", "RRDRR", "RRRRR"])
    rgba[2, 2, :3] = (160, 30, 45)
    (found,) = strays(rgba)
    assert (found.kind, found.changes, found.safe) == ("stray", ((2, 2, "#c82832"),), True)
    assert found.sentence == "The pixel at 2, 2 is like none around it."
    assert (applied(rgba, [found])[..., :3] == (200, 40, 50)).all()


def test_eyes_and_highlights_are_proposed_and_not_safe():
    rgba = drawn(["RRRRRRR", "RKRRRKR", "RRRRRRR", "RRRWRRR", "RRRRRRR"])
    found = strays(rgba)
    assert len(found) == 3 and not any(one.safe for one in found)
    faint = drawn(["RRRRRRR", "RDRRRDR", "RRRRRRR"])
    faint[1, [1, 5], :3] = (160, 30, 45)  # two alike, across the middle
    assert [one.safe for one in strays(faint)] == [False, False]


def test_checkerboards_and_slanting_lines_hold_no_stray():
    assert not strays(drawn(["RDRD", "DRDR", "RDRD", "DRDR"]))
    assert not strays(drawn(["WRRRR", "RWRRR", "RRWRR", "RRRWR", "RRRRW"]))


def test_what_sticks_out_or_lies_apart_is_taken_away():
    rgba = drawn([".......", "...B...", ".RRRRR.", ".RRRRR.", ".RRRRR.", "......."])
    (spur,) = strays(rgba)
    assert (spur.kind, spur.changes, spur.safe) == ("spur", ((3, 1, ""),), True)
    rgba[1, 3] = rgba[2, 3]  # of the colour that it sits on: a tip, perhaps
    assert [one.safe for one in strays(rgba)] == [False]
    assert letters(applied(rgba, [spur]))[1] == "......."
    apart = drawn(["D.....W", ".......", ".RRRRR.", ".RRRRR.", ".RRRRR."])
    found = _by_place(strays(apart))
    assert {place: (one.kind, one.safe) for place, one in found.items()} == {
        (0, 0): ("island", True),
        (6, 0): ("island", False),  # may be a spark
    }


def test_thin_lines_keep_their_ends():
    rows = ["W.......", ".W......", "..RRR...", "..RRR...", "..RRRWWW"]
    assert not strays(drawn(rows))


def test_a_missing_pixel_is_filled_and_a_larger_gap_only_proposed():
    rgba = drawn(["RRRRRR", "RR.RRR", "RRRRRR", "R..RRR", "RRRRRR", "RRRRRR"])
    found = _by_place(holes(rgba))
    assert {place: one.safe for place, one in found.items()} == {(2, 1): True, (1, 3): False}
    assert found[1, 3].sentence == "2 pixels are missing within the figure at 1, 3."
    assert letters(applied(rgba, found.values())) == ["RRRRRR"] * 6


def test_a_notch_of_the_edge_is_proposed():
    (found,) = holes(drawn(["R.R", "RRR", "RRR"])[:, :])
    assert (found.changes, found.safe) == (((1, 0, "#c82832"),), False)


def test_changes_are_shown_where_they_are_and_off_the_canvas_left_out():
    before, after = drawn(["RR", "R."]), drawn(["RK", ".R"])
    found = Proposal("outline", changes(before, after), "", False)
    assert found.changes == ((1, 0, "#140c1c"), (0, 1, ""), (1, 1, "#c82832"))
    assert (applied(before, [found]) == after).all()
    assert where([found], before.shape).tolist() == [[False, True], [True, True]]
    off = Proposal("stray", ((5, 0, "#ffffff"), (-1, 0, "")), "", True)
    assert (applied(before, [off]) == before).all()


def test_nothing_is_proposed_for_nothing():
    empty = np.zeros((4, 4, 4), np.uint8)
    assert not strays(empty) and not holes(empty)
    assert not strays(drawn(["R"])) and not holes(drawn(["R"]))
