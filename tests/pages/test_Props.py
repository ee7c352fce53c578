"""The page Props: from pictures to props, their edits and sheets, services with their price first,
the history, and who may."""

import io
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlparse

import pytest
from PIL import Image

from pages.props import model_edits, one_prop, picture_edits, starting
from studio import context
from studio.accounts import unsaved
from studio.accounts.rights import Actor
from studio.assets import records, verdicts
from studio.charges import limits, prices
from studio.charges.money import MICRO
from studio.charges.prices import Price
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable
from studio.generation import start_pictures
from studio.jobs import queue
from studio.props.specification import Specification
from studio.web import drafts, session, ui
from studio.workflows import upscale_sources, wishes
from tests.pages.test_Gallery import NOW, keep, press, said, wall
from tests.prop_assets import prop
from tests.prop_pictures import empty, sprite


def png(picture):
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def brought(studio, picture=None):
    return start_pictures.keep_picture(studio.home, picture or sprite(), by="ana")


def address(at, name):
    value = at.query_params[name]
    return value[0] if isinstance(value, list) else value


def put(at, subject, **fields):
    """As somebody does in the fields of a draft."""
    for name, value in fields.items():
        at.session_state[f"draft {subject} {name}"] = value
    engine = session.studio().engine
    held = unsaved.find(engine, "ana", subject)
    unsaved.keep(engine, "ana", subject, {**(held.fields if held else {}), **fields}, now=NOW)
    at.run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def jobs(studio, kind="prop"):
    return sorted(queue.listing(studio.engine, kind=kind), key=lambda job: job.id)


def links(at):
    return {one.proto.label: one.proto for one in at.get("page_link")}


def button(at, label):
    return next(one for one in at.button if one.label.startswith(label))


def test_it_begins_with_a_wish_a_picture_or_a_file(studio, open_page):
    keep(studio, [1])
    at = open_page("Props")
    assert "Choose in the gallery" in links(at) and len(at.file_uploader) == 1
    assert {one.value for one in at.subheader} >= {"From a wish", "From a picture"}
    at.file_uploader[0].set_value([("an arrow.png", png(sprite()), "image/png")]).run()
    assert not at.exception
    assert start_pictures.size_of(studio.home, address(at, "id")) == (16, 16)


def test_what_is_no_picture_is_named(studio, open_page):
    at = open_page("Props")
    at.file_uploader[0].set_value([("a.png", b"none", "image/png")]).run()
    assert "not a picture in a known format" in said(at) and "id" not in at.query_params


def test_one_click_leads_from_a_picture_to_a_prop_by_what_suits_it(studio, open_page):
    hash = brought(studio)
    at = open_page("Props", id=hash)
    assert address(at, "method") == "card"
    press(at, "Make the prop")
    press(at, "Make the prop")
    (job,) = jobs(studio)  # hit twice it is one
    assert job.payload["pictures"] == [hash]
    assert job.payload["settings"]["method"] == "card"
    assert job.payload["settings"]["height_m"] > 0
    assert address(at, "job") == str(job.id)


def test_three_ways_are_shown_as_they_will_look_and_the_others_under_more(studio, open_page):
    hash = brought(studio)
    at = open_page("Props", id=hash)
    methods, data = wall(at, "props-methods")
    assert len(methods) == 3 and data["current"] == "card"
    assert data["tiles"][0]["url"].startswith(f"/props/preview/{hash}/")
    assert all(tile["alt"] and tile["said"] for tile in data["tiles"])
    at.toggle(key="props-more").set_value(True).run()
    assert len(wall(at, "props-methods")[0]) > 3 and address(at, "more") == "true"
    at = open_page("Props", id=hash, method="planes")
    assert "planes" in wall(at, "props-methods")[0]  # chosen, it is in sight
    assert "any more" in said(open_page("Props", id=hash, method="nothing"))


def test_what_is_set_by_hand_is_seen_kept_and_asked_for(studio, open_page):
    hash = brought(studio)
    at = put(open_page("Props", id=hash, method="card"), f"props/{hash}/card", depth=0.4)
    _, data = wall(at, "props-methods")
    url = next(tile["url"] for tile in data["tiles"] if tile["id"] == "card")
    assert json.loads(parse_qs(urlparse(url).query)["settings"][0]) == {"depth": 0.4}
    others = [tile["url"] for tile in data["tiles"] if tile["id"] != "card"]
    assert not any("?" in url for url in others)
    at = open_page("Props", id=hash, method="card")  # a reload
    assert "Set by hand: Shape" in said(at) and "not saved" in said(at)
    press(at, "Make the prop")
    assert jobs(studio)[0].payload["settings"]["depth"] == 0.4


def test_a_picture_with_nothing_on_it_is_named(studio, open_page):
    at = open_page("Props", id=brought(studio, empty()))
    assert at.error and not [one for one in at.button if one.label == "Make the prop"]


def test_many_are_one_job(studio, open_page):
    ids = keep(studio, [1, 2, 3])
    at = open_page("Props", ids=",".join(ids))
    press(at, "Make 3 props")
    (job,) = jobs(studio)
    assert job.payload["pictures"] == ids and job.payload["settings"]["method"] == ""


def test_pictures_that_are_gone_are_told(studio, open_page):
    (id,) = keep(studio, [1])
    assert "not there any more" in said(open_page("Props", id="gone"))
    assert "2 of 3" in said(open_page("Props", ids=f"{id},gone,lost"))


def test_what_came_of_a_job_is_read_from_its_result(studio, open_page):
    hash = brought(studio)
    press(open_page("Props", id=hash), "Make the prop")
    (job,) = jobs(studio)
    assert starting.made(job) == starting.made(None) == []
    done = replace(job, state="done", result={"props": ["a", "b"], "left": 0})
    assert starting.made(done) == ["a", "b"]
    assert starting.made(replace(done, result={"prop": "a"})) == ["a"]
    assert starting.made(replace(done, result={"pictures": ["p"]}), "pictures") == ["p"]


@pytest.mark.parametrize("job", ["999", "x", "-1", "9" * 30])
def test_a_job_that_is_not_there_is_told(studio, open_page, job):
    at = open_page("Props", id=brought(studio), job=job)
    assert "no job" in said(at) and button(at, "Make the prop")


def wished(studio, **changes):
    """A wish as rules expanded it; its id."""
    fields = {
        "original_prompt": "a healing potion",
        "expanded_prompt": "a round flask with a red potion",
        "style_keywords": ("bold",),
        "primary_colors": ("red", "gold"),
        "materials": ("glass",),
        "key_features": ("a cork",),
    }
    said_so = Specification(**{**fields, **changes})
    new = wishes.new(f"test {sorted(changes)}", said_so, "rules", style="props", version=1)
    (id,) = records.put(studio.engine, [new], by="ana", now=NOW)
    return id


def test_wishes_are_expanded_a_line_each_and_said_to_be_by_rules(studio, style, open_page):
    at = open_page("Props")
    assert "Expanded by rules" in said(at) and button(at, "Expand the wish").disabled
    at = put(at, "props/wishes", wishes="a healing potion\n\n an iron key ", variants=2)
    press(at, "Expand 2 wishes")
    (job,) = jobs(studio, "expand_wishes")
    assert job.payload["wishes"] == ["a healing potion", "an iron key"]
    assert (job.payload["variants"], job.payload["style"]) == (2, "props")
    assert address(at, "job") == str(job.id)


def test_a_specification_is_edited_field_by_field_into_a_new_wish(studio, style, open_page):
    id = wished(studio)
    subject = f"props/wish/{id}"
    at = open_page("Props", wish=id)
    assert "Expanded by rules" in said(at) and button(at, "Keep these words").disabled
    assert at.text_input(key=f"draft {subject} primary_colors").value == "red, gold"
    at = put(at, subject, primary_colors="blue, silver", key_features="")
    assert button(at, "Draw pictures").disabled  # pictures are drawn of what is kept
    press(at, "Keep these words")
    new = address(at, "wish")
    found = wishes.get(studio.engine, new)
    assert new != id and found.parent == id and found.by == "hand"
    assert found.specification.primary_colors == ("blue", "silver")
    assert found.specification.key_features == ()
    assert f"wish={id}" in links(at)["Undo: the wish before"].query_string


def test_pictures_are_drawn_of_a_wish_and_chosen_among(studio, style, open_page):
    id = wished(studio)
    at = put(open_page("Props", wish=id), f"props/wish/{id}/drawing", count=3)
    press(at, "Draw pictures")
    press(at, "Draw pictures")
    (job,) = jobs(studio, "generate")
    assert job.payload["wish"] == id and job.payload["count"] == 3
    assert job.payload["style"] == "props" and "round flask" in job.payload["prompt"]
    assert isinstance(job.payload["seed"], int)


def test_without_a_style_a_wish_says_what_there_is(studio, open_page):
    assert "no style yet" in said(open_page("Props", wish=wished(studio)))


def test_a_prop_is_live_with_its_figures_and_its_files(studio, open_page):
    id = prop(studio)
    at = open_page("Props", prop=id)
    (frame,) = at.get("iframe")
    assert frame.proto.src.startswith(f"/props/viewer/{id}")
    told = said(at)
    assert "Triangles" in told and "closed" in told and "1.5" in told
    downloads = {one.proto.url for one in at.get("link_button")}
    assert {f"/download/prop/{id}/{form}" for form in ("glb", "obj", "zip")} <= downloads
    assert "Again with these settings" not in links(at)  # nobody knows its picture
    assert "Undo: the version before" not in links(at)


def test_undo_leads_to_the_version_before(studio, open_page):
    first = prop(studio)
    second = prop(studio, key="props/test/2", parents=(first,))
    at = open_page("Props", prop=second)
    assert f"prop={first}" in links(at)["Undo: the version before"].query_string
    bodies = " ".join(one.proto.body for one in open_page("Props", prop=first).get("html"))
    assert f"/Props?prop={second}" in bodies  # what came of it


def test_again_with_these_settings_fills_the_fields(studio, open_page):
    hash = brought(studio)
    id = prop(studio, of={"named": hash, "hash": hash}, depth=0.3)
    at = open_page("Props", prop=id)
    assert f"like={id}" in links(at)["Again with these settings"].query_string
    at = open_page("Props", id=hash, like=id)
    assert "like" not in at.query_params and address(at, "method") == "card"
    press(at, "Make the prop")
    settings = jobs(studio)[0].payload["settings"]
    assert (settings["depth"], settings["height_m"]) == (0.3, 1.5)


def test_edits_are_one_new_version(studio, open_page):
    id = prop(studio)
    subject = f"props/{id}/edits"
    at = open_page("Props", prop=id)
    at.session_state["props-edit"] = True
    at.run()
    assert button(at, "Make this version").disabled  # nothing is changed yet
    at = put(at, subject, height_m=2.0, pivot="centre", degrees=90.0)
    press(at, "Make this version")
    (job,) = jobs(studio, "prop_edit")
    assert job.payload["prop"] == id
    assert [one["edit"] for one in job.payload["edits"]] == ["turn", "scale", "pivot"]
    assert job.payload["edits"][1]["height_m"] == 2.0


def test_edits_begin_with_the_prop_as_it_is(studio, open_page):
    id = prop(studio)
    open_page("Props", prop=id)
    figures = records.get(studio.engine, id).recipe["figures"]
    begun = model_edits._begun(figures)
    assert begun["height_m"] == pytest.approx(1.5) and begun["triangles"] == figures["triangles"]
    assert model_edits._begun({}) | {"pivot": "", "axis": "y"} == begun | {
        "height_m": None,
        "share": None,
        "triangles": None,
    }


def test_a_sheet_is_asked_for_in_a_palette(studio, open_page):
    table = ColourTable(("#102030", "#ffffff"), ("", ""), ())
    palettes.save(studio.engine, "two", table, after=0, by="ana", now=NOW)
    id = prop(studio)
    at = open_page("Props", prop=id)
    at.session_state["props-sheet"] = True
    at = put(at.run(), f"props/{id}/sheet", named="two", count=4, side=32)
    press(at, "Draw the sheet")
    (job,) = jobs(studio, "prop_sheet")
    assert job.payload["prop"] == id
    told = job.payload["directions"]
    assert (told["count"], told["side"], told["palette"]) == (4, 32, ["#102030", "#ffffff"])


def test_the_picture_is_made_ready_by_a_chain(studio):
    source = upscale_sources.source(studio, brought(studio))

    def of(**fields):
        saved = {**picture_edits.FIELDS, **fields}
        return picture_edits.chain(source, drafts.Draft(f"x {fields}", saved, None))

    assert of() == []
    assert of(background="advised", left=2, bottom=1) == [
        {"edit": "background", "by": "advised"},
        {"edit": "crop", "left": 2, "top": 0, "width": 14, "height": 15},
    ]
    assert of(hue=30)[0]["edit"] == "colour" and of(hue=30)[0]["hue"] == 30
    assert of(palette="two") == [{"edit": "palette", "palette": "two"}]


def test_a_prop_that_is_gone_is_told(studio, open_page):
    (id,) = keep(studio, [1])
    for named in ("gone", id):  # a picture is no prop
        at = open_page("Props", prop=named)
        assert "not there any more" in said(at) and at.title[0].value == "Props"


def test_it_is_judged_with_a_note(studio, open_page):
    id = prop(studio)
    at = put(open_page("Props", prop=id), f"props/{id}/verdict", note="the barb is too thin")
    press(at, "Needs an edit")
    with studio.engine.connect() as connection:
        now = verdicts.standing(connection, id)
    assert (now.said.verdict, now.said.note) == ("edit", "the barb is too thin")
    assert "Needs an edit" in said(at)


def priced(studio, monkeypatch):
    """A studio with a key to a service, its price and a limit."""
    monkeypatch.setenv("STUDIO_PROPS_MESHY_KEY", "k" * 20)
    session.forget()
    engine, told = session.studio().engine, {"by": "ana", "now": context.now()}
    price = [Price("image-to-3d", "call", 600_000)]
    prices.save(engine, "meshy", "EUR", price, after=0, why="their page", **told)
    limits.save(engine, "studio", "", "EUR", 9 * MICRO, after=0, why="a start", **told)


SERVICE = {"way": "By a provider", "model": "meshy/image-to-3d"}


def test_nothing_is_paid_before_its_price_was_seen_and_confirmed(studio, open_page, monkeypatch):
    priced(studio, monkeypatch)
    at = open_page("Props", id=brought(studio), **SERVICE)
    assert "At most" in said(at) and "0.60 EUR" in said(at)
    assert "Not tried against the service" in said(at)
    press(at, "Have it made, for at most 0.60 EUR")
    assert jobs(studio, "prop_by_provider") == []
    at.button(key="props-pay-now").click().run()
    (job,) = jobs(studio, "prop_by_provider")
    assert (job.payload["provider"], job.payload["model"]) == ("meshy", "image-to-3d")


def test_without_a_key_or_a_price_nothing_can_be_sent(studio, open_page):
    at = open_page("Props", id=brought(studio), **SERVICE)
    assert at.error and button(at, "Have it made").disabled
    assert "STUDIO_PROPS_MESHY_KEY" in said(at)


def test_what_is_to_be_known_of_a_licence_stands_before_the_button(studio, open_page):
    at = open_page(
        "Props", id=brought(studio), way="By a provider", model="synexa/tencent/hunyuan3d-2"
    )
    assert "European Union" in said(at)
    at = open_page("Props", id=brought(studio), way="On your own GPU")
    assert "MIT" in said(at) and "Hunyuan3D" in said(at)
    assert button(at, "Make it on the GPU").disabled and "not set up" in said(at)


def test_the_history_is_found_by_filters_in_the_address(studio, open_page):
    picture, other = keep(studio, [1, 2])
    card = prop(studio, parents=(picture,))
    voxels = prop(studio, sprite(colour=(20, 200, 40)), key="props/test/2", method="voxels")
    at = open_page("Props", show="History")
    assert set(wall(at, "props-wall")[0]) >= {picture, other, card, voxels}
    at = open_page("Props", show="History", kind="prop")
    ids, data = wall(at, "props-wall")
    assert set(ids) == {card, voxels}
    tile = next(one for one in data["tiles"] if one["id"] == card)
    assert tile["url"] == f"/props/poster/{card}" and tile["href"] == f"/Props?prop={card}"
    assert "triangles" in tile["about"]
    assert wall(open_page("Props", show="History", method="voxels"), "props-wall")[0] == [voxels]
    assert "Nothing fits" in said(open_page("Props", show="History", cost="paid"))
    assert "no style gone any more" in said(open_page("Props", show="History", style="gone"))


def test_an_empty_history_says_what_to_do(studio, open_page):
    assert "Nothing was made yet" in said(open_page("Props", show="History"))


def test_a_viewer_sees_all_of_it_and_makes_nothing(studio, open_page, monkeypatch):
    hash, id = brought(studio), prop(studio)
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Props", id=hash)
    assert button(at, "Make the prop").disabled and "Making props is for" in said(at)
    at = open_page("Props", prop=id)
    assert at.get("iframe") and button(at, "Approve").disabled
    assert at.get("link_button")  # who may look may take files
    assert all(one.disabled for one in open_page("Props").text_area)
    assert open_page("Props").file_uploader[0].proto.disabled


def test_words_of_people_are_text(studio, open_page):
    id = prop(studio, Image.new("RGBA", (4, 4), "red"), name="[a](javascript:1) **b**")
    at = open_page("Props", prop=id)
    assert "\\[a\\]" in " ".join(one.value for one in at.subheader)


def test_surfaces_in_words():
    assert one_prop.surface({}) == ""
    assert "open, 3" in one_prop.surface({"closed": False, "open_edges": 3})
    assert one_prop.surface({"closed": True, "manifold": True}) == "closed and 2-manifold"
    assert "2 edges" in one_prop.surface(
        {"closed": True, "manifold": False, "nonmanifold_edges": 2}
    )
