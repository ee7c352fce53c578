"""The Registry page's part Release: requests, gates, rollouts; and what Generate says of them."""

from datetime import UTC, datetime

import pytest

from studio import notifications
from studio.accounts.rights import Actor
from studio.registry import gates, requests, stages
from studio.registry.rollout_records import current
from studio.web import ui
from studio.workflows import release
from tests.furnished import bare_files

NOW = datetime.now(UTC)
KID = "metrics: {kid: {at_most: 0.015}}"
LONG = "<script>alert(1)</script> **bold** "


@pytest.fixture
def style(studio, tmp_path):
    """Three versions of props, the first in production."""
    studio.client.create_registered_model("props")
    for number in (1, 2, 3):
        tags = {
            "base": "/pocket",
            "base_name": "pocket",
            "trigger_word": "<Props>",
            "stage": "candidate",
            "metric.kid_pocket_clip_v2": f"0.0{number}",
        }
        studio.client.create_model_version("props", bare_files(tmp_path), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="bo",
        why="the first",
        now=NOW,
    )


@pytest.fixture
def page(open_page, style):
    return lambda: open_page("Registry", style="props", show="Release")


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.error, *at.warning]
    return " ".join(e.value for e in kinds)


def click(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def asked(studio, number=2):
    return release.ask(studio, style="props", number=number, actor="lea", why=LONG, now=NOW)


def test_a_request_is_asked_talked_about_and_refused(studio, page):
    at = page()
    at.text_area(key="ask-why").input(LONG)
    at.selectbox(key="ask-number").select(2)
    next(b for b in at.button if b.label == "Ask the producers").click().run()
    (request,) = requests.listing(studio.engine, "props")
    assert (request.version, request.asked_by, request.why) == (2, "ana", LONG.strip())
    assert "\\<script\\>" in said(at) and "<script>" not in said(at)
    at.text_input(key=f"request-{request.id}").input("why <b>now</b>?")
    click(at, f"comment-{request.id}")
    assert "\\<b\\>now" in said(at) and "<b>now" not in said(at)
    assert "answer" in click(at, f"refuse-{request.id}").error[0].value  # nothing was said
    at.text_input(key=f"request-{request.id}").input("not before the demo")
    click(at, f"refuse-{request.id}")
    assert requests.get(studio.engine, request.id).state == "refused"
    assert "Nobody waits for a decision" in said(at)


def test_a_gate_keeps_out_until_it_is_overridden_and_stays_in_the_history(studio, page, open_page):
    release.save_gates(studio, "props", KID, after="", by="ana", now=NOW)
    request = asked(studio)
    at = click(page(), f"accept-{request.id}")
    assert "does not pass 1" in at.error[0].value and ":red[✗ missed] **kid**" in said(at)
    assert stages.production(studio.engine, "props") == 1
    at.text_input(key=f"request-{request.id}-over").input("the *demo* is tomorrow")
    click(at, f"accept-{request.id}")
    assert not at.error and stages.production(studio.engine, "props") == 2
    assert requests.get(studio.engine, request.id).state == "accepted"
    at = open_page("Registry", style="props", show="History")
    assert "Overridden: the \\*demo\\* is tomorrow" in said(at)


def test_two_producers_accept_at_once(studio, page):
    request = asked(studio)
    first, second = page(), page()
    click(first, f"accept-{request.id}")
    click(second, f"accept-{request.id}")
    assert not second.error
    assert [r.version for r in stages.history(studio.engine, "props") if r.to_stage] == [1, 2]


def test_a_gate_file_with_a_mistake_is_named_and_keeps_everything_out(studio, page):
    at = page()
    box = next(t for t in at.text_area if t.key.startswith("gates-"))
    box.input("copise: 0")
    next(b for b in at.button if b.label == "Keep these gates").click().run()
    assert "copise" in at.error[0].value and gates.load(studio.home, "props").text == ""
    box = next(t for t in at.text_area if t.key.startswith("gates-"))
    assert box.value == "copise: 0"  # to be mended, not typed anew
    box.input(KID)
    next(b for b in at.button if b.label == "Keep these gates").click().run()
    found = gates.load(studio.home, "props")
    assert found.text == KID
    (studio.home / "gates" / "props" / f"{found.version}.yaml").write_text("copise: 0")  # by hand
    request = asked(studio)
    at = page()
    assert "copise" in said(at)
    click(at, f"accept-{request.id}")
    assert stages.production(studio.engine, "props") == 1
    box = next(t for t in at.text_area if t.key.startswith("gates-"))
    assert box.value == "copise: 0"
    box.input("copies: 0")
    next(b for b in at.button if b.label == "Keep these gates").click().run()
    assert gates.load(studio.home, "props").copies == 0


def test_a_rollout_from_the_first_people_to_everybody(studio, page, open_page):
    at = page()
    at.selectbox(key="roll-number").select(2)
    at.text_input(key="roll-people").input("ana, @art lead")
    at.text_area(key="roll-why").input("try the hands")
    next(b for b in at.button if b.label == "Begin").click().run()
    going = current(studio.engine, "props")
    assert (going.version, going.percent, going.people) == (2, 10, ("ana", "@art lead"))
    assert "10 % of the people and ana, art leads" in said(at)
    shown = said(open_page("Generate", style="props"))
    assert "You are among those who try version 2" in shown
    for key, share, state in (
        ("share", 40, "running"),
        ("pause", 40, "paused"),
        ("pause", 40, "running"),
    ):
        at = page()
        at.text_input(key="change-why").input("nobody complained")
        at.slider(key="change-percent").set_value(share)
        click(at, f"roll-{key}")
        going = current(studio.engine, "props")
        assert (going.percent, going.state) == (share, state)
    at = page()
    at.text_input(key="change-why").input("all like it")
    at.slider(key="change-percent").set_value(100)
    click(at, "roll-share")
    assert stages.production(studio.engine, "props") == 2
    assert "Version 2 is in production" in said(open_page("Generate", style="props"))


def test_a_rollout_is_ended_and_an_old_page_does_not_end_the_next(studio, page):
    begin = dict(style="props", percent=10, people=[], actor="bo", why="try", now=NOW)
    release.begin_rollout(studio, number=2, **begin)
    at, old = page(), page()
    for one in (at, old):
        one.text_input(key="change-why").input("hands")
    click(at, "roll-abort")
    assert current(studio.engine, "props") is None
    release.begin_rollout(studio, number=3, **begin)
    old.slider(key="change-percent").set_value(90)
    click(old, "roll-share")
    assert "version 3 is rolled out now" in old.error[0].value
    assert current(studio.engine, "props").percent == 10


def test_an_artist_may_ask_and_nothing_more(studio, page, monkeypatch):
    request = asked(studio)
    monkeypatch.setattr(ui, "person", lambda: Actor("art", "artist"))
    at = page()
    off = {b.key: b.disabled for b in at.button if b.key}
    assert off[f"accept-{request.id}"] and off[f"refuse-{request.id}"]
    assert not off[f"comment-{request.id}"]
    begin = next(b for b in at.button if b.label == "Begin")
    assert begin.disabled


def test_at_a_hundred_percent_a_gate_that_came_since_wants_a_reason(studio, page):
    release.begin_rollout(
        studio, style="props", number=2, percent=50, people=[], actor="bo", why="try", now=NOW
    )
    release.save_gates(studio, "props", KID, after="", by="ana", now=NOW)
    at = page()
    at.text_input(key="change-why").input("all like it")
    at.slider(key="change-percent").set_value(100)
    click(at, "roll-share")
    assert "does not pass 1" in at.error[0].value
    at.text_input(key="change-over").input("for the demo")
    click(at, "roll-share")
    assert stages.production(studio.engine, "props") == 2
    row = stages.history(studio.engine, "props")[-1]
    assert [why for _, why in stages.gates_at(studio.engine, row.id)] == ["for the demo"]


def test_what_another_promotion_overtook_is_said(studio, page):
    request = asked(studio)
    release.begin_rollout(
        studio, style="props", number=3, percent=50, people=[], actor="bo", why="try", now=NOW
    )
    stages.promote(
        studio.engine,
        studio.client,
        style="props",
        number=2,
        to="production",
        actor="bo",
        why="better",
        now=NOW,
    )
    at = page()
    assert "nobody gets this version any more" in at.warning[0].value
    assert "accepting closes the request" in said(at)
    assert "roll-share" not in {b.key for b in at.button}
    click(at, f"accept-{request.id}")
    assert not at.error and requests.get(studio.engine, request.id).state == "accepted"
    at.text_input(key="change-why").input("overtaken")
    click(at, "roll-abort")
    assert current(studio.engine, "props") is None


def test_what_a_receiver_did_not_take_is_shown(studio, style, open_page):
    notifications.deliver(studio.engine, "http://127.0.0.1:9/", None, NOW)
    at = open_page("Admin")
    assert any("could not be reached" in d.value.to_csv() for d in at.dataframe)
