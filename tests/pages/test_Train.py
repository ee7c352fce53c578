"""Training: what the form stores, says and refuses."""

import shutil
from dataclasses import asdict, replace

import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.datasets import manifests, presentation, versions
from studio.datasets.folder_import import import_folder
from studio.diffusion import base_offers
from studio.settings import POCKET
from studio.training.config import load_config
from studio.web import ui
from studio.worker import submit
from tests.hand_captions import write_caption
from tests.pages.train_page import (
    field_of,
    job_of,
    jobs,
    param,
    run_of,
    start_button,
    text_of,
    unfolded,
)


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    monkeypatch.setattr(base_offers, "_driver", lambda: False)


def test_start_stores_a_job_with_exactly_these_settings_once(studio, open_page):
    look = versions.load(studio.home, "sample").look
    presentation.change(
        studio.home, "sample", look, replace(look, mirror=True), now=context.now(), actor="ana"
    )
    at = unfolded(open_page("Train", style="items", preset="Fast"))
    field_of(at, "Training steps").set_value(77)
    field_of(at, "Trigger word").set_value("itemsy")
    field_of(at, "Seed").set_value(5)
    unfolded(at, "What is learned")  # the other group's stay as they were left
    field_of(at, "Random horizontal flip").check()
    start_button(at).click().run()  # before the page has drawn what was typed
    assert not at.exception
    (job,) = jobs(studio)
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
    assert param(at, "job") == str(job.id)


def test_what_the_dataset_does_not_allow_and_what_is_cut_off_is_said(studio, open_page):
    at = unfolded(open_page("Train", style="items", preset="Fast"), "What is learned")
    assert "longer than 32 tokens" not in text_of(at)
    field_of(at, "Random horizontal flip").check().run()
    assert "does not allow horizontal flips" in text_of(at)
    field_of(at, "Random horizontal flip").uncheck().run()  # else it is there again, as a draft
    picture = versions.load(studio.home, "sample").pictures[3]
    told = "a very long caption, " + ", ".join(f"with part {k}" for k in range(20))
    write_caption(studio.home, "sample", picture.hash, told, now=context.now(), actor="ana")
    warned = text_of(open_page("Train", style="items", preset="Fast"))
    assert "longer than 32 tokens" in warned and "with part 19" not in warned
    assert picture.file_name.split("/")[-1].split(".")[0] in warned.replace("\\", "")


def test_a_folded_setting_stays_as_it_was_left(studio, open_page):
    at = unfolded(open_page("Train", style="items", preset="Fast"))
    field_of(at, "Seed").set_value(5).run()
    at.session_state["others"] = False
    at.run()
    assert "Seed" not in {e.label for e in at.number_input}
    start_button(at).click().run()
    assert jobs(studio)[0].payload["settings"]["seed"] == 5


def test_what_was_typed_outlasts_a_reload_until_it_is_discarded(studio, open_page):
    at = open_page("Train", style="items", preset="Fast")
    assert not [b for b in at.button if b.label == "Discard draft"]
    field_of(at, "Training steps").set_value(77).run()
    at = open_page("Train", style="items", preset="Fast")  # the same page after a reload
    assert field_of(at, "Training steps").value == 77
    assert field_of(open_page("Train", preset="Balanced"), "Training steps").value == 600
    next(b for b in at.button if b.label == "Discard draft").click().run()
    assert field_of(at, "Training steps").value == 200
    assert field_of(open_page("Train", preset="Fast"), "Training steps").value == 200


def test_two_clicks_and_a_second_tab_make_one_job(studio, open_page):
    pages = [open_page("Train", style="items") for _ in range(2)]
    for at in pages:
        start_button(at).click().run()
    assert len(jobs(studio)) == 1
    assert {param(at, "job") for at in pages} == {str(jobs(studio)[0].id)}


def test_a_training_of_the_same_style_is_said_and_another_may_still_be_started(studio, open_page):
    job = job_of(studio)
    assert "is training items already" in text_of(open_page("Train", style="items"))
    at = open_page("Train", style="tiles")
    assert "already" not in text_of(at)
    at = open_page("Train", style="items")
    next(b for b in at.button if b.label == "Watch it").click().run()
    assert param(at, "job") == str(job.id)


def test_a_name_that_is_none_and_a_bad_setting_are_said_and_nothing_is_stored(studio, open_page):
    at = open_page("Train", style="../etc")
    start_button(at).click().run()
    assert not at.exception and "is no name for a style" in at.error[0].value
    at = open_page("Train", style="items")
    field_of(at, "Learning rate").set_value(5.0).run()
    assert not at.exception and "learning\\_rate is 5" in at.error[0].value
    assert not [b for b in at.button if b.label == "Start training"]
    assert jobs(studio) == []


def test_without_a_style_nothing_can_be_started(studio, open_page):
    assert start_button(open_page("Train")).disabled


def test_every_setting_is_on_the_page_with_its_line_of_help(studio, open_page):
    from studio.training.setting_help import GROUPS, HELP

    at, labels, said = open_page("Train"), set(), ""
    kinds = ("number_input", "text_input", "checkbox", "selectbox", "multiselect")
    for group in GROUPS:
        unfolded(at, group)
        labels |= {e.label for kind in kinds for e in at.get(kind)}
        said += text_of(at)
    assert {words.label for name, words in HELP.items() if name != "base"} <= labels
    assert all(words.help in said for name, words in HELP.items() if name != "base")


def test_the_estimate_is_said_to_be_one_and_comes_from_trainings_here(studio, open_page):
    at = open_page("Train")
    assert [m.label for m in at.metric[:2]] == ["Time, estimated", "Memory, estimated"]
    assert "Nothing was trained with this base here yet" in text_of(at)
    run_of(studio)
    told = "newest training of these settings here: 320 pictures"
    assert told in text_of(open_page("Train"))


def test_without_a_gpu_the_page_says_why_only_the_practice_base_is_offered(studio, open_page):
    at = open_page("Train")
    assert "no NVIDIA GPU was found" in text_of(at) and "practice base" in text_of(at)
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
    assert "old.ckpt" in text_of(at).replace("\\", "") and "pickle" in text_of(at)
    assert not [b for b in at.button if b.label == "Start training"]
    _own(at, str(folder / "ours"))
    assert "A practice base" in text_of(at) and "CC0" in text_of(at).upper().replace("\\", "")
    start_button(at).click().run()
    settings = jobs(studio)[0].payload["settings"]
    assert (settings["base"], settings["batch_size"]) == (str(folder / "ours"), 32)


def test_only_who_may_names_another_place_and_what_is_there_is_not_told(
    studio, open_page, monkeypatch
):
    there = studio.home / "secret.safetensors"
    there.write_bytes(b"secret")

    def typed(place):
        asked = {"style": "items", "base": "One of your own", "own-base": str(place)}
        return open_page("Train", **asked)

    assert "not a whole safetensors file" in text_of(typed(there))
    monkeypatch.setattr(ui, "person", lambda: Actor("Ana", "artist"))
    for place in (there, studio.home / "nothing"):
        at = typed(place)
        said = text_of(at)
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
    assert "CreativeML OpenRAIL-M" in text_of(at).replace("\\", "")
    assert "4.3 GB" in at.get("progress")[0].proto.text
    start_button(at).click().run()
    settings = jobs(studio)[0].payload["settings"]
    assert settings["base"] == base_offers.STABLE_DIFFUSION.name
    assert (settings["learning_rate"], settings["mixed_precision"]) == (1e-4, "auto")


def test_repeats_of_kohyas_folders_are_what_a_training_begins_with(studio, open_page, tmp_path):
    for name, colour in (("10_gem/a.png", "red"), ("2_ring/b.png", "blue"), ("c.png", "green")):
        (tmp_path / "art" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGBA", (32, 32), colour).save(tmp_path / "art" / name)
    import_folder(studio.home, "art", tmp_path / "art", now=context.now(), actor="ana")
    at = open_page("Train", data="art", style="items")
    assert "by their folders: gem=10,ring=2" in text_of(at).replace("\\", "")
    start_button(at).click().run()
    asked = {"style": "rings", "dataset": "art", "settings": {"repeats": ""}}
    submit.ask(studio, "train", asked, asked_by="ana", now=context.now())
    del asked["settings"]
    submit.ask(studio, "train", {**asked, "style": "gems"}, asked_by="ana", now=context.now())
    told = {job.payload["style"]: job.payload["settings"]["repeats"] for job in jobs(studio)}
    assert told == {"items": "gem=10,ring=2", "rings": "", "gems": "gem=10,ring=2"}
