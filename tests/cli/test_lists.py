"""Lists and sizes on the command line."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio import context
from studio.cli.generate import fill_of, sides
from studio.cli.main import main, parser
from studio.errors import StudioError
from studio.jobs import queue
from studio.registry import stages
from studio.settings import load_settings
from tests.furnished import bare_files

NOW = datetime.now(UTC)
LIST = "name, prompt, count, width, height\nchest, a {wood,iron} chest, 2, 16, 24\nring, a ring"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A hero of props has its usual size."""
    (tmp_path / "sizes").mkdir()
    (tmp_path / "sizes" / "props.yaml").write_text("sizes: [{name: hero, width: 32, height: 48}]")
    return tmp_path


@pytest.fixture
def studio(home: Path, tmp_path: Path):
    """Version 1 of props is in production."""
    made = context.open_studio(load_settings({}, home=str(tmp_path)))
    made.client.create_registered_model("props")
    tags = {"base": "/p", "base_name": "pocket", "trigger_word": "<P>", "stage": "candidate"}
    made.client.create_model_version("props", bare_files(tmp_path / "bare"), tags=tags)
    stages.promote(
        made.engine,
        made.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=NOW,
    )
    yield made
    made.engine.dispose()


@pytest.mark.slow
def test_a_list_is_checked_and_put_in_with_all_that_it_says(studio, tmp_path, capsys):
    file = tmp_path / "list.csv"

    def ask(*words, code=0):
        assert main([*words, "--json", "--home", str(tmp_path), "--user", "ana"]) == code
        return json.loads(capsys.readouterr().out)

    file.write_text(LIST)
    found = ask("lists", "check", str(file))
    assert [one["name"] for one in found["lines"]] == ["chest_wood", "chest_iron", "ring"]
    assert found["pictures"] == 8
    words = ["--style", "props", "--size", "hero", "--negative", "blur", "--name", "level 3"]
    made = ask("lists", "draw", str(file), *words, "--count", "3", "--detach")
    (job,) = queue.listing(studio.engine, kind="batch")
    assert made["ids"] == [job.id] and job.payload["set"] == "level 3"
    assert (job.payload["width"], job.payload["height"], job.payload["version"]) == (32, 48, 1)
    assert [(a["count"], a["width"]) for a in job.payload["assets"]] == [
        (2, 16),
        (2, 16),
        (3, None),
    ]
    with_zip = ask("lists", "draw", str(file), *words, "--detach", "--zip", "x.zip", code=2)
    assert "--zip" in with_zip["error"]
    file.write_text("gem, a gem, many\nring, a ring, 1, 2, 3, 4")
    refused = ask("lists", "draw", str(file), *words, code=2)
    assert "Line 1: count is 'many'" in refused["error"]
    assert "Line 2: width is '3'" in refused["error"] and os.fspath(file) in refused["remedy"]
    assert len(queue.listing(studio.engine)) == 1


def test_a_list_is_drawn_seamless_unless_a_line_says_otherwise(studio, tmp_path, capsys):
    file = tmp_path / "list.csv"
    file.write_text("name, prompt, seamless\ngrass, grass\ntree, a tree, no")
    words = ["lists", "draw", str(file), "--style", "props", "--seamless", "x", "--keep-holes"]
    assert main([*words, "--detach", "--json", "--home", str(tmp_path), "--user", "ana"]) == 0
    (job,) = queue.listing(studio.engine, kind="batch")
    assert (job.payload["seamless"], job.payload["fill"]) == ("x", "")
    assert [asset["seamless"] for asset in job.payload["assets"]] == ["", "no"]
    given = parser().parse_args(["generate", "a gem", "--style", "props", "--seamless", "both"])
    assert (given.seamless, fill_of(given)) == ("both", "opaque")


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ([], (None, None)),
        (["--size", "48"], (48, 48)),  # as it was before width and height were apart
        (["--size", "32x48"], (32, 48)),
        (["--size", "Hero"], (32, 48)),
        (["--width", "64"], (64, None)),
        (["--width", "64", "--height", "24"], (64, 24)),
    ],
)
def test_a_size_is_given_in_one_way_or_the_other(home, words, size):
    given = parser().parse_args(["generate", "a gem", "--style", "props", *words])
    assert sides(load_settings({}, home=str(home)), "props", given) == size


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--size", "48", "--width", "64"], "--width or --height too"),
        (["--size", "cave"], "no usual size 'cave'"),
        (["--size", "4"], "width is 4"),
    ],
)
def test_a_size_that_can_not_be_is_named(home, words, said):
    given = parser().parse_args(["generate", "a gem", "--style", "props", *words])
    with pytest.raises(StudioError, match=said):
        sides(load_settings({}, home=str(home)), "props", given)
