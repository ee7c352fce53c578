"""The page Report: figures, the sample, what the game took, minutes by hand; its card on Home."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from studio import context
from studio.accounts.rights import Actor
from studio.assets import boards, uses
from studio.generation import painted_over
from studio.generation.lists import as_png
from studio.review import hand_minutes
from studio.settings import CHECKOUT
from studio.web import ui
from studio.workflows import uses as workflow
from tests.exported_pictures import draw, export, judge, sprite


@pytest.fixture
def gems(studio):
    """Three gems of this month: two approved and exported after an hour, one not judged yet."""
    now = context.now()
    ids = [draw(studio.engine, studio.home, seed, now) for seed in range(3)]
    for id in ids[:2]:
        judge(studio.engine, id, "approved", by="ana", now=now)
    files = [(id, f"props/gem{n}.png", b"x") for n, id in enumerate(ids[:2])]
    export(studio.engine, files, now + timedelta(hours=1))
    return ids


def texts(at) -> str:
    told = (*at.markdown, *at.caption, *at.info, *at.warning, *at.error, *at.success)
    return "\n".join(str(one.value) for one in told).replace("\\", "")


def bodies(at) -> str:
    return " ".join(one.proto.body for one in at.get("html"))


def press(at, label):
    next(one for one in at.button if one.label == label).click()
    return at.run()


def test_nothing_is_promised_of_a_studio_that_drew_nothing(open_page):
    assert "Nothing was drawn yet" in texts(open_page("Report"))


def test_figures_stand_in_a_table_with_their_states_and_reasons(open_page, studio, gems):
    at = open_page("Report", style="gems")
    shown = bodies(at)
    assert "gems, all months: 0 met, 0 not met, " in shown
    state = '<td class="hs-not-shown"><b>–</b> not shown</td>'
    assert f'<th scope="row">Style match</th>{state}' in shown
    assert "<td>100 %</td><td>at least 90 %</td>" in shown
    assert "2 of the 20 judged pictures of the sample that it takes." in shown
    assert "2 of a sample of 3 are judged, of 3 drawn." in shown
    assert "Return on what was spent, EUR" in shown


def test_the_sample_goes_on_a_board(open_page, studio, gems):
    at = open_page("Report", style="gems")
    press(at, "Put the sample of 3 on a board")
    (board,) = boards.all_of(studio.engine)
    assert (board.name, board.count) == ("Sample of gems, all months", 3)
    assert "The sample is on a board." in texts(at)
    (link,) = [one for one in at.get("page_link") if one.proto.label == "Judge it"]
    said = link.proto.query_string
    assert f"board={board.id}" in said and "mode=judge" in said


def test_what_the_game_took_is_looked_for_and_corrected_by_a_click(open_page, studio, gems):
    at = open_page("Report", style="gems", show="Used")
    assert "not looked at: 2" in texts(at) and "Not looked at yet." in texts(at)
    press(at, "Look what the game has now")
    assert "as is: 2" in texts(at) and "measured: as is" in texts(at)
    at.segmented_control(key=f"use-{gems[0]}").set_value("redrawn").run()
    found = uses.of(studio.engine, gems)
    assert (found[gems[0]].use, found[gems[0]].corrected_by) == ("redrawn", "ana")
    assert found[gems[1]].use == "as is"
    assert "as is: 1; redrawn: 1" in texts(at) and "corrected by ana" in texts(at)


def test_what_was_painted_over_is_listed_before_it_is_exported(open_page, studio, gems):
    painted = sprite(2)
    painted.putpixel((0, 0), (60, 160, 70, 255))
    painted_over.paint_over(
        studio.engine, studio.home, gems[2], as_png(painted), by="ana", now=context.now()
    )
    workflow.look(studio, by="ana", now=context.now(), only=[gems[2]])
    at = open_page("Report", style="gems", show="Used")
    assert "touched up: 1; not looked at: 2" in texts(at)
    assert "Painted over; not exported yet." in texts(at)


def test_minutes_by_hand_are_kept_with_a_reason(open_page, studio, gems):
    at = open_page("Report", show="Minutes by hand", category="props")
    minutes, why = at.main.text_input
    minutes.set_value("soon")
    why.set_value("as timed")
    press(at, "Save the minutes")
    assert "'soon'" in texts(at) and hand_minutes.listing(studio.engine) == []
    at.main.text_input[0].set_value("300")
    press(at, "Save the minutes")
    (kept,) = hand_minutes.listing(studio.engine)
    assert (kept.category, kept.minutes, kept.why, kept.by) == ("props", 300, "as timed", "ana")
    assert at.dataframe[0].value["minutes"].tolist() == ["300"]
    shown = bodies(open_page("Report", style="gems"))
    assert "<td>80 %</td><td>at least 70 %</td>" in shown
    assert "By hand 600 minutes, from request to export 120" in shown


@pytest.mark.slow
def test_who_may_only_look_changes_nothing_and_sees_no_money(open_page, studio, gems, monkeypatch):
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Report", style="gems")
    assert "Return on what was spent" not in bodies(at)
    assert "Cost and return are for art leads" in texts(at)
    assert next(b for b in at.button if b.label.startswith("Put the sample")).disabled
    at = open_page("Report", style="gems", show="Used")
    assert next(b for b in at.button if b.label.startswith("Look what")).disabled
    at = open_page("Report", show="Minutes by hand")
    assert all(one.disabled for one in at.main.text_input)


def test_home_has_the_first_three_figures_of_this_month(studio, gems):
    at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120).run()
    assert not at.exception, [e.value for e in at.exception]
    (card,) = [one.value for one in at.markdown if "Style match" in one.value]
    card = card.replace("\\", "")
    assert card.startswith("**gems**") and "Style match: 100 % (not shown, 2)" in card
    assert "Used with minimal edits" in card and "Time saved" in card
    (link,) = [one for one in at.main.get("page_link") if one.proto.label == "Report"]
    assert "style=gems" in link.proto.query_string
