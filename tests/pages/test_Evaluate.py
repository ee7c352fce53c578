import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.database import engine as db
from studio.datasets import versions as datasets
from studio.datasets.folder_import import import_folder
from studio.evaluation import contact_sheet
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.web import ui

ASKED = [("a red gem", 1), ("a red gem", 2), ("a <b>tree", 1), ("a <b>tree", 2), ("a ring", 1)]


@pytest.fixture
def held_out(studio):
    return import_folder(
        studio.home,
        "sample-held-out",
        CHECKOUT / "sample" / "held_out",
        now=context.now(),
        actor="ana",
    ).version


def _figures(kid, low, high):
    return {
        "pictures": 48.0,
        "real_pictures": 24.0,
        "copy_threshold": 0.97,
        "kid_pocket_clip_v2": kid,
        "kid_pocket_clip_v2_low": low,
        "kid_pocket_clip_v2_high": high,
        "base_kid_pocket_clip_v2": 0.009,
        "base_kid_pocket_clip_v2_low": 0.008,
        "base_kid_pocket_clip_v2_high": 0.01,
        "real_kid_pocket_clip_v2": 0.0001,
        "real_kid_pocket_clip_v2_low": 0.0,
        "real_kid_pocket_clip_v2_high": 0.0002,
        "palette_distance": 20.0,
        "base_palette_distance": 33.0,
        "real_palette_distance": 8.0,
    }


def _version(
    studio,
    style="items",
    figures=None,
    prompts="c" * 12,
    against="sample-held-out@0",
    finishing=None,
):
    """A registered version with figures and a sheet, as an evaluation leaves it."""
    data = datasets.load(studio.home, "sample")
    if not studio.client.search_registered_models(f"name = '{style}'"):
        studio.client.create_registered_model(style)
    tags = {
        "stage": "candidate",
        "dataset": "sample",
        "dataset_digest": data.digest,
        "trigger_word": "<s>",
        "base": "pocket",
    }
    if figures:
        tags |= {"prompts": prompts, "against": against}
        tags |= {} if finishing is None else {"finishing": finishing}
        tags |= {f"metric.{name}": repr(value) for name, value in figures.items()}
    number = int(studio.client.create_model_version(style, "file:/nowhere", tags=tags).version)
    if figures:
        pictures = [Image.new("RGBA", (32, 32), (k, 0, 0, 255)) for k in range(len(ASKED))]
        near = [(data.pictures[k].hash, 0.5 + k / 10) for k in range(len(ASKED))]
        folder = contact_sheet.folder_of(studio.home, style, number)
        contact_sheet.write_sheet(folder, style, number, prompts, ASKED, pictures, pictures, near)
    with db.writing(studio.engine) as connection:
        db.bump(connection)
    return number


def _html(at):
    return " ".join(h.proto.body for h in at.get("html"))


def _said(at):
    parts = (at.markdown, at.caption, at.info, at.warning, at.error)
    return " ".join(element.value for part in parts for element in part)


def _jobs(studio):
    return queue.listing(studio.engine, kind="evaluate")


def test_without_a_style_the_page_says_what_to_do(studio, open_page):
    assert "Nothing was trained yet" in _said(open_page("Evaluate"))


def test_the_two_newest_measured_versions_stand_beside_base_and_real_art(
    studio, open_page, held_out
):
    for kid in (0.007, 0.005, 0.002):
        _version(studio, figures=_figures(kid, kid - 0.001, kid + 0.001))
    _version(studio)
    at = open_page("Evaluate", style="items")
    assert at.multiselect[0].value == [3, 2]
    shown = _html(at)
    for file in ("3/version-000.png", "2/version-000.png", "3/base-000.png"):
        assert f"/picture/sheet/items/{file}" in shown
    heads = [f'<th scope="col">{head}</th>' for head in ("Real art", "Base", "Version 3")]
    assert "".join(heads) in shown
    assert "/picture/data/" in shown  # real art beside the prompt
    assert "Version 3 is better than version 2." in _said(at)
    assert "How far all pictures together lie" in _said(at)
    assert "0.0020 (0.0010 to 0.0030)" in shown and "real art" in shown


def test_a_sentence_and_three_numbers_come_first_and_the_style_stands_in_the_address(
    studio, open_page, held_out
):
    figures = _figures(0.002, 0.001, 0.003) | {"copies": 0.0, "real_copies": 2.0}
    _version(studio, figures=figures)
    at = open_page("Evaluate")
    assert "Version 1 is closer to the style than the base and copies nothing." in _html(at)
    told = [(m.label, m.value) for m in at.metric]
    assert told == [("KID (style distance) · ↓ lower is better", "0.0020"), ("Copies", "0")]
    assert at.metric[0].delta == "the base 0.0090, real art 0.0001"
    assert "**KID (style distance)** · ↓ lower is better" in _said(at)
    assert "Real art has near-duplicates of its own: 2 pictures" in _said(at)
    assert at.query_params["style"] in ("items", ["items"])
    assert at.query_params["versions"] in ("1", ["1"])


def test_a_viewer_reads_who_measures(studio, open_page, held_out, monkeypatch):
    _version(studio)
    monkeypatch.setattr(ui, "person", lambda: Actor("Vi", "viewer"))
    at = open_page("Evaluate", style="items", version="1")
    assert "Version 1 has to be measured first. That is for" in _said(at)
    assert [b.label for b in at.main.button if not b.disabled] == []


def test_prompts_are_paged_and_shown_as_text(studio, open_page, held_out):
    _version(studio, figures=_figures(0.002, 0.001, 0.003))
    at = open_page("Evaluate")
    assert "a &lt;b&gt;tree · seed 1" in _html(at) and "<b>tree" not in _html(at)
    assert "a ring" not in _html(at)
    at = open_page("Evaluate", page="2")
    assert "a ring · seed 1" in _html(at) and "a red gem · seed" not in _html(at)


def test_the_nearest_training_picture_is_shown_when_wanted(studio, open_page, held_out):
    _version(studio, figures=_figures(0.002, 0.001, 0.003))
    nearest = datasets.load(studio.home, "sample").pictures[1].hash
    at = open_page("Evaluate")
    assert "60% alike" not in _html(at)
    at.toggle(key="near").set_value(True).run()
    assert "60% alike" in _html(at) and f"/picture/data/{nearest}" in _html(at)


def test_what_was_measured_before_pictures_were_finished_says_so_and_stands_alone(
    studio, open_page, held_out
):
    for finishing in (None, "hard alpha"):
        _version(studio, figures=_figures(0.002, 0.001, 0.003), finishing=finishing)
    at = open_page("Evaluate", style="items", versions="2,1")
    assert "Version 1 was measured as the model drew them, version 2 with hard alpha" in _said(at)
    assert "pictures of each side, with hard alpha, as they are delivered" in _said(at)
    assert "edges may be softer" not in _said(at) and "/items/1/version" not in _html(at)
    assert [job for job in _jobs(studio)] == []  # nothing is measured unless somebody asks
    at = open_page("Evaluate", style="items", versions="1")
    assert "as the model drew them" in _said(at) and "edges may be softer" in _said(at)
    assert "Version 1 has to be measured" not in _said(at)
    assert "/items/1/version-000.png" in _html(at)


def test_figures_of_other_prompts_are_never_side_by_side(studio, open_page, held_out):
    _version(studio, figures=_figures(0.007, 0.006, 0.008), prompts="d" * 12)
    _version(studio, figures=_figures(0.002, 0.001, 0.003))
    at = open_page("Evaluate")
    assert at.multiselect[0].value == [2, 1]
    assert "Version 1 was measured with other prompts than version 2" in _said(at)
    assert "/picture/sheet/items/1/" not in _html(at) and "0.0070" not in _html(at)
    assert "is better than version" not in _said(at)


def test_a_version_that_was_not_measured_is_measured_by_a_button_once(studio, open_page, held_out):
    number = _version(studio)
    pages = [open_page("Evaluate", style="items", version=str(number)) for _ in range(2)]
    assert "Version 1 has to be measured first" in _said(pages[0])
    for at in pages:
        next(b for b in at.button if b.label == "Measure it").click().run()
        assert not at.exception
    (job,) = _jobs(studio)
    assert job.payload == {
        "style": "items",
        "version": 1,
        "against": f"sample-held-out@{held_out.version}",
    }
    assert (job.asked_by, job.lane) == ("ana", "short")
    assert at.get("progress")  # how far it is


def test_held_out_art_is_proposed_and_the_own_dataset_only_where_there_is_none(studio, open_page):
    _version(studio)
    at = open_page("Evaluate")
    against = next(s for s in at.selectbox if s.label == "Measure against")
    assert against.options == ["its own dataset"]
    next(b for b in at.button if b.label == "Measure it").click().run()
    assert _jobs(studio)[0].payload["against"] == ""


def test_what_was_chosen_is_in_the_address(studio, open_page, held_out):
    for kid in (0.007, 0.005):
        _version(studio, figures=_figures(kid, kid - 0.001, kid + 0.001))
    at = open_page("Evaluate", style="items", versions="1")
    assert at.multiselect[0].value == [1]
    at.multiselect[0].set_value([2]).run()
    assert at.multiselect[0].value == [2]
    assert at.query_params["versions"] in ("2", ["2"])
    assert "/picture/sheet/items/1/" not in _html(at)


def test_a_version_measured_before_real_art_was_is_still_shown(studio, open_page, held_out):
    old = {n: v for n, v in _figures(0.002, 0.001, 0.003).items() if not n.startswith("real_kid")}
    _version(studio, figures={n: v for n, v in old.items() if n != "real_palette_distance"})
    at = open_page("Evaluate")
    assert "Real art was not measured beside these yet" in _said(at)
    assert "0.0020" in _html(at)
