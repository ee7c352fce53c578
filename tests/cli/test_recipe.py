"""`recipe`: shown, set by keys, refused by name, given up again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio import context
from studio.cli import main
from studio.database import engine as db
from studio.datasets.folder_import import import_folder
from studio.finishing import style_recipes
from studio.settings import CHECKOUT, load_settings
from tests.furnished import bare_files


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Version 1 of `gems`, which learned from the sample's gems."""
    home = tmp_path_factory.mktemp("recipe") / "home"
    studio = context.open_studio(load_settings({}, home=str(home)))
    folder = CHECKOUT / "sample" / "train" / "gem"
    data = import_folder(home, "gems", folder, now=context.now(), actor="ana").version
    tags = {"base": "/pocket", "base_name": "pocket", "filter": "nearest"}
    tags |= {"dataset": "gems", "dataset_digest": data.digest}
    studio.client.create_registered_model("gems")
    studio.client.create_model_version("gems", bare_files(home.parent / "bare"), tags=tags)
    yield home
    studio.engine.dispose()


def _called(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict]:
    done = main.main(["recipe", "gems", *words, "--json", "--home", str(home), "--user", "ana"])
    return done, json.loads(capsys.readouterr().out)


def _revisions(home: Path) -> list[style_recipes.Revision]:
    engine = db.open_database(home)
    try:
        return style_recipes.revisions(engine, "gems")
    finally:
        engine.dispose()


def test_it_is_shown_set_and_given_up(home, capsys):
    done, told = _called(home, capsys)
    assert done == 0 and told["revision"] == 0 and "made of the dataset gems@" in told["origin"]
    assert told["recipe"]["hard_alpha"] is True and told["recipe"]["colours"]
    changes = ["--set", "canvas=40x48", "--set", "ground=2", "--set", "colours=#112233, #445566"]
    done, told = _called(home, capsys, *changes, "--why", "as the game has it")
    assert done == 0 and told["recipe"]["canvas"] == [40, 48] and told["recipe"]["ground"] == 2
    assert told["recipe"]["colours"] == ["#112233", "#445566"] and told["recipe"]["hard_alpha"]
    done, told = _called(home, capsys, "--reset", "--why", "too few colours")
    assert done == 0 and told["revision"] == 2 and "made of the dataset" in told["origin"]
    assert [one["why"] for one in told["revisions"]] == ["too few colours", "as the game has it"]


@pytest.mark.parametrize(
    ("words", "named", "remedy"),
    [
        (["--set", "hard_alfa=yes"], "'hard_alfa'", "hard_alpha"),
        (["--set", "strays=perhaps"], "'perhaps'", "yes or no"),
        (["--set", "canvas=wide"], "'wide'", "32x48"),
        (["--set", "palette=nowhere"], "nowhere", ""),
        (["--set", "native"], "'native'", "native=32"),
        (["--set", "native=16"], "The reason has 0", "why"),
        (
            ["--set", "native=16", "--after", "7", "--why", "as it is"],
            "by now, not 7",
            "Look at it",
        ),
        (["--reset", "--set", "native=16"], "--reset and --set", ""),
    ],
)
def test_what_can_not_be_is_named_and_nothing_changes(home, capsys, words, named, remedy):
    before = _revisions(home)
    done, told = _called(home, capsys, *words)
    assert done == 2 and named in told["error"] and remedy in told["remedy"]
    assert _revisions(home) == before
