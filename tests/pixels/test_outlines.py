"""Outlines measured, added, thinned, recoloured and broken."""

import numpy as np
import pytest

from studio.errors import StudioError
from studio.pixels.outline_shape import outline
from studio.pixels.outlines import STEPS, proposed
from studio.pixels.proposals import applied
from tests.pixels.drawn import drawn, letters

BARE = ["......", "......", "..RR..", "..RR..", "......", "......"]
THICK = ["KKKKKKKK", "KKKKKKKK", "KKRRRRKK", "KKRRRRKK", "KKRRRRKK", "KKKKKKKK", "KKKKKKKK"]


def _done(rgba, how, **options):
    change = proposed(rgba, how, **options)
    return applied(rgba, [change]) if change else rgba


def test_an_outline_is_measured_with_its_colour():
    found = outline(np.pad(drawn(THICK), [(1, 1), (1, 1), (0, 0)]))
    assert (found.colour, found.covered) == ("#140c1c", 1.0) and 1.6 < found.width < 2
    found = outline(np.pad(drawn(["KKKK", "KRRK", "KRRK", "KKKK"]), [(1, 1), (1, 1), (0, 0)]))
    assert (found.colour, found.width) == ("#140c1c", 1)
    assert outline(drawn(BARE)).width == 0
    assert outline(np.zeros((3, 3, 4), np.uint8)).colour == ""


def test_an_outline_is_added_over_edges_as_wide_as_asked():
    found = letters(_done(drawn(BARE), "add", colour="#140c1c"))
    assert found == ["......", "..KK..", ".KRRK.", ".KRRK.", "..KK..", "......"]
    found = letters(_done(drawn(BARE), "add", colour="#140c1c", width=2))
    assert found == ["..KK..", ".KKKK.", "KKRRKK", "KKRRKK", ".KKKK.", "..KK.."]


def test_a_wide_outline_is_thinned_to_what_it_surrounds():
    rgba = np.pad(drawn(THICK), [(1, 1), (1, 1), (0, 0)])
    found = letters(_done(rgba, "thin", colour="#140c1c"))
    assert found[1] == ".KKKKKKKK." and found[3] == ".KRRRRRRK." and found[4] == ".KRRRRRRK."


def test_the_whole_edge_is_recoloured_with_its_second_pixel_but_for_sparks():
    rgba = np.pad(drawn(THICK), [(1, 2), (1, 2), (0, 0)])
    rgba[9, 10] = (250, 250, 250, 255)
    found = letters(_done(rgba, "recolour", colour="#325ac8", width=2))
    assert found[1] == ".BBBBBBBB.." and found[3] == ".BBRRRRBB.." and found[9][10] == "W"


def test_the_lit_side_is_broken_into_the_shade_of_what_it_surrounds():
    rgba = np.pad(drawn(["KKKKK", "KRRRK", "KRRRK", "KRRRK", "KKKKK"]), [(1, 1), (1, 1), (0, 0)])
    palette = ("#140c1c", "#781428", "#c82832")
    found = letters(_done(rgba, "break", colour="#140c1c", palette=palette))
    assert found[1:6] == [".DDDDK.", ".DRRRK.", ".DRRRK.", ".DRRRK.", ".KKKKK."]


@pytest.mark.parametrize("how", STEPS)
@pytest.mark.parametrize("width", [1, 2, 3])
def test_an_outline_that_is_so_already_is_not_proposed(how, width):
    rgba = np.pad(drawn(["RRDDRR", "RRWRRD", "KKRRDD", "RRKKRR"]), [(4, 4), (4, 4), (0, 0)])
    once = _done(rgba, how, colour="#140c1c", width=width)
    assert proposed(once, how, "#140c1c", width) is None or how == "break"


def test_the_sentence_tells_what_and_how_much():
    assert proposed(drawn(BARE), "add").sentence == "An outline in #000000: 8 pixels."
    with pytest.raises(StudioError, match="'glow' is nothing to do to an outline"):
        proposed(drawn(BARE), "glow")
    assert proposed(np.zeros((3, 3, 4), np.uint8), "add") is None
