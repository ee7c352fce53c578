"""Parameters of computations as JSON and back: records of this program, places below roots, and
nothing else."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from studio.errors import StudioError
from studio.finishing.steps import Steps
from studio.generation.style_drawing import Wish
from studio.remote import plain_values
from studio.worker.kinds.describing import Server
from studio.worker.kinds.generate import Generate
from studio.workflows.version_loading import LoraDrawer

HERE = {"home": Path("/studio"), "program": Path("/studio/program"), "packages": Path("/lib")}
THERE = {"home": Path("/data/machine"), "program": Path("/app"), "packages": Path("/usr/lib")}


def sent(value: Any) -> Any:
    told = json.loads(json.dumps(plain_values.written(value, HERE), allow_nan=False))
    return plain_values.read(told, THERE)


def test_records_come_back_as_they_were() -> None:
    wish = Wish("a knight", 7)
    ask = Generate(prompt="a knight", seed=3)
    for value in (
        wish,
        ask,
        (wish, [wish], {"a": (1, 2.5, None, True)}),
        {("a", 1): {"b"}, ("c", 2): {"d", "e"}},
        {"~": "a name that a tag has"},
        b"\x00\xff",
        frozenset({1, 2}),
        math.inf,
    ):
        assert sent(value) == value
    assert math.isnan(sent(math.nan))
    assert isinstance(sent(Steps()), Steps)


def test_places_below_a_root_are_below_the_other_sides() -> None:
    drawer = LoraDrawer(
        "/studio/bases/ours.safetensors",
        "0" * 64,
        {"0" * 64: Path("/studio/cache/adapters/one")},
        None,
        "auto",
        False,
        {"style": "heroes", "base": "pocket", "said": "not /studio, but words about it"},
    )
    back = sent(drawer)
    assert back.base == "/data/machine/bases/ours.safetensors"
    assert back.files == {"0" * 64: Path("/data/machine/cache/adapters/one")}
    assert back.about == drawer.about
    assert sent(Path("/studio/program/pocket")) == Path("/app/pocket")  # the nearest root
    assert sent("/studiously") == "/studiously"
    assert sent({"/studio/a": "/lib/b"}) == {"/data/machine/a": "/usr/lib/b"}


def test_what_is_no_plain_value_or_holds_a_key_stays() -> None:
    with pytest.raises(StudioError, match="can't go to another machine"):
        plain_values.written(object(), HERE)
    with pytest.raises(StudioError, match="can't go to another machine"):
        plain_values.written({"call": print}, HERE)
    with pytest.raises(StudioError, match=r"needs a key \(Server.key\)"):
        plain_values.written(Server("https://example.com", "secret", "model"), HERE)
    assert sent(Server("https://example.com")) == Server("https://example.com")


@pytest.mark.parametrize(
    "told",
    [
        {"~": "record", "of": "os:system", "is": {"command": "true"}},
        {"~": "record", "of": "studio.settings:load_settings", "is": {}},
        {"~": "record", "of": "studio.worker.kind:Path", "is": {}},
        {"~": "record", "of": "studio.generation.style_drawing:Wish", "is": {"other": 1}},
        {"~": "record", "of": "studio.nothing:Wish", "is": {}},
        {"~": "place", "in": "home", "is": "/../etc/passwd"},
        {"~": "place", "in": "home", "is": "-of-another/key"},
        {"~": "place", "in": "elsewhere", "is": "/a"},
        {"~": "pickle", "is": "gASV"},
        {"~": "bytes", "is": "no base64!"},
    ],
)
def test_what_is_no_value_of_this_program_is_refused(told: Any) -> None:
    with pytest.raises(StudioError, match="another program"):
        plain_values.read(told, THERE)
