"""Vote: a ballot is opened, voted on, handed in, and what the browser gets tells no version."""

import asyncio
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from starlette.requests import Request

from studio.context import now
from studio.database import ledger
from studio.errors import StudioError
from studio.generation.style_drawing import Loaded
from studio.jobs import leases, queue
from studio.review import ballots, blinding, votes
from studio.web import review_routes, ui
from studio.worker import process, submit
from studio.worker.context import Warm
from studio.worker.kinds import ballot_pictures
from studio.workflows import review_sources
from studio.workflows.todo import tasks


def button(at, label):
    return next(one for one in at.button if one.label == label)


def work(studio, kind="ballot"):
    """Do the next job, as a worker would."""
    job = leases.take(studio.engine, "w", "short", now(), timedelta(hours=1))
    assert job.kind == kind
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


@pytest.fixture
def ballot(studio, sheets, open_page):
    """A ballot opened by its form and a worker."""
    at = open_page("Vote")
    next(t for t in at.text_input if t.label == "The one question").set_value(
        "Which one is <b>ours</b>?"
    )
    at.multiselect[0].set_value(["sample version 2", "sample version 1"]).run()
    button(at, "Open the ballot").click().run()
    assert not at.exception and ballots.listing(studio.engine) == []
    job = work(studio)
    assert job.state == "done", job.error
    (made,) = ballots.listing(studio.engine)
    return made


def test_nothing_to_judge_says_what_to_do(studio, open_page):
    at = open_page("Vote")
    assert "train a style first" in " ".join(one.value for one in at.info)


@pytest.mark.slow
def test_the_form_stores_a_ballot(studio, ballot):
    assert ballot.question == "Which one is <b>ours</b>?"
    assert [side.number for side in ballot.sides] == [2, 1]
    assert (ballot.asks, ballot.voters, ballot.share, ballot.opened_by) == ("panel", 5, 6, "ana")
    assert len(ballot.strip) == 24
    row = ledger.rows(studio.engine)[-1]
    assert (row.actor, row.action, row.style) == ("ana", "open ballot", "sample")


def test_a_form_sent_twice_opens_one_ballot(studio, sheets, open_page):
    at = open_page("Vote")
    at.multiselect[0].set_value(["sample version 2", "sample version 1"]).run()
    at.session_state["ballot-key"] = "k1"
    button(at, "Open the ballot").click().run()
    at.session_state["ballot-key"] = "k1"
    button(at, "Open the ballot").click().run()
    assert len(queue.listing(studio.engine, kind="ballot")) == 1
    work(studio)
    assert len(ballots.listing(studio.engine)) == 1


def test_the_form_warns_of_a_ballot_without_a_verdict(studio, sheets, open_page):
    at = open_page("Vote")
    at.multiselect[0].set_value(["sample version 2", "sample version 1"]).run()
    assert "no verdict can come" in at.warning[0].value  # 6 pairs
    assert "evidence would be 9.14 and 20 are needed. It takes 8" in at.warning[0].value
    voters = next(one for one in at.number_input if one.label == "Voters expected")
    voters.set_value(7).run()
    at.radio[0].set_value("people").run()  # seven unanimous voters give 16
    assert "if all 7 voters agreed, the evidence would be 16" in at.warning[0].value
    voters = next(one for one in at.number_input if one.label == "Voters expected")
    voters.set_value(20).run()
    assert not at.warning and at.radio[0].value == "people"
    next(t for t in at.text_input if t.label == "The one question").set_value(" ")
    button(at, "Open the ballot").click().run()
    assert "0 characters" in at.error[0].value
    assert ballots.listing(studio.engine) == [] and not queue.listing(studio.engine)


@pytest.mark.slow
def test_invited_voters_are_expected_reminded_and_removed(studio, sheets, open_page, monkeypatch):
    at = open_page("Vote")
    at.multiselect[0].set_value(["sample version 2", "sample base (without a LoRA)"]).run()
    invite = next(one for one in at.multiselect if one.label.startswith("Who votes"))
    invite.set_value(["ben", "cem"]).run()
    button(at, "Open the ballot").click().run()
    work(studio)
    (made,) = ballots.listing(studio.engine)
    assert [side.number for side in made.sides] == [2, 0] and made.voters == 2
    with pytest.raises(StudioError, match="not, or no longer"):
        pair = next(iter(ballots.pairs_of(studio.engine, made.id)))
        votes.cast(studio.engine, made.id, "eve", pair, "left", "k", now())
    at = open_page("Vote", ballot=str(made.id))  # ana opened it and does not vote
    assert "ben: 0 of 6" in at.markdown[-1].value and "cem: 0 of 6" in at.markdown[-1].value
    button(at, "Remind 2").click().run()
    assert [t.about for t in tasks(studio, "ben", [])] == [
        "sample, 0 of 6 pairs done; ana reminds you"
    ]
    assert tasks(studio, "ana", []) == []
    next(one for one in at.selectbox if one.label == "Invite or remove").set_value("cem").run()
    button(at, "Remove").click().run()
    assert ballots.get(studio.engine, made.id).voters == 1
    monkeypatch.setattr(ui, "person", lambda: "ben")
    at = open_page("Vote", ballot=str(made.id))
    for _ in range(6):
        button(at, "Left").click().run()
    button(at, "Hand in and see the result").click().run()
    assert [row.action for row in ledger.rows(studio.engine)[1:]] == [
        "open ballot",
        "remind voters",
        "remove voter",
    ]


def test_pictures_by_hand_stand_against_a_version(studio, sheets):
    files = []
    for name, colour in (
        ("A red potion.png", "red"),
        ("a ring 1.png", "blue"),
        ("a ring 2.png", "green"),
        ("a boat.png", "white"),
    ):
        drawn = io.BytesIO()
        Image.new("RGBA", (32, 32), colour).save(drawn, "PNG")
        files.append((name, drawn.getvalue()))
    token = review_sources.keep_by_hand(studio.home, files)
    assert review_sources.keep_by_hand(studio.home, files) == token
    ask = {
        "question": "Which?",
        "of": "sample",
        "form": "f1",
        "sides": [{"style": "by hand", "hand": token}, {"style": "sample", "version": 1}],
    }
    submit.ask(studio, "ballot", ask, asked_by="ana", now=now())
    assert work(studio).state == "done"
    (made,) = ballots.listing(studio.engine)
    assert made.names == ["by hand", "version 1"] and made.size == 32
    found = ballots.pairs_of(studio.engine, made.id).values()
    assert sorted((p.prompt, p.seed) for p in found) == [
        ("a red potion", 1),
        ("a ring", 1),
        ("a ring", 2),
    ]
    with pytest.raises(StudioError, match="named by a prompt"):
        review_sources.by_hand(studio.home, token, [("a horse", 1)])


@dataclass(frozen=True)
class Painter:
    """A drawer that reads nothing."""

    loaded: Loaded
    files: Mapping[str, Path] = field(default_factory=dict)

    def __call__(self, files, device):
        return self.loaded


def painter(studio, version):
    """Draws a flat colour for each prompt."""

    def draws(texts, seeds, draw, step):
        colours = [(version.number * 50, place * 50, 0, 255) for place in range(len(texts))]
        return [Image.new("RGBA", (16, 16), colour) for colour in colours]

    told = dict.fromkeys(("base", "run", "dataset", "trigger_word"), "")
    loaded = Loaded(
        pipeline=None,
        style=version.style,
        version=version.number,
        strength=1.0,
        matte="#808080",
        crisp=False,
        draws=draws,
        **told,
    )
    return Painter(loaded)


@pytest.mark.slow
def test_voters_write_their_own_prompts(studio, sheets, open_page, monkeypatch):
    at = open_page("Vote")
    at.multiselect[0].set_value(["sample version 2", "sample version 1"]).run()
    at.button_group[0].set_value("own").run()
    next(one for one in at.number_input if "writes" in one.label).set_value(2).run()
    next(one for one in at.multiselect if "Who votes" in one.label).set_value(["ana"]).run()
    button(at, "Open the ballot").click().run()
    (made,) = ballots.listing(studio.engine)
    assert (made.own, made.share, made.voters) == (2, 2, 1)
    at = open_page("Vote", ballot=str(made.id))
    at.text_area[0].set_value("a lamp").run()
    button(at, "Draw them").click().run()
    assert "1 different prompts" in at.error[0].value
    at.text_area[0].set_value("a lamp\n a blue  boat ").run()
    button(at, "Draw them").click().run()

    # What the pipelines draw is tested with the worker.
    monkeypatch.setattr(ballot_pictures.table, "drawer", painter)
    assert work(studio, "own").state == "done"
    at = open_page("Vote", ballot=str(made.id))
    sent = data_of(at)
    assert {entry["prompt"] for entry in sent["queue"]} == {"a lamp", "a blue boat"}
    assert sent["total"] == 2
    for _ in range(2):
        button(at, "Left").click().run()
    assert {v.voter for v in votes.standing_votes(studio.engine, made.id)} == {"ana"}
    other = next(iter(ballots.pairs_of(studio.engine, made.id)))
    with pytest.raises(StudioError, match="no pair"):
        votes.cast(studio.engine, made.id, "ben", other, "left", "k", now())


def test_voting_with_buttons_stores_votes_and_undo(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    shown = []
    for label in ("Left", "Tie", "Both bad"):
        shown.append(at.session_state["vote-sitting"].queue[0])
        button(at, label).click().run()
    kept = votes.standing_votes(studio.engine, ballot.id)
    assert [(one.pair, one.answer) for one in kept] == list(
        zip(shown, ("left", "tie", "bad"), strict=True)
    )
    assert {one.voter for one in kept} == {"ana"}
    button(at, "Undo").click().run()
    assert at.session_state["vote-sitting"].queue[0] == shown[2]
    assert len(votes.standing_votes(studio.engine, ballot.id)) == 2
    button(at, "Skip").click().run()
    assert at.session_state["vote-sitting"].queue[0] != shown[2]
    for _ in range(4):
        button(at, "Right").click().run()
    answers = Counter(one.answer for one in votes.standing_votes(studio.engine, ballot.id))
    assert answers == {"right": 4, "left": 1, "tie": 1}
    # All done, nothing to be seen of the result yet; the last one can still be taken back.
    assert not at.metric and not votes.has_handed_in(studio.engine, ballot.id, "ana")
    button(at, "Undo the last one (right is better)").click().run()
    assert len(votes.standing_votes(studio.engine, ballot.id)) == 5
    button(at, "Right").click().run()
    button(at, "Hand in and see the result").click().run()
    assert votes.has_handed_in(studio.engine, ballot.id, "ana")
    assert [one.label for one in at.metric] == [
        "version 2 preferred",
        "version 1 preferred",
        "ties",
        "both bad",
    ]
    assert "Undecided" in at.header[1].value


@pytest.mark.slow
def test_two_windows_of_one_voter_store_their_own_votes(studio, ballot, open_page):
    one = open_page("Vote", ballot=str(ballot.id))
    two = open_page("Vote", ballot=str(ballot.id))
    button(one, "Left").click().run()
    button(two, "Right").click().run()  # the same pair: the first vote counts
    button(two, "Right").click().run()
    kept = votes.standing_votes(studio.engine, ballot.id)
    assert [one.answer for one in kept] == ["left", "right"]
    assert len({one.pair for one in kept}) == 2


@pytest.mark.slow
def test_another_person_in_the_same_browser_gets_a_sitting_of_their_own(
    studio, ballot, open_page, monkeypatch
):
    at = open_page("Vote", ballot=str(ballot.id))
    button(at, "Left").click().run()
    monkeypatch.setattr(ui, "person", lambda: "ben")
    at.run()
    button(at, "Right").click().run()
    kept = votes.standing_votes(studio.engine, ballot.id)
    assert [(one.voter, one.answer) for one in kept] == [("ana", "left"), ("ben", "right")]


@pytest.mark.slow
def test_closing_shows_the_result_and_names_who_came_late(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    ballots.close(studio.engine, ballot.id, "lea", now())
    button(at, "Left").click().run()
    assert votes.standing_votes(studio.engine, ballot.id) == []
    assert len(at.metric) == 4 and "No verdict" in at.header[1].value
    at = open_page("Vote")
    assert "closed by lea" in " ".join(one.value for one in at.markdown)


@pytest.mark.slow
def test_the_page_closes_a_ballot(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    button(at, "Close this ballot").click().run()
    assert ballots.get(studio.engine, ballot.id).open
    button(at, "Close it").click().run()
    assert ballots.get(studio.engine, ballot.id).closed_by == "ana"
    assert [row.action for row in ledger.rows(studio.engine)[1:]] == ["open ballot", "close ballot"]


def test_a_ballot_that_is_not_there(studio, open_page):
    for id in ("77", "99999999999999999999"):
        at = open_page("Vote", ballot=id)
        assert f"There is no ballot {id}" in at.error[0].value
        assert ballots.listing(studio.engine) == []


@pytest.mark.slow
def test_what_people_wrote_is_text(studio, ballot, open_page):
    at = open_page("Vote")
    row = next(one.value for one in at.markdown if "ours" in one.value)
    assert "\\<b\\>ours\\</b\\>?" in row
    at = open_page("Vote", ballot=str(ballot.id))
    sent = at.get("bidi_component")[0].proto
    assert "innerHTML" not in sent.js_content and "ours" not in sent.html_content


def data_of(at):
    return json.loads(at.get("bidi_component")[0].proto.json)


@pytest.mark.slow
def test_what_the_browser_is_sent_before_a_vote_tells_no_version(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    sent = data_of(at)
    assert set(sent["queue"][0]) == {"item", "prompt", "both"}
    assert not re.search(r"version|number|model|seed|result", json.dumps(sent))
    assert not at.metric


def answer(address, who="ana"):
    """The route's answer to a browser of `who`, as bytes and headers."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": address,
        "query_string": b"",
        "path_params": {"of": address.rsplit("/", 1)[1]},
        "headers": [(b"cookie", f"housestyle_name={who}".encode())],
    }
    return asyncio.run(review_routes.judged_picture(Request(scope)))


@pytest.mark.slow
def test_both_sides_differ_in_nothing_but_pixels(studio, ballot, open_page):
    sent = data_of(open_page("Vote", ballot=str(ballot.id)))
    told = set()
    for pair in sent["queue"]:
        got = answer(pair["both"])
        assert got.status_code == 200 and len(got.body) == 2 * ballot.length
        told.add(tuple(sorted(got.headers.items())))
        pixels = []
        for part in (got.body[: ballot.length], got.body[ballot.length :]):
            with Image.open(io.BytesIO(part)) as picture:
                assert picture.size == (16, 16) and not picture.info
                pixels.append(picture.tobytes())
        assert pixels[0] != pixels[1]
    ((*headers,),) = told  # one and the same for every pair of the ballot
    assert dict(headers) == {
        "cache-control": "no-store",
        "content-length": str(2 * ballot.length),
        "content-type": "image/png",
    }


@pytest.mark.slow
def test_an_address_is_good_for_its_voter_only(studio, ballot, open_page):
    pair = data_of(open_page("Vote", ballot=str(ballot.id)))["queue"][0]
    assert answer(pair["both"], who="ben").status_code == 404
    assert answer(pair["both"][:-2] + "xx").status_code == 404
    assert answer("/picture/side/" + "." * 40).status_code == 404
    key = blinding.secret(studio.engine)
    gone = blinding.address(key, "ana", "b", 999, "l")
    assert answer(f"/picture/side/{gone}").status_code == 404
