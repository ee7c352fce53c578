"""Versions merged by a job: added up without the studio, registered once wherever it is cut off."""

import numpy as np
import pytest
from mlflow.models import Model
from safetensors.numpy import save_file

from studio import context
from studio.context import Studio
from studio.diffusion import kohya, lora_files
from studio.registry import imported_adapters, models, stages
from studio.settings import load_settings
from studio.worker.kinds import making_adapter
from studio.worker.kinds.merge import KIND
from studio.workflows import new_adapters
from studio.workflows.version_loading import FILE, adapter_file
from tests.worker.kinds.step_by_step import Axe, Killed, begun, computed_away, ran
from tests.workflows.test_adapters import SAID, SHAPES, delta, some_lora

PARTS = [{"style": "theirs", "version": n, "weight": w} for n, w in ((1, 0.75), (2, -0.5))]
BOUNDARIES = 10  # calls of `register` and what follows it that a kill may come before


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    folder = tmp_path_factory.mktemp("merge")
    studio = context.open_studio(load_settings({}, home=str(folder / "home")))
    for seed in (1, 2):
        file = folder / f"{seed}.safetensors"
        save_file(kohya.tensors_of(some_lora(seed, ("to_q",)), SHAPES), file)
        new_adapters.bring_in(studio, file, style="theirs", base="pocket", **SAID)
    return studio


def registered_once(studio: Studio, style: str) -> models.Version:
    """The style's only version, which has one run, ended, and one row of the ledger."""
    (made,) = models.list_versions(studio.client, style)
    where = studio.client.get_experiment_by_name(style)
    (run,) = studio.client.search_runs([where.experiment_id])
    assert (run.info.run_id, run.info.status) == (made.run_id, "FINISHED")
    rows = stages.history(studio.engine, style)
    assert [(row.version, row.action, row.actor) for row in rows] == [(1, "merged", "ana")]
    return made


@pytest.mark.slow
def test_added_up_without_the_studio_and_registered_once(studio, tmp_path):
    given, ask = begun(studio, "merge", style="away", parts=PARTS, trigger_word=" <T> ")
    work = KIND.prepare(given, ask)
    assert {name: len(one.hash) for name, one in work.inputs.items()} == {
        "theirs v1": 64,
        "theirs v2": 64,
    }
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    assert list(outcome.files) == [f"adapter/{FILE}"]
    assert models.list_versions(studio.client, "away") == []
    ended = KIND.commit(given, ask, outcome)
    assert KIND.commit(given, ask, outcome) == ended
    assert not work.workdir.exists()  # the registry has the file
    made = registered_once(studio, "away")
    assert (ended["number"], made.trigger_word, made.params) == (1, "<T>", {"rank": "6"})
    assert made.tags["origin"] == "merged" and made.tags["licence"] == SAID["licence"]
    got = lora_files.read(adapter_file(studio, made), SHAPES)
    one, other = some_lora(1, ("to_q",)), some_lora(2, ("to_q",))
    for module in got.pairs:
        want = 0.75 * delta(one, module) - 0.5 * delta(other, module)
        np.testing.assert_allclose(delta(got, module), want, atol=1e-4)


@pytest.mark.parametrize("at", range(BOUNDARIES + 1))
def test_killed_between_any_two_steps_of_registering_there_is_one_version(studio, monkeypatch, at):
    given, ask = begun(studio, "merge", style=f"cut{at}", parts=PARTS)
    axe = Axe(at)
    with monkeypatch.context() as patch:
        for owner, name in (
            (new_adapters, "register"),
            (studio.client, "create_run"),
            (studio.client, "create_logged_model"),
            (Model, "log"),
            (studio.client, "create_model_version"),
            (studio.client, "get_run"),
            (studio.client, "set_terminated"),
            (imported_adapters, "_write_down"),
            (making_adapter, "remove_folder"),
        ):
            axe.lay(patch, owner, name)
        if at < BOUNDARIES:
            with pytest.raises(Killed):
                ran(KIND, given, ask)
        else:
            ran(KIND, given, ask)
    ended = ran(KIND, given, ask)
    assert registered_once(studio, f"cut{at}").number == ended["number"] == 1
    assert axe.calls == at


def test_what_was_added_up_is_not_added_up_again(studio, monkeypatch):
    given, ask = begun(studio, "merge", style="kept", parts=PARTS, rank=4)
    with monkeypatch.context() as patch:
        Axe(0).lay(patch, new_adapters, "register")
        with pytest.raises(Killed):
            ran(KIND, given, ask)
    file = studio.home / given.job.folder / "work" / "adapter" / FILE
    assert file.is_file()
    with monkeypatch.context() as patch:
        Axe(0).lay(patch, new_adapters, "write")
        ran(KIND, given, ask)
    assert registered_once(studio, "kept").params == {"rank": "4"}
