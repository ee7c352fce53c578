"""`.aseprite`: every byte there and back, read by another reader, files of other programs, and what
is refused by name."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from studio.errors import StudioError
from studio.sheets import sheet
from studio.sheets.formats import aseprite
from studio.sheets.sheet import Slice
from tests.sheets.drawn import same, walk, with_normals
from tests.sheets.formats import ase_files as ase
from tests.sheets.formats import ase_reading

RED, BLUE = bytes((255, 0, 0, 255)), bytes((0, 0, 255, 255))
TILES = ase.chunk(0x2005, struct.pack("<HhhBHh5x", 0, 0, 0, 0, 3, 0))


def read(data, name="hero.aseprite"):
    return aseprite.read(data, name)


@pytest.mark.parametrize("normals", [False, True])
def test_an_animation_comes_back_whole(normals):
    made = with_normals(walk("hero")) if normals else walk("hero")
    back = read(aseprite.write(made))
    assert same(back.animation, made) and back.remarks == ()
    assert sheet.to_json(back.animation) == sheet.to_json(made)


def test_another_reader_sees_the_same():
    made = with_normals(walk())
    frames = (*made.frames, made.frames[0])
    longer = replace(made, frames=frames, normals=(*made.normals, made.normals[0]))
    found = ase_reading.read(aseprite.write(longer))
    assert (found.width, found.height) == (24, 32)
    assert found.layers == [("frames", True), ("normal map", False)]
    assert found.durations == [83, 84, 85, 86, 83]
    for number, frame in enumerate(longer.frames):
        assert found.picture(number) == frame.image.tobytes()
        assert found.picture(number, 1) == longer.normals[number].tobytes()
    assert found.links == 2  # the first frame again, and its map; not one of another name
    # There and back are two times to Aseprite.
    assert found.tags == [("walk", 0, 3, 0, 0), ("there and back", 1, 3, 2, 4)]
    assert found.slices["pivot"] == [{"frame": 0, "bounds": (0, 0, 24, 32), "pivot": (11, 30)}]
    (panel,) = found.slices["panel"]
    assert panel["centre"] == (3, 4, 12, 10) and panel["pivot"] == (1, 2)
    assert found.palette == [(240, 190, 140, 255), (60, 120, 200, 255), (90, 60, 40, 255)]
    assert "11.5 30.0" in found.texts and "step 2" in found.texts


def test_slices_of_one_name_are_keys_of_one():
    keys = (Slice("hand", (1, 2, 3, 4)), Slice("hand", (5, 6, 7, 8), frame=2))
    made = replace(walk("hero"), slices=keys)
    data = aseprite.write(made)
    assert len(ase_reading.read(data).slices["hand"]) == 2
    assert read(data).animation.slices == keys


def test_layers_are_flattened_with_their_opacity_groups_and_order():
    half = [
        ase.layer("ground"),
        ase.layer("group", kind=1),
        ase.layer("in it", level=1, opacity=128),
        ase.layer("off", flags=2, kind=1),
        ase.layer("hidden by it", level=1),
    ]
    cels = [
        ase.cel(0, 0, 0, 2, 1, RED * 2),
        ase.cel(2, 1, 0, 1, 1, BLUE),
        ase.cel(4, 0, 0, 1, 1, BLUE),
    ]
    found = read(ase.file([(50, [*half, *cels]), (70, [ase.linked(0, 0)])], 3, 1))
    first, second = (np.asarray(one.image)[0] for one in found.animation.frames)
    assert first[0].tolist() == [255, 0, 0, 255] and first[2].tolist() == [0, 0, 0, 0]
    assert first[1].tolist() == [127, 0, 128, 255]
    assert second[:2].tolist() == [[255, 0, 0, 255]] * 2
    assert [one.duration_ms for one in found.animation.frames] == [50, 70]
    assert any('"hidden by it" is hidden' in one for one in found.remarks)


@pytest.mark.parametrize(
    ("blend", "seen"),
    [
        (0, [200, 100, 50]),
        (1, [78, 39, 20]),
        (2, [222, 161, 130]),
        (4, [100, 100, 50]),
        (5, [200, 100, 100]),
        (6, [255, 165, 124]),
        (7, [57, 0, 0]),
        (10, [100, 0, 50]),
        (16, [255, 200, 150]),
        (17, [0, 0, 50]),
        (18, [128, 255, 255]),
    ],
)
def test_layers_are_blended_as_the_file_says(blend, seen):
    layers = [ase.layer("below"), ase.layer("above", blend=blend)]
    cels = [
        ase.cel(0, 0, 0, 1, 1, bytes((100, 100, 100, 255))),
        ase.cel(1, 0, 0, 1, 1, bytes((200, 100, 50, 255))),
    ]
    found = read(ase.file([(50, [*layers, *cels])], 1, 1))
    rgba = np.asarray(found.animation.frames[0].image)[0, 0]
    assert np.abs(rgba[:3].astype(int) - seen).max() <= 1 and rgba[3] == 255


def test_z_indices_move_cels_over_others():
    layers = [ase.layer("a"), ase.layer("b")]
    cels = [ase.cel(0, 0, 0, 1, 1, RED, z=2), ase.cel(1, 0, 0, 1, 1, BLUE)]
    found = read(ase.file([(50, [*layers, *cels])], 1, 1))
    assert np.asarray(found.animation.frames[0].image).tobytes() == RED


def test_indexed_colours_have_one_that_is_none():
    colours = ase.palette([(0, 0, 0, 255), (255, 0, 0, 255), (0, 0, 255, 255)])
    chunks = [colours, ase.layer("a"), ase.cel(0, 0, 0, 3, 1, bytes((0, 1, 2)))]
    found = read(ase.file([(50, chunks)], 3, 1, depth=8)).animation
    rgba = np.asarray(found.frames[0].image)[0].tolist()
    assert rgba == [[0, 0, 0, 0], [255, 0, 0, 255], [0, 0, 255, 255]]
    assert found.palette == ("#ff0000", "#0000ff")
    ground = [colours, ase.layer("a", flags=3 | 8), ase.cel(0, 0, 0, 3, 1, bytes((0, 1, 2)))]
    whole = read(ase.file([(50, ground)], 3, 1, depth=8)).animation
    assert np.asarray(whole.frames[0].image)[0, 0].tolist() == [0, 0, 0, 255]


def test_grey_has_a_level_and_an_alpha():
    chunks = [ase.layer("a"), ase.cel(0, 0, 0, 2, 1, bytes((200, 255, 90, 128)))]
    found = read(ase.file([(50, chunks)], 2, 1, depth=16)).animation
    assert np.asarray(found.frames[0].image)[0].tolist() == [
        [200, 200, 200, 255],
        [90, 90, 90, 128],
    ]


def test_a_cel_outside_the_canvas_is_cut_off():
    chunks = [ase.layer("a"), ase.cel(0, -1, -1, 2, 2, RED * 3 + BLUE), ase.cel(0, 9, 9, 1, 1, RED)]
    found = read(ase.file([(50, chunks[:2])], 2, 2)).animation
    rgba = np.asarray(found.frames[0].image)
    assert rgba[0, 0].tolist() == [0, 0, 255, 255] and (rgba[1] == 0).all()
    outside = read(ase.file([(50, [chunks[0], chunks[2]])], 2, 2)).animation
    assert outside.frames[0].image.getbbox() is None


def test_what_nobody_knows_is_passed_over_and_told():
    chunks = [ase.layer("a"), ase.cel(0, 0, 0, 1, 1, RED), ase.chunk(0x2099, b"of tomorrow")]
    found = read(ase.file([(0, chunks), (65_000, [])], 1, 1) + b"more")
    assert [one.duration_ms for one in found.animation.frames] == [100, 60_000]
    said = " ".join(found.remarks)
    assert "0x2099" in said and "4 bytes behind" in said and "65,000 ms" in said
    assert np.asarray(found.animation.frames[0].image).tobytes() == RED


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "truncated or damaged"),
        (b"\x89PNG" + b"\0" * 200, "no .aseprite file"),
        (ase.file([(50, [])], 1, 1, depth=64), "64 bits a pixel"),
        (ase.file([], 1, 1), "0 frames"),
        (ase.file([(50, [])], 5_000, 1), "5,000 x 1"),
        (ase.file([(50, [ase.cel(0, 0, 0, 1, 1, RED)])], 1, 1), "truncated or damaged"),
        (
            ase.file([(50, [ase.layer("a"), ase.cel(0, 0, 0, 2, 2, RED)])], 1, 1),
            "truncated or damaged",
        ),
        (
            ase.file([(50, [ase.layer("a", kind=2), TILES])], 1, 1),
            "cel of tiles",
        ),
        (ase.file([(50, [ase.layer("a")])], 1, 1)[:-3], "truncated or damaged"),
    ],
)
def test_what_can_t_be_read_is_named(data, says):
    with pytest.raises(StudioError, match=says) as told:
        read(data)
    assert told.value.message.startswith("hero.aseprite")
    assert told.value.remedy


def test_any_cut_of_a_file_is_refused_or_told():
    data = aseprite.write(walk())
    for end in range(0, len(data), 37):
        with pytest.raises(StudioError):
            read(data[:end])


def test_a_few_bytes_that_stand_for_gigabytes_are_refused(monkeypatch):
    monkeypatch.setattr(aseprite, "MOST_PIXELS", 6)
    layers = [ase.layer(str(number)) for number in range(4)]
    cels = [ase.cel(number, 0, 0, 4, 1, RED * 4) for number in range(4)]
    with pytest.raises(StudioError, match="hero.aseprite: its layers hold more than 12 pixels"):
        read(ase.file([(50, [*layers, *cels])], 4, 1))
    head = struct.pack("<HhhBHh5xHH", 0, 0, 0, 255, 2, 0, 0xFFFF, 0xFFFF)
    bomb = ase.chunk(0x2005, head + b"x")
    with pytest.raises(StudioError, match="truncated or damaged"):
        read(ase.file([(50, [ase.layer("a"), bomb])], 4, 1))


def test_a_pivot_that_changes_is_told():
    chunks = [ase.layer("a"), ase.pivots("pivot", [(0, 3, 4), (1, 5, 6)], 8, 8)]
    found = read(ase.file([(50, chunks), (50, [])], 8, 8))
    assert found.animation.pivot == (3.0, 4.0) and found.animation.slices == ()
    assert any("pivot is told several times" in one for one in found.remarks)


def pixels_of(found, frame=0):
    return np.asarray(found.animation.frames[frame].image)[0].tolist()


def test_a_linked_cel_has_its_own_place_and_opacity():
    links = [ase.linked(0, 0, x=2, opacity=128)]
    frames = [(50, [ase.layer("a"), ase.cel(0, 0, 0, 1, 1, RED)]), (50, links)]
    found = read(ase.file(frames, 3, 1))
    assert pixels_of(found, 1) == [[0, 0, 0, 0], [0, 0, 0, 0], [255, 0, 0, 128]]
    nowhere = read(ase.file([(50, [ase.layer("a"), ase.linked(0, 7)])], 3, 1))
    assert nowhere.animation.frames[0].image.getbbox() is None


def test_groups_are_flattened_by_themselves_where_the_file_says_so():
    layers = [
        ase.layer("ground"),
        ase.layer("group", kind=1, opacity=128),
        ase.layer("one", level=1),
        ase.layer("two", level=1),
    ]
    cels = [ase.cel(at, 0, 0, 1, 1, RED if at == 0 else BLUE) for at in (0, 2, 3)]
    by_itself = read(ase.file([(50, [*layers, *cels])], 1, 1, flags=3))
    assert pixels_of(by_itself) == [[127, 0, 128, 255]]
    plain = read(ase.file([(50, [*layers, *cels])], 1, 1))
    assert pixels_of(plain) == [[0, 0, 255, 255]]


def test_palettes_of_older_files_are_read():
    cel = ase.cel(0, 0, 0, 1, 1, bytes((1,)))
    six = ase.old_palette([(0, 0, 0), (16, 63, 255)], 0x0011)
    found = read(ase.file([(50, [six, ase.layer("a"), cel])], 1, 1, depth=8))
    assert pixels_of(found) == [[65, 255, 255, 255]]
    # Beside a newer one it is a copy for older programs, with colours that are none.
    both = [ase.old_palette([(9, 9, 9)] * 3), ase.palette([(0, 0, 0, 255), (255, 0, 0, 255)])]
    found = read(ase.file([(50, [*both, ase.layer("a"), cel])], 1, 1, depth=8))
    assert found.animation.palette == ("#ff0000",)


def test_a_palette_behind_the_cels_of_its_frame_is_theirs():
    colours = ase.palette([(0, 0, 0, 255), (255, 0, 0, 255)])
    chunks = [ase.layer("a"), ase.cel(0, 0, 0, 1, 1, bytes((1,))), colours]
    assert pixels_of(read(ase.file([(50, chunks)], 1, 1, depth=8))) == [[255, 0, 0, 255]]


def test_a_cel_without_width_shows_nothing():
    chunks = [ase.layer("a"), ase.cel(0, 0, 0, 0, 4, b"")]
    assert read(ase.file([(50, chunks)], 1, 1)).animation.frames[0].image.getbbox() is None


def test_a_frame_that_says_no_duration_has_the_file_s():
    data = bytearray(ase.file([(0, [ase.layer("a")]), (50, [])], 1, 1))
    struct.pack_into("<H", data, 18, 70)
    found = read(bytes(data))
    assert [one.duration_ms for one in found.animation.frames] == [70, 50]
    assert found.remarks == ()


def test_slices_that_are_hidden_or_of_one_name_are_told():
    keys = [(0, 1, 1, 2, 2), (1, 0, 0, 0, 0)]
    chunks = [ase.layer("a"), ase.boxes("hit", keys), ase.boxes("hit", [(0, 3, 3, 2, 2)])]
    found = read(ase.file([(50, chunks), (50, [])], 8, 8))
    assert found.animation.slices == (Slice("hit", (1, 1, 2, 2)), Slice("hit 2", (3, 3, 2, 2)))
    said = " ".join(found.remarks)
    assert '"hit" is hidden in some frames' in said and 'one became "hit 2"' in said
    bare = read(ase.file([(50, [ase.layer("a"), ase.boxes("pivot", [(0, 1, 1, 2, 2)])])], 8, 8))
    assert any("has no pivot" in one for one in bare.remarks)


def test_links_that_stand_for_hours_of_work_are_refused(monkeypatch):
    monkeypatch.setattr(aseprite, "MOST_PIXELS", 6)
    layers = [ase.layer(str(number)) for number in range(5)]
    first = [ase.cel(number, 0, 0, 1, 1, RED) for number in range(5)]
    links = [ase.linked(number, 0) for number in range(5)]
    with pytest.raises(StudioError, match="hero.aseprite: its layers show 30 pixels"):
        read(ase.file([(50, [*layers, *first]), *[(50, links)] * 5], 1, 1))
    many = [ase.layer("a")] * 1_001
    with pytest.raises(StudioError, match="more than 1,000 layers"):
        read(ase.file([(50, many)], 1, 1))
    with pytest.raises(StudioError, match="more than 500 slices"):
        read(ase.file([(50, [ase.boxes("a", [(0, 0, 0, 1, 1)])] * 501)], 1, 1))


def test_a_tag_there_and_back_is_played_as_often_as_in_aseprite():
    rows = struct.pack("<HHBH10x", 0, 1, 2, 3) + ase.text("idle")
    tag = ase.chunk(0x2018, struct.pack("<H8x", 1) + rows)
    found = read(ase.file([(50, [ase.layer("a"), tag]), (50, [])], 1, 1))
    assert (found.animation.tags[0].direction, found.animation.tags[0].repeat) == ("pingpong", 2)
