"""The whole path through the command line on the bundled sample, briefly trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio.cli.main import main
from studio.datasets import versions as datasets
from studio.generation import raw_pictures
from studio.generation.picture_files import read_made
from studio.settings import CHECKOUT

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def _ask(
    home: Path, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0
) -> dict[str, Any]:
    assert main([*words, "--json", "--home", str(home), "--user", "ana"]) == code
    answer = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert answer["schema"] == 1
    return dict(answer)


def test_from_a_folder_of_pictures_to_a_picture_in_production(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*words: str, code: int = 0) -> dict[str, Any]:
        return _ask(home, capsys, *words, code=code)

    sample = ask("dataset", "import", "sample", str(CHECKOUT / "sample" / "train"))
    assert sample["pictures"] >= 40 and not sample["refused"]
    again = ask("dataset", "import", "sample", str(CHECKOUT / "sample" / "train"))
    assert again["version"] == sample["version"] and not again["new"]
    assert len(ask("dataset", "list")["datasets"]) == 1

    brief = ["--preset", "fast", "--set", "max_train_steps=4", "--set", "save_every_n_steps=2"]
    brief += ["--set", "preview_every_n_steps=4", "--set", "batch_size=2", "--set", "rank=2"]
    made = ask("train", "props", "--dataset", "sample", *brief)
    assert (made["style"], made["number"], made["stage"]) == ("props", 1, "candidate")
    previews = home / "runs" / "props" / made["run_id"] / "previews"
    assert len(list(previews.glob("step-000004-*.png"))) == 6
    # From the version back to its pictures.
    version = datasets.load(home, made["dataset"], made["dataset_digest"])
    for picture in version.pictures:
        assert datasets.picture_path(home, picture.hash).is_file()
    assert made["tags"]["base_licence"] == "CC0-1.0"

    wrong = ask("generate", "a red potion", "--style", "props", code=2)
    assert "nothing in production" in wrong["error"] and "promote" in wrong["remedy"]
    wrong = ask("generate", "a red potion", "--style", "nobody", code=2)
    assert "nobody" in wrong["error"]
    wrong = ask("promote", "props", "1", "prod", "--why", "x", code=2)
    assert "prod" in wrong["error"]
    wrong = ask("train", "props", "--dataset", "gone", code=2)
    assert "gone" in wrong["error"]

    moved = ask("promote", "props", "1", "production", "--why", "first")
    assert moved["to_stage"] == "production"
    drawn = ask(
        "generate",
        "a {style_token} potion",
        "--style",
        "props",
        "--count",
        "2",
        "--seed",
        "5",
        "--steps",
        "4",
        "--out",
        str(tmp_path / "out"),
    )
    files = [Path(f) for f in drawn["files"]]
    assert len(files) == 2
    for k, file in enumerate(files):
        with Image.open(file) as picture:
            assert picture.mode == "RGBA"
        about = read_made(file)
        assert about is not None
        assert (about.style, about.version, about.seed) == ("props", 1, 5 + k)
        assert about.full_prompt == "a <props> potion"
        assert about.run == made["run_id"]

    # Finished in the dataset's colours; as the model drew it beside.
    recipe = ask("recipe", "props")
    assert "made of the dataset sample@" in recipe["origin"] and about.finish == recipe["mark"]
    kept = next(home.glob(f"generated/props/v1/*/{files[1].name}"))
    colours = {"#" + bytes(pixel[:3]).hex() for pixel in _seen(kept)}
    assert colours and colours <= set(recipe["recipe"]["colours"])
    assert len(_seen(raw_pictures.beside(kept))) > len(colours)

    wrong = ask("rollback", "props", "--why", "dark", code=2)
    assert "none to go back to" in wrong["error"] and "props 1 archived" in wrong["remedy"]
    shown = ask("styles")["versions"]
    assert [(v["number"], v["stage"]) for v in shown] == [(1, "production")]


def _seen(file: Path) -> set[tuple[int, ...]]:
    """The different opaque pixels of a picture."""
    with Image.open(file) as opened:
        found = opened.convert("RGBA").getcolors(100_000) or []
    return {pixel for _, pixel in found if isinstance(pixel, tuple) and pixel[3] >= 128}


@pytest.mark.slow
def test_a_batch_goes_on_where_it_was_interrupted(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a red gem\n\n# a remark\na blue gem\n")
    words = ["generate", "--style", "props", "--prompts-file", str(prompts), "--steps", "2"]
    words += ["--out", str(tmp_path / "batch")]
    files = [Path(f) for f in _ask(home, capsys, *words)["files"]]
    first, second = (f.read_bytes() for f in files)
    kept = files[0].stat().st_mtime_ns
    assert [Path(f) for f in _ask(home, capsys, *words)["files"]] == files
    assert files[0].stat().st_mtime_ns == kept
    files[1].write_bytes(second[:50])
    _ask(home, capsys, *words)
    assert files[1].read_bytes() == second and files[0].read_bytes() == first


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--steps", "0"], "steps"),
        (["--guidance", "-1"], "guidance"),
        (["--count", "0"], "count"),
        (["--strength", "9"], "strength"),
        (["--prompts-file", "/nowhere.txt"], "/nowhere.txt"),
    ],
)
def test_a_bad_option_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    assert (
        named
        in _ask(home, capsys, "generate", "a gem", "--style", "props", *words, code=2)["error"]
    )


def test_doctor_names_what_is_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {c["name"]: c for c in _ask(home, capsys, "doctor")["checks"]}
    assert found["pocket"]["ok"] and found["database"]["ok"] and found["device"]["ok"]
    assert not found["fid"]["needed"]
