"""Generate: what is asked for as a job, and the newest pictures below."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from studio.accounts.rights import Actor
from studio.generation import (
    gallery_table,
    picture_files,
    prompt_templates,
    start_pictures,
    usual_sizes,
)
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs import leases, queue
from studio.registry import stages
from studio.web import ui
from studio.workflows import seamless_styles
from tests.furnished import bare_files

NOW = datetime.now(UTC)


@pytest.fixture
def style(studio, tmp_path):
    """Two versions of props, the first in production, and one of tiles; nobody trained them."""
    for name, word, count in (("props", "<Props>", 2), ("tiles", "<Tiles>", 1)):
        studio.client.create_registered_model(name)
        for _ in range(count):
            tags = {
                "base": "/pocket",
                "base_name": "pocket",
                "trigger_word": word,
                "stage": "candidate",
            }
            studio.client.create_model_version(name, bare_files(tmp_path), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=NOW,
    )


def address(at, name) -> str:
    """What the address says, which AppTest gives as it was set."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def keep(studio, seed=3, by="ana", job=None, size=(32, 32), **changes):
    told = {
        "style": "props",
        "version": 1,
        "base": "pocket",
        "run": "",
        "dataset": "",
        "prompt": "a <b>red</b> potion",
        "full_prompt": "",
        "negative": "blue",
        "seed": seed,
        "steps": 9,
        "guidance": 2.5,
        "strength": 0.7,
        **changes,
    }
    made = Made(**told)
    folder = studio.home / "generated" / "props"
    file = picture_files.keep(folder, f"p{seed}", Image.new("RGBA", size, "red"), made)
    return gallery_table.record(
        studio.engine, studio.home, [Kept(file, made)], by=by, now=NOW, job=job
    )[0]


def said(at) -> str:
    return " ".join(e.value for e in [*at.markdown, *at.caption, *at.warning, *at.info, *at.error])


def reading(at) -> dict:
    """What the counter below the prompt is told."""
    (screen,) = [e for e in at.get("bidi_component") if "_prompt" in e.proto.component_name]
    return json.loads(screen.proto.json)


def notes(at, kind="") -> str:
    """What is said of the prompts, one after another."""
    found = reading(at)["read"]["notes"]
    return " ".join(note["text"] for note in found if kind in ("", note["kind"]))


def draw(at):
    return next(b for b in at.button if b.label == "Draw").click().run()


def test_without_a_style_the_page_says_what_to_do(studio, open_page):
    assert "no style yet" in said(open_page("Generate"))


def test_what_is_in_production_draws_as_asked(studio, style, open_page):
    at = open_page("Generate")
    assert (at.selectbox(key="style").value, at.selectbox(key="version of props").value) == (
        "props",
        1,
    )
    at.text_area(key="prompt").input("a {style_token} zeppelin, red").run()
    assert reading(at)["read"]["sent"] == "a <Props> zeppelin, red"
    assert "never learned: zeppelin" in notes(at, "warning")
    at.text_input(key="negative").input("blur")
    at.slider(key="steps").set_value(12)
    at.slider(key="guidance").set_value(6.0)
    at.slider(key="strength").set_value(0.8)
    at.slider(key="count").set_value(2)
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.lane, job.asked_by) == ("interactive", "ana")
    asked = job.payload
    assert (asked["style"], asked["version"], asked["prompt"]) == (
        "props",
        1,
        "a {style_token} zeppelin, red",
    )
    assert (asked["steps"], asked["guidance"], asked["strength"]) == (12, 6.0, 0.8)
    assert (asked["negative"], asked["count"]) == ("blur", 2)
    assert at.query_params["job"] == [str(job.id)] or at.query_params["job"] == str(job.id)
    draw(at)  # hit twice: one job while it waits
    assert len(queue.listing(studio.engine, kind="generate")) == 1
    at.button(key=f"cancel-{job.id}").click().run()
    assert queue.get(studio.engine, job.id).state == "cancelled"
    draw(at)  # the same again, with a seed of its own
    again = queue.listing(studio.engine, kind="generate")[0].payload
    assert again["seed"] != asked["seed"] and {**again, "seed": 0} == {**asked, "seed": 0}


def test_a_draw_without_words_is_refused(studio, style, open_page):
    at = draw(open_page("Generate"))
    assert "The prompt is empty" in said(at)
    assert queue.listing(studio.engine) == []


def unfolded(at, key):
    """What is folded away is not drawn."""
    at.session_state[key] = True
    return at.run()


def test_another_version_a_fixed_seed_and_further_loras(studio, style, open_page):
    at = open_page("Generate", style="props", version="2")
    assert at.selectbox(key="version of props").value == 2
    assert "Default: Version 1 is in production" in said(at)
    at.segmented_control(key="seeds").set_value("Fixed").run()
    at.number_input(key="seed").set_value(77)
    at = unfolded(at, "mix")
    at.multiselect(key="others").select("tiles version 1")
    at = unfolded(at, "mix")
    at.slider(key="strength of tiles version 1").set_value(0.4)
    at.text_area(key="prompt").input("grass").run()
    assert reading(at)["read"]["sent"] == "<Tiles> <Props> grass"
    at.session_state["mix"] = False
    assert "Mixed in: tiles version 1" in said(at.run())
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["version"], job.payload["seed"]) == (2, 77)
    assert job.payload["adapters"] == [{"style": "tiles", "version": 1, "strength": 0.4}]


def test_again_with_the_settings_of_a_picture(studio, style, open_page):
    start = start_pictures.keep_picture(studio.home, Image.new("RGBA", (8, 8), "lime"))
    other = {"style": "tiles", "version": 1, "strength": 0.3}
    id = keep(studio, seed=41, start=start, change=0.35, adapters=(other,))
    at = open_page("Generate", again=id)
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    asked = job.payload
    assert (asked["prompt"], asked["negative"], asked["seed"]) == (
        "a <b>red</b> potion",
        "blue",
        41,
    )
    assert (asked["steps"], asked["guidance"], asked["strength"]) == (9, 2.5, 0.7)
    assert (asked["start"], asked["change"], asked["adapters"]) == (start, 0.35, [other])
    at = open_page("Generate", start=id)
    at.text_area(key="prompt").input("a gem").run()
    draw(at)
    asked = queue.listing(studio.engine, kind="generate")[0].payload
    with Image.open(start_pictures.path(studio.home, asked["start"])) as kept:
        assert kept.getpixel((0, 0)) == (255, 0, 0, 255)


def test_again_with_numbers_that_a_command_or_an_older_version_drew_with(studio, style, open_page):
    drawn = {"steps": 150, "guidance": 33.0, "strength": -1.5, "seed": 2**40 + 41}
    at = open_page("Generate", again=keep(studio, **drawn))
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    asked = {name: job.payload[name] for name in drawn}
    assert asked == {**drawn, "seed": 41}  # which draws the same picture


def test_a_dropped_picture_is_begun_from(studio, style, open_page):
    at = unfolded(open_page("Generate"), "begin")
    file = next((studio.home / "datasets" / "pictures").rglob("*.png"))
    at.file_uploader[0].set_value((file.name, file.read_bytes(), "image/png")).run()
    at.text_area(key="prompt").input("a gem").run()
    draw(at)
    asked = queue.listing(studio.engine, kind="generate")[0].payload
    assert start_pictures.path(studio.home, asked["start"]).is_file() and asked["change"] == 0.6
    at = unfolded(at, "begin")
    next(b for b in at.button if b.label == "Begin without it").click().run()
    assert "start" not in at.session_state or not at.session_state["start"]


def test_a_picture_that_is_none_is_refused_in_words(studio, style, open_page):
    at = unfolded(open_page("Generate"), "begin")
    at.file_uploader[0].set_value(("x.png", b"<script>", "image/png")).run()
    assert not at.exception and "not a picture" in said(at)


def wall(at, key):
    """What the wall of pictures `key` shows, as its script is told."""
    found = [e.proto for e in at.get("bidi_component") if key in e.proto.id]
    return [tile["id"] for proto in found for tile in json.loads(proto.json)["tiles"]]


def test_the_newest_are_shown_and_lead_to_the_gallery(studio, style, open_page):
    ids = [keep(studio, seed=seed) for seed in range(10)]
    at = open_page("Generate")
    assert wall(at, "newest") == ids[:8]  # of one moment
    assert "Gallery" in [link.proto.label for link in at.get("page_link")]


def test_a_done_jobs_pictures_are_shown_and_a_missing_job_is_named(studio, style, open_page):
    at = open_page("Generate", job="999")
    assert "no job 999" in said(at)
    job = queue.submit(
        studio.engine, kind="generate", lane="interactive", payload={}, asked_by="ana", now=NOW
    )
    taken = leases.take(studio.engine, "w", "interactive", NOW, timedelta(hours=1))
    keep(studio, job=job.id)
    leases.finish(studio.engine, job.id, taken.attempt, {}, NOW)
    assert not open_page("Generate", job=str(job.id)).error


def sides(at) -> tuple[int | None, int | None]:
    return tuple(at.number_input(key=f"{side} of props 1").value for side in ("width", "height"))


def test_the_usual_sizes_come_first_and_any_width_and_height_stand_beside(
    studio, style, open_page, monkeypatch
):
    new = usual_sizes.of_lines("hero 32x48\nbackground 160x90")
    usual_sizes.write(studio.engine, "props", new, (), by="ana", now=NOW)
    at = open_page("Generate")
    size = at.selectbox(key="size of props 1")
    assert size.options == ["Default 32 x 32", "hero 32 x 48", "background 160 x 90"]
    assert sides(at) == (None, None) and address(at, "size") == "32x32"
    size.select("hero 32 x 48").run()
    assert sides(at) == (32, 48) and address(at, "size") == "32x48"
    at.number_input(key="width of props 1").set_value(30).run()
    assert at.selectbox(key="size of props 1").value == "Another size"
    assert "30 x 48 is drawn as 32 x 48 and its middle cut out" in said(at)
    at.text_area(key="prompt").input("a gem").run()
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["width"], job.payload["height"]) == (30, 48)
    at = open_page("Generate", size="Background")  # by name, too
    assert sides(at) == (160, 90) and at.selectbox(key="size of props 1").value == (
        "background 160 x 90"
    )
    at = open_page("Generate", size="64")
    assert sides(at) == (64, 64)
    assert "no usual size" in said(open_page("Generate", size="cave"))
    monkeypatch.setattr(ui, "person", lambda: Actor("eve", "artist"))
    at = open_page("Generate")
    assert not [b for b in at.button if b.label == "Usual sizes"]


def test_usual_sizes_are_changed_in_a_dialog(studio, style, open_page):
    at = open_page("Generate")
    next(b for b in at.button if b.label == "Usual sizes").click().run()
    lines = next(t for t in at.text_area if t.label.startswith("One a line"))
    lines.input("hero 32x48\ncave")
    next(b for b in at.button if b.label == "Save").click().run()
    assert "Line 2: 'cave' is no size" in plain(at)
    assert usual_sizes.read(studio.home, "props") == ()
    next(t for t in at.text_area if t.label.startswith("One a line")).input("hero 32x48")
    next(b for b in at.button if b.label == "Save").click().run()
    assert [str(one) for one in usual_sizes.read(studio.home, "props")] == ["hero 32 x 48"]


def test_seamless_is_chosen_beside_the_size_and_goes_into_the_job(studio, style, open_page):
    at = open_page("Generate")
    way = at.selectbox(key="seamless of props 1")
    assert (way.value, address(at, "seamless")) == ("", "no")
    way.select("both").run()
    assert address(at, "seamless") == "both" and "Seamless: X and Y, holes filled" in said(at)
    at.segmented_control(key="holes of textures").set_value("open").run()
    assert address(at, "holes") == "open"
    at.text_area(key="prompt").input("grass").run()
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    assert (job.payload["seamless"], job.payload["fill"]) == ("both", "")
    again = open_page("Generate")  # as the draft has it
    assert again.selectbox(key="seamless of props 1").value == "both"
    at = open_page("Generate", seamless="x")
    assert at.selectbox(key="seamless of props 1").value == "x"


def test_a_style_of_a_tileable_dataset_begins_seamless(studio, style, open_page, monkeypatch):
    ways = {"tiles": "both"}
    monkeypatch.setattr(
        seamless_styles, "proposed", lambda studio, version: ways.get(version.style, "")
    )
    at = open_page("Generate", style="tiles")
    assert at.selectbox(key="seamless of tiles 1").value == "both"
    at.selectbox(key="style").select("props").run()
    assert at.selectbox(key="seamless of props 1").value == ""


def test_what_was_drawn_seamless_says_whether_it_fits_and_is_shown_repeated(
    studio, style, open_page
):
    job = queue.submit(
        studio.engine,
        kind="generate",
        payload={"style": "props"},
        lane="interactive",
        asked_by="ana",
        now=NOW,
    )
    keep(studio, seed=4, job=job.id, seamless="both", fill="opaque")
    at = open_page("Generate", job=str(job.id))
    assert "1 of 1 seamless picture fits at the edges" in said(at)
    at.button(key="repeat-switch").click().run()
    assert address(at, "repeated") == "true"
    shown = [e for e in at.get("bidi_component") if "_repeat" in e.proto.component_name]
    (picture,) = json.loads(shown[0].proto.json)["pictures"]
    assert picture["way"] == "both" and picture["verdict"].startswith("X fits")
    at.button(key="repeat-switch").click().run()
    assert "repeated" not in at.query_params


def test_a_seamless_picture_gone_on_with_brings_its_edges(studio, style, open_page):
    id = keep(studio, seed=5, seamless="y")
    at = open_page("Generate", again=id)
    assert at.selectbox(key="seamless of props 1").value == "y"
    assert at.segmented_control(key="holes of textures").value == "open"


def test_a_picture_gone_on_with_brings_its_size(studio, style, open_page):
    id = keep(studio, size=(40, 24))
    assert sides(open_page("Generate", again=id)) == (40, 24)
    at = open_page("Generate", start=id)
    assert sides(at) == (40, 24) and address(at, "size") == "40x24"


LONG = ", ".join(f"a red potion with {word}" for word in "gold glass gems rubies wood iron".split())


def plain(at) -> str:
    return said(at).replace("\\", "").replace("\u2060", "")


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


def test_to_begin_from_a_picture_keeps_its_prompt_and_settings(studio, style, open_page):
    id = keep(studio, seed=41)
    at = open_page("Generate", **{"from": id})
    assert at.text_area(key="prompt").value == "a <b>red</b> potion"
    assert (at.slider(key="steps").value, at.slider(key="strength").value) == (9, 0.7)
    draw(at)
    asked = queue.listing(studio.engine, kind="generate")[0].payload
    assert (asked["negative"], asked["mask"], asked["change"]) == ("blue", "", 0.6)
    assert asked["start"] and "from" not in at.query_params


def test_a_part_is_painted_before_it_is_drawn_anew(studio, style, open_page):
    at = open_page("Generate", part=keep(studio))
    (easel,) = [e for e in at.get("bidi_component") if "_part" in e.proto.component_name]
    told = json.loads(easel.proto.json)
    assert (told["width"], told["mask"], told["editable"]) == (32, "", True)
    assert "Nothing is painted" in said(draw(at))
    assert queue.listing(studio.engine, kind="generate") == []
    mask = Image.new("L", (32, 32))
    mask.paste(255, (0, 0, 8, 8))
    at.session_state["mask"] = start_pictures.keep_mask(studio.home, mask, told["hash"])
    draw(at.run())
    asked = queue.listing(studio.engine, kind="generate")[0].payload
    assert (asked["start"], asked["width"], asked["height"]) == (told["hash"], 32, 32)
    assert asked["mask"] == at.session_state["mask"]
    begins = "".join(at.query_params["begins"])
    again = open_page("Generate", begins=begins)  # a reload
    assert again.session_state["mask"] == asked["mask"] and again.session_state["part"]
    assert not open_page("Generate").session_state["start"]  # from the menu, another day
    at = unfolded(at, "begin")
    next(t for t in at.toggle if t.key == "part").set_value(False).run()
    assert not [e for e in at.get("bidi_component") if "_part" in e.proto.component_name]


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
