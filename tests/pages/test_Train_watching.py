"""Training: a running one is watched, gone on with, and held beside others."""

import json

import pytest
from PIL import Image

from studio import context
from studio.diffusion import base_offers
from studio.jobs import leases, meters, queue, workers
from studio.jobs.meters import Gpu, Load
from studio.training import checkpoint_choice, progress_line, training_folders
from studio.training.checkpoint_choice import Check
from studio.worker import submit
from tests.pages.train_page import OTHER, RUN, job_of, jobs, param, run_of, text_of


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    monkeypatch.setattr(base_offers, "_driver", lambda: False)


def test_a_running_training_shows_losses_previews_and_log_and_is_cancelled(studio, open_page):
    run_of(studio, previews=(10, 20))
    job = job_of(studio, RUN)
    (studio.home / job.folder).mkdir(parents=True)
    (studio.home / job.log).write_text("step 20/600\n")
    at = open_page("Train", job=str(job.id))
    assert "step 20/600" in at.code[0].value
    slider = at.select_slider(key=f"step-{RUN}")
    assert (slider.options, slider.value) == (["10", "20"], 20)
    shown = " ".join(h.proto.body for h in at.get("html"))
    assert f"/picture/preview/items/{RUN}/step-000020-0.png" in shown
    assert "a &lt;b&gt;gem" in shown and "<b>gem" not in shown
    slider.set_value(10).run()
    shown = " ".join(h.proto.body for h in at.get("html"))
    assert "step-000010-0.png" in shown and "step-000020-0.png" not in shown
    at.button(key=f"cancel-{job.id}").click().run()
    assert queue.get(studio.engine, job.id).cancel_by == "ana"


def test_step_time_left_and_what_it_takes_of_the_machine_are_shown(studio, open_page):
    run_of(studio, previews=(10,))
    job = job_of(studio, RUN)
    line = progress_line.written(120, 600, 0.1, 35.04, 130)
    leases.progress(studio.engine, job.id, job.attempt, line, 120, 600, "steps", "training")
    gpu = Gpu("NVIDIA <b>H200", 0.97, 9e9, 12e9)
    load = Load(context.now().isoformat(), 1.5, 2, 3e9, 8e9, gpu)
    meters.write(studio.home / job.folder, load)
    at = open_page("Train", job=str(job.id))
    told = {m.label: m.value for m in at.metric}
    assert told == {"Step": "120 of 600", "Time left": "2:10", "Speed": "35 pictures/s"}
    shown = " ".join(h.proto.body for h in at.get("html"))
    assert "GPU NVIDIA &lt;b&gt;H200" in shown and "97% busy" in shown
    assert "9.0 of 12.0 GB" in shown and "1.5 of 2 cores" in shown and "3.0 of 8.0 GB" in shown
    leases.finish(studio.engine, job.id, job.attempt, {"number": 1}, context.now())
    at = open_page("Train", job=str(job.id))
    assert "1.5 of 2 cores" not in " ".join(h.proto.body for h in at.get("html"))
    assert {m.label: m.value for m in at.metric}["Time left"] == "none"


def test_a_new_preview_is_followed_unless_an_earlier_one_is_looked_at(studio, open_page):
    folder = run_of(studio, previews=(10, 20))
    at = open_page("Train", job=str(job_of(studio, RUN).id))
    training_folders.keep_previews(folder, 30, ["a gem"], [Image.new("RGBA", (32, 32))])
    at.run()
    assert at.select_slider(key=f"step-{RUN}").value == 30
    at.select_slider(key=f"step-{RUN}").set_value(10).run()
    training_folders.keep_previews(folder, 40, ["a gem"], [Image.new("RGBA", (32, 32))])
    at.run()
    assert at.select_slider(key=f"step-{RUN}").value == 10


def test_a_cancelled_training_goes_on_from_its_own_run_once(studio, open_page):
    run_of(studio)
    job = job_of(studio, RUN)
    leases.drop(studio.engine, job.id, job.attempt, context.now())
    pages = [open_page("Train", job=str(job.id)) for _ in range(2)]
    for at in pages:
        next(b for b in at.button if b.label == "Resume").click().run()
        assert not at.exception
    first, again = reversed(jobs(studio))
    assert (first.id, again.payload["run"], again.state) == (job.id, RUN, "queued")
    assert param(at, "job") == str(again.id)


def test_a_training_that_waits_for_a_worker_says_so(studio, open_page):
    payload = {"style": "items", "dataset": "sample"}
    job = submit.ask(studio, "train", payload, asked_by="ana", now=context.now())
    assert "No worker answers" in text_of(open_page("Train", job=str(job.id)))
    workers.arrive(studio.engine, "here:1", "work", "cpu", context.now())
    assert "No worker answers" not in text_of(open_page("Train", job=str(job.id)))


def test_a_training_that_does_not_exist_is_said(studio, open_page):
    assert "Nobody has started a training" in text_of(open_page("Train", show="Watch"))
    job = job_of(studio)
    at = open_page("Train", job="99")
    assert "There is no training 99" in text_of(at)
    assert param(at, "job") == str(job.id)


def test_trainings_stand_side_by_side_with_what_differs(studio, open_page):
    assert "No training has begun" in text_of(open_page("Train", show="Side by side"))
    run_of(studio)
    run_of(studio, OTHER, rank="64")
    at = open_page("Train", show="Side by side", runs=f"{RUN},{OTHER}")
    assert at.multiselect(key="compared").value == [RUN, OTHER]
    spec = json.loads(at.get("vega_lite_chart")[0].proto.spec)
    assert len(spec["layer"]) == 2 and spec["layer"][0]["mark"]["opacity"] < 1
    differing = at.dataframe[0].value
    assert list(differing["setting"]) == ["Rank"]
    assert list(differing.iloc[0])[1:] == ["16", "64"]
    at.multiselect(key="compared").set_value([OTHER]).run()
    assert param(at, "runs") == OTHER


def _checked(folder, *losses, copies=0):
    for k, loss in enumerate(losses, start=1):
        figures = {
            "held_out_loss": loss,
            "drawn": 8.0,
            "copies": float(copies),
            "nearest": 0.97,
            "kid_pocket_clip_v2": 0.01,
            "clip_score_pocket_clip_v2": 30.0,
        }
        checkpoint_choice.append(
            folder, Check(k * 10, 1_700_000_000_000 + k, figures, "a" * 64, 17)
        )


def test_the_kept_checkpoint_is_told_with_its_reason_and_the_picture_it_came_close_to(
    studio, open_page
):
    folder = run_of(studio, steps=40, max_train_steps="200", early_stopping="2")
    _checked(folder, 0.5, 0.4, 0.45, 0.47, copies=5)
    job = job_of(studio, RUN)
    leases.finish(studio.engine, job.id, job.attempt, {"number": 1}, context.now())
    at = open_page("Train", show="Watch", job=str(job.id))
    assert not at.exception
    said = text_of(at).replace("\\", "")
    assert "Stopped at 40: validation loss rises since step 20" in said
    assert "outputs come close to training picture 17. Step 20 is kept" in said
    assert "97% like picture 17, this one: too close" in said
    assert any("/picture/data/" + "a" * 64 in e.proto.body for e in at.get("html"))
    table = next(e.value for e in at.dataframe if "Validation loss" in e.value)
    assert list(table["Step"]) == [10, 20, 30, 40]
    assert list(table["Validation loss"]) == [0.5, 0.4, 0.45, 0.47]


def test_a_training_without_checks_says_nothing_of_them(studio, open_page):
    run_of(studio, steps=40)
    job = job_of(studio, RUN)
    at = open_page("Train", show="Watch", job=str(job.id))
    assert not at.exception and "Which checkpoint" not in [h.value for h in at.header]
