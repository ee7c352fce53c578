"""Rate: a round is opened, rated with buttons, and ends in scores; the rubric is edited."""

import asyncio
import json
from datetime import timedelta

import pytest
from starlette.requests import Request

from studio.context import now
from studio.database import ledger
from studio.jobs import leases, queue
from studio.review import rating_rounds, rubrics
from studio.review.ratings import standing
from studio.web import review_routes, ui
from studio.worker import process
from studio.worker.context import Warm

NAMES = ["style match", "prompt accuracy", "technical quality", "usability"]


def button(at, label):
    return next(one for one in at.button if one.label == label)


def rate(at, *values):
    for name, value in zip(NAMES, values, strict=True):
        at.radio(key=f"score-{name}").set_value(value)
    button(at, "Next picture").click().run()


def work(studio):
    """Do the next job, as a worker would."""
    job = leases.take(studio.engine, "w", "short", now(), timedelta(hours=1))
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    assert queue.get(studio.engine, job.id).state == "done"


@pytest.fixture
def round(studio, sheets, open_page):
    at = open_page("Rate")
    at.multiselect[0].set_value([2, 1]).run()
    button(at, "Start rating").click().run()
    assert not at.exception and rating_rounds.listing(studio.engine) == []
    work(studio)
    (made,) = rating_rounds.listing(studio.engine)
    return made


def test_nothing_to_judge_says_what_to_do(studio, open_page):
    at = open_page("Rate")
    assert "train a style first" in " ".join(one.value for one in at.info)


def test_the_form_opens_one_round(studio, round, open_page):
    assert [side.name for side in round.sides] == ["version 2", "version 1"]
    assert len(rating_rounds.pictures_of(studio.engine, round.id)) == 12
    at = open_page("Rate")
    at.multiselect[0].set_value([2, 1]).run()
    button(at, "Start rating").click().run()  # the same again leads to the same
    work(studio)
    assert len(rating_rounds.listing(studio.engine)) == 1


def test_rating_with_buttons_stores_scores_and_undo(studio, round, open_page):
    at = open_page("Rate", round=str(round.id))
    order = rating_rounds.unrated(studio.engine, round.id, "ana")
    rate(at, 5, 4, 3, 1)
    (kept,) = standing(studio.engine, round.id)
    assert (kept.rater, kept.picture, kept.score) == ("ana", order[0], pytest.approx(3.45))
    assert at.radio(key="score-usability").value is None  # nothing is carried to the next
    at.radio(key="score-usability").set_value(2)
    button(at, "Next picture").click().run()
    assert len(standing(studio.engine, round.id)) == 1
    assert "not rated" in json.loads(at.get("bidi_component")[0].proto.json)["said"]
    button(at, "Undo").click().run()
    assert standing(studio.engine, round.id) == []
    assert at.session_state["rate-sitting"].queue[0] == order[0]
    button(at, "Skip").click().run()
    for _ in range(12):
        rate(at, 2, 2, 2, 2)
    assert rating_rounds.unrated(studio.engine, round.id, "ana") == []
    assert standing(studio.engine, round.id)[-1].picture == order[0]
    table = at.dataframe[0].value
    assert list(table["version"]) == ["version 2", "version 1"]
    assert list(table["weighted score"]) == [2, 2] and list(table["pictures"]) == [6, 6]
    button(at, "Undo the last one").click().run()
    assert len(standing(studio.engine, round.id)) == 11 and not at.dataframe


def test_the_page_ends_a_round(studio, round, open_page):
    at = open_page("Rate", round=str(round.id))
    button(at, "End these ratings for everybody").click().run()
    assert rating_rounds.get(studio.engine, round.id).closed_by == "ana"
    assert "Nobody has rated" in at.info[0].value
    assert "There are no ratings 77" in open_page("Rate", round="77").error[0].value


def test_the_rubric_is_edited_checked_and_written_down(studio, open_page):
    before = rubrics.load(studio.home)
    at = open_page("Rate")
    at.text_area[0].set_value(before.text.replace("0.3", "0.4"))
    button(at, "Keep this rubric").click().run()
    assert "add up to 1\\.1, not to 1" in at.error[0].value
    assert rubrics.load(studio.home) == before
    at.text_area[0].set_value(before.text.replace("usability", "<i>ready</i>"))
    button(at, "Keep this rubric").click().run()
    after = rubrics.load(studio.home)
    assert after.criteria[3].name == "<i>ready</i>" and not at.error
    row = ledger.rows(studio.engine)[-1]
    assert (row.actor, row.action, row.reason) == ("ana", "change rubric", after.reference)


def test_two_people_do_not_overwrite_each_others_rubric(studio, open_page):
    before = rubrics.load(studio.home)
    at = open_page("Rate")
    text = before.text.replace("usability", "ready")
    theirs = rubrics.save(studio.engine, "standard", text, after=before.version, by="bo", now=now())
    at.text_area[0].set_value(before.text.replace("usability", "done"))
    button(at, "Keep this rubric").click().run()
    assert rubrics.load(studio.home) == theirs


def test_pictures_are_blind(studio, round, open_page):
    sent = json.loads(open_page("Rate", round=str(round.id)).get("bidi_component")[0].proto.json)
    assert "version" not in json.dumps(sent) and set(sent["queue"][0]) == {
        "item",
        "prompt",
        "picture",
    }
    told = set()
    for one in sent["queue"]:
        scope = {
            "type": "http",
            "method": "GET",
            "path": one["picture"],
            "query_string": b"",
            "path_params": {"of": one["picture"].rsplit("/", 1)[1]},
            "headers": [(b"cookie", b"housestyle_name=ana")],
        }
        got = asyncio.run(review_routes.judged_picture(Request(scope)))
        assert got.status_code == 200
        told.add((len(got.body), tuple(sorted(got.headers.items()))))
    assert len(told) == 1


def test_a_second_rubric_agreement_and_export(studio, round, open_page, monkeypatch):
    at = open_page("Rate")
    at.selectbox(key="rubric-which").set_value("A new rubric").run()
    at.text_input(key="rubric-name").set_value("icons").run()
    text = at.text_area[0].value.replace("weight: 0.3", "weight: 0.4")
    at.text_area[0].set_value(text).run()
    button(at, "Keep this rubric").click().run()
    assert "add up to 1\\.1" in at.error[0].value and rubrics.names(studio.home) == ["standard"]
    at.text_area[0].set_value(text.replace("weight: 0.2\n", "weight: 0.1\n")).run()
    button(at, "Keep this rubric").click().run()
    assert rubrics.names(studio.home) == ["standard", "icons"]
    assert open_page("Rate").selectbox(key="round-rubric").options == ["standard", "icons"]
    for who, value in (("ana", 5), ("ben", 1)):
        monkeypatch.setattr(ui, "person", lambda who=who: who)
        at = open_page("Rate", round=str(round.id))
        for place in range(12):
            rate(at, value if place == 3 else 3, 3, 3, 3 if place else value)
    found = [frame.value for frame in at.dataframe]
    assert found[0]["raters"].tolist() == [2, 2]
    assert found[1]["criterion"].tolist() == NAMES
    assert "the same number" in found[1]["which means"][1]
    assert found[2]["rater"].tolist() == ["ana", "ben"]
    assert {one.label for one in at.get("download_button")} == {
        "Download as CSV",
        "Download as Parquet",
    }
    at.selectbox[0].set_value("ben").run()
    button(at, "Take out").click().run()
    assert {one.rater for one in standing(studio.engine, round.id)} == {"ana"}
