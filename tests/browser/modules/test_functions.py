"""What functions of the screens' modules return, each module by itself in chromium."""

from __future__ import annotations

import pytest

DRAW = """
const mask = blankMask(given.width, given.height);
const rows = () => Array.from({ length: mask.height }, (_, y) =>
  [...mask.data.slice(y * mask.width, (y + 1) * mask.width)].map((v) => (v ? "." : "#")).join(""));
"""


def test_a_round_brush_of_three_is_a_plus_and_a_square_one_is_full(run):
    body = "return [brushRows(3, true), brushRows(3, false), brushRows(1, true)];"
    plus, square, dot = run("mask_pixels", "brushRows", body)
    assert plus == [[-1, 0, 0], [0, -1, 1], [1, 0, 0]]
    assert square == [[-1, -1, 1], [0, -1, 1], [1, -1, 1]]
    assert dot == [[0, 0, 0]]


def test_a_line_has_no_gaps_and_stays_inside(run):
    body = DRAW + "const box = drawLine(mask, [-2, 0], [9, 3], brushRows(1, false), 0);"
    box, rows = run(
        "mask_pixels",
        "blankMask, brushRows, drawLine",
        body + "return [box, rows()];",
        {"width": 8, "height": 4},
    )
    marked = [row.count("#") for row in rows]
    assert sum(marked) == 8  # one in each column
    assert 0 <= box[0] < box[2] <= 8 and 0 <= box[1] < box[3] <= 4


def test_a_rectangle_is_cut_at_the_edges_and_one_outside_is_none(run):
    body = DRAW + "const box = fillRectangle(mask, [3, 2], [-5, 1], 0);"
    box, rows, outside = run(
        "mask_pixels",
        "blankMask, fillRectangle",
        body + "return [box, rows(), fillRectangle(mask, [9, 9], [10, 10], 0)];",
        {"width": 5, "height": 4},
    )
    assert rows == [".....", "####.", "####.", "....."]
    assert box == [0, 1, 4, 3] and outside is None


def test_filling_stops_at_a_border_and_at_corners(run):
    body = """
    const mask = blankMask(4, 4);
    for (const place of [2, 5, 8]) mask.data[place] = 0;  // a diagonal from edge to edge
    const before = mask.data.slice();
    const box = floodFill(mask, [0, 0], 7, (place) => before[place] === 255);
    return [box, [...mask.data]];
    """
    box, data = run("mask_pixels", "blankMask, floodFill", body)
    assert [place for place, value in enumerate(data) if value == 7] == [0, 1, 4]
    assert box == [0, 0, 2, 2]


@pytest.mark.parametrize(("tolerance", "alike"), [(0, [0]), (5, [0, 1])])
def test_colours_are_alike_within_a_tolerance_and_all_that_is_transparent(run, tolerance, alike):
    body = """
    const pixels = Uint8ClampedArray.of(9, 9, 9, 255, 14, 9, 9, 255, 9, 9, 9, 0, 200, 0, 0, 0);
    const of = (place) => [0, 1, 2, 3].filter(matchColour(pixels, place, given));
    return [of(0), of(2)];
    """
    assert run("mask_pixels", "matchColour", body, tolerance) == [alike, [2, 3]]


HISTORY = """
const mask = { width: 4, height: 4, data: new Uint8Array(16).fill(255) };
const steps = newHistory();
const paint = (place, value) => {
  const before = mask.data.slice();
  mask.data[place] = value;
  const [x, y] = [place % 4, Math.floor(place / 4)];
  return record(steps, mask, before, [x, y, x + 1, y + 1]);
};
"""


def test_steps_go_back_and_forth_exactly_and_know_which_state_was_saved(run):
    body = """
    paint(5, 0); const saved = steps.at; paint(6, 9);
    const at = [steps.at === saved];
    const box = undo(steps, mask); at.push(steps.at === saved);
    const back = [mask.data[5], mask.data[6]];
    redo(steps, mask); at.push(steps.at === saved);
    undo(steps, mask); undo(steps, mask); paint(1, 3);
    return [at, box, back, [mask.data[1], mask.data[5]], redo(steps, mask), undo(steps, mask)];
    """
    names = "newHistory, record, redo, undo"
    at, box, back, then, redone, undone = run("undo_history", names, HISTORY + body)
    assert at == [False, True, False]
    assert (box, back) == ([2, 1, 3, 2], [0, 255])
    assert then == [3, 255] and redone is None  # what was taken back is gone by a new step
    assert undone == [1, 0, 2, 1]


def test_a_step_that_changes_nothing_is_none_and_old_ones_make_room(run):
    body = """
    const none = [paint(5, 255), record(steps, mask, mask.data.slice(), null)];
    const side = 2048;
    const big = { width: side, height: side, data: new Uint8Array(side * side) };
    for (let n = 1; n <= 12; n += 1) {
      const before = big.data.slice();
      big.data.fill(n);
      record(steps, big, before, [0, 0, side, side]);
    }
    const kept = steps.past.reduce((sum, step) => sum + 2 * step.before.length, 0);
    return [none, kept <= MOST_KEPT, steps.past.length];
    """
    names = "MOST_KEPT, newHistory, record"
    assert run("undo_history", names, HISTORY + body) == [[False, False], True, 8]


def test_a_mask_comes_back_from_its_png_byte_for_byte(run):
    body = """
    const data = Uint8Array.from({ length: 256 }, (_, place) => place);
    const png = await encodePng({ width: 16, height: 16, data });
    return [png.type, [...(await fetchGrey(URL.createObjectURL(png), 16, 16))]];
    """
    kind, data = run("mask_png", "encodePng, fetchGrey", body)
    assert kind == "image/png" and data == list(range(256))


def test_a_draft_is_kept_until_it_is_deleted(run):
    body = """
    const before = await getDraft("a");
    await putDraft("a", { seen: "x", data: Uint8Array.of(1, 2) });
    const kept = await getDraft("a");
    await deleteDraft("a");
    return [before === undefined, kept.seen, [...kept.data], (await getDraft("a")) === undefined];
    """
    got = run("draft_store", "deleteDraft, getDraft, putDraft", body)
    assert got == [True, "x", [1, 2], True]


@pytest.mark.parametrize("by", [2, 0.5, 100, 0.001])
def test_the_point_under_the_mouse_stays_while_zooming(run, by):
    look = {"zoom": 4, "x": 0.3, "y": -0.2}
    body = "return zoomAbout(given.look, given.by, 0.1, 0.25);"
    after = run("stage", "zoomAbout", body, {"look": look, "by": by})
    assert after["zoom"] == min(16, max(1, 4 * by))
    for axis, point in (("x", 0.1), ("y", 0.25)):
        before = (point - look[axis]) / look["zoom"]
        assert (point - after[axis]) / after["zoom"] == pytest.approx(before)


def test_no_edge_comes_inside_the_pane(run):
    body = "return given.map(keepInside);"
    looks = [{"zoom": 3, "x": 5, "y": -0.5}, {"zoom": 1, "x": 0.2, "y": -0.2}]
    assert run("stage", "keepInside", body, looks) == [{"x": 1, "y": -0.5}, {"x": 0, "y": 0}]


def test_an_upload_that_is_too_much_is_refused_in_words(run):
    body = """
    const data = { most_files: 2, most_bytes: 2 ** 30, instead: "Use the command." };
    const files = (...sizes) => sizes.map((size) => [{ size }, `${size}.png`]);
    const size = (chosen) => chosen.reduce((sum, [file]) => sum + file.size, 0);
    const explain = (chosen) => explainExcess(data, chosen, size(chosen));
    return [explain(files(1, 2)), explain(files(1, 2, 3)), explain(files(2 ** 31))];
    """
    fits, many, big = run("upload", "explainExcess", body)
    assert fits == ""
    assert many.startswith("These are 3 files; one upload takes up to 2.")
    assert "has 2.0 GB; one upload takes up to 1.0 GB. Use the command." in big


def test_a_dropped_folder_gives_all_its_files_with_their_paths(run):
    body = """
    const file = (path) => ({ isFile: true, fullPath: path, file: (yes) => yes(path) });
    const folder = (...parts) => ({ createReader: () => {
      const left = parts.map((part) => [part]);  // a browser tells a part at a time
      return { readEntries: (yes) => yes(left.shift() ?? []) };
    } });
    return listFiles(folder(file("/art/a.png"), folder(file("/art/b/c.png")), file("/art/d.txt")));
    """
    files = run("upload", "listFiles", body)
    assert [name for _, name in files] == ["art/a.png", "art/b/c.png", "art/d.txt"]


def test_a_picture_in_a_scene_is_enlarged_by_whole_numbers_and_no_edge_comes_inside(run):
    body = "return given.map(([scene, picture, pane]) => enlargement(scene, picture, pane));"
    scene = {"width": 200, "height": 100, "scale": 2}
    pane = {"width": 400, "height": 400}
    asked = [[scene, {"width": 16}, pane], [scene, {"width": 64}, pane]]
    asked.append([{**scene, "width": 4000, "height": 4000}, {"width": 512}, pane])
    # 0.4 * 400 / 32 is 5; what would be below 4 leaves the pane's lower part empty.
    assert run("scenery", "enlargement", body, asked) == [5, 4, pytest.approx(160 / 1024)]


def test_a_scene_is_placed_on_its_ground_line_and_stays_in_its_pane(run):
    body = """
    const pane = { width: 100, height: 100 };
    const at = (x, ground, move = [0, 0]) => {
      return corner({ x, ground, width: 200, height: 200 }, 1, pane, ...move);
    };
    return [at(0.5, 0.5), at(0, 0), at(1, 1), at(0.5, 0.5, [9, 900])];"""
    middle, first, last, moved = run("scenery", "corner", body)
    assert middle == {"left": -50, "top": -22}
    assert first == {"left": 0, "top": 0}
    assert last == {"left": -100, "top": -100}
    assert moved == {"left": -41, "top": 0}


def test_neighbours_stand_right_and_left_in_turn(run):
    body = "return placesBeside(50, 20, [10, 10, 30]);"
    assert run("scenery", "placesBeside", body) == [65, 25, 80]


def test_a_picture_stands_on_its_lowest_opaque_row(run):
    body = """
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 8;
    canvas.getContext("2d").fillRect(2, 1, 3, 4);
    const image = new Image();
    image.src = canvas.toDataURL();
    await image.decode();
    return footOf(image);"""
    assert run("scenery", "footOf", body) == 5


def test_a_range_is_chosen_from_the_last_one_hit(run):
    body = """return given.map(([chosen, last, id, range]) =>
        [...choiceAfter(new Set(chosen), [1, 2, 3, 4, 5], last, id, range)].sort());"""
    asked = [
        ([], None, 2, False),
        ([2], 2, 2, False),
        ([2], 2, 4, True),
        ([4], 4, 2, True),
        ([], None, 3, True),
    ]
    assert run("choosing", "choiceAfter", body, asked) == [[2], [], [2, 3, 4], [2, 3, 4], [3]]


def test_arrows_move_in_the_grid_and_stop_at_its_ends(run):
    body = "return given.map(([key, place]) => placeAfter(key, place, 7, 3));"
    asked = [
        ("ArrowRight", 0),
        ("ArrowRight", 6),
        ("ArrowDown", 1),
        ("ArrowDown", 5),
        ("ArrowUp", 4),
        ("End", 0),
        ("Home", 5),
    ]
    assert run("choosing", "placeAfter", body, asked) == [1, 6, 4, 5, 1, 6, 0]


def test_a_picture_fits_by_whole_pixels_and_steps_reach_both_ends(run):
    body = """
    const walk = (nearer, from) => { const seen = [from];
      for (let k = 0; k < 40; k += 1) seen.push(nextScale(seen.at(-1), nearer));
      return seen; };
    const room = { width: 500, height: 500 };
    return [fitting(32, 16, room), fitting(1000, 10, room),
      walk(true, 0.3), walk(false, 64)];
    """
    whole, part, nearer, farther = run("closeup", "fitting, nextScale", body)
    assert (whole, part) == (15, 0.5)
    assert nearer[1] == 1 and nearer[-1] == 64 and all(n == int(n) for n in nearer[1:])
    assert all(a < b or b == 64 for a, b in zip(nearer, nearer[1:], strict=False))
    assert 1 in farther and farther[-1] == 1 / 16


def test_large_pictures_stand_in_as_many_columns_as_make_them_largest(run):
    body = "return given.map(([count, width, height]) => layOut(count, width, height));"
    wide, tall, many = run(
        "enlarge", "layOut", body, [[4, 1400, 800], [4, 360, 760], [40, 300, 300]]
    )
    assert (wide["columns"], wide["side"]) == (2, 366)
    assert (tall["columns"], tall["side"]) == (2, 174)
    assert many["side"] == 140  # they scroll


WOOD = {
    "colours": ["#2b1a0f", "#5c3a1c", "#a87848", "#e8f0f8"],
    "names": ["bark", "", "", "snow"],
    "ramps": [{"name": "wood", "places": [0, 1, 2]}],
}


def test_colours_are_moved_together_and_ramps_go_with_them(run):
    body = """
    const chosen = new Set([2, 0]);
    return [moveColours(given, chosen, 4), [...movedTo(chosen, 4)], moveColours(given, chosen, 0),
      moveColours(given, new Set([3]), 0)];
    """
    end, to, first, last = run("palette_table", "moveColours, movedTo", body, WOOD)
    assert end["colours"] == ["#5c3a1c", "#e8f0f8", "#2b1a0f", "#a87848"] and to == [2, 3]
    assert end["ramps"] == [{"name": "wood", "places": [2, 0, 3]}]
    assert end["names"] == ["", "snow", "bark", ""]
    assert first["colours"][:2] == ["#2b1a0f", "#a87848"]
    assert last["colours"][0] == "#e8f0f8" and last["ramps"][0]["places"] == [1, 2, 3]


def test_colours_are_added_changed_and_taken_out(run):
    body = """
    return [addColour(given, "#ffffff", 1), changeColour(given, 3, { colour: "#000000" }),
      removeColours(given, new Set([0, 1])), removeColours(given, new Set([1]))];
    """
    names = "addColour, changeColour, removeColours"
    more, other, gone, less = run("palette_table", names, body, WOOD)
    assert more["colours"][:3] == ["#2b1a0f", "#ffffff", "#5c3a1c"]
    assert more["ramps"][0]["places"] == [0, 2, 3]
    assert other["colours"][3] == "#000000" and other["names"] == WOOD["names"]
    assert gone["ramps"] == [] and gone["names"] == ["", "snow"]  # one colour is no ramp
    assert less["ramps"] == [{"name": "wood", "places": [0, 1]}]


def test_a_ramp_goes_from_dark_to_light_and_is_told_with_its_colours(run):
    body = """
    const made = makeRamp(given, new Set([3, 0]));
    return [made, turnRamp(made, 1), dropRamp(made, 0), describeColour(made, 0),
      [readColour("#ABC"), readColour(" 2b1a0f "), readColour("red")]];
    """
    names = "makeRamp, turnRamp, dropRamp, describeColour, readColour"
    made, turned, dropped, said, read = run("palette_table", names, body, WOOD)
    assert made["ramps"][1] == {"name": "ramp 2", "places": [0, 3]}
    assert turned["ramps"][1]["places"] == [3, 0] and len(dropped["ramps"]) == 1
    assert said == "#2b1a0f, bark, colour 1 of 4, ramp wood, 1 of 3, ramp ramp 2, 1 of 2"
    assert read == ["#aabbcc", "#2b1a0f", ""]
