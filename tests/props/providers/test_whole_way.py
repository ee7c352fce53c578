"""Calls of a real small service from the post to what came: posted once, kept, counted."""

from datetime import UTC, datetime, timedelta

import pytest

from studio import notifications
from studio.charges.calling import Unconfirmed
from studio.charges.charge import of_key
from studio.charges.limits import LimitReached
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.jobs import queue
from studio.props.providers import calls, looking, posting, results
from studio.props.providers.results import NotThere
from studio.props.providers.seen import Seen
from studio.workflows import provider_calls, provider_results
from tests.props.providers.asking_studio import CREDIT, SECOND, job_of, limit, looked, posted
from tests.props.providers.service import CREDITS, GLB, KEY, OBJ

BOTH = pytest.mark.parametrize("provider", ["replicate", "meshy"])


def charge(studio, call):
    with studio.engine.connect() as connection:
        return of_key(connection, call.charge_key)


@BOTH
def test_a_call_is_posted_once_and_what_it_made_is_kept_and_counted(
    studio, service, start, provider
):
    job = job_of(studio, provider)
    call = posted(studio, job, provider, start)
    assert (call.state, call.reference) == ("known", "made-1")
    assert charge(studio, call).state == "accepted"
    assert posted(studio, job, provider, start).id == call.id  # the job's other attempts
    call = looked(studio, call)
    assert (call.state, call.percent, call.bytes) == ("done", 100, len(GLB))
    assert provider_results.file_of(studio.home, call.file).read_bytes() == GLB
    (taken,) = service.taken.values()
    owed = -(-taken.milliseconds * SECOND // 1_000) if provider == "replicate" else CREDITS * CREDIT
    paid = charge(studio, call)
    assert (paid.state, paid.actual, paid.reference) == ("done", owed, "made-1")
    assert service.posts == [paid.token]
    assert calls.unreceived(studio.engine) == [call]
    sent = [one for one in service.headers if one.get("idempotency-key")]
    held = sent[0].get("authorization")
    assert held == f"Bearer {KEY}"
    at_files = [
        one
        for (method, path), one in zip(service.seen, service.headers, strict=True)
        if path.startswith("/files/")
    ]
    assert at_files and not any("authorization" in one for one in at_files)


@pytest.mark.parametrize(
    ("mood", "state"),
    [
        (429, "failed"),
        (401, "failed"),
        (422, "failed"),
        ("moderated", "moderated"),
        ("slow", "known"),
        ("twice", "known"),
    ],
)
@BOTH
def test_what_is_answered_plainly_is_plain(studio, service, start, provider, mood, state):
    service.moods = [mood]
    job = job_of(studio, provider)
    for _ in range(2):
        try:
            posted(studio, job, provider, start)
        except StudioError as error:
            assert state != "known" and "Nothing was paid" in error.remedy
    call = calls.of_job(studio.engine, job.id)
    assert call.state == state and len(service.posts) == 1
    if state == "known":
        assert looked(studio, call).state == "done"
    else:
        assert (charge(studio, call).state, charge(studio, call).actual) == ("failed", 0)
        assert KEY not in call.note


@pytest.mark.parametrize("mood", ["drop", "deaf", 500, "html", "no id"])
@BOTH
def test_a_lost_answer_is_looked_for_and_never_posted_again(studio, service, start, provider, mood):
    service.moods = [mood]
    job = job_of(studio, provider)
    for _ in range(3):
        try:
            posted(studio, job, provider, start)
        except Unconfirmed as error:
            assert "not sent again by itself" in error.message
    call = calls.of_job(studio.engine, job.id)
    assert len(service.posts) == 1
    if service.taken and provider == "replicate":  # it is in the list, by its upload
        assert call.state == "known" and looked(studio, call).state == "done"
        return
    assert (call.state, charge(studio, call).state) == ("unsure", "unconfirmed")
    with pytest.raises(StudioError, match="does not say"):
        provider_results.fetch_again(studio, call.id, by="ana")
    if service.taken:  # somebody finds it on the provider's pages
        found = provider_results.fetch_again(studio, call.id, by="ana", reference="made-1")
        assert found.state == "known" and looked(studio, found).state == "done"
        assert charge(studio, call).actual == CREDITS * CREDIT
    assert len(service.posts) == 1


def lost(studio, provider, start, number=0):
    """A call whose answer was lost, and which is not in its provider's list yet."""
    job = job_of(studio, provider, number)
    with pytest.raises(Unconfirmed):
        posted(studio, job, provider, start)
    call = calls.of_job(studio.engine, job.id)
    assert call.state == "unsure"
    return call


def test_a_call_that_is_listed_later_is_found_by_itself(studio, service, start):
    service.moods = ["drop"]
    call = lost(studio, "replicate", start)
    provider_results.find_lost(studio)
    call = calls.get(studio.engine, call.id)
    assert (call.state, call.reference) == ("known", "made-1")
    assert charge(studio, call).state == "accepted"
    assert looked(studio, call).state == "done" and len(service.posts) == 1


def test_a_number_of_another_call_is_refused(studio, service, start):
    posted(studio, job_of(studio, "meshy"), "meshy", start)
    service.moods = ["drop"]
    call = lost(studio, "meshy", start, 1)
    for wrong, said in (("made-1", "has another call"), ("made 2", "is no number")):
        with pytest.raises(StudioError, match=said):
            provider_results.fetch_again(studio, call.id, by="ana", reference=wrong)
    assert calls.get(studio.engine, call.id).state == "unsure"


def test_one_that_was_taken_for_lost_meanwhile_is_not_posted(studio, service, start, monkeypatch):
    sending = calls.sending

    def overtaken(engine, id, *, now):
        calls.lose(engine, id, "No answer came.", now=now)
        return sending(engine, id, now=now)

    monkeypatch.setattr(calls, "sending", overtaken)
    lost(studio, "meshy", start)
    assert service.posts == []


def test_its_number_is_noted_though_the_database_is_away_for_a_moment(
    studio, service, start, monkeypatch
):
    know, tries = calls.know, []

    def away(*given, **more):
        tries.append(given)
        if len(tries) < 3:
            raise DatabaseAway("The database is away.", "Wait.")
        return know(*given, **more)

    monkeypatch.setattr(calls, "know", away)
    monkeypatch.setattr(posting, "AGAIN_S", 0.0)
    call = posted(studio, job_of(studio, "meshy"), "meshy", start)
    assert (call.state, call.reference, len(tries)) == ("known", "made-1", 3)
    assert len(service.posts) == 1


def test_a_picture_of_a_model_is_not_taken_for_the_model(studio, service, start, monkeypatch):
    model, picture = "https://x/a.glb", "https://x/a.png"
    seen = Seen("done", (model, picture), seconds=1.0)
    gives = {model: NotThere("It answered 503."), picture: b"\x89PNG"}

    def fetched(address, networks):
        if isinstance(gives[address], Exception):
            raise gives[address]
        return gives[address]

    monkeypatch.setattr(results, "fetched", fetched)
    monkeypatch.setattr(looking, "look", lambda *_: seen)
    call = posted(studio, job_of(studio, "replicate"), "replicate", start)
    call = provider_results.look(studio, call)
    assert call.state == "known" and "503" in call.note
    gives |= {model: StudioError("It leads to no public network."), picture: GLB}
    call = provider_results.look(studio, call)
    assert call.state == "done" and charge(studio, call).actual == SECOND
    assert provider_results.file_of(studio.home, call.file).read_bytes() == GLB


def test_only_looks_that_say_so_make_a_call_gone(studio, service, start):
    call = posted(studio, job_of(studio, "meshy"), "meshy", start)
    for _ in range(provider_results.GONE_AFTER):
        call = calls.wait(studio.engine, call, now=datetime.now(UTC), note="503: tired")
    service.taken.clear()
    for _ in range(provider_results.GONE_AFTER - 1):
        call = provider_results.look(studio, call)
        assert call.state == "known"
    call = provider_results.look(studio, call)
    assert call.state == "failed" and "knows no call made-1" in call.note


def test_content_that_was_refused_is_not_sent_again_by_anybody(studio, service, start):
    service.ends = ["moderated"]
    call = looked(studio, posted(studio, job_of(studio, "meshy"), "meshy", start))
    assert (call.state, charge(studio, call).actual) == ("moderated", 0)
    meant = provider_calls.wanted(studio, "meshy", picture=start)
    with pytest.raises(StudioError, match="refused this for its content") as refused:
        provider_calls.check(studio, meant)
    assert "not sent again" in refused.value.remedy
    job = job_of(studio, "meshy", 1)  # it waited already, with another setting
    with pytest.raises(StudioError, match="refused this for its content"):
        posted(studio, job, "meshy", start, parameters={"triangles": 500})
    assert calls.of_job(studio.engine, job.id).state == "failed"
    other = provider_calls.wanted(studio, "meshy", picture=start, matte="#204060")
    provider_calls.check(studio, other)
    assert len(service.posts) == 1


@pytest.mark.parametrize("end", ["failed", "lost", "obj", "away"])
def test_what_comes_of_it_is_said(studio, service, start, end):
    service.ends = [end]
    call = looked(studio, posted(studio, job_of(studio, "meshy"), "meshy", start))
    paid = charge(studio, call)
    if end == "failed":
        assert (call.state, paid.state, paid.actual) == ("failed", "failed", 0)
        assert call.note == "internal"
    elif end == "lost":  # paid for, looked for until its time is over
        assert (call.state, paid.actual) == ("known", CREDITS * CREDIT)
        assert "could not be fetched" in call.note and call.tries > 1
    else:
        assert (call.state, paid.actual) == ("done", CREDITS * CREDIT)
        kept = provider_results.file_of(studio.home, call.file).read_bytes()
        assert kept == (OBJ if end == "obj" else GLB)


def test_after_its_deadline_its_number_is_shown_and_fetching_again_posts_nothing(
    studio, service, start
):
    service.ends = ["never"]
    call = posted(studio, job_of(studio, "meshy"), "meshy", start)
    late = datetime.now(UTC) + calls.PATIENCE + timedelta(seconds=1)
    call = calls.wait(studio.engine, call, now=late)
    assert (call.state, call.due, call.reference) == ("late", None, "made-1")
    (notice,) = [one for one in notifications.newest(studio.engine) if one.event == "late model"]
    assert "made-1" in notice.text
    service.taken["made-1"].end = "done"
    call = provider_results.fetch_again(studio, call.id, by="ana")
    assert looked(studio, call).state == "done" and len(service.posts) == 1


@BOTH
def test_a_call_is_cancelled_where_its_provider_does_that(studio, service, start, provider):
    service.ends = ["never"]
    call = posted(studio, job_of(studio, provider), provider, start)
    provider_results.cancel(studio, call.id, by="ana")
    call = provider_results.look(studio, calls.get(studio.engine, call.id))
    assert call.cancel_sent and service.taken["made-1"].cancelled
    call = looked(studio, call)
    assert call.state == "cancelled"
    with pytest.raises(StudioError, match="is cancelled"):
        provider_results.cancel(studio, call.id, by="ana")


def test_a_limit_refuses_before_the_post(studio, service, start):
    limit(studio, 30 * CREDIT - 1)  # a call may take 30 credits
    job = job_of(studio, "meshy")
    with pytest.raises(LimitReached, match="may cost 0.60 USD"):
        posted(studio, job, "meshy", start)
    assert service.posts == [] and calls.of_job(studio.engine, job.id).state == "failed"


def test_without_a_key_or_a_price_nothing_is_asked(studio, service, start):
    meant = provider_calls.wanted(studio, "fal", picture=start)
    with pytest.raises(StudioError, match="no key to fal") as refused:
        provider_calls.check(studio, meant)
    assert "STUDIO_PROPS_FAL_KEY" in refused.value.remedy
    with pytest.raises(StudioError, match="no price list 'fal'"):
        provider_calls.estimate(studio, meant)
    with pytest.raises(StudioError, match="no key to Synexa"):
        provider_calls.check(studio, provider_calls.wanted(studio, "synexa", picture=start))
    assert service.seen == []


def test_a_provider_that_is_not_there_takes_nothing(studio, service, start):
    gone = studio.settings.prop_addresses
    away = tuple((name, "http://127.0.0.1:9") for name, _ in gone)
    object.__setattr__(studio.settings, "prop_addresses", away)
    job = job_of(studio, "meshy")
    with pytest.raises(StudioError, match="is not reached"):
        posted(studio, job, "meshy", start)
    call = calls.of_job(studio.engine, job.id)
    assert (call.state, charge(studio, call).actual) == ("failed", 0)


def test_what_nothing_was_heard_of_is_settled_once_its_job_has_ended(studio, service, start):
    def never(*_: object, **__: object) -> None:
        raise KeyboardInterrupt  # as if the process ended here

    job = job_of(studio, "replicate")
    service.moods = ["drop"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studio.charges.calls.lose", never)
        patch.setattr("studio.charges.calling.look_up", never)
        with pytest.raises(KeyboardInterrupt):
            posted(studio, job, "replicate", start)
    call = calls.of_job(studio.engine, job.id)
    assert call.state == "sent"
    provider_results.settle_begun(studio)
    assert calls.get(studio.engine, call.id).state == "sent"  # its job may go on
    queue.cancel(studio.engine, job.id, "ana", datetime.now(UTC))
    provider_results.settle_begun(studio)
    call = calls.get(studio.engine, call.id)
    assert (call.state, call.reference, charge(studio, call).state) == (
        "known",
        "made-1",
        "accepted",
    )
    assert len(service.posts) == 1
