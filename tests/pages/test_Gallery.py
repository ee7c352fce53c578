"""The gallery: found by its address, chosen and judged by many, collected on boards."""

import json
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio.assets import boards, records, verdicts
from studio.assets.records import New
from studio.assets.search import Wanted
from studio.datasets import versions as datasets
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.web import chosen_pictures

NOW = datetime.now(UTC)


def keep(studio, seeds, by="ana", **changes):
    told = {
        "style": "props",
        "version": 1,
        "base": "pocket",
        "run": "",
        "dataset": "",
        "prompt": "a <b>red</b> potion",
        "full_prompt": "",
        "negative": "",
        "steps": 9,
        "guidance": 2.5,
        "strength": 1.0,
    }
    rows = []
    for seed in seeds:
        made = Made(**{**told, **changes}, seed=seed)
        folder, picture = studio.home / "generated" / "props", Image.new("RGBA", (32, 32), "red")
        rows.append(Kept(picture_files.keep(folder, f"p{seed}", picture, made), made))
    return gallery_table.record(studio.engine, studio.home, rows, by=by, now=NOW)


def said(at) -> str:
    parts = (at.markdown, at.caption, at.warning, at.info, at.error, at.success)
    return " ".join(e.value for part in parts for e in part).replace("\\", "")


def wall(at, key="gallery"):
    """What the wall is told, of its tiles the ids."""
    proto = next(
        e.proto
        for e in at.get("bidi_component")
        if e.proto.id.endswith(key) and "tiles" in e.proto.json
    )
    data = json.loads(proto.json)
    return [tile["id"] for tile in data["tiles"]], data


def press(at, label):
    next(b for b in at.button if b.label.startswith(label)).click().run()
    assert not at.exception
    return at


def chosen(at, *ids):
    """As clicks on their boxes do."""
    held = at.session_state["gallery-chosen"]
    held.turns = {id: held.seen[id] for id in ids}
    return at.run()


def states(studio, ids):
    return [picture.verdict for picture in gallery_table.of_ids(studio.engine, ids)]


def test_an_empty_gallery_says_what_to_do(studio, open_page):
    assert "Nothing was made yet" in said(open_page("Gallery"))


@pytest.mark.slow
def test_filters_stand_in_the_address(studio, open_page):
    ids = keep(studio, range(0, 60, 2)) + keep(studio, range(1, 60, 2), by="bo")
    at = open_page("Gallery")
    assert "**60** found" in said(at) and len(wall(at)[0]) == 48
    newest = gallery_table.ids_of(studio.engine, Wanted())
    at = open_page("Gallery", page="2")
    assert wall(at)[0] == newest[48:]
    at = open_page("Gallery", by="bo", text="RED", style="props", version="1")
    assert "**30** found" in said(at) and at.selectbox(key="gallery-by").value == "bo"
    assert {tile["href"] for tile in wall(at)[1]["tiles"]} >= {
        f"/Picture?id={ids[30]}&style=props&version=1&by=bo&text=RED"
    }
    at.selectbox(key="gallery-verdict").set_value("open").run()
    assert at.query_params["verdict"] in ("open", ["open"])
    judge = next(link for link in at.get("page_link") if link.proto.label == "Judge one by one")
    told = "mode=judge&style=props&version=1&verdict=open&by=bo&text=RED"
    assert judge.proto.query_string == told
    assert "Nothing fits" in said(open_page("Gallery", verdict="approved"))
    assert "no style gone any more" in said(open_page("Gallery", style="gone"))


def test_many_are_judged_as_one_and_undone_as_one(studio, open_page):
    ids = keep(studio, range(5))
    verdicts.judge(studio.engine, ids[0], verdicts.Judgement("edit"), by="bo", now=NOW, turn=0)
    at = chosen(open_page("Gallery"), *ids[:3])
    assert "**3 chosen**" in said(at) and wall(at)[1]["chosen"] == ids[:3]
    mark = wall(at)[1]["mark"]
    assert {b.label: b.proto.shortcut for b in at.button if b.proto.shortcut} == {
        "Approve": "a",
        "Needs an edit": "e",
        "Reject": "x",
        "None": "escape",
        "Into the game": "p",
    }
    verdicts.judge(studio.engine, ids[1], verdicts.Judgement("rejected"), by="bo", now=NOW, turn=0)
    press(at, "Approve")
    assert states(studio, ids) == ["approved", "rejected", "approved", None, None]
    assert "2 of 3: Approved. 1 stay as they are" in said(at)
    assert wall(at)[1]["chosen"] == [] and wall(at)[1]["mark"] > mark
    press(at, "Undo")
    assert states(studio, ids) == ["edit", "rejected", None, None, None]
    press(at, "Choose all 5 here")
    press(at, "Reject")
    assert states(studio, ids) == ["rejected"] * 5


def test_what_a_forged_click_chooses_must_have_been_shown(studio, open_page):
    from pages.gallery.chosen import Chosen, clicked, see

    shown = keep(studio, range(2))
    at = open_page("Gallery")
    held = at.session_state["gallery-chosen"]
    assert isinstance(held, Chosen) and set(held.seen) == set(shown)
    for odd in (None, "x", [1, None, {}], ["gone"]):
        clicked(held, odd)
        assert held.ids == []
    clicked(held, [shown[1], "gone", shown[0]])
    assert held.ids == [shown[1], shown[0]]
    see(held, [])


def test_a_board_is_made_filled_renamed_and_deleted(studio, open_page):
    ids = keep(studio, range(3))
    at = open_page("Gallery", show="boards")
    assert "There is no board yet" in said(at)
    at.text_input(key="draft board/new name").input("Forest").run()
    assert "not saved" in said(at)  # a draft until it is made
    press(at, "Make the board")
    (board,) = boards.all_of(studio.engine)
    assert (board.name, board.by) == ("Forest", "ana") and "not saved" not in said(at)
    at.text_input(key="draft board/new name").input("forest").run()
    press(at, "Make the board")
    assert "a board 'Forest' already" in said(at)
    boards.put_on(studio.engine, board.id, ids[:2], by="ana", now=NOW)
    boards.describe(studio.engine, board.id, "Wood", "dark", board, by="ana", now=NOW)
    at = chosen(open_page("Gallery", board=board.id), ids[0])
    assert wall(at)[0] == gallery_table.ids_of(studio.engine, Wanted(board=board.id))
    assert "**Wood**" in said(at) and "dark" in said(at)
    press(at, "Off this board")
    assert boards.get(studio.engine, board.id).count == 1
    press(at, "Undo")
    assert boards.get(studio.engine, board.id).count == 2
    boards.delete(studio.engine, board.id, by="ana", now=NOW)
    assert "no board any more" in said(open_page("Gallery", board=board.id))


def test_the_chosen_go_to_a_board_to_a_dataset_and_away(studio, open_page):
    ids = keep(studio, range(3))
    approved = verdicts.Judgement("approved")
    verdicts.judge(studio.engine, ids[0], approved, by="bo", now=NOW, turn=0)
    at = chosen(open_page("Gallery"), *ids[:2])
    press(at, "To a dataset")
    assert "**1** of 2 chosen are approved" in said(at)
    next(s for s in at.selectbox if s.label == "Dataset").select("sample").run()
    press(at, "Add them")
    assert "1 added" in at.success[0].value
    newest = datasets.load(studio.home, "sample")
    (added,) = [p for p in newest.pictures if p.file_name.startswith("approved/")]
    assert added.caption == "a <b>red</b> potion" and "props version 1" in added.source
    boards.create(studio.engine, "Forest", by="bo", now=NOW)
    press(at, "To a board")
    at.selectbox(key="to-board").select("Forest").run()
    press(at, "Put on the board")
    (board,) = boards.all_of(studio.engine)
    assert (board.name, board.count) == ("Forest", 2) and "2 put on Forest" in said(at)
    press(at, "Undo")
    assert boards.get(studio.engine, board.id).count == 0
    press(chosen(at, *ids), "Zip")
    (zip,) = [one.proto.url for one in at.get("link_button")]
    assert chosen_pictures.offered(zip.split("/")[-1].partition("?")[0]) == tuple(ids)


def test_other_kinds_are_shown_and_filtered(studio, open_page):
    keep(studio, [1])
    new = New("sheet", "sheets/one", style="props", version=1, name="run cycle", text="run")
    (sheet,) = records.put(studio.engine, [new], by="bo", now=NOW)
    at = open_page("Gallery", kind="sheet")
    found, data = wall(at)
    assert found == [sheet] and data["tiles"][0]["url"] == ""
    assert at.selectbox(key="gallery-kind").options == ["All kinds", "Picture", "Sheet"]


def test_pictures_of_the_command_line_are_taken_up(studio, open_page):
    made = Made("props", 1, "pocket", "", "", "a gem", "", "", 5, 9, 2.0, 1.0)
    folder = studio.home / "generated" / "props" / "v1"
    picture_files.keep(folder, "x", Image.new("RGBA", (8, 8)), made)
    press(open_page("Gallery"), "Import CLI outputs")
    assert gallery_table.search(studio.engine, Wanted()).total == 1


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"of": "props", "v": "1", "page": "2"}, {"style": "props", "version": "1", "page": "2"}),
        ({"find": "gem", "by": "bo"}, {"text": "gem", "by": "bo"}),
        ({"verdict": "Needs an edit"}, {"verdict": "edit"}),
    ],
)
def test_addresses_of_the_gallery_on_generate_lead_here(studio, open_page, before, now):
    keep(studio, range(50), by="bo", prompt="a gem")
    for id in gallery_table.ids_of(studio.engine, Wanted()):
        verdicts.judge(studio.engine, id, verdicts.Judgement("edit"), by="bo", now=NOW, turn=0)
    at = open_page("Generate", **before)
    assert at.title[0].value == "Gallery"
    told = {name: value if isinstance(value, str) else value[0] for name, value in _address(at)}
    assert told.items() >= now.items()


def _address(at):
    return [(name, at.query_params[name]) for name in at.query_params]
