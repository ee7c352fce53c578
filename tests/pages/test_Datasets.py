"""The page of datasets without a browser: what is stored after each press."""

from pathlib import Path

import pytest

from pages.datasets import parts
from studio import context
from studio.accounts.rights import Actor
from studio.datasets import drafts, edits, manifests, versions
from studio.datasets.edits import Change
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT
from studio.web import ui
from tests.pages.datasets_page import EVIL, address, cards, newest, picture, put, said

PARTS = [part for group in parts.GROUPS.values() for part in group]


@pytest.mark.slow
def test_pictures_are_shown_a_page_at_a_time(studio, open_page):
    at = open_page("Datasets", set="sample")
    shown = cards(at)
    assert len(shown["pictures"]) == 48 and shown["editable"]
    assert shown["pictures"][0]["url"] == f"/picture/data/{newest(studio).pictures[0].hash}"
    at = open_page("Datasets", set="sample", page="2")
    assert len(cards(at)["pictures"]) == 8


def test_filters_stand_in_the_address(studio, open_page):
    at = open_page("Datasets", set="sample", q="teal", category="sword")
    assert [card["caption"] for card in cards(at)["pictures"]] == ["a teal sword"] * 2
    at.selectbox(key="category").select("Any").run()
    assert address(at, "q") == "teal" and "category" not in at.query_params
    assert len(cards(at)["pictures"]) > 1
    at.text_input(key="q").set_value("nothing like it").run()
    assert "No picture fits" in said(at)
    at.button(key="show-all").click().run()
    assert len(cards(at)["pictures"]) == 48 and "q" not in at.query_params


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ({"set": "gone"}, "There is no dataset gone any more"),
        ({"set": EVIL}, r"There is no dataset \<script\>"),
        ({"version": "0123456789ab"}, "There is no version 0123456789ab"),
        ({"picture": "f" * 64}, "The picture of this link is not in the newest version"),
        ({"tab": "Add", "upload": "0" * 32}, "This upload is no longer there"),
        ({"tab": "Add", "upload": "../../etc"}, "This upload is no longer there"),
    ],
)
def test_what_the_address_names_and_is_not_there_is_said(open_page, address, says):
    assert says in said(open_page("Datasets", **address))


def test_nonsense_in_the_address_is_passed_over(open_page):
    at = open_page(
        "Datasets", set="sample", page="-3", category="none", tag="x", show="y", size="z", tab="w"
    )
    assert len(cards(at)["pictures"]) == 48
    assert len(cards(open_page("Datasets", set="sample", page="99"))["pictures"]) == 8
    assert "one version so far" in said(open_page("Datasets", tab="Compare", before="x"))


def test_many_captions_at_once_become_a_version(studio, open_page):
    at = open_page("Datasets", set="sample", category="gem")
    at.text_input(key="draft bulk/sample text").set_value("pixel art,").run()
    assert "4 of 4 pictures would change" in said(at)
    at.button(key="bulk-do").click().run()
    assert [s.says for s in drafts.history(studio.engine, "sample")] == [
        "Put in front of captions “pixel art,”: 4 pictures"
    ]
    assert at.text_input(key="draft bulk/sample text").value == ""
    at.button(key="draft-open").click().run()
    at.text_input(key="draft freeze/sample says").set_value("Gems are pixel art").run()
    before = newest(studio)
    at.button(key="draft-freeze").click().run()
    assert not at.exception
    made = newest(studio)
    assert (made.says, made.actor, made.parent) == ("Gems are pixel art", "ana", before.digest)
    gems = [p.caption for p in made.pictures if p.category == "gem"]
    assert all(caption.startswith("pixel art, a ") for caption in gems)
    assert drafts.read(studio.engine, "sample") == ()
    # The next step is named: the version is learned from.
    assert f"Version {made.version} is there: Gems are pixel art" in said(at).replace("\\", "")
    (link,) = [e.proto for e in at.get("page_link") if e.proto.label == "Train on this version"]
    assert (link.page, link.query_string) == ("Train", "data=sample")


@pytest.mark.parametrize(
    ("does", "text", "field", "value"),
    [
        ("token", "hsx", "caption", "hsx a golden gem"),
        ("behind", ", shiny", "caption", "a golden gem, shiny"),
        ("category", "jewel", "category", "jewel"),
        ("add tags", "rare, new", "tags", ("rare", "new")),
        ("licence", "our own", "licence", "our own"),
        ("author", "Bo", "author", "Bo"),
        ("source", "atelier", "source", "atelier"),
    ],
)
def test_each_change_to_many(studio, open_page, does, text, field, value):
    at = open_page("Datasets", set="sample", q="golden gem")
    at.selectbox(key="bulk-does").select(does).run()
    at.text_input(key="draft bulk/sample text").set_value(text).run()
    at.button(key="bulk-do").click().run()
    rows = edits.applied(newest(studio).pictures, drafts.read(studio.engine, "sample"))
    changed = [row for row in rows if row.changed]
    assert changed and all(getattr(row.picture, field) == value for row in changed)


def test_words_are_replaced_and_pictures_removed_and_brought_back(studio, open_page):
    at = open_page("Datasets", set="sample", category="gem")
    at.selectbox(key="bulk-does").select("replace").run()
    at.text_input(key="draft bulk/sample text").set_value("gem").run()
    at.text_input(key="draft bulk/sample instead").set_value("jewel").run()
    at.button(key="bulk-do").click().run()
    at.selectbox(key="bulk-does").select("remove").run()
    at.button(key="bulk-do").click().run()
    assert "4 captions changed, 4 pictures removed" in said(at)
    assert {c["removed"] for c in cards(at)["pictures"]} == {True}
    step = drafts.history(studio.engine, "sample")[0].id
    at.button(key="draft-steps").click().run()
    at.button(key=f"undo-{step}").click().run()
    assert "4 captions changed" in said(at) and "removed" not in said(at)


def test_a_draft_is_shared_and_can_be_discarded(studio, open_page):
    hash = newest(studio).pictures[0].hash
    put(studio, Change(hash, "caption", EVIL), by="Bo")
    at = open_page("Datasets", set="sample")
    assert "1 caption changed" in said(at) and "Bo" in said(at)
    (card,) = [c for c in cards(at)["pictures"] if c["hash"] == hash]
    assert card["caption"] == EVIL and ["changed by Bo", "mine"] in card["notes"]
    at.button(key="draft-discard").click().run()
    at.button(key="draft-discard-now").click().run()
    assert drafts.read(studio.engine, "sample") == ()


def test_one_picture_in_all_its_details(studio, open_page):
    shown = newest(studio).pictures[0]
    put(studio, Change(shown.hash, "caption", EVIL), by="Bo")
    at = open_page("Datasets", set="sample", picture=shown.hash)
    assert at.text_area[0].value == EVIL
    (tags,) = [t for t in at.text_input if t.label == "Tags, with commas"]
    tags.set_value("rare, new")
    (licence,) = [t for t in at.text_input if t.label == "Licence"]
    licence.set_value("our own")
    (save,) = [b for b in at.button if b.label == "Save to the draft"]
    save.click().run()
    (row,) = [
        row
        for row in edits.applied(newest(studio).pictures, drafts.read(studio.engine, "sample"))
        if row.changed
    ]
    assert (row.picture.tags, row.picture.licence) == (("rare", "new"), "our own")
    assert row.picture.caption == EVIL and row.by == "ana"
    assert "picture" not in at.query_params


def test_each_number_of_the_statistics_is_that_of_the_pictures_it_shows(studio, open_page):
    one, two, three, four, five = newest(studio).pictures[:5]
    captions = {one: "gem", two: "a gem", three: "the big gem", four: "... - !"}
    put(studio, *(Change(p.hash, "caption", text) for p, text in captions.items()))
    put(studio, Change(five.hash, "removed", True))
    at = open_page("Datasets", set="sample", tab="Statistics")
    assert "3 pictures with a caption of fewer than 3 words" in said(at)
    page = " ".join(e.proto.body for e in at.get("html"))
    for words, count in ((0, 1), (1, 1), (2, 1)):
        assert f'<th scope="row">{words}</th><td>{count}</td>' in page
    at.button(key="look-now").click().run()
    numbers = {
        button.key: int(text.value.split("**")[1].split()[0].replace(",", ""))
        for button, text in zip(
            [b for b in at.button if str(b.key).startswith("warned-")],
            [m for m in at.markdown if ":material/warning:" in m.value and " picture" in m.value],
            strict=True,
        )
    }
    assert numbers
    for key, number in numbers.items():
        shown = open_page("Datasets", set="sample", tab="Statistics")
        shown.button(key=key).click().run()
        assert f"{number:,} of 56 pictures" in said(shown), key


def test_a_viewer_sees_captions_and_boxes_as_what_they_are(studio, open_page, monkeypatch):
    hash = newest(studio).pictures[0].hash
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Datasets", set="sample")
    assert not cards(at)["editable"] and cards(at)["chosen"] == []
    assert not [b for b in at.button if b.key in ("bulk-do", "bulk-none")]
    assert at.button(key="new").disabled
    at = open_page("Datasets", set="sample", picture=hash)
    for field in (*at.text_area, *(t for t in at.text_input if t.key != "q")):
        assert field.disabled, field.label
    assert at.button(key="details-save").disabled and at.button(key="details-take").disabled


@pytest.mark.slow
def test_what_was_typed_is_there_after_a_reload(studio, open_page):
    hash = newest(studio).pictures[0].hash
    put(studio, Change(hash, "category", "jewel"))
    at = open_page("Datasets", set="sample", does="caption")
    at.text_input(key="draft bulk/sample text").set_value("a half-written cap").run()
    at.button(key="draft-open").click().run()
    at.text_input(key="draft freeze/sample says").set_value("jewels are").run()
    at = open_page("Datasets", set="sample", picture=hash)
    at.text_area[0].set_value("half a caption").run()
    at = open_page("Datasets", set="sample", does="caption")
    assert at.text_input(key="draft bulk/sample text").value == "a half-written cap"
    assert at.selectbox(key="bulk-does").value == "caption"
    at.button(key="draft-open").click().run()
    assert at.text_input(key="draft freeze/sample says").value == "jewels are"
    at = open_page("Datasets", set="sample", picture=hash)
    assert at.text_area[0].value == "half a caption" and "Draft" in said(at)


def test_a_link_keeps_its_meaning_when_another_dataset_comes(studio, open_page, tmp_path):
    (head,) = manifests.heads(studio.home, "sample")
    put(studio, Change(newest(studio).pictures[0].hash, "category", "jewel"))
    drafts.freeze(studio.engine, studio.home, "sample", says="", by="ana", now=context.now())
    at = open_page("Datasets", tab="Versions")
    at.button(key=f"look-{head.version}").click().run()
    link = {key: address(at, key) for key in ("set", "tab", "version")}
    assert link == {"set": "sample", "tab": "Pictures", "version": head.version}
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "a.png").write_bytes(picture((1, 2, 3)))
    import_folder(studio.home, "aaa", tmp_path / "art", now=context.now(), actor="ana")
    assert address(open_page("Datasets"), "set") == "aaa"
    at = open_page("Datasets", **link)
    assert at.selectbox(key="set").value == "sample" and "An earlier version" in said(at)
    assert len(cards(at)["pictures"]) == 48 and not cards(at)["editable"]
    # Another dataset is chosen: what was said of the first one's versions means nothing there.
    at.selectbox(key="set").select("aaa").run()
    assert "version" not in at.query_params and len(cards(at)["pictures"]) == 1


@pytest.mark.parametrize("part", [*PARTS])
def test_every_part_has_its_address_and_stands_in_its_group(studio, open_page, part):
    at = open_page("Datasets", set="sample", tab=part)
    assert (address(at, "tab"), address(at, "set")) == (part, "sample")
    assert part in parts.GROUPS[at.session_state["group"]]


def test_statistics_warn_and_lead_to_the_pictures(studio, open_page):
    swords = [p for p in newest(studio).pictures if p.category == "sword"]
    put(studio, *(Change(p.hash, "licence", "") for p in swords))
    at = open_page("Datasets", set="sample", tab="Statistics")
    assert "4 pictures without a licence" in said(at)
    at.button(key="look-now").click().run()
    (button,) = [b for b in at.button if b.key and b.key.startswith("warned-")]
    button.click().run()
    assert (address(at, "show"), address(at, "tab")) == ("Without a licence", "Pictures")
    assert {c["category"] for c in cards(at)["pictures"]} == {"sword"}


def test_versions_are_compared_and_gone_back_to(studio, open_page):
    first = newest(studio)
    hash = first.pictures[0].hash
    put(studio, Change(hash, "caption", EVIL), Change(first.pictures[1].hash, "removed", True))
    second = drafts.freeze(
        studio.engine, studio.home, "sample", says=EVIL, by="ana", now=context.now()
    )
    at = open_page("Datasets", set="sample", tab="Compare")
    heads = [h.value for h in at.header]
    assert heads == ["Removed: 1", "Captions changed: 1"]
    page = " ".join(e.proto.body for e in at.get("html"))
    assert "<script>" not in page and "<ins>&lt;script&gt;alert(1)&lt;/script&gt;" in page
    at = open_page("Datasets", set="sample", tab="Versions")
    assert r"\<script\>" in said(at)
    at.button(key=f"look-{first.version}").click().run()
    assert address(at, "version") == first.version
    shown = cards(at)
    assert not shown["editable"] and shown["pictures"][0]["caption"] == first.pictures[0].caption
    at = open_page("Datasets", set="sample", tab="Versions")
    at.button(key=f"back-{first.version}").click().run()
    at.button(key="back-now").click().run()
    assert newest(studio).digest == first.digest
    assert versions.load(studio.home, "sample", second.version) == second


def test_the_first_visit_offers_the_sample(studio, open_page):
    import shutil

    shutil.rmtree(studio.home / "datasets")
    at = open_page("Datasets")
    assert "No dataset yet" in said(at)
    [b for b in at.button if b.label == "Take the sample"][0].click().run()
    assert len(newest(studio).pictures) == 56 and len(cards(at)["pictures"]) == 48
    assert (Path(CHECKOUT) / "sample" / "train").is_dir()
