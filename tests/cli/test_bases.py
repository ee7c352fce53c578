"""Bases that versions need and that lie elsewhere now: after a backup on another machine, say."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio import context
from studio.cli.main import main
from studio.database import ledger
from studio.datasets.folder_import import import_folder
from studio.diffusion import sampling, team_bases
from studio.errors import StudioError
from studio.operations import restore
from studio.operations.backup import back_up
from studio.registry import models
from studio.settings import CHECKOUT, POCKET, load_settings
from studio.training.config import TrainConfig
from studio.worker import submit
from studio.worker.kind_table import KINDS
from studio.worker.payload import read
from studio.workflows import new_adapters, train
from studio.workflows.version_loading import base_of, load_version

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
BRIEF = TrainConfig(
    rank=2,
    batch_size=1,
    max_train_steps=1,
    save_every_n_steps=1,
    preview_every_n_steps=0,
    warmup_steps=0,
    held_out=0.0,
)


def _told(capsys, *words):
    code = main([*words, "--json", "--user", "ada"])
    return code, json.loads(capsys.readouterr().out.splitlines()[-1])


def _version(studio, style, base):
    client = studio.client
    client.create_registered_model(style)
    client.create_model_version(style, source="x", tags={"base": base, "base_name": base})


def test_the_list_names_what_is_lost_and_a_place_is_said_once(tmp_path: Path, capsys) -> None:
    home = str(tmp_path / "home")
    studio = context.open_studio(load_settings({}, home=home))
    lost, inside = str(tmp_path / "models" / "ours"), "/old/home/bases/theirs"
    for style, base in (("items", lost), ("tiles", lost), ("props", inside), ("gems", "pocket")):
        _version(studio, style, base)
    shutil.copytree(POCKET, studio.home / team_bases.FOLDER / "theirs")
    code, told = _told(capsys, "base", "list", "--home", home)
    theirs = str(studio.home / team_bases.FOLDER / "theirs")
    assert code == 0 and told["bases"] == [
        {"base": inside, "place": theirs, "lost": False, "versions": ["props 1"]},
        {"base": lost, "place": lost, "lost": True, "versions": ["items 1", "tiles 1"]},
        {"base": "pocket", "place": "pocket", "lost": False, "versions": ["gems 1"]},
    ]
    items, props = (models.get(studio.client, style, 1) for style in ("items", "props"))
    with pytest.raises(StudioError, match="different bases"):
        new_adapters.check_parts(
            studio, [new_adapters.Part("items", 1, 1.0), new_adapters.Part("props", 1, 1.0)]
        )
    assert _told(capsys, "base", "moved", lost, str(tmp_path / "no"), "--home", home)[0] == 2
    code, told = _told(capsys, "base", "moved", lost, theirs, "--home", home)
    assert code == 0 and told["place"] == theirs
    assert base_of(studio, items) == base_of(studio, props) == theirs
    assert new_adapters.check_parts(
        studio, [new_adapters.Part("items", 1, 1.0), new_adapters.Part("props", 1, 1.0)]
    )
    row = ledger.rows(studio.engine)[-1]
    assert (row.actor, row.action) == ("ada", "base moved") and theirs in row.reason
    studio.engine.dispose()


@pytest.mark.slow
def test_a_version_draws_the_same_where_its_backup_was_restored(tmp_path: Path) -> None:
    """Its own base lay in the studio's folder, which is gone."""
    old = context.open_studio(load_settings({}, home=str(tmp_path / "old")))
    pictures = CHECKOUT / "sample" / "held_out"
    import_folder(old.home, "sample", pictures, now=NOW, actor="ana")
    base = shutil.copytree(POCKET, old.home / team_bases.FOLDER / "ours")
    config = replace(BRIEF, base=str(base))
    made = train.train_style(old, "items", "sample", config, print)

    def drawn(studio):
        version = models.get(studio.client, "items", made.number)
        loaded = load_version(studio, version)
        (picture,) = sampling.draw_pictures(loaded.pipeline, ["a gem"], [3], sampling.Draw(steps=2))
        return loaded.base, picture.tobytes()

    before = drawn(old)
    wish = {
        "style": "items",
        "dataset": "sample",
        "preset": "fast",
        "settings": {"base": str(base)},
    }
    asked = submit.ask(old, "train", wish, asked_by="ana", now=NOW)
    kept = back_up(old.settings, tmp_path / "kept.tar", NOW, print).file
    old.engine.dispose()
    shutil.rmtree(old.home)
    settings = load_settings({}, home=str(tmp_path / "new"))
    restore.restore(settings, kept, NOW, print)
    new = context.open_studio(settings)
    there = str(new.home / team_bases.FOLDER / "ours")
    assert drawn(new) == (there, before[1]) and before[0] == str(base)
    # What was asked for goes on, too, and what comes of it names the new place.
    kind = KINDS["train"]
    kind.check(new, read(kind.payload, asked.payload))
    again = train.train_style(new, "items", "sample", config, print)
    assert again.tags["base_name"] == there
    new.engine.dispose()
