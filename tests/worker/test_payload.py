"""What is asked of a job, read at the door: numbers within bounds, words as people see them."""

from typing import Any

import pytest

from studio import numbers
from studio.errors import StudioError
from studio.worker.kind_table import KINDS
from studio.worker.kinds import drawing
from studio.worker.kinds.batch import Batch
from studio.worker.kinds.expand_wishes import ExpandWishes
from studio.worker.kinds.generate import Generate
from studio.worker.kinds.import_folder import Import
from studio.worker.payload import lifted, read

ASKED: dict[str, dict[str, Any]] = {
    "evaluate": {"style": "a", "version": 1},
    "generate": {"prompt": "a", "version": 1, "steps": 2, "width": 8, "height": 8, "count": 1},
    "own": {"ballot": 1, "prompts": []},
    "round": {"style": "a", "versions": [1], "rubric": "r", "wanted": 1},
    "sweep": {"style": "a", "dataset": "d", "ranges": {}, "trials": 2},
    "ballot": {"question": "q", "sides": [], "of": "a", "form": "f", "voters": 1, "share": 1},
    "merge": {"style": "a", "parts": [], "rank": 2},
    "import": {"name": "a", "folder": "/", "size": 8},
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_nothing_is_counted_to_is_refused_by_name(kind: str) -> None:
    usual = ASKED[kind]
    assert read(KINDS[kind].payload, usual)
    for name in (name for name, value in usual.items() if isinstance(value, int)):
        for odd in (-1, 2**31, 10**25, 10**5000, float("nan"), "\u00b2", True):
            with pytest.raises(StudioError, match=f"{name} is") as refused:
                read(KINDS[kind].payload, {**usual, name: odd})
            assert refused.value.remedy and len(refused.value.message) < 120


@pytest.mark.parametrize("odd", [-1, 2**31, 10**25])
def test_one_in_a_list_is_named_with_its_place(odd: int) -> None:
    with pytest.raises(StudioError, match="parts 2: version is"):
        parts = [{"style": "a", "version": 1}, {"style": "a", "version": odd}]
        read(KINDS["merge"].payload, {"style": "a", "parts": parts})
    with pytest.raises(StudioError, match="versions 2"):
        read(KINDS["round"].payload, {"style": "a", "versions": [1, odd], "rubric": "r"})


def test_a_job_of_before_draws_the_same_with_a_seed_of_the_generators_own() -> None:
    asked = lifted({"prompt": "a", "seed": 3 * 2**32 + 5}, 1, KINDS["generate"].lifts)
    assert asked == {"prompt": "a", "seed": 5, "width": None, "height": None, "recipe": ""}
    assets = [{"prompt": "a", "seed": 2**53}, {"prompt": "b", "seed": 9}, {"prompt": "c"}]
    asked = lifted({"style": "a", "assets": assets}, 1, KINDS["batch"].lifts)
    assert [asset.get("seed") for asset in asked["assets"]] == [0, 9, 0]
    drawing.check_prompt("a", asked["assets"][1]["seed"])
    with pytest.raises(StudioError, match="5 draws the same picture"):
        drawing.check_prompt("a", 2**32 + 5)


def test_one_size_of_before_is_both_sides() -> None:
    for kind in ("generate", "batch"):
        assert KINDS[kind].schema == {"generate": 6, "batch": 4}[kind]
        for size in (64, None):
            asked = lifted({"style": "a", "size": size, "assets": []}, 2, KINDS[kind].lifts)
            sides = {"width": size, "height": size}
            assert asked == {"style": "a", "assets": [], "recipe": "", **sides}


def test_jobs_of_before_recipes_go_on_without_one() -> None:
    for kind in ("generate", "batch"):
        asked = {"style": "a", "prompt": "a", "assets": []}
        assert lifted(asked, 3, KINDS[kind].lifts) == {**asked, "recipe": ""}


def test_pictures_of_before_end_at_their_edges() -> None:
    for shape, kind in ((Generate, "generate"), (Batch, "batch")):
        asked = {"style": "a", "prompt": "b"} if shape is Generate else {"style": "a", "assets": []}
        draw = drawing.draw_of(read(shape, lifted(asked, 3, KINDS[kind].lifts)))
        assert (draw.seamless, draw.fill) == ("", "")
    way = read(Generate, {"prompt": "b", "seamless": "x"})
    assert drawing.draw_of(way).fill == "opaque"  # unless holes are asked for
    assert drawing.draw_of(way.model_copy(update={"fill": ""})).fill == ""


def test_after_the_last_seed_comes_the_first() -> None:
    assert drawing.seeds(numbers.SEEDS - 2, 4) == [numbers.SEEDS - 2, numbers.SEEDS - 1, 0, 1]


def test_what_people_paste_is_in_nfc_and_without_what_nobody_sees() -> None:
    pasted, meant = "gru\u0308ner\u200b Trank", "grüner Trank"
    one = read(Generate, {"prompt": pasted, "negative": pasted})
    assert (one.prompt, one.negative) == (meant, meant)
    many = read(Batch, {"style": "s", "assets": [{"prompt": pasted}]})
    assert many.assets[0].prompt == meant


def test_a_folder_is_called_as_its_system_stores_it() -> None:
    folder = "/art/gru\u0308n"
    assert read(Import, {"name": "x", "folder": folder}).folder == folder


def test_a_list_that_is_too_long_is_told_how_long_it_may_be() -> None:
    with pytest.raises(StudioError) as told:
        read(ExpandWishes, {"wishes": ["a potion"] * 201})
    assert told.value.message == "wishes has 201 entries."
    assert told.value.remedy == "Give at most 200."
