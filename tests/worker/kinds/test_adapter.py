"""A LoRA file that a job brings in: checked without the studio, registered once."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from studio import context
from studio.context import Studio
from studio.datasets import uploads
from studio.diffusion import kohya
from studio.errors import StudioError
from studio.registry import models, stages
from studio.settings import load_settings
from studio.worker.kinds.adapter import KIND
from studio.workflows import adapters as shelf
from studio.workflows import new_adapters
from tests.worker.kinds.step_by_step import Axe, Killed, begun, computed_away, ran
from tests.workflows.test_adapters import SHAPES, peft_folder, some_lora

SAID = {"base": "pocket", "source": "a forum", "licence": "CC-BY-4.0"}


@pytest.fixture
def studio(tmp_path) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def upload(studio: Studio, name: str) -> dict[str, str]:
    """A LoRA called `name` in an upload, and what is no LoRA beside it."""
    token = uploads.begin(studio.home)
    files = uploads.folder_of(studio.home, token) / "files"
    save_file(kohya.tensors_of(some_lora(1, ("to_q",)), SHAPES), files / name)
    (files / "pickle.safetensors").write_bytes(b"PK\x03\x04 a renamed pickle")
    return {"upload": token, "file": name, "style": "theirs", **SAID}


def test_checked_without_the_studio_and_registered_once(studio, tmp_path):
    given, ask = begun(studio, "adapter", **upload(studio, "a b.safetensors"), author="bo")
    work = KIND.prepare(given, ask)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    assert models.list_versions(studio.client, "theirs") == []
    ended = KIND.commit(given, ask, outcome)
    assert KIND.commit(given, ask, outcome) == ended
    (made,) = models.list_versions(studio.client, "theirs")
    told = {name: made.tags[name] for name in ("file", "author", "source", "parts", "origin")}
    assert told == {
        "file": "a b.safetensors",
        "author": "bo",
        "source": "a forum",
        "parts": "unet",
        "origin": "imported",
    }
    assert made.tags["file_sha256"] == work.inputs["a b.safetensors"].hash
    assert len(stages.history(studio.engine, "theirs")) == 1


def test_killed_after_it_was_registered_it_is_the_same_version(studio, monkeypatch):
    given, ask = begun(studio, "adapter", **upload(studio, "a.safetensors"))
    with monkeypatch.context() as patch:
        Axe(0).lay(patch, studio.client, "set_terminated")
        with pytest.raises(Killed):
            ran(KIND, given, ask)
    (made,) = models.list_versions(studio.client, "theirs")
    assert stages.history(studio.engine, "theirs") == []
    assert ran(KIND, given, ask)["number"] == made.number
    (row,) = stages.history(studio.engine, "theirs")
    assert (row.action, row.version, row.actor) == ("imported", 1, "ana")
    assert studio.client.get_run(made.run_id).info.status == "FINISHED"


def test_what_is_no_lora_is_refused_and_nothing_kept(studio):
    asked = {**upload(studio, "a.safetensors"), "file": "pickle.safetensors"}
    given, ask = begun(studio, "adapter", **asked)
    with pytest.raises(StudioError, match="pickle"):
        ran(KIND, given, ask)
    assert models.list_versions(studio.client, "theirs") == []


def test_the_same_file_by_another_job_is_the_same_version(studio):
    for _ in range(2):
        given, ask = begun(studio, "adapter", **upload(studio, "a.safetensors"))
        assert ran(KIND, given, ask)["number"] == 1
    assert len(models.list_versions(studio.client, "theirs")) == 1
    assert new_adapters.TEXTS.keys() <= {*ask.model_dump()}


@pytest.mark.slow
def test_a_folder_of_pefts_is_brought_in_at_its_own_strength_and_it_is_told_where_not(
    studio, tmp_path
):
    token = uploads.begin(studio.home)
    folder = peft_folder(uploads.folder_of(studio.home, token) / "files" / "peft", 24)
    asked = {"upload": token, "file": "peft/adapter_model.safetensors", "style": "theirs", **SAID}
    given, ask = begun(studio, "adapter", **asked)
    work = KIND.prepare(given, ask)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    ended = KIND.commit(given, ask, outcome)
    made = models.get(studio.client, "theirs", ended["number"])
    (pair,) = shelf.read(studio, made).pairs.values()
    (given_pair, *_) = some_lora(6, ("to_q",)).pairs.values()
    np.testing.assert_allclose(pair.up * pair.scale, 8 * given_pair.up, rtol=1e-5)
    assert "notes" not in ended["tags"]
    (folder / "adapter_config.json").unlink()
    given, ask = begun(studio, "adapter", **asked)
    assert "adapter_config.json is missing" in ran(KIND, given, ask)["tags"]["notes"]
