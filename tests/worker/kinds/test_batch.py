"""The job of a list: lines of sizes and negative prompts of their own, drawn in whole batches."""

import pytest

from studio import context, images
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.settings import load_settings
from studio.worker.kind_table import KINDS
from studio.worker.kinds.batch import Batch, ListLine, _draw, check
from studio.workflows.model_kinds import table
from tests.registry.toy_kind import FLAT, flat
from tests.worker.kinds.step_by_step import begun, computed_away, ran

LINES = [
    {"name": "hero", "prompt": "a knight", "count": 2, "width": 32, "height": 48},
    {"name": "gem", "prompt": "a gem", "seed": 9, "category": "stones", "negative": "blur"},
    {"name": "boss", "prompt": "a dragon", "width": 32, "height": 48},
    {"name": "cave", "prompt": "a cave", "height": 10},
]


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setitem(table.KINDS, FLAT.name, FLAT)
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    flat(opened, tmp_path / "hue")
    yield opened
    opened.engine.dispose()


ASKED = {"style": "walls", "version": 1, "assets": LINES, "width": 24, "negative": "text"}


def test_each_line_has_its_own_size_category_and_negative_prompt(studio):
    at, ask = begun(studio, "batch", **ASKED)
    told = ran(KINDS["batch"], at, ask)
    found = gallery_table.all_of(studio.engine, Wanted(job=at.job.id))
    # Lines that are drawn alike stand together; the list's own order holds otherwise.
    assert [(one.name, one.variant, one.width, one.height) for one in found] == [
        ("hero", 1, 32, 48),
        ("hero", 2, 32, 48),
        ("boss", 1, 32, 48),
        ("gem", 1, 24, 16),
        ("cave", 1, 24, 10),
    ]
    assert [(one.category, one.negative) for one in found] == [
        *[("", "text")] * 3,
        ("stones", "blur"),
        ("", "text"),
    ]
    assert [one["name"] for one in told["pictures"]] == [one.name for one in found]
    places = [int(one.file.split("-")[-2]) for one in found]
    assert places == [0, 1, 2, 3, 4]
    for one in found:
        assert images.open_picture(studio.home / one.file).size == (one.width, one.height)
    assert gallery_table.count(studio.engine, Wanted(text="stones")) == 1


def test_lines_say_whether_they_are_seamless_and_the_list_says_it_for_the_others():
    lines = [
        ListLine(prompt="grass"),
        ListLine(prompt="ground", seamless="x"),
        ListLine(prompt="tree", seamless="no"),
    ]
    ways = [_draw(Batch(style="a", assets=lines, seamless="both"), line) for line in lines]
    told = [(draw.seamless, draw.fill) for draw in ways]
    assert told == [("both", "opaque"), ("x", "opaque"), ("", "")]
    kept = Batch(style="a", assets=lines, fill="")
    assert [_draw(kept, line).seamless for line in lines] == ["", "x", ""]
    assert [_draw(kept, line).fill for line in lines] == ["", "", ""]


def test_a_line_that_can_not_be_seamless_is_named(studio):
    line = {"name": "a", "prompt": "grass", "seamless": "both", "width": 30}
    for wrong, said in (
        (line, "Line 2: width is 30"),
        ({**line, "width": 24}, "of kind Flat colour, which takes no seamless"),
    ):
        with pytest.raises(StudioError, match=said):
            check(studio, Batch(**{**ASKED, "assets": [ListLine(prompt="b"), ListLine(**wrong)]}))


def test_cut_off_between_sizes_it_goes_on_with_what_is_missing(studio, tmp_path):
    at, ask = begun(studio, "batch", **ASKED)
    kind = KINDS["batch"]
    work = kind.prepare(at, ask)
    outcome, told = computed_away(kind, studio, work, tmp_path / "machine")
    parts = [[one["name"] for one in e.body["pictures"]] for e in told if e.kind == "pictures"]
    assert parts == [["hero", "hero", "boss"], ["gem"], ["cave"]]
    files = [work.workdir / one["file"] for one in outcome.figures["pictures"]]
    kept = {file: file.stat().st_mtime_ns for file in files}
    files[3].unlink()
    assert ran(kind, at, ask)["pictures"][3]["name"] == "gem" and files[3].is_file()
    assert all(file.stat().st_mtime_ns == at for file, at in kept.items() if file != files[3])
