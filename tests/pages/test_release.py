"""The page Versions, its parts Release and Gates; and what Generate says of a rollout."""

from datetime import UTC, datetime

import pytest

from studio import notifications
from studio.accounts.rights import Actor
from studio.registry import gate_records, gates, requests, stages
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
    return lambda show="Release": open_page("Registry", style="props", show=show)


@pytest.fixture
def card(open_page, style):
    return lambda number: open_page("Registry", style="props", version=str(number))


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.error, *at.warning]
    return " ".join(e.value for e in kinds)


def click(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def field(way, name, number=2):
    """The key of what is typed about a move."""
    return f"draft move/props/{number}/{way} {name}"


def begin(at, why, people="", number=2, **more):
    """Begin a rollout in its dialog."""
    click(at, "open-rollout")
    at.text_input(key=field("rollout", "people", number)).input(people)
    at.text_area(key=field("rollout", "why", number)).input(why)
    return click(at, "do-rollout")


def asked(studio, number=2):
    return release.ask(studio, style="props", number=number, actor="lea", why=LONG, now=NOW)


def test_a_request_is_asked_talked_about_and_refused(studio, page, card):
    at = click(card(2), "open-ask")
    at.text_area(key=field("ask", "why")).input(LONG)
    click(at, "do-ask")
    at = page()
    (request,) = requests.listing(studio.engine, "props")
    assert (request.version, request.asked_by, request.why) == (2, "ana", LONG.strip())
    assert "\\<script\\>" in said(at) and "<script>" not in said(at)
    answer = f"draft request/{request.id} answer"
    at.text_input(key=answer).input("why <b>now</b>?")
    click(at, f"comment-{request.id}")
    assert "\\<b\\>now" in said(at) and "<b>now" not in said(at)
    assert "answer" in click(at, f"refuse-{request.id}").error[0].value  # nothing was said
    at.text_input(key=answer).input("not before the demo")
    click(at, f"refuse-{request.id}")
    assert requests.get(studio.engine, request.id).state == "refused"
    assert "Nobody waits for a decision" in said(at)


def test_a_gate_keeps_out_until_it_is_overridden_and_stays_in_the_history(studio, page, open_page):
    release.save_gates(studio, "props", KID, after="", by="ana", now=NOW)
    request = asked(studio)
    at = click(page(), f"open-accept-{request.id}")
    at.text_area(key=field("accept", "why")).input("yes")
    click(at, "do-accept")
    assert "does not pass 1" in at.error[0].value and ":red[✗ missed] **kid**" in said(at)
    assert stages.production(studio.engine, "props") == 1
    at.text_area(key=field("accept", "override")).input("the *demo* is tomorrow")
    click(at, "do-accept")
    assert not at.error and stages.production(studio.engine, "props") == 2
    assert requests.get(studio.engine, request.id).state == "accepted"
    at = open_page("Registry", style="props", show="History")
    assert "**Overridden** kid: the \\*demo\\* is tomorrow" in said(at)


def test_two_producers_accept_at_once(studio, page):
    request = asked(studio)
    first, second = (click(page(), f"open-accept-{request.id}") for _ in range(2))
    for at in (first, second):
        at.text_area(key=field("accept", "why")).input("yes")
        click(at, "do-accept")
        assert not at.error
    assert [r.version for r in stages.history(studio.engine, "props") if r.to_stage] == [1, 2]


def file_of(at):
    return next(t for t in at.text_area if t.label == "Gates of this style (YAML)")


def test_gates_are_kept_by_the_form_and_stand_in_the_file(studio, page):
    release.save_gates(studio, "props", KID, after="", by="ana", now=NOW)
    at = page("Gates")
    version = gates.in_use(studio.home, "props")
    key = f"draft gates/props/{version} "
    assert at.number_input(key=f"{key}kid at_most").value == 0.015
    assert "Production reaches 0.0100; ↓ lower is better" in said(at)
    at.number_input(key=f"{key}kid at_most").set_value(0.5)
    at.number_input(key=f"{key}rating").set_value(3.5)
    at.number_input(key=f"{key}copies").set_value(0)
    at.selectbox(key=f"{key}vote").select("not worse")
    at.selectbox(key=f"{key}base").select("commercial")
    click(at, "gates-keep")
    found = gates.load(studio.home, "props")
    assert [(b.metric, b.at_least, b.at_most) for b in found.metrics] == [("kid", None, 0.5)]
    assert (found.rating, found.raters, found.vote, found.copies) == (3.5, 1, "not worse", 0)
    assert (found.data, found.base) == ("", "commercial")
    assert "  kid:\n    at_most: 0.5\n" in file_of(at).value


def test_a_gate_file_with_a_mistake_is_named_and_keeps_everything_out(studio, page):
    at = page("Gates")
    file_of(at).input("copise: 0")
    click(at, "gates-file-keep")
    assert "copise" in at.error[0].value and gates.load(studio.home, "props").text == ""
    assert file_of(at).value == "copise: 0"  # to be mended, not typed anew
    file_of(at).input(KID)
    click(at, "gates-file-keep")
    found = gates.load(studio.home, "props")
    assert found.text == KID
    (studio.home / "gates" / "props" / f"{found.version}.yaml").write_text("copise: 0")  # by hand
    request = asked(studio)
    at = click(page(), f"open-accept-{request.id}")
    assert "copise" in said(at)
    at.text_area(key=field("accept", "why")).input("yes")
    click(at, "do-accept")
    assert stages.production(studio.engine, "props") == 1
    at = page("Gates")
    assert file_of(at).value == "copise: 0"
    file_of(at).input("copies: 0")
    click(at, "gates-file-keep")
    assert gates.load(studio.home, "props").copies == 0


def test_who_was_slower_with_the_gates_sees_what_is_there_and_keeps_what_they_wrote(studio, page):
    at = page("Gates")
    file_of(at).input("copies: 3")
    release.save_gates(studio, "props", KID, after="", by="bo", now=NOW)
    click(at, "gates-file-keep")
    assert "by now" in at.error[0].value and file_of(at).value == KID
    assert "copies: 3" in [block.value for block in at.code]


@pytest.mark.slow
def test_a_rollout_from_the_first_people_to_everybody(studio, page, card, open_page):
    begin(card(2), "try the hands", "ana, @art lead")
    going = current(studio.engine, "props")
    assert (going.version, going.percent, going.people) == (2, 10, ("ana", "@art lead"))
    assert "10 % of the people and ana, art leads" in said(page())
    at = open_page("Generate", style="props")
    assert "You are among those who try version 2" in said(at)
    told = at.selectbox(key="version of props").options
    assert told[1:] == [
        "2 · in rollout to 10 % of the people and ana, art leads",
        "1 · in production",
    ]
    for key, share, state in (
        ("share", 40, "running"),
        ("pause", 40, "paused"),
        ("pause", 40, "running"),
    ):
        at = page()
        at.text_input(key=f"draft rollout/{going.id} why").input("nobody complained")
        at.slider(key=f"draft rollout/{going.id} percent").set_value(share)
        click(at, f"roll-{key}")
        going = current(studio.engine, "props")
        assert (going.percent, going.state) == (share, state)
    at = click(page(), "open-whole")
    at.text_area(key=field("whole", "why")).input("all like it")
    click(at, "do-whole")
    assert stages.production(studio.engine, "props") == 2
    assert "Version 2 is in production" in said(open_page("Generate", style="props"))


def test_a_rollout_is_ended_and_an_old_page_does_not_end_the_next(studio, page):
    begun = dict(style="props", percent=10, people=[], actor="bo", why="try", now=NOW)
    release.begin_rollout(studio, number=2, **begun)
    going = current(studio.engine, "props")
    at, old = click(page(), "open-end"), page()
    at.text_area(key=field("end", "why")).input("hands")
    click(at, "do-end")
    assert current(studio.engine, "props") is None
    release.begin_rollout(studio, number=3, **begun)
    old.text_input(key=f"draft rollout/{going.id} why").input("hands")
    old.slider(key=f"draft rollout/{going.id} percent").set_value(90)
    click(old, "roll-share")
    assert "version 3 is rolled out now" in old.error[0].value
    assert current(studio.engine, "props").percent == 10


def test_an_artist_may_ask_and_nothing_more(studio, page, card, monkeypatch):
    request = asked(studio)
    monkeypatch.setattr(ui, "person", lambda: Actor("art", "artist"))
    at = page()
    off = {b.key: b.disabled for b in at.button if b.key}
    assert off[f"open-accept-{request.id}"] and off[f"refuse-{request.id}"]
    assert not off[f"comment-{request.id}"]
    off = {b.key: b.disabled for b in card(3).button if b.key}
    assert {key for key in off if key.startswith("open-") and not off[key]} == {"open-ask"}
    monkeypatch.setattr(ui, "person", lambda: Actor("lea", "art lead"))  # who may stage
    off = {b.key: b.disabled for b in card(3).button if b.key}
    assert not off["open-staging"] and off["open-production"]
    # Whatever leaves production is promoting, too.
    off = {b.key: b.disabled for b in card(1).button if b.key}
    assert off["open-staging"] and off["open-archived"]


def test_at_a_hundred_percent_a_gate_that_came_since_wants_a_reason(studio, page):
    release.begin_rollout(
        studio, style="props", number=2, percent=50, people=[], actor="bo", why="try", now=NOW
    )
    release.save_gates(studio, "props", KID, after="", by="ana", now=NOW)
    at = click(page(), "open-whole")
    at.text_area(key=field("whole", "why")).input("all like it")
    click(at, "do-whole")
    assert "does not pass 1" in at.error[0].value
    at.text_area(key=field("whole", "override")).input("for the demo")
    click(at, "do-whole")
    assert stages.production(studio.engine, "props") == 2
    row = stages.history(studio.engine, "props")[-1]
    assert [why for _, why in gate_records.at(studio.engine, row.id)] == ["for the demo"]


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
    click(at, "open-end")
    at.text_area(key=field("end", "why", 3)).input("overtaken")
    click(at, "do-end")
    assert current(studio.engine, "props") is None


def test_a_rollouts_own_override_reason_stands_in_the_history_once(studio, card, open_page):
    asks = f"{KID}\nrating: {{at_least: 3}}"
    release.save_gates(studio, "props", asks, after="", by="ana", now=NOW)
    at = click(card(2), "open-rollout")
    at.text_area(key=field("rollout", "why")).input("try: the hands")
    at.text_area(key=field("rollout", "override")).input("for the demo")
    click(at, "do-rollout")
    shown = said(open_page("Registry", style="props", show="History"))
    assert "ana began the rollout of version 2 to 10 % of the people, beside version 1" in shown
    assert shown.count("for the demo") == 1 and "**Overridden** kid, rating: for the demo" in shown
    assert "try\\: the hands" in shown


def test_what_a_receiver_did_not_take_is_shown(studio, style, open_page):
    notifications.deliver(studio.engine, "http://127.0.0.1:9/", None, NOW)
    at = open_page("Admin", show="Log")
    assert any("could not be reached" in d.value.to_csv() for d in at.dataframe)
