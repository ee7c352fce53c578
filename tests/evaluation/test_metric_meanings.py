import ast
import inspect

import pytest

from studio.evaluation import measurement, metric_meanings
from studio.evaluation.metrics import INCEPTION, frechet_name


def _names_in_the_code() -> set[str]:
    """Every figure's name that `measure` writes, with its f-strings' parts filled in."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(measurement))):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "found":
            found.add(_text(node.slice))
        elif isinstance(node, ast.Dict):
            found |= {_text(key) for key in node.keys}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "note":
            found.add(_text(node.args[0]))
    return {name for name in found if name and name != "name"}


def _text(node: ast.AST | None) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        filled = {"side": "", "tag": "pocket_clip_v2", "name": "", "own": ""}
        return "".join(
            filled[part.value.id] if isinstance(part, ast.FormattedValue) else str(part.value)
            for part in node.values
        )
    return ""


def test_every_figure_that_is_measured_has_a_meaning():
    names = _names_in_the_code() - {"_low", "_high"}
    assert {"kid_pocket_clip_v2", "palette_distance", "copies", "copy_threshold"} <= names
    names |= {frechet_name(INCEPTION, 2048, 48), frechet_name("pocket-clip", 128, 48)}
    names |= {
        f"{name}_open_clip_vit_b_32_x"
        for name in ("kid", "frechet", "clip_score", "style_similarity", "consistency")
    }
    for name in names:
        assert metric_meanings.of(name) is not None, name


@pytest.mark.parametrize("name", sorted(metric_meanings.MEANINGS))
def test_a_meaning_is_one_plain_line(name):
    known = metric_meanings.MEANINGS[name]
    assert known.label and known.line.endswith(".") and len(known.line) <= 110
    assert "\n" not in known.line


def test_sides_and_bounds_are_told_apart_from_names():
    assert metric_meanings.stem("base_kid_pocket_clip_v2_low") == "kid_pocket_clip_v2"
    assert metric_meanings.stem("real_pictures") == "real_pictures"
    assert metric_meanings.of("real_nearest") is metric_meanings.MEANINGS["nearest"]
    assert metric_meanings.of("fid") is metric_meanings.MEANINGS["fid"]
    assert metric_meanings.of("somebody_elses") is None
