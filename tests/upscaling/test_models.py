"""Upscaling models: the bundled ones, and a team's own as they come, are looked at, kept and go."""

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.accounts.rights import Actor, NotAllowed
from studio.cli.main import main
from studio.database import engine as db
from studio.database import ledger
from studio.errors import StudioError
from studio.upscaling import bundled_models, model_check, models
from tests.upscaling import small_models

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path):
    home = tmp_path / "home"
    engine = db.open_database(home)
    yield home, engine
    engine.dispose()


def added(studio, file, name="ours", licence="CC-BY-4.0", by="ada"):
    return models.add(*studio, file, name=name, licence=licence, by=by, now=NOW)


def test_the_bundled_ones_are_there_without_a_studio(tmp_path) -> None:
    found = models.all(tmp_path)
    assert [one.name for one in found] == ["animevideov3", "x4plus-anime", "x4plus"]
    assert {(one.factor, one.source, one.licence) for one in found} == {
        (4, "bundled", "BSD-3-Clause")
    }
    assert not bundled_models.flaws()
    assert bundled_models.DEFAULT == models.named(tmp_path, "animevideov3").name
    assert not (tmp_path / models.FOLDER).exists()


@pytest.mark.slow
def test_each_architecture_is_kept_with_who_and_licence_and_goes_again(studio, tmp_path) -> None:
    home, engine = studio
    for file, architecture, factor in (
        (small_models.compact(tmp_path), "RealESRGAN Compact", 4),
        (small_models.span(tmp_path), "SPAN", 2),
        (small_models.esrgan(tmp_path), "ESRGAN", 4),
    ):
        made = added(studio, file, name=file.stem)
        assert (made.architecture, made.factor, made.source) == (architecture, factor, "own")
        assert (made.licence, made.by, made.name) == ("CC-BY-4.0", "ada", file.stem)
        assert made.added.startswith("2026-11-30T12:00:00")
        assert made.file.read_bytes() == file.read_bytes()
        assert made.file.name == f"{made.hash}.safetensors"
    names = ["compact-3-4x", "esrgan-4x", "span-2x"]
    assert [one.name for one in models.own(home)] == names
    assert [one.name for one in models.all(home)][3:] == names
    gone = models.remove(home, engine, "span-2x", by="bo", now=NOW)
    assert not gone.file.exists() and [one.name for one in models.own(home)] == names[:2]
    assert sorted(one.suffix for one in (home / models.FOLDER).iterdir()) == [
        ".json",
        ".json",
        ".safetensors",
        ".safetensors",
    ]
    told = [(row.actor, row.action) for row in ledger.rows(engine)]
    assert told == [("ada", "upscaling model added")] * 3 + [("bo", "upscaling model removed")]
    assert gone.hash in ledger.rows(engine)[-1].reason


@pytest.mark.slow
def test_name_and_file_are_there_once(studio, tmp_path) -> None:
    file = small_models.compact(tmp_path)
    added(studio, file)
    with pytest.raises(StudioError, match="a model ours already"):
        added(studio, small_models.span(tmp_path))
    with pytest.raises(StudioError, match="here already, as ours"):
        added(studio, file, name="again")
    for name in ("x4plus", "", "Ours", "../ours", "a" * 64):
        with pytest.raises(StudioError, match="model"):
            added(studio, file, name=name)
    with pytest.raises(StudioError, match="licence"):
        added(studio, file, name="other", licence=" ")
    assert len(models.own(studio[0])) == 1


def odd_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that are no models that enlarge, and what is said of each."""
    whole = small_models.compact(folder)
    cut = folder / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:-100])
    text = folder / "text.safetensors"
    text.write_text("no model at all, only words")
    pickle = folder / "model.pth"
    torch.save({"a": torch.zeros(2)}, pickle)
    hidden = folder / "hidden.safetensors"
    hidden.write_bytes(pickle.read_bytes())
    stranger = folder / "stranger.safetensors"
    save_file({"mine.weight": torch.zeros(3, 3)}, stranger)
    nan = folder / "nan.safetensors"
    weights = load_file(whole)
    weights["body.0.weight"][0, 0, 0, 0] = float("nan")
    save_file(weights, nan)
    plain = small_models.compact(folder, factor=1)
    return {
        "cut": (cut, "no whole safetensors file"),
        "text": (text, "no whole safetensors file"),
        "pickle": (pickle, "pickles can run any code"),
        "hidden": (hidden, "pickles can run any code"),
        "stranger": (stranger, "no architecture that is known"),
        "nan": (nan, "not numbers"),
        "plain": (plain, "does not enlarge"),
        "gone": (folder / "gone.safetensors", "can't be read"),
        "folder": (folder, "can't be read"),
    }


@pytest.mark.slow
def test_what_is_no_model_is_refused_by_name_and_leaves_nothing(studio, tmp_path) -> None:
    for name, (file, said) in odd_files(tmp_path).items():
        with pytest.raises(StudioError) as refused:
            added(studio, file, name=name)
        assert said in refused.value.message, name
        assert refused.value.remedy
    folder = studio[0] / models.FOLDER
    assert not folder.exists() or not list(folder.iterdir())
    assert not ledger.rows(studio[1])


@pytest.mark.slow
def test_a_header_that_asks_for_a_huge_network_ends_the_process_and_not_ours(
    tmp_path, monkeypatch
) -> None:
    """Shapes of tensors without a byte are free to say what they like."""
    monkeypatch.setattr(model_check, "SECONDS", 60)
    shape = [1 << 23, 3, 3, 0]
    names = ("body.0.weight", "body.1.weight", "body.2.weight")
    header = {n: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for n in names}
    header["body.2.bias"] = {"dtype": "F32", "shape": [48], "data_offsets": [0, 192]}
    text = json.dumps(header).encode()
    file = tmp_path / "huge.safetensors"
    file.write_bytes(struct.pack("<Q", len(text)) + text + np.zeros(48, "<f4").tobytes())
    with pytest.raises(StudioError, match="huge"):
        model_check.check(file, "huge.safetensors")


@pytest.mark.slow
def test_only_who_may_brings_models_in(studio, tmp_path) -> None:
    file = small_models.compact(tmp_path)
    with pytest.raises(NotAllowed):
        added(studio, file, by=Actor("bo", "artist"))
    added(studio, file, by=Actor("lea", "art lead"))
    with pytest.raises(NotAllowed):
        models.remove(*studio, "ours", by=Actor("bo", "artist"), now=NOW)
    with pytest.raises(StudioError, match="installed with the studio"):
        models.remove(*studio, "x4plus", by="lea", now=NOW)
    with pytest.raises(StudioError, match="no upscaling model 'none'") as missing:
        models.named(studio[0], "none")
    assert "animevideov3" in missing.value.remedy and "ours" in missing.value.remedy


@pytest.mark.slow
def test_a_record_that_is_torn_is_passed_over(studio, tmp_path) -> None:
    made = added(studio, small_models.compact(tmp_path))
    record = made.file.with_suffix(".json")
    told = record.read_text()
    for text in ("", "[]", "{}", told.replace('"factor": 4', '"factor": "x"')):
        record.write_text(text)
        assert not models.own(studio[0])
    record.write_text(told)
    assert models.own(studio[0]) == (made,)
    made.file.unlink()
    assert not models.own(studio[0])


@pytest.mark.slow
def test_the_command_lists_adds_and_removes(tmp_path, capsys) -> None:
    home = str(tmp_path / "home")

    def said(*words):
        code = main(["upscale-models", *words, "--json", "--home", home, "--user", "ada"])
        return code, json.loads(capsys.readouterr().out)

    file = small_models.compact(tmp_path).rename(tmp_path / "Our Model.safetensors")
    code, told = said("add", str(file), "--licence", "CC0-1.0")
    assert (code, told["model"]["name"], told["model"]["factor"]) == (0, "our-model", 4)
    assert "file" not in told["model"]
    code, told = said("list")
    assert [one["name"] for one in told["models"]][-1] == "our-model" and code == 0
    assert said("remove", "our-model")[0] == 0
    assert said("remove", "our-model")[0] == 2
    assert len(said("list")[1]["models"]) == 3
