"""Vote: a ballot is opened, voted on, handed in, and what the browser gets tells no version."""

import asyncio
import io
import json
import re
from collections import Counter

import pytest
from PIL import Image
from starlette.requests import Request

from studio import ledger, ui, web
from studio.jobs import queue
from studio.review import ballots, blind, votes
from studio.workflows import now


def button(at, label):
    return next(one for one in at.button if one.label == label)


@pytest.fixture
def ballot(studio, sheets, open_page):
    """A ballot opened by its form."""
    at = open_page("Vote")
    at.text_input[0].set_value("Which one is <b>ours</b>?")
    button(at, "Open the ballot").click().run()
    assert not at.exception
    (made,) = ballots.listing(studio.engine)
    return made


def test_nothing_to_judge_says_what_to_do(studio, open_page):
    at = open_page("Vote")
    assert "train a style first" in " ".join(one.value for one in at.info)


def test_a_version_without_a_sheet_is_evaluated_from_here(studio, sheets, open_page):
    at = open_page("Vote")
    button(at, "Draw the sheet of version 3").click().run()
    (job,) = queue.listing(studio.engine)
    assert (job.kind, job.asked_by) == ("evaluate", "ana")
    assert (job.payload["style"], job.payload["version"]) == ("sample", 3)
    assert at.multiselect[0].options == ["base (without a LoRA)", "version 2", "version 1"]


def test_the_form_stores_a_ballot(studio, ballot):
    assert ballot.question == "Which one is <b>ours</b>?"
    assert [side.number for side in ballot.sides] == [2, 1]
    assert (ballot.asks, ballot.voters, ballot.share, ballot.opened_by) == ("panel", 5, 6, "ana")
    assert len(ballot.strip) == 24
    (row,) = ledger.rows(studio.engine)
    assert (row.actor, row.action, row.style) == ("ana", "open ballot", "sample")


def test_the_form_warns_of_a_ballot_without_a_verdict(studio, sheets, open_page):
    at = open_page("Vote")
    assert "no verdict can come" in at.warning[0].value  # 6 pairs
    at.number_input[0].set_value(20).run()
    assert not at.warning and at.radio[0].value == "people"
    at.text_input[0].set_value(" ")
    button(at, "Open the ballot").click().run()
    assert "0 characters" in at.error[0].value
    assert ballots.listing(studio.engine) == []


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


def test_two_windows_of_one_voter_store_their_own_votes(studio, ballot, open_page):
    one = open_page("Vote", ballot=str(ballot.id))
    two = open_page("Vote", ballot=str(ballot.id))
    button(one, "Left").click().run()
    button(two, "Right").click().run()  # the same pair: the first vote counts
    button(two, "Right").click().run()
    kept = votes.standing_votes(studio.engine, ballot.id)
    assert [one.answer for one in kept] == ["left", "right"]
    assert len({one.pair for one in kept}) == 2


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


def test_closing_shows_the_result_and_names_who_came_late(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    ballots.close(studio.engine, ballot.id, "lea", now())
    button(at, "Left").click().run()
    assert votes.standing_votes(studio.engine, ballot.id) == []
    assert len(at.metric) == 4 and "No verdict" in at.header[1].value
    at = open_page("Vote")
    assert "closed by lea" in " ".join(one.value for one in at.markdown)


def test_the_page_closes_a_ballot(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    button(at, "Close this ballot").click().run()
    assert ballots.get(studio.engine, ballot.id).closed_by == "ana"
    assert [row.action for row in ledger.rows(studio.engine)] == ["open ballot", "close ballot"]


def test_a_ballot_that_is_not_there(studio, open_page):
    for id in ("77", "99999999999999999999"):
        at = open_page("Vote", ballot=id)
        assert f"There is no ballot {id}" in at.error[0].value
        assert ballots.listing(studio.engine) == []


def test_what_people_wrote_is_text(studio, ballot, open_page):
    at = open_page("Vote")
    row = next(one.value for one in at.markdown if "ours" in one.value)
    assert "\\<b\\>ours\\</b\\>?" in row
    at = open_page("Vote", ballot=str(ballot.id))
    sent = at.get("bidi_component")[0].proto
    assert "innerHTML" not in sent.js_content and "ours" not in sent.html_content


def data_of(at):
    return json.loads(at.get("bidi_component")[0].proto.json)


def test_what_the_browser_is_sent_before_a_vote_tells_no_version(studio, ballot, open_page):
    at = open_page("Vote", ballot=str(ballot.id))
    sent = data_of(at)
    assert set(sent["queue"][0]) == {"item", "prompt", "left", "right"}
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
    return asyncio.run(web.judged_picture(Request(scope)))


def test_both_sides_differ_in_nothing_but_pixels(studio, ballot, open_page):
    sent = data_of(open_page("Vote", ballot=str(ballot.id)))
    told = set()
    for pair in sent["queue"]:
        pixels = []
        for side in ("left", "right"):
            got = answer(pair[side])
            assert got.status_code == 200 and len(got.body) == ballot.length
            told.add(tuple(sorted(got.headers.items())))
            with Image.open(io.BytesIO(got.body)) as picture:
                assert picture.size == (16, 16) and not picture.info
                pixels.append(picture.tobytes())
        assert pixels[0] != pixels[1]
    ((*headers,),) = told  # one and the same for every picture of the ballot
    assert dict(headers) == {
        "cache-control": "no-store",
        "content-length": str(ballot.length),
        "content-type": "image/png",
    }


def test_an_address_is_good_for_its_voter_only(studio, ballot, open_page):
    pair = data_of(open_page("Vote", ballot=str(ballot.id)))["queue"][0]
    assert answer(pair["left"], who="ben").status_code == 404
    assert answer(pair["left"][:-2] + "xx").status_code == 404
    assert answer("/picture/side/" + "." * 40).status_code == 404
    key = blind.secret(studio.engine)
    gone = blind.address(key, "ana", "p", 999, "l")
    assert answer(f"/picture/side/{gone}").status_code == 404
