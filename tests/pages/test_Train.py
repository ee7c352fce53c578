import json
import shutil
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.datasets import manifests, presentation, versions
from studio.diffusion import base_offers
from studio.jobs import leases, meters, queue, workers
from studio.jobs.meters import Gpu, Load
from studio.jobs.processes import Group
from studio.settings import POCKET
from studio.training import checkpoint_choice, checkpoints, progress_line, training_folders
from studio.training.checkpoint_choice import Check
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig, as_params, load_config
from studio.web import ui
from studio.worker import submit
from tests.hand_captions import write_caption

RUN, OTHER = "1" * 32, "2" * 32


def _jobs(studio):
    return queue.listing(studio.engine, kind="train")


def _said(at):
    parts = (at.markdown, at.caption, at.info, at.warning, at.error)
    return " ".join(element.value for part in parts for element in part)


def _start(at):
    return next(b for b in at.button if b.label == "Start training")


def _unfolded(at, group="Watching and saving"):
    at.session_state["others"] = True
    at.session_state["group"] = group
    return at.run()


def _field(at, label):
    found = [e for kind in ("number_input", "text_input", "checkbox") for e in at.get(kind)]
    return next(e for e in found if e.label == label)


def _param(at, name):
    found = at.query_params[name]
    return found if isinstance(found, str) else found[0]


def _run(studio, run=RUN, steps=20, previews=(), **changes):
    """A training's folder as the loop leaves it."""
    folder = studio.home / "runs" / "items" / run
    folder.mkdir(parents=True)
    config = {**as_params(TrainConfig()), **changes}
    record = {"run": run, "config": config, "dataset": "d" * 64, "named": "sample@0"}
    (folder / "record.json").write_text(json.dumps(record))
    rows = [Row(s, 1_700_000_000_000 + s * 100, 1 / s, 1e-3, 1.0) for s in range(1, steps + 1)]
    checkpoints.append(folder / "losses.jsonl", rows)
    for step in previews:
        training_folders.keep_previews(folder, step, ["a <b>gem"], [Image.new("RGBA", (32, 32))])
    return folder


def _job(studio, run="", **more):
    """A training that a worker has begun."""
    payload = {"style": "items", "dataset": "sample", "run": run, **more}
    job = submit.ask(studio, "train", payload, asked_by="ana", now=context.now())
    taken = leases.take(studio.engine, "w", "work", context.now(), timedelta(minutes=5))
    leases.begin(studio.engine, taken, Group(1, "never", "x"), context.now())
    if run:
        leases.keep(studio.engine, taken.id, taken.attempt, {"run": run})
    assert taken.id == job.id
    return taken


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    monkeypatch.setattr(base_offers, "_driver", lambda: False)


def test_start_stores_a_job_with_exactly_these_settings_once(studio, open_page):
    look = versions.load(studio.home, "sample").look
    presentation.change(
        studio.home, "sample", look, replace(look, mirror=True), now=context.now(), actor="ana"
    )
    at = _unfolded(open_page("Train", style="items", preset="Fast"))
    _field(at, "Training steps").set_value(77)
    _field(at, "Trigger word").set_value("itemsy")
    _field(at, "Seed").set_value(5)
    _unfolded(at, "What is learned")  # the other group's stay as they were left
    _field(at, "Random horizontal flip").check()
    _start(at).click().run()  # before the page has drawn what was typed
    assert not at.exception
    (job,) = _jobs(studio)
    version = manifests.heads(studio.home, "sample")[0].version
    wanted = {"max_train_steps": 77, "trigger_word": "itemsy", "seed": 5, "flip": True}
    wanted["preview_every_n_steps"] = 10  # every tenth of the way, but no more often
    assert job.payload == {
        "style": "items",
        "dataset": f"sample@{version}",
        "preset": "fast",
        "run": "",
        "settings": asdict(load_config("fast", None, wanted, {})),
    }
    assert (job.asked_by, job.state) == ("ana", "queued")
    assert _param(at, "job") == str(job.id)


def test_what_the_dataset_does_not_allow_and_what_is_cut_off_is_said(studio, open_page):
    at = _unfolded(open_page("Train", style="items", preset="Fast"), "What is learned")
    assert "longer than 32 tokens" not in _said(at)
    _field(at, "Random horizontal flip").check().run()
    assert "does not allow horizontal flips" in _said(at)
    _field(at, "Random horizontal flip").uncheck().run()  # else it is there again, as a draft
    picture = versions.load(studio.home, "sample").pictures[3]
    told = "a very long caption, " + ", ".join(f"with part {k}" for k in range(20))
    write_caption(studio.home, "sample", picture.hash, told, now=context.now(), actor="ana")
    warned = _said(open_page("Train", style="items", preset="Fast"))
    assert "longer than 32 tokens" in warned and "with part 19" not in warned
    assert picture.file_name.split("/")[-1].split(".")[0] in warned.replace("\\", "")


def test_a_folded_setting_stays_as_it_was_left(studio, open_page):
    at = _unfolded(open_page("Train", style="items", preset="Fast"))
    _field(at, "Seed").set_value(5).run()
    at.session_state["others"] = False
    at.run()
    assert "Seed" not in {e.label for e in at.number_input}
    _start(at).click().run()
    assert _jobs(studio)[0].payload["settings"]["seed"] == 5


def test_what_was_typed_outlasts_a_reload_until_it_is_discarded(studio, open_page):
    at = open_page("Train", style="items", preset="Fast")
    assert not [b for b in at.button if b.label == "Discard draft"]
    _field(at, "Training steps").set_value(77).run()
    at = open_page("Train", style="items", preset="Fast")  # the same page after a reload
    assert _field(at, "Training steps").value == 77
    assert _field(open_page("Train", preset="Balanced"), "Training steps").value == 600
    next(b for b in at.button if b.label == "Discard draft").click().run()
    assert _field(at, "Training steps").value == 200
    assert _field(open_page("Train", preset="Fast"), "Training steps").value == 200


def test_two_clicks_and_a_second_tab_make_one_job(studio, open_page):
    pages = [open_page("Train", style="items") for _ in range(2)]
    for at in pages:
        _start(at).click().run()
    assert len(_jobs(studio)) == 1
    assert {_param(at, "job") for at in pages} == {str(_jobs(studio)[0].id)}


def test_a_training_of_the_same_style_is_said_and_another_may_still_be_started(studio, open_page):
    job = _job(studio)
    assert "is training items already" in _said(open_page("Train", style="items"))
    at = open_page("Train", style="tiles")
    assert "already" not in _said(at)
    at = open_page("Train", style="items")
    next(b for b in at.button if b.label == "Watch it").click().run()
    assert _param(at, "job") == str(job.id)


def test_a_name_that_is_none_and_a_bad_setting_are_said_and_nothing_is_stored(studio, open_page):
    at = open_page("Train", style="../etc")
    _start(at).click().run()
    assert not at.exception and "is no name for a style" in at.error[0].value
    at = open_page("Train", style="items")
    _field(at, "Learning rate").set_value(5.0).run()
    assert not at.exception and "learning\\_rate is 5" in at.error[0].value
    assert not [b for b in at.button if b.label == "Start training"]
    assert _jobs(studio) == []


def test_without_a_style_nothing_can_be_started(studio, open_page):
    assert _start(open_page("Train")).disabled


def test_every_setting_is_on_the_page_with_its_line_of_help(studio, open_page):
    from studio.training.setting_help import GROUPS, HELP

    at, labels, said = open_page("Train"), set(), ""
    kinds = ("number_input", "text_input", "checkbox", "selectbox", "multiselect")
    for group in GROUPS:
        _unfolded(at, group)
        labels |= {e.label for kind in kinds for e in at.get(kind)}
        said += _said(at)
    assert {words.label for name, words in HELP.items() if name != "base"} <= labels
    assert all(words.help in said for name, words in HELP.items() if name != "base")


def test_the_estimate_is_said_to_be_one_and_comes_from_trainings_here(studio, open_page):
    at = open_page("Train")
    assert [m.label for m in at.metric[:2]] == ["Time, estimated", "Memory, estimated"]
    assert "Nothing was trained with this base here yet" in _said(at)
    _run(studio)
    told = "newest training of these settings here: 320 pictures"
    assert told in _said(open_page("Train"))


def test_without_a_gpu_the_page_says_why_only_the_practice_base_is_offered(studio, open_page):
    at = open_page("Train")
    assert "no NVIDIA GPU was found" in _said(at) and "practice base" in _said(at)
    (choice,) = [b for b in at.get("button_group") if b.label == "Base"]
    assert [o.content for o in choice.proto.options] == [
        base_offers.PRACTICE.label,
        "One of your own",
    ]


def _own(at, name):
    next(e for e in at.selectbox if e.label == "Your own base").set_value(name).run()
    assert not at.exception
    return at


def test_a_base_of_ones_own_is_chosen_from_the_folder_and_checked(studio, open_page, monkeypatch):
    folder = studio.home / "bases"
    shutil.copytree(POCKET, folder / "ours")
    (folder / "old.ckpt").write_bytes(b"PK")
    at = open_page("Train", style="items", base="One of your own")
    assert "old.ckpt" in _said(at).replace("\\", "") and "pickle" in _said(at)
    assert not [b for b in at.button if b.label == "Start training"]
    _own(at, str(folder / "ours"))
    assert "A practice base" in _said(at) and "CC0" in _said(at).upper().replace("\\", "")
    _start(at).click().run()
    settings = _jobs(studio)[0].payload["settings"]
    assert (settings["base"], settings["batch_size"]) == (str(folder / "ours"), 32)


def test_only_who_may_names_another_place_and_what_is_there_is_not_told(
    studio, open_page, monkeypatch
):
    there = studio.home / "secret.safetensors"
    there.write_bytes(b"secret")

    def typed(place):
        asked = {"style": "items", "base": "One of your own", "own-base": str(place)}
        return open_page("Train", **asked)

    assert "not a whole safetensors file" in _said(typed(there))
    monkeypatch.setattr(ui, "person", lambda: Actor("Ana", "artist"))
    for place in (there, studio.home / "nothing"):
        at = typed(place)
        said = _said(at)
        assert "which you may not name" in said and "whole" not in said
        assert not [b for b in at.button if b.label == "Start training"]


def test_versions_of_a_dataset_are_told_by_number(studio, open_page):
    picture = versions.load(studio.home, "sample").pictures[3]
    write_caption(studio.home, "sample", picture.hash, "a thing", now=context.now(), actor="ana")
    (field,) = [e for e in open_page("Train").selectbox if e.label == "Version"]
    assert [said.split(" · ")[0] for said in field.options] == ["version 2", "version 1"]
    assert f"{len(versions.load(studio.home, 'sample').pictures)} pictures" in field.options[0]
    assert "frozen" in field.options[0]


def test_with_a_gpu_a_real_base_is_offered_with_licence_and_download(
    studio, open_page, monkeypatch
):
    monkeypatch.setattr(base_offers, "_driver", lambda: True)
    monkeypatch.setattr(base_offers, "fetched", lambda offer: 0.0 if offer.size else 1.0)
    at = open_page("Train", style="items", base="Stable Diffusion 1.5")
    assert "CreativeML OpenRAIL-M" in _said(at).replace("\\", "")
    assert "4.3 GB" in at.get("progress")[0].proto.text
    _start(at).click().run()
    settings = _jobs(studio)[0].payload["settings"]
    assert settings["base"] == base_offers.STABLE_DIFFUSION.name
    assert (settings["learning_rate"], settings["mixed_precision"]) == (1e-4, "auto")


def test_a_running_training_shows_losses_previews_and_log_and_is_cancelled(studio, open_page):
    _run(studio, previews=(10, 20))
    job = _job(studio, RUN)
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
    _run(studio, previews=(10,))
    job = _job(studio, RUN)
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
    folder = _run(studio, previews=(10, 20))
    at = open_page("Train", job=str(_job(studio, RUN).id))
    training_folders.keep_previews(folder, 30, ["a gem"], [Image.new("RGBA", (32, 32))])
    at.run()
    assert at.select_slider(key=f"step-{RUN}").value == 30
    at.select_slider(key=f"step-{RUN}").set_value(10).run()
    training_folders.keep_previews(folder, 40, ["a gem"], [Image.new("RGBA", (32, 32))])
    at.run()
    assert at.select_slider(key=f"step-{RUN}").value == 10


def test_a_cancelled_training_goes_on_from_its_own_run_once(studio, open_page):
    _run(studio)
    job = _job(studio, RUN)
    leases.drop(studio.engine, job.id, job.attempt, context.now())
    pages = [open_page("Train", job=str(job.id)) for _ in range(2)]
    for at in pages:
        next(b for b in at.button if b.label == "Resume").click().run()
        assert not at.exception
    first, again = reversed(_jobs(studio))
    assert (first.id, again.payload["run"], again.state) == (job.id, RUN, "queued")
    assert _param(at, "job") == str(again.id)


def test_a_training_that_waits_for_a_worker_says_so(studio, open_page):
    payload = {"style": "items", "dataset": "sample"}
    job = submit.ask(studio, "train", payload, asked_by="ana", now=context.now())
    assert "No worker answers" in _said(open_page("Train", job=str(job.id)))
    workers.arrive(studio.engine, "here:1", "work", "cpu", context.now())
    assert "No worker answers" not in _said(open_page("Train", job=str(job.id)))


def test_a_training_that_does_not_exist_is_said(studio, open_page):
    assert "Nobody has started a training" in _said(open_page("Train", show="Watch"))
    job = _job(studio)
    at = open_page("Train", job="99")
    assert "There is no training 99" in _said(at)
    assert _param(at, "job") == str(job.id)


def test_trainings_stand_side_by_side_with_what_differs(studio, open_page):
    assert "No training has begun" in _said(open_page("Train", show="Side by side"))
    _run(studio)
    _run(studio, OTHER, rank="64")
    at = open_page("Train", show="Side by side", runs=f"{RUN},{OTHER}")
    assert at.multiselect(key="compared").value == [RUN, OTHER]
    spec = json.loads(at.get("vega_lite_chart")[0].proto.spec)
    assert len(spec["layer"]) == 2 and spec["layer"][0]["mark"]["opacity"] < 1
    differing = at.dataframe[0].value
    assert list(differing["setting"]) == ["Rank"]
    assert list(differing.iloc[0])[1:] == ["16", "64"]
    at.multiselect(key="compared").set_value([OTHER]).run()
    assert _param(at, "runs") == OTHER


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
    folder = _run(studio, steps=40, max_train_steps="200", early_stopping="2")
    _checked(folder, 0.5, 0.4, 0.45, 0.47, copies=5)
    job = _job(studio, RUN)
    leases.finish(studio.engine, job.id, job.attempt, {"number": 1}, context.now())
    at = open_page("Train", show="Watch", job=str(job.id))
    assert not at.exception
    said = _said(at).replace("\\", "")
    assert "Stopped at 40: validation loss rises since step 20" in said
    assert "outputs come close to training picture 17. Step 20 is kept" in said
    assert "97% like picture 17, this one: too close" in said
    assert any("/picture/data/" + "a" * 64 in e.proto.body for e in at.get("html"))
    table = next(e.value for e in at.dataframe if "Validation loss" in e.value)
    assert list(table["Step"]) == [10, 20, 30, 40]
    assert list(table["Validation loss"]) == [0.5, 0.4, 0.45, 0.47]


def test_a_training_without_checks_says_nothing_of_them(studio, open_page):
    _run(studio, steps=40)
    job = _job(studio, RUN)
    at = open_page("Train", show="Watch", job=str(job.id))
    assert not at.exception and "Which checkpoint" not in [h.value for h in at.header]
