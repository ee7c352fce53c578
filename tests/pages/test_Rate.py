"""Rate: a round is opened, rated with buttons, and ends in scores; the rubric is edited."""

import asyncio
import csv
import io
import json
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from studio.accounts.rights import Actor
from studio.context import now
from studio.database import ledger
from studio.jobs import leases, queue
from studio.review import rating_rounds, rubrics
from studio.review.ratings import standing
from studio.web import review_routes, session, ui
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_page_ends_a_round(studio, round, open_page):
    at = open_page("Rate", round=str(round.id))
    button(at, "End these ratings").click().run()
    assert "0 of 12 pictures** are rated, by 0 people" in at.markdown[-1].value
    assert rating_rounds.get(studio.engine, round.id).open
    button(at, "End them").click().run()
    assert rating_rounds.get(studio.engine, round.id).closed_by == "ana"
    assert "Nobody has rated" in at.info[0].value
    assert "There are no ratings 77" in open_page("Rate", round="77").error[0].value


@pytest.mark.slow
def test_ratings_are_a_file_for_who_has_none_to_give(studio, round, open_page):
    client = TestClient(Starlette(routes=review_routes.ROUTES), cookies={"housestyle_name": "ana"})
    address = f"/download/ratings/{round.id}/csv"
    early = client.get(address)
    assert early.status_code == 404 and "not there for you yet" in early.text
    rate(open_page("Rate", round=str(round.id)), 5, 4, 3, 1)
    rating_rounds.close(studio.engine, round.id, "lea", now())
    got = client.get(address)
    assert got.headers["content-disposition"] == f'attachment; filename="ratings-{round.id}.csv"'
    (row,) = csv.DictReader(io.StringIO(got.content.decode("utf-8-sig")))
    assert (row["rater"], row["style match"], row["version"][:7]) == ("ana", "5", "version")
    assert client.get(address.replace("csv", "parquet")).content[:4] == b"PAR1"
    for wrong in (address.replace("csv", "exe"), "/download/ratings/77/csv"):
        assert client.get(wrong).status_code == 404


def field(at, name, subject=None):
    """A field of the rubric's form; of the standard one as it is now unless told otherwise."""
    subject = subject or rubrics.load(session.studio().home).reference
    kinds = (at.text_input, at.number_input)
    found = [one for kind in kinds for one in kind if one.key == f"draft rubric/{subject} {name}"]
    assert len(found) == 1, name
    return found[0]


def test_the_rubric_is_a_form_that_is_checked_and_written_down(studio, open_page):
    before = rubrics.load(studio.home)
    at = open_page("Rate")
    field(at, "weight 0").set_value(40.0).run()
    assert "The weights add up to 110 %" in " ".join(one.value for one in at.caption)
    button(at, "Save rubric").click().run()
    assert "add up to 1\\.1, not to 1" in at.error[0].value
    assert rubrics.load(studio.home) == before
    button(at, "Make them 100 %").click().run()
    field(at, "name 3").set_value("<i>ready</i>").run()
    field(at, "anchor 3 5").set_value("ships as it is").run()
    button(at, "Save rubric").click().run()
    after = rubrics.load(studio.home)
    assert not at.error and after.criteria[3].name == "<i>ready</i>"
    assert [one.weight for one in after.criteria] == pytest.approx([0.364, 0.227, 0.227, 0.182])
    assert dict(after.criteria[3].anchors)[5] == "ships as it is"
    row = ledger.rows(studio.engine)[-1]
    assert (row.actor, row.action, row.reason) == ("ana", "change rubric", after.reference)


@pytest.mark.slow
def test_criteria_are_added_and_removed_and_what_is_not_saved_outlasts_a_reload(studio, open_page):
    at = open_page("Rate")
    button(at, "Add a criterion").click().run()
    field(at, "name 4").set_value("reads when small").run()
    field(at, "high 4").set_value(1).run()
    field(at, "low 4").set_value(0).run()
    next(b for b in at.button if b.key == "remove-criterion-0").click().run()
    at = open_page("Rate")  # another window, or the same one after a reload
    assert field(at, "name 4").value == "reads when small"
    assert any(b.label == "Discard draft" for b in at.button)
    field(at, "weight 4").set_value(30.0).run()
    button(at, "Save rubric").click().run()
    assert not at.exception and not at.error
    made = rubrics.load(studio.home)
    assert [one.name for one in made.criteria] == [*NAMES[1:], "reads when small"]
    assert (made.criteria[3].low, made.criteria[3].high, made.criteria[3].weight) == (0, 1, 0.3)
    assert not any(b.label == "Discard draft" for b in open_page("Rate").button)


def test_two_people_do_not_overwrite_each_others_rubric(studio, open_page):
    before = rubrics.load(studio.home)
    at = open_page("Rate")
    field(at, "name 3").set_value("done").run()
    text = before.text.replace("usability", "ready")
    theirs = rubrics.save(studio.engine, "standard", text, after=before.version, by="bo", now=now())
    button(at, "Save rubric").click().run()
    assert rubrics.load(studio.home) == theirs


def test_who_may_not_change_a_rubric_reads_it(studio, open_page, monkeypatch):
    monkeypatch.setattr(ui, "person", lambda: Actor("Vi", "viewer"))
    at = open_page("Rate")
    said = " ".join(one.value for one in [*at.markdown, *at.caption, *at.info])
    assert "**style match** · 30%" in said and "5 ours" in said
    assert "Rubrics are changed by" in said and "Ratings are opened by" in said
    assert [one.label for one in at.main.button] == [] and not at.text_input


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_second_rubric_agreement_and_export(studio, round, open_page, monkeypatch):
    at = open_page("Rate")
    at.selectbox(key="rubric").set_value("A new rubric").run()
    field(at, "name", "new").set_value("icons").run()
    field(at, "weight 0", "new").set_value(40.0).run()
    button(at, "Save rubric").click().run()
    assert "add up to 1\\.1" in at.error[0].value and rubrics.names(studio.home) == ["standard"]
    field(at, "weight 3", "new").set_value(10.0).run()
    button(at, "Save rubric").click().run()
    assert rubrics.names(studio.home) == ["standard", "icons"]
    assert open_page("Rate").selectbox(key="by").options == ["standard", "icons"]
    for who, value in (("ana", 5), ("ben", 1)):
        monkeypatch.setattr(ui, "person", lambda who=who: who)
        at = open_page("Rate", round=str(round.id))
        for place in range(12):
            rate(at, value if place == 3 else 3, 3, 3, 3 if place else value)
    found = [frame.value for frame in at.dataframe]
    assert found[0]["raters"].tolist() == [2, 2]
    shown = " ".join(h.proto.body for h in at.get("html"))
    assert shown.count("hs-lane") >= 2 and "3.00 · a red potion" in shown
    assert shown.count("/picture/side/") > 12  # each version's pictures, and where raters differ
    assert found[1]["criterion"].tolist() == NAMES
    assert "the same number" in found[1]["which means"][1]
    assert found[2]["rater"].tolist() == ["ana", "ben"]
    links = {one.proto.label: one.proto.url for one in at.get("link_button")}
    assert links["Download as CSV"] == f"/download/ratings/{round.id}/csv"
    at.selectbox[0].set_value("ben").run()
    button(at, "Take out").click().run()
    assert {one.rater for one in standing(studio.engine, round.id)} == {"ana"}
