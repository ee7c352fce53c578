"""Ramps: found in palettes that pixel artists made, and swapped place by place or by lightness."""

import numpy as np
import pytest

from studio.colours import to_oklab
from studio.errors import StudioError
from studio.finishing import ramp_search, ramps
from studio.finishing.colour_table import ColourTable, Ramp, ramp_colours
from studio.pixels.hex_colours import rgb_of

# Sweetie 16 by GrafxKid and Endesga 32 by ENDESGA, in their own order.
SWEETIE = (
    "1a1c2c 5d275d b13e53 ef7d57 ffcd75 a7f070 38b764 257179 "
    "29366f 3b5dc9 41a6f6 73eff7 f4f4f4 94b0c2 566c86 333c57"
)
ENDESGA = (
    "be4a2f d77643 ead4aa e4a672 b86f50 733e39 3e2731 a22633 e43b44 f77622 feae34 fee761 "
    "63c74d 3e8948 265c42 193c3e 124e89 0099db 2ce8f5 ffffff c0cbdc 8b9bb4 5a6988 3a4466 "
    "262b44 181425 ff0044 68386c b55088 f6757a e8b796 c28569"
)


def colours(text: str) -> tuple[str, ...]:
    return tuple(f"#{one}" for one in text.split())


def found(text: str) -> list[str]:
    palette = colours(text)
    return [
        " ".join(palette[place][1:] for place in one.places) for one in ramp_search.found(palette)
    ]


@pytest.mark.parametrize(
    ("palette", "known"),
    [
        (SWEETIE, ("333c57 566c86 94b0c2 f4f4f4", "b13e53 ef7d57 ffcd75", "29366f 3b5dc9 41a6f6")),
        (
            ENDESGA,
            ("193c3e 265c42 3e8948 63c74d", "262b44 3a4466 5a6988 8b9bb4 c0cbdc", "124e89 0099db"),
        ),
    ],
)
def test_ramps_that_artists_meant_are_found(palette, known):
    chains = found(palette)
    for meant in known:
        assert any(meant in chain for chain in chains), (meant, chains)


def test_a_ramp_grows_lighter_and_no_colour_is_in_two():
    rng = np.random.default_rng(3)
    palette = tuple("#" + bytes(row).hex() for row in rng.integers(0, 256, (64, 3), np.uint8))
    chains = ramp_search.found(palette)
    assert len(chains) > 3 and len({one.name for one in chains}) == len(chains)
    for one in chains:
        light = to_oklab(rgb_of([palette[place] for place in one.places]))[:, 0]
        assert len(one.places) >= 2 and (np.diff(light) > 0).all()
    places = [place for one in chains for place in one.places]
    assert len(places) == len({*places})


def test_light_and_shade_of_one_thing_are_a_ramp_of_two():
    sample = "fffcec ba3a54 f46c5c c47c24 ceb29e f0ba36 faeccc 14707c 26aea8 221658"
    palette = colours(sample)
    chains = {
        one.name: [palette[place] for place in one.places] for one in ramp_search.found(palette)
    }
    assert ["#14707c", "#26aea8"] in chains.values()
    assert {"#c47c24", "#f0ba36"} <= {*chains.get("yellow", chains.get("orange", []))}


def test_colours_that_are_alike_to_none_form_no_ramp():
    assert ramp_search.found(("#ff0000", "#00ff00", "#0000ff")) == ()
    assert ramp_search.found(("#123456",)) == ()


def test_ramps_that_are_named_stay_and_the_rest_is_searched():
    palette = colours(SWEETIE)
    by_hand = Ramp("grey", (0, 15, 14, 13, 12))
    made = ramp_search.completed(ColourTable(palette, (), (by_hand,)))
    assert made.ramps[0] == by_hand and len(made.ramps) > 2
    assert not {0, 12, 13, 14, 15} & {place for one in made.ramps[1:] for place in one.places}
    assert len({one.name for one in made.ramps}) == len(made.ramps)
    assert ramp_search.completed(made) == made


TABLE = ColourTable(
    ("#2b1a0f", "#5c3a1c", "#a87848", "#20242c", "#6a7078", "#e8f0f8", "#3a2404", "#fff0a0"),
    ("",) * 8,
    (Ramp("wood", (0, 1, 2)), Ramp("iron", (3, 4, 5)), Ramp("gold", (6, 7))),
)


def picture() -> np.ndarray:
    """The wood ramp, a colour of no ramp, a half-transparent and a transparent pixel of wood."""
    row = [(*bytes.fromhex(one[1:]), 255) for one in TABLE.colours[:3]]
    return np.array([[*row, (1, 2, 3, 255), (*row[0][:3], 90), (*row[0][:3], 0)]], np.uint8)


def test_ramps_of_one_length_are_swapped_place_by_place():
    wood, iron = (ramps.named(TABLE, name) for name in ("Wood", "iron"))
    made = ramps.swapped(picture(), TABLE, wood, iron)
    assert [tuple(pixel) for pixel in made[0, :3, :3]] == [
        (0x20, 0x24, 0x2C),
        (0x6A, 0x70, 0x78),
        (0xE8, 0xF0, 0xF8),
    ]
    assert tuple(made[0, 3]) == (1, 2, 3, 255)
    assert tuple(made[0, 4]) == (0x20, 0x24, 0x2C, 90)
    assert (made[0, 5] == picture()[0, 5]).all()
    assert (ramps.swapped(made, TABLE, iron, wood) == picture()).all()


def test_ramps_of_other_lengths_are_mapped_by_lightness():
    wood, gold = (ramp_colours(TABLE, ramps.named(TABLE, name)) for name in ("wood", "gold"))
    assert ramps.partners(wood, gold) == ("#3a2404", "#3a2404", "#fff0a0")
    assert ramps.partners(gold, wood) == ("#2b1a0f", "#a87848")
    greys = tuple(f"#{n:02x}{n:02x}{n:02x}" for n in (0, 60, 120, 180, 255))
    to = ramps.partners(greys, wood)
    assert to[0] == wood[0] and to[-1] == wood[-1] and len({*to}) == 3
    assert ramps.partners(("#101010", "#111111"), ("#000000",)) == ("#000000", "#000000")


def test_which_ramps_a_picture_is_drawn_in():
    held = ramps.drawn_in(picture(), TABLE)
    assert [(one.name, share) for one, share in held] == [("wood", 0.8), ("iron", 0), ("gold", 0)]
    assert ramps.drawn_in(np.zeros((1, 1, 4), np.uint8), TABLE)[0][1] == 0


def test_what_cant_be_swapped_is_told():
    iron, gold = (ramps.named(TABLE, name) for name in ("iron", "gold"))
    with pytest.raises(StudioError, match="No pixel has a colour of the ramp iron"):
        ramps.swapped(picture(), TABLE, iron, gold)
    with pytest.raises(StudioError, match="no ramp 'steel'. There are: wood, iron, gold"):
        ramps.named(TABLE, "steel")
    with pytest.raises(StudioError, match="name some first"):
        ramps.named(ColourTable(("#000000",)), "steel")
