"""Aseprite's files: every kind of pixel, layer, cel and tile as the editor shows it, or named."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from studio.datasets.sheets import aseprite, frames
from studio.errors import StudioError
from tests.datasets.sheets.aseprite_files import (
    GREY,
    INDEXED,
    cel,
    chunk,
    layer,
    linked,
    old_palette,
    palette,
    plain,
    sprite,
    tags,
    tilemap,
    tileset,
)

RED, BLUE, HALF = (255, 0, 0, 255), (0, 0, 255, 255), (0, 255, 0, 128)


def shown(data: bytes, frame: int = 0) -> np.ndarray:
    return np.asarray(list(aseprite.frames(data, "hero.aseprite"))[frame].picture)


def test_layers_lie_over_each_other_at_their_places() -> None:
    corner = cel(1, plain(BLUE), at=(-1, 1))
    found = shown(sprite((3, 3), [[layer(), layer(), cel(0, plain(RED, (2, 2))), corner]]))
    empty = (0, 0, 0, 0)
    assert found.tolist() == [
        [list(RED), list(RED), list(empty)],
        [list(BLUE), list(RED), list(empty)],
        [list(BLUE), list(empty), list(empty)],
    ]


def test_a_raw_cel_is_read_like_a_packed_one() -> None:
    assert (shown(sprite((2, 2), [[layer(), cel(0, plain(RED), raw=True)]])) == RED).all()


def test_grey_has_its_own_alpha() -> None:
    data = sprite((2, 2), [[layer(), cel(0, plain((90, 70)))]], depth=GREY)
    assert (shown(data) == (90, 90, 90, 70)).all()


def test_indexed_pixels_have_the_palette_of_their_frame_and_a_transparent_entry() -> None:
    pixels = np.uint8([[0, 1], [2, 1]])
    first = [palette([(1, 1, 1, 255), RED, (9, 9, 9, 100)]), layer(), cel(0, pixels)]
    later = [palette([BLUE], first=1, size=3), cel(0, pixels)]
    data = sprite((2, 2), [first, later], depth=INDEXED)
    assert shown(data).tolist() == [[[0, 0, 0, 0], list(RED)], [[9, 9, 9, 100], list(RED)]]
    assert shown(data, 1)[0, 1].tolist() == list(BLUE)
    assert shown(data, 1)[1, 0].tolist() == [9, 9, 9, 100]
    # On a background nothing is transparent, and an entry that is none is nothing.
    back = sprite(
        (2, 2), [[old_palette([(1, 2, 3)]), layer(background=True), cel(0, pixels)]], depth=INDEXED
    )
    assert shown(back)[0, 0].tolist() == [1, 2, 3, 255] and shown(back)[1, 0, 3] == 0


def test_a_linked_cel_shows_the_picture_of_its_frame() -> None:
    data = sprite((2, 2), [[layer(), cel(0, plain(RED), opacity=128)], [linked(0, 0)], []])
    assert (shown(data, 1) == (255, 0, 0, 128)).all() and not shown(data, 2).any()


def test_hidden_layers_hidden_groups_and_references_are_not_seen() -> None:
    layers = [
        layer("below"),
        layer("set", group=True, visible=False),
        layer("in it", level=1),
        layer("off", visible=False),
        layer("scan", reference=True),
    ]
    cels = [cel(0, plain(RED)), *(cel(k, plain(BLUE)) for k in (2, 3, 4))]
    assert (shown(sprite((2, 2), [[*layers, *cels]])) == RED).all()


def test_a_groups_opacity_counts_where_the_file_says_so() -> None:
    layers = [layer("set", group=True, opacity=128), layer("in it", level=1)]
    chunks = [*layers, cel(1, plain(RED))]
    assert (shown(sprite((2, 2), [chunks], flags=1 | 2)) == (255, 0, 0, 128)).all()
    assert (shown(sprite((2, 2), [chunks], flags=1)) == RED).all()
    # Files of before opacities: what stands there is none.
    old = [layer(opacity=0), cel(0, plain(RED))]
    assert (shown(sprite((2, 2), [old], flags=0)) == RED).all()


def test_the_z_index_of_a_cel_goes_before_its_layer() -> None:
    chunks = [layer(), layer(), layer()]
    cels = [cel(0, plain(RED), z=1), cel(1, plain(BLUE)), cel(2, plain(HALF, (1, 1)), z=-2)]
    found = shown(sprite((2, 2), [[*chunks, *cels]]))
    assert (found == RED).all()


def test_opacities_multiply() -> None:
    data = sprite((2, 2), [[layer(opacity=128), cel(0, plain((10, 20, 30, 255)), opacity=128)]])
    assert (shown(data) == (10, 20, 30, 64)).all()


# By Aseprite 1.3's own pictures of such files, which this reader draws alike to the last bit.
BLENDED = {
    0: (175, 145, 110, 238),
    1: (86, 115, 97, 238),
    2: (176, 179, 169, 238),
    3: (127, 154, 134, 238),
    4: (87, 145, 110, 238),
    5: (175, 149, 156, 238),
    6: (177, 203, 187, 238),
    7: (85, 105, 74, 238),
    8: (173, 154, 119, 238),
    9: (118, 151, 142, 238),
    10: (133, 77, 120, 238),
    11: (135, 138, 147, 238),
    12: (131, 134, 119, 238),
    13: (55, 162, 175, 238),
    14: (156, 127, 92, 238),
    15: (104, 167, 174, 238),
    16: (177, 203, 192, 238),
    17: (46, 77, 120, 238),
    18: (88, 203, 205, 238),
}


@pytest.mark.parametrize("mode", BLENDED)
def test_every_blend_mode(mode: int) -> None:
    chunks = [layer(), layer(mode=mode), cel(0, plain((80, 150, 160, 220)))]
    chunks.append(cel(1, plain((250, 140, 70, 170)), opacity=200))
    assert tuple(shown(sprite((2, 2), [chunks]))[0, 0].tolist()) == BLENDED[mode]


def test_tiles_are_turned_and_empty_ones_are_nothing() -> None:
    tile = np.zeros((2, 2, 2, 4), np.uint8)
    tile[1, 0, 0], tile[1, 0, 1] = RED, BLUE
    x, y, across = 0x8000_0000, 0x4000_0000, 0x2000_0000
    chunks = [tileset(7, tile), layer(tileset=7), tilemap(0, [[1, 1 | x], [1 | y, 1 | across]])]
    found = shown(sprite((4, 4), [chunks]))
    red = [tuple(place) for place in np.argwhere((found == RED).all(-1)).tolist()]
    blue = [tuple(place) for place in np.argwhere((found == BLUE).all(-1)).tolist()]
    assert red == [(0, 0), (0, 3), (2, 2), (3, 0)] and blue == [(0, 1), (0, 2), (3, 1), (3, 2)]
    old = [tileset(7, tile[1:], flags=2), layer(tileset=7), tilemap(0, [[0, 0xFFFF_FFFF]])]
    found = shown(sprite((4, 2), [old]))
    assert found[0, 0].tolist() == list(RED) and not found[:, 2:].any()


def test_wide_pixels_are_seen_wide() -> None:
    data = sprite((1, 2), [[layer(), cel(0, plain(RED, (1, 2)))]], ratio=(2, 1))
    assert shown(data).shape == (2, 2, 4)


def test_a_frame_belongs_to_the_shortest_tag_around_it() -> None:
    data = sprite(
        (2, 2),
        [
            [layer(), tags(("all", 0, 2), ("walk", 1, 1), ("gone", 7, 9)), cel(0, plain(RED))],
            [linked(0, 0)],
            [linked(0, 0)],
        ],
    )
    found = list(aseprite.frames(data, "hero.aseprite"))
    assert [(one.number, one.tag) for one in found] == [(1, "all"), (2, "walk"), (3, "all")]


def test_an_icc_profile_goes_with_the_picture() -> None:
    profile = chunk(0x2007, struct.pack("<HHI8xI", 2, 0, 0, 4) + b"icc!")
    (frame,) = aseprite.frames(sprite((2, 2), [[profile, layer(), cel(0, plain(RED))]]), "a.ase")
    assert frame.profile == b"icc!"


WHOLE = sprite((2, 2), [[layer(), cel(0, plain(RED))]])
TOO_LARGE = struct.pack("<HhhBHh5xHH", 0, 0, 0, 255, 2, 0, 60_000, 60_000)
LOOP = [[layer()], [linked(0, 2)], [linked(0, 1)]]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "damaged or cut off"),
        (b"\x89PNG".ljust(200, b"\0"), "no file of Aseprite's"),
        (WHOLE[:-9], "frame 1 is damaged or missing"),
        (WHOLE[:140], "frame 1 is damaged or missing"),
        (sprite((2, 2), [[layer()]], count=3), "cut off"),
        (sprite((60_000, 60_000), [[layer()]]), "more than 64,000,000 pixels"),
        (sprite((4_000, 4_000), [[layer()]], count=65_000), "65,000 frames of 4,000 x 4,000"),
        (sprite((0, 2), [[layer()]]), "no pixels"),
        (sprite((2, 2), [[layer(), chunk(0x2005, TOO_LARGE)]]), "60,000 x 60,000"),
        (sprite((2, 2), [[cel(0, plain(RED))]]), "a layer that is not there"),
        (sprite((2, 2), [[layer(group=True, level=k) for k in range(300)]]), "100 deep"),
        (sprite((2, 2), LOOP), "linked to one that is not there"),
        (sprite((2, 2), [[layer(mode=99), cel(0, plain(RED))]]), "blend mode 99"),
        (sprite((2, 2), [[layer(tileset=1), tilemap(0, [[1]])]]), "tiles are not in it"),
        (
            sprite((2, 2), [[tileset(1, np.zeros((1, 2, 2, 4)), flags=1 | 4)]]),
            "tiles lie in another file",
        ),
        (
            sprite((2, 2), [[tileset(1, np.zeros((1, 2, 2, 4))), layer(tileset=1)], []][:1]),
            "",
        ),
    ],
)
def test_what_is_broken_or_huge_is_refused_by_name(data: bytes, says: str) -> None:
    if not says:
        assert not shown(data).any()
        return
    with pytest.raises(StudioError, match=says) as refused:
        list(aseprite.frames(data, "hero.aseprite"))
    assert refused.value.message.startswith("hero.aseprite: ") and refused.value.remedy


def test_pixels_that_are_cut_off_or_too_many_are_never_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = cel(0, plain(RED))[:-6]
    short = struct.pack("<I", len(short)) + short[4:]
    with pytest.raises(StudioError, match="pixels are"):
        shown(sprite((2, 2), [[layer(), short]]))
    # A small file of large layers in many frames is work without end.
    monkeypatch.setattr(frames, "MOST_PIXELS", 1000)
    with pytest.raises(StudioError, match="its layers have 10,000 pixels together"):
        shown(sprite((2, 2), [[layer(), cel(0, plain(RED, (100, 100)))]]))
    with pytest.raises(StudioError, match="its layers have 4,004 pixels together"):
        groups = [layer(group=True) for _ in range(1000)]
        shown(sprite((2, 2), [[*groups, layer(), cel(1000, plain(RED))]], flags=1 | 2))
    with pytest.raises(StudioError, match="its layers have 40,004 pixels together"):
        many = tileset(1, np.zeros((10_000, 2, 2, 4)))
        shown(sprite((2, 2), [[many, layer(tileset=1), tilemap(0, [[1]])]]))
