"""Generate: what becomes of prompts, and what is kept of them."""

import json

import pytest

from studio import context
from studio.generation import gallery_table, prompt_drafts, prompt_templates
from studio.jobs import queue
from tests.furnished import bare_files
from tests.pages.generate_page import draw, keep, notes, plain, reading, said, unfolded

LONG = ", ".join(f"a red potion with {word}" for word in "gold glass gems rubies wood iron".split())


def recipe(at) -> str:
    found = next(e.proto for e in at.get("bidi_component") if "recipe" in e.proto.id)
    return "; ".join(f"{row['name']}: {row['value']}" for row in json.loads(found.json)["rows"])


def test_tokens_are_counted_and_what_is_not_drawn_as_it_stands_is_told(studio, style, open_page):
    at = open_page("Generate")
    at.text_area(key="prompt").input("a red potion").run()
    assert reading(at)["read"]["tokens"] == "9 of 30 tokens" and notes(at) == ""
    at.text_area(key="prompt").input(f"{LONG} [gem]").run()
    at.text_input(key="negative").input(f"(blue:1.2), {LONG}").run()
    for tokens in ("tokens", "negative_tokens"):
        assert "tokens in 2 chunks of at most 30" in reading(at)["read"][tokens]
    assert "The prompt has" in notes(at) and "The negative prompt has" in notes(at)
    assert "'[gem]' is drawn as it stands" in notes(at) and "(blue" not in notes(at)
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert job.payload["prompt"] == f"{LONG} [gem]"


@pytest.mark.parametrize("field", ["prompt", "negative"])
def test_the_sign_for_a_lora_is_refused_before_drawing(studio, style, open_page, field):
    at = open_page("Generate")
    at.text_area(key="prompt").input("a gem").run()
    kind = at.text_area if field == "prompt" else at.text_input
    kind(key=field).input("a gem <lora:ink:0.8>").run()
    told = notes(at, "error")
    assert told.count("<lora:ink:0.8>") == 1 and "choose ink under Further LoRAs" in told
    assert "<lora:ink:0.8>" in plain(draw(at))
    assert queue.listing(studio.engine, kind="generate") == []


def test_a_base_that_is_not_here_is_counted_by_an_estimate(studio, tmp_path, open_page):
    studio.client.create_registered_model("far")
    tags = {"base": "someone/xl", "base_name": "someone/xl", "stage": "candidate"}
    studio.client.create_model_version("far", bare_files(tmp_path / "far"), tags=tags)
    at = open_page("Generate")
    at.text_area(key="prompt").input("a red potion").run()
    assert reading(at)["read"]["tokens"] == "about 3 of 75 tokens (an estimate)"


def test_a_picture_says_how_its_prompt_was_read(studio, style, open_page):
    read = {"chunks": 2, "weights": [["red", 1.3]], "text": "a red potion"}
    id, old = keep(studio, 4, reading=read), keep(studio, 5)
    assert gallery_table.get(studio.engine, id).reading == read
    assert gallery_table.get(studio.engine, old).reading == {}
    at = open_page("Picture", id=id)
    assert "the prompt in 2 chunks; the prompt with 'red' at 1.3" in recipe(at)
    assert "chunks" not in recipe(open_page("Picture", id=old))


def test_what_stands_in_the_field_is_drawn_or_refused_beside_it(studio, style, open_page):
    at = open_page("Generate")
    at.text_area(key="prompt").input("a red gem").run()
    draw(at)
    long = "a gem " * 400
    at.text_area(key="prompt").input(long).run()
    assert "The prompt has 2,400 characters, 400 too many." in notes(at, "error")
    draw(at)
    assert "The prompt's length is 2400. Give 1 to 2000." in " ".join(plain(at).split())
    (job,) = queue.listing(studio.engine, kind="generate")  # not the old one again
    assert job.payload["prompt"] == "a red gem"
    at.text_area(key="prompt").input("a gem 🔥").run()
    assert "never learned: 🔥" in notes(at, "warning")
    at.text_area(key="prompt").input("").run()
    assert "The prompt is empty" in said(draw(at)) and reading(at)["read"]["sent"] == ""


@pytest.mark.slow
def test_a_draft_outlasts_a_reload_and_the_address_holds_what_is_set(studio, style, open_page):
    at = open_page("Generate", style="tiles")
    at.text_area(key="prompt").input("a red gem").run()
    at.text_input(key="negative").input("blur").run()
    at.slider(key="steps").set_value(12).run()
    at.segmented_control(key="seeds").set_value("Fixed").run()
    at.number_input(key="seed").set_value(77).run()
    address = {name: "".join(at.query_params[name]) for name in ("style", "version", "steps")}
    assert address == {"style": "tiles", "version": "1", "steps": "12"}
    assert ("".join(at.query_params["guidance"]), "".join(at.query_params["seed"])) == ("4", "77")
    again = open_page("Generate")  # without an address, as from the menu
    assert again.selectbox(key="style").value == "tiles"
    assert again.text_area(key="prompt").value == "a red gem"
    assert again.text_input(key="negative").value == "blur"
    assert (again.slider(key="steps").value, again.number_input(key="seed").value) == (12, 77)
    link = open_page("Generate", style="props", steps="9", seed="3", guidance="1.5")
    assert (link.selectbox(key="style").value, link.slider(key="steps").value) == ("props", 9)
    assert (link.number_input(key="seed").value, link.slider(key="guidance").value) == (3, 1.5)
    for odd in ({"steps": "x", "seed": "-1"}, {"steps": "999", "seed": "1e99"}):
        assert not open_page("Generate", **odd).exception


def test_a_prompt_that_another_tab_wrote_over_is_not_lost(studio, style, open_page):
    def kept():
        beside = prompt_drafts.beside(studio.engine, "ana")
        prompt = prompt_drafts.read(studio.engine, "ana")["prompt"]
        return prompt, (beside.fields if beside else {})

    one, two = open_page("Generate"), open_page("Generate")
    one.text_area(key="prompt").input("a red gem").run()
    two.text_area(key="prompt").input("a blue ring").run()
    one.run()  # what was typed last stays, whichever tab is drawn anew
    assert kept() == ("a blue ring", {"prompt": "a red gem"})
    assert one.text_area(key="prompt").value == "a red gem"
    at = open_page("Generate")  # a reload of either
    assert at.text_area(key="prompt").value == "a blue ring"
    assert "Typed before: “a red gem”" in said(at)
    at.button(key="other-use").click().run()
    assert at.text_area(key="prompt").value == "a red gem" and "“a blue ring”" in said(at)
    assert kept() == ("a red gem", {"prompt": "a blue ring"})
    at.button(key="other-not").click().run()
    assert "Typed before" not in said(at) and kept() == ("a red gem", {})


def test_settings_of_two_tabs_do_not_take_each_others_place(studio, style, open_page):
    one, two = open_page("Generate", style="tiles"), open_page("Generate", style="tiles")
    one.slider(key="steps").set_value(12).run()
    two.slider(key="guidance").set_value(1.5).run()
    held = prompt_drafts.read(studio.engine, "ana")
    assert (held["steps"], held["guidance"]) == (12, 1.5)
    assert prompt_drafts.beside(studio.engine, "ana") is None
    two.slider(key="steps").set_value(30).run()  # knows nothing of 12
    assert one.slider(key="steps").value == 12
    assert "Typed before: steps 12 · until " in said(two)
    at = open_page("Generate")
    assert at.slider(key="steps").value == 30 and "steps 12" in said(at)
    at.button(key="other-use").click().run()
    assert at.slider(key="steps").value == 12 and "steps 30" in said(at)
    assert prompt_drafts.read(studio.engine, "ana")["steps"] == 12


def test_a_tab_that_begins_without_a_picture_takes_none_from_another(studio, style, open_page):
    told = {"tab": "one", "was": {}, "by": "ana", "now": context.now()}
    prompt_drafts.keep(studio.engine, {"start": "a" * 64, "change": 0.4}, **told)
    at = open_page("Generate")
    at.text_area(key="prompt").input("a red gem").run()
    assert at.session_state["start"] == ""
    assert prompt_drafts.read(studio.engine, "ana")["start"] == "a" * 64


@pytest.mark.slow
def test_a_pictures_settings_do_not_lose_what_was_typed(studio, style, open_page):
    id = keep(studio, prompt="a gem")
    at = open_page("Generate")
    at.text_area(key="prompt").input("a red ring").run()
    again = open_page("Generate", again=id)
    assert again.text_area(key="prompt").value == "a gem"
    assert "Typed before: “a red ring”" in said(again)
    again.button(key="other-use").click().run()
    assert again.text_area(key="prompt").value == "a red ring" and "“a gem”" in said(again)


@pytest.mark.slow
def test_fields_of_a_prompt_become_inputs_and_templates_are_kept(studio, style, open_page):
    at = open_page("Generate")
    at.text_area(key="prompt").input("a {material} {thing}, front view").run()
    assert "The prompt's field {material} is empty" in plain(draw(at))
    at.text_input(key="field material").input("iron").run()
    at.text_input(key="field thing").input("sword").run()
    assert reading(at)["read"]["sent"] == "<Props> a iron sword, front view"
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert job.payload["prompt"] == "a iron sword, front view"
    at = unfolded(at, "templates")
    at.text_input(key="template-name").input("weapon").run()
    at = unfolded(at, "templates")
    at.button(key="template-save").click().run()
    (kept,) = prompt_templates.listing(studio.engine, "props")
    assert (kept.name, kept.style, kept.by) == ("weapon", "props", "ana")
    at.text_area(key="prompt").input("a gem").run()
    at = unfolded(at, "templates")
    at.selectbox(key="template").set_value(None).run()
    at = unfolded(at, "templates")
    at.selectbox(key="template").set_value(kept.id).run()
    assert at.text_area(key="prompt").value == "a {material} {thing}, front view"
    assert at.text_input(key="field thing").value == "sword"
    at = unfolded(at, "templates")
    at.button(key="template-delete").click().run()
    assert prompt_templates.listing(studio.engine) == [] and not at.exception


def test_a_style_in_the_prompt_acts_beside_the_chosen_one(studio, style, open_page):
    at = open_page("Generate", style="props", version="1")
    at.text_area(key="prompt").input("a gem <lora:tiles:0.4>").run()
    assert reading(at)["read"]["sent"] == "<Tiles> <Props> a gem" and notes(at) == ""
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert job.payload["adapters"] == [{"style": "tiles", "version": 1, "strength": 0.4}]
    assert job.payload["prompt"] == "a gem"
