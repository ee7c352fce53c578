"""Generate: what is asked for as a job, and the newest pictures below."""

import json
from datetime import timedelta

from PIL import Image

from studio.generation import start_pictures
from studio.jobs import leases, queue
from tests.pages.generate_page import NOW, draw, keep, notes, reading, said, unfolded


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
    (easel,) = [e for e in at.get("bidi_component") if "_mask" in e.proto.component_name]
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
    assert not [e for e in at.get("bidi_component") if "_mask" in e.proto.component_name]
