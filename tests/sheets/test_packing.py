"""Sheets: every frame comes back whole, nothing bleeds in, places stay, little room is wasted."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.sheets import max_rects, packing
from studio.sheets.packing import Packing
from studio.sheets.sheet import FLAT, Frame, of_pictures
from tests.sheets.drawn import noise, walk, walker, with_normals

WAYS = [
    Packing(),
    Packing(way="grid"),
    Packing(way="grid", trim=False, padding=0, extrude=0),
    Packing(trim=False, merge=False),
    Packing(padding=0, extrude=3, power_of_two=True),
    Packing(way="grid", multiple_of_four=True, padding=1),
]


@pytest.mark.parametrize("how", WAYS)
def test_every_frame_comes_back_byte_for_byte(how):
    made = with_normals(walk())
    placed = packing.pack(made, how)
    for frame, back in zip(made.frames, packing.frames_of(placed), strict=True):
        assert frame.image.tobytes() == back.tobytes()
    for normal, back in zip(made.normals, packing.normals_of(placed), strict=True):
        assert normal.tobytes() == back.tobytes()
    assert placed.normals is not None and placed.normals.size == placed.image.size
    again = packing.of_json(packing.to_json(placed), placed.image, placed.normals)
    assert again.rects == placed.rects and again.packing == placed.packing


def test_sides_are_rounded_as_asked():
    made = walk()
    for side in packing.pack(made, Packing(power_of_two=True)).image.size:
        assert side & (side - 1) == 0
    rounded = packing.pack(made, Packing(multiple_of_four=True))
    assert not any(side % 4 for side in rounded.image.size)


def test_equal_frames_lie_once_and_frames_of_one_shape_elsewhere_too():
    moved = [walker(2), walker(2), walker(2, across=3), walker(1)]
    placed = packing.pack(of_pictures("a", moved), Packing())
    places = [(rect.x, rect.y) for rect in placed.rects]
    assert places[0] == places[1] == places[2] != places[3]
    assert placed.rects[2].left == placed.rects[0].left + 3
    apart = packing.pack(of_pictures("a", moved), Packing(merge=False))
    assert len({(rect.x, rect.y) for rect in apart.rects}) == 4


def test_edges_are_repeated_and_the_rest_is_transparent():
    made = of_pictures("a", [noise(10, 12, seed) for seed in range(3)])
    placed = packing.pack(made, Packing(extrude=2, padding=3))
    sheet = np.asarray(placed.image)
    covered = np.zeros(sheet.shape[:2], bool)
    for rect in placed.rects:
        part = sheet[rect.y : rect.y + rect.height, rect.x : rect.x + rect.width]
        around = sheet[rect.y - 2 : rect.y + rect.height + 2, rect.x - 2 : rect.x + rect.width + 2]
        assert (around == np.pad(part, ((2, 2), (2, 2), (0, 0)), mode="edge")).all()
        covered[rect.y - 2 : rect.y + rect.height + 2, rect.x - 2 : rect.x + rect.width + 2] = True
    assert (sheet[~covered] == 0).all()


@pytest.mark.parametrize("way", packing.WAYS)
@pytest.mark.parametrize("off", [(-0.49, -0.49), (0.49, 0.49), (-0.49, 0.49), (0.49, -0.49)])
def test_a_bilinear_render_half_a_pixel_off_sees_no_neighbour(way, off):
    """Frames of one colour each: what is sampled between pixels is of that colour alone."""
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200)]
    made = of_pictures("a", [Image.new("RGBA", (7, 9), (*one, 255)) for one in colours])
    placed = packing.pack(made, Packing(way=way, padding=0, extrude=1))
    sheet = np.asarray(placed.image).astype(float)
    for rect, colour in zip(placed.rects, colours, strict=True):
        for row in range(rect.height):
            for column in range(rect.width):
                seen = _bilinear(sheet, rect.x + column + off[0], rect.y + row + off[1])
                assert np.allclose(seen, (*colour, 255))


def _bilinear(sheet, x, y):
    left, top = int(np.floor(x)), int(np.floor(y))
    across, down = x - left, y - top
    upper = sheet[top, left] * (1 - across) + sheet[top, left + 1] * across
    lower = sheet[top + 1, left] * (1 - across) + sheet[top + 1, left + 1] * across
    return upper * (1 - down) + lower * down


FULLEST = 192


def _random(count, seed=3):
    random = np.random.default_rng(seed)
    canvas = 48
    pictures = []
    for _ in range(count):
        width, height = random.integers(6, 40, 2)
        pixels = np.zeros((canvas, canvas, 4), np.uint8)
        pixels[:height, :width] = (*random.integers(0, 256, 3), 255)
        pixels[0, 0, :3] = random.integers(0, 256, 3)
        pictures.append(Image.fromarray(pixels, "RGBA"))
    return pictures


def test_as_little_is_wasted_as_by_max_rects_itself():
    """Within 2 % of the fullest square that rectpack 0.2.2 (MaxRectsBssf) fills with the same
    rectangles, which has FULLEST pixels a side."""
    placed = packing.pack(of_pictures("a", _random(60)), Packing(padding=0, extrude=0, merge=False))
    area = sum(rect.width * rect.height for rect in placed.rects)
    assert packing.fill(placed) >= area / FULLEST**2 - 0.02


def test_no_two_frames_overlap():
    placed = packing.pack(of_pictures("a", _random(40)), Packing(merge=False))
    taken = np.zeros((placed.image.height, placed.image.width), int)
    for rect in placed.rects:
        taken[rect.y - 1 : rect.y + rect.height + 1, rect.x - 1 : rect.x + rect.width + 1] += 1
    assert taken.max() == 1


@pytest.mark.parametrize("way", packing.WAYS)
def test_frames_that_were_there_keep_their_places(way):
    made = walk()
    before = packing.pack(made, Packing(way=way))
    new = [Frame(walker(stride, across=1)) for stride in (2, 3)]
    # One in front, one behind; the first of before is painted over a little.
    painted = np.array(made.frames[0].image)
    painted[5, 10, :3] = 1
    frames = (made.frames[0], new[0], *made.frames[1:], new[1])
    longer = packing.pack(replace(made, frames=frames, tags=()), Packing(padding=9), before)
    old = [longer.rects[k] for k in (0, 2, 3, 4)]
    assert [(r.x, r.y) for r in old] == [(r.x, r.y) for r in before.rects]
    assert longer.packing == before.packing
    for frame, back in zip(frames, packing.frames_of(longer), strict=True):
        assert frame.image.tobytes() == back.tobytes()
    over = (replace(made.frames[0], image=Image.fromarray(painted)), *made.frames[1:])
    changed = packing.pack(replace(made, frames=over), Packing(), before)
    assert [(r.x, r.y) for r in changed.rects] == [(r.x, r.y) for r in before.rects]
    assert packing.frames_of(changed)[0].tobytes() == painted.tobytes()


def test_a_sheet_of_another_canvas_keeps_nothing():
    before = packing.pack(walk(), Packing())
    with pytest.raises(StudioError, match="The canvas is 10 x 12, that of .* 24 x 32"):
        packing.pack(of_pictures("a", [noise(10, 12, 1)]), Packing(), before)


def test_an_empty_frame_is_a_pixel_of_nothing():
    made = of_pictures("a", [walker(1), Image.new("RGBA", (24, 32))])
    placed = packing.pack(made, Packing())
    assert (placed.rects[1].width, placed.rects[1].height) == (1, 1)
    assert packing.frames_of(placed)[1].getbbox() is None


def test_a_normal_sheet_is_flat_where_nothing_is_drawn():
    placed = packing.pack(with_normals(walk()), Packing(extrude=0))
    normals, sheet = np.asarray(placed.normals), np.asarray(placed.image)
    assert (normals[sheet[..., 3] == 0] == FLAT).all()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"way": "spiral"}, "'spiral' is no way to pack"),
        ({"padding": 65}, "padding is 65"),
        ({"extrude": -1}, "extrude is -1"),
        ({"trim": 1}, "trim is 1"),
        ({"gap": 1}, "no packing setting 'gap'"),
        ({"most_side": 20_000}, "most_side is 20000"),
    ],
)
def test_settings_that_can_t_be_are_named(given, says):
    with pytest.raises(StudioError, match=says):
        packing.checked(given)


@pytest.mark.parametrize("way", packing.WAYS)
def test_what_doesn_t_fit_is_said(way):
    made = of_pictures("a", [noise(24, 24, seed) for seed in range(9)])
    with pytest.raises(StudioError, match="wider or higher than 32"):
        packing.pack(made, Packing(way=way, most_side=32))


def test_equal_frames_that_are_not_merged_keep_their_places_too():
    how = Packing(way="grid", trim=False, merge=False)
    first, second = walker(2), walker(1)
    before = packing.pack(of_pictures("a", [first, first, second]), how)
    longer = packing.pack(of_pictures("a", [walker(4), first, first, second]), how, before)
    old = [(rect.x, rect.y) for rect in before.rects]
    assert [(rect.x, rect.y) for rect in longer.rects[1:]] == old
    assert (longer.rects[0].x, longer.rects[0].y) not in old


def test_a_frame_with_nothing_on_it_makes_no_cell_of_a_grid_larger():
    nothing = Image.new("RGBA", (24, 32))
    drawn = packing.pack(of_pictures("a", [walker(2), walker(1)]), Packing(way="grid"))
    placed = packing.pack(of_pictures("a", [walker(2), nothing, walker(1)]), Packing(way="grid"))
    assert {(rect.width, rect.height) for rect in placed.rects} == {
        (drawn.rects[0].width, drawn.rects[0].height)
    }
    assert packing.frames_of(placed)[1].getbbox() is None
    alone = packing.pack(of_pictures("a", [nothing]), Packing(way="grid"))
    assert (alone.rects[0].width, alone.rects[0].height) == (1, 1)


@pytest.mark.parametrize("count", [2, 3, 5, 8, 9, 20])
def test_a_grid_of_a_power_of_two_is_divided_row_by_row(count):
    pictures = [noise(16, 16, seed) for seed in range(count)]
    how = Packing(way="grid", padding=0, extrude=0, trim=False, merge=False, power_of_two=True)
    placed = packing.pack(of_pictures("a", pictures), how)
    columns = placed.image.width // 16
    for number, rect in enumerate(placed.rects):
        assert (rect.x, rect.y) == (number % columns * 16, number // columns * 16)


def test_numbers_may_be_written_as_texts():
    found = packing.checked({"padding": "3", "extrude": 2.0, "most_side": "1e3"})
    assert found == Packing(padding=3, extrude=2, most_side=1000)
    assert all(type(one) is int for one in (found.padding, found.extrude, found.most_side))


def test_a_power_of_two_is_a_multiple_of_four_where_both_are_asked():
    dot = of_pictures("a", [Image.new("RGBA", (1, 1), "red")])
    how = Packing(padding=0, extrude=0, power_of_two=True, multiple_of_four=True)
    assert packing.pack(dot, how).image.size == (4, 4)


def test_a_large_sheet_is_tried_in_its_own_power_of_two():
    assert 8_192 in max_rects._widths([(1_000, 1_000)] * 60, 16_384, 0)
