"""The job that trains a GAN: in its three steps, cut off, from datasets and from folders."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
import torch
from PIL import Image

from studio import context
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.gan import sampling
from studio.registry import models, stages
from studio.settings import load_settings
from studio.training import disk_cleanup
from studio.worker import submit
from studio.worker.kinds.gan import KIND
from studio.workflows import evaluate, gan_drawing, gan_train, model_cards, release
from studio.workflows.model_kinds import table
from tests.gan import drawn_sprites
from tests.gan.small import TINY
from tests.worker.kinds.step_by_step import NOW, again, begun, ran

SETTINGS = {**TINY, "steps_to_eval": 2, "n_images_to_eval": 16}


@pytest.fixture
def studio(tmp_path):
    torch.set_num_threads(1)
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def data(studio, tmp_path):
    """A dataset of 30 sprites in two categories."""
    place = drawn_sprites.folder(tmp_path / "sprites", 30)
    return import_folder(studio.home, "sprites", place, now=NOW, actor="ana").version


def test_a_dataset_becomes_a_version_that_draws_by_seed(studio, data):
    given, ask = begun(studio, "gan", style="gems", dataset="sprites", settings=SETTINGS)
    assert ask.dataset == f"sprites@{data.version}" and ask.settings["beta2"] == 0.99
    made = ran(KIND, given, ask)
    version = models.get(studio.client, "gems", made["number"])
    assert (version.kind, version.stage, version.dataset) == ("gan", "candidate", "sprites")
    assert version.dataset_digest == data.digest
    assert version.params["loss_function"] == "relativistic" and version.params["ngf"] == "4"
    assert version.tags["size"] == "16 x 16" and version.tags["classes"] == "2"
    assert version.tags["kept_because"].startswith("Kept the generator of step")
    run = studio.client.get_run(version.run_id)
    assert run.info.status == "FINISHED" and run.data.params["upsample_layers"] == "2"
    assert {"kid", "vendi", "coverage", "d_loss", "g_loss", "penalty"} <= set(run.data.metrics)
    assert len(studio.client.get_metric_history(version.run_id, "vendi")) == 2
    grids = [one.path for one in studio.client.list_artifacts(version.run_id, "grids")]
    assert grids and grids[-1].endswith("step-00000004.png")
    assert "batch.png" in [one.path for one in studio.client.list_artifacts(version.run_id)]
    # What it could have gone on from is cleared away as every training's is.
    place = gan_train.place_of(studio.home, "gems", version.run_id)
    assert (place / "done").read_text() == "1" and len(list(place.glob("step-*"))) == 2
    later = context.now() + timedelta(hours=2)
    assert disk_cleanup.clear(studio.home, set, later) == [version.run_id]
    assert not list(place.glob("step-*")) and not (place / "kept").exists()
    # Loaded as any version, it draws what its file draws.
    loaded = table.load(studio, version)
    from studio.diffusion.sampling import Draw

    (picture,) = loaded.draws(["gems, truncation 0.5"], [7], Draw(), None)
    ready = gan_drawing.ready(studio, "gems:1")
    assert ready.sampler.shape.classes == ("gems", "rocks")
    assert ready.sampler.draw([7], [("gems", 1)], 0.5)[0].tobytes() == picture.tobytes()


def test_cut_off_behind_any_event_it_ends_with_the_same_bytes(studio, data, monkeypatch):
    whole = _file(studio, ran(KIND, *begun(studio, "gan", **_asked("whole"))))
    from studio.worker import steps

    for at in (1, 3, 6):
        given, ask = begun(studio, "gan", **_asked(f"cut{at}"))
        kept = {}
        given = replace(given, keep=kept.update)
        told = []

        class Cut(BaseException):
            pass

        def apply(context, ask, workdir, event, told=told, at=at):
            told.append(event)
            if len(told) == at:
                raise Cut
            return gan_train.apply(context.studio, workdir.name, workdir, event, context.tell)

        with pytest.raises(Cut):
            ran(replace(KIND, apply=apply), given, ask)
        later = again(studio, given.job, timedelta(hours=2))
        later = replace(later, job=replace(later.job, kept=kept))
        assert _file(studio, ran(KIND, later, ask)) == whole
        run = models.get(studio.client, f"cut{at}", 1).run_id
        assert len(studio.client.get_metric_history(run, "vendi")) == 2
        assert len(studio.client.get_metric_history(run, "d_loss")) == 4
    assert steps.COMPUTED


def _asked(style):
    return {"style": style, "dataset": "sprites", "settings": SETTINGS}


def _file(studio, made):
    from studio.workflows import version_loading

    version = models.get(studio.client, made["style"], made["number"])
    return (version_loading.own_files(studio, version) / "gan.safetensors").read_bytes()


def test_a_folder_is_read_in_place_and_an_earlier_one_is_gone_on_with(studio, tmp_path):
    place = drawn_sprites.folder(tmp_path / "frames", 20)
    before = sorted(place.rglob("*"))
    given, ask = begun(studio, "gan", style="frames", folder=str(place), settings=SETTINGS)
    made = ran(KIND, given, ask)
    assert sorted(place.rglob("*")) == before
    version = models.get(studio.client, "frames", 1)
    assert version.dataset == "" and version.tags["folder"] == str(place)
    asked = {"style": "frames", "folder": str(place), "settings": SETTINGS, "before": "frames:1"}
    given, ask = begun(studio, "gan", **asked)
    second = ran(KIND, given, ask)
    assert second["number"] == 2 and _file(studio, second) != _file(studio, made)


@pytest.mark.parametrize(
    "asked, said",
    [
        ({"dataset": "nothing"}, "no dataset 'nothing'"),
        ({}, "nothing to learn from"),
        ({"folder": "/no/such"}, "There is no folder /no/such"),
        ({"dataset": "sprites", "folder": "/tmp"}, "Both a dataset and a folder"),
        ({"dataset": "sprites", "settings": {"rank": 4}}, "no setting of a GAN rank"),
        ({"dataset": "sprites", "settings": {"beta1": "x"}}, "beta1 is 'x'"),
        ({"dataset": "sprites", "style": "No Style"}, "no name for a style"),
        ({"dataset": "sprites", "before": "model.pkl"}, "no .safetensors file"),
        ({"dataset": "sprites", "before": "gems:9"}, "no style 'gems'"),
    ],
)
def test_what_can_not_be_is_refused_at_the_door(studio, data, asked, said):
    with pytest.raises(StudioError, match=said):
        submit.ask(studio, "gan", {"style": "gems", **asked}, asked_by="ana", now=NOW)


@pytest.mark.slow
def test_it_is_measured_goes_up_and_has_a_card_as_every_version(studio, data):
    ran(KIND, *begun(studio, "gan", style="gems", dataset="sprites", settings=SETTINGS))
    figures = evaluate.evaluate_version(studio, "gems", 1, print)
    assert {"vendi", "coverage", "copies", "palette_distance", "pictures"} <= set(figures)
    assert not any(name.startswith("base_") for name in figures)
    at = {"style": "gems", "actor": "ana", "why": "varied", "now": NOW}
    release.promote(studio, number=1, to="production", **at)
    assert stages.production(studio.engine, "gems") == 1
    assert model_cards.write(studio, "gems", 1)
    card = studio.client.get_model_version("gems", "1").description
    assert (
        "| Kind | GAN |" in card
        and "| Classes | gems, rocks |" in card
        and "Trigger word" not in card
    )


@pytest.mark.slow
def test_mlflow_serves_it(studio, data):
    import base64

    import mlflow.pyfunc

    ran(KIND, *begun(studio, "gan", style="gems", dataset="sprites", settings=SETTINGS))
    model = mlflow.pyfunc.load_model("models:/gems/1")
    (row,) = model.predict([{"prompt": "rocks", "seed": 5}], params={"raw": True})["png"]
    with Image.open(io.BytesIO(base64.b64decode(row))) as picture:
        served = picture.convert("RGBA")
    ready = gan_drawing.ready(studio, "gems")
    (own,) = ready.sampler.draw([5], [("rocks", 1)])
    assert served.size == own.size == (16, 16)
    assert served.tobytes() == own.tobytes()


def test_another_kind_is_no_gan(studio, data, tmp_path):
    with pytest.raises(StudioError, match="Style 'gems' has no GAN"):
        gan_drawing.ready(studio, "gems")
    with pytest.raises(StudioError, match="There is no file"):
        gan_drawing.ready(studio, str(tmp_path / "x.safetensors"))
    with pytest.raises(StudioError, match="no .safetensors file"):
        gan_drawing.ready(studio, str(tmp_path / "x.pkl"))
    assert sampling.PADDED == 16


@pytest.mark.parametrize(
    "text, wanted", [("7", [7]), ("1,5,5", [1, 5]), ("0-3,9", [0, 1, 2, 3, 9])]
)
def test_seeds_as_they_are_written(text, wanted):
    assert gan_drawing.seeds(text) == wanted


@pytest.mark.parametrize("text", ["", "a", "5-1", "0-200000", "-1", "1.5"])
def test_what_are_no_seeds(text):
    with pytest.raises(StudioError):
        gan_drawing.seeds(text)
