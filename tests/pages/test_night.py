"""Several trainings queued at once: their order, their times, and what is asked for when."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta

import pytest

from studio import context
from studio.cli.main import main
from studio.database import engine as db
from studio.database.ledger import stamp
from studio.diffusion import base_offers
from studio.jobs import leases, queue, queue_order
from studio.jobs.table import jobs
from studio.training.config import load_config
from studio.web import ui
from studio.worker import schedule_words, submit, train_schedule
from studio.worker.kind_table import exclusive

TONIGHT = time(20, 0)


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    monkeypatch.setattr(base_offers, "_driver", lambda: False)


def _waiting(studio):
    return [job.payload["style"] for job in queue_order.waiting(studio.engine, exclusive())]


def _ask(studio, *styles, at=None):
    made = []
    for style in styles:
        payload = {
            "style": style,
            "dataset": "sample",
            "preset": "fast",
            "settings": asdict(load_config("fast")),
        }
        made.append(
            submit.ask(studio, "train", payload, asked_by="ana", now=context.now(), not_before=at)
        )
    return made


def _press(at, key):
    next(b for b in at.button if b.key == key).click().run()
    assert not at.exception


def test_a_training_is_queued_for_a_time_on_the_persons_own_clock(studio, open_page):
    at = open_page("Train", style="items", preset="Fast")
    at.session_state["when"] = "At a time"
    at.run()
    next(b for b in at.button if b.label == "Queue it").click().run()
    assert not at.exception
    (job,) = queue.listing(studio.engine, kind="train")
    begin = datetime.fromisoformat(job.not_before)
    assert begin.time() == TONIGHT and begin > context.now()
    assert any("items" in m.value and "20:00 to" in m.value for m in at.markdown)
    assert at.session_state["show"] == "Queue"


def test_the_queue_is_put_in_another_order_and_one_is_removed(studio, open_page):
    one, two, three = _ask(studio, "items", "tiles", "props")
    at = open_page("Train", show="Queue")
    assert not at.exception
    assert next(b for b in at.button if b.key == f"up-{one.id}").disabled
    _press(at, f"up-{three.id}")
    assert _waiting(studio) == ["items", "props", "tiles"]
    _press(at, f"down-{one.id}")
    assert _waiting(studio) == ["props", "items", "tiles"]
    _press(at, f"remove-{two.id}")
    assert _waiting(studio) == ["props", "items"]
    assert queue.get(studio.engine, two.id).state == "cancelled"
    _press(at, "night-set")
    begins = [queue.get(studio.engine, job.id).not_before for job in (one, three)]
    assert all(datetime.fromisoformat(begin).time() == TONIGHT for begin in begins)
    _press(at, "night-now")
    assert queue.get(studio.engine, one.id).not_before is None


def test_one_after_the_other_the_last_is_done_after_all_of_them(studio):
    now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    tonight = datetime(2026, 8, 1, 20, tzinfo=UTC)
    _ask(studio, "night", at=tonight)
    _ask(studio, "day")
    first, second = train_schedule.schedule(studio, now, "cpu").waiting
    assert (first.job.payload["style"], first.begins) == ("day", now)
    each = train_schedule.seconds(studio, first.job.payload, "cpu")
    assert 60 < each < 3600 and (first.ends - now).total_seconds() == pytest.approx(each)
    assert second.begins == tonight and second.ends > tonight


def test_five_by_command(studio, capsys):
    def answer(*words):
        assert main(["queue", *words, "--json", "--home", str(studio.home), "--user", "ana"]) == 0
        return json.loads(capsys.readouterr().out)

    for style in ("a", "b", "c", "d", "e"):
        answer("add", style, "--dataset", "sample", "--preset", "fast", "--at", "20:00")
    found = answer("list")["waiting"]
    assert [row["style"] for row in found] == ["a", "b", "c", "d", "e"]
    ids = [str(row["id"]) for row in found]
    moved = answer("move", ids[4], "--before", ids[0])["waiting"]
    assert [row["style"] for row in moved] == ["e", "a", "b", "c", "d"]
    assert len(answer("remove", ids[1])["waiting"]) == 4
    begun = answer("begin", "now")["waiting"]
    assert datetime.fromisoformat(begun[0]["begins"]) <= context.now()


def test_what_is_paused_waits_until_somebody_lets_it_go_on(studio, open_page, capsys):
    one, two = _ask(studio, "items", "tiles")
    at = open_page("Train", show="Queue")
    _press(at, f"pause-{one.id}")
    found = train_schedule.schedule(studio, context.now(), "cpu")
    assert [job.id for job in found.paused] == [one.id]
    assert [p.job.id for p in found.waiting] == [two.id]
    assert main(["queue", "list", "--json", "--home", str(studio.home), "--user", "ana"]) == 0
    assert json.loads(capsys.readouterr().out)["paused"] == [one.id]
    _press(at, f"on-{one.id}")
    found = train_schedule.schedule(studio, context.now(), "cpu")
    assert found.paused == () and len(_waiting(studio)) == 2


def test_what_is_not_done_by_morning_and_why_one_failed_is_told(studio, open_page):
    one, two, three = _ask(studio, "items", "tiles", "props")
    with db.writing(studio.engine) as connection:  # as a worker would leave them
        values = {
            "state": "failed",
            "error": "The disk is full.",
            "remedy": "Make room.",
            "ended_at": stamp(context.now()),
        }
        connection.execute(jobs.update().where(jobs.c.id == one.id).values(**values))
        long = {**two.payload, "settings": {**two.payload["settings"], "max_train_steps": 10**6}}
        connection.execute(jobs.update().where(jobs.c.id == two.id).values(payload=long))
        db.bump(connection)
    at = open_page("Train", show="Queue")
    assert not at.exception
    assert any("0 of 2 will be done by" in w.value for w in at.warning)
    said = " ".join(m.value for m in at.markdown).replace("\\", "")
    assert "The disk is full. Make room." in said and said.count("after the deadline") == 2
    _press(at, f"again-{one.id}")
    assert _waiting(studio) == ["tiles", "props", "items"]


def _said(at):
    parts = (at.markdown, at.caption, at.info, at.warning, at.error)
    return " ".join(element.value for part in parts for element in part).replace("\\", "")


def test_what_only_waits_is_not_said_to_be_trained_and_is_said_once(studio, open_page):
    tomorrow = context.now() + timedelta(days=1)
    one, two = _ask(studio, "items", "items", at=tomorrow)
    at = open_page("Train", style="items")
    said, begins = _said(at), ui.moment(tomorrow.isoformat())
    assert "already" not in said and said.count("in the queue") == 1
    assert "2 trainings of items wait in the queue, the first asked by ana" in said
    assert f"to begin at about {begins}." in said
    queue_order.pause(studio.engine, [one.id], "ana")
    said = _said(open_page("Train", style="items"))
    assert "A training of items waits in the queue, asked by ana" in said
    assert "A training of items is paused." in said
    leases.take(studio.engine, "w", "work", tomorrow, timedelta(hours=1))
    said = _said(open_page("Train", style="items"))
    assert "ana is training items already, until about" in said and "waits in the" not in said
    _press(at, next(b.key for b in at.button if b.label == "See the queue"))
    assert at.session_state["show"] == "Queue"


def test_a_deadline_is_the_morning_after_the_start_or_refused_with_both_named(studio, open_page):
    begins = (context.now() + timedelta(days=1)).replace(hour=20, minute=0, second=0, microsecond=0)
    _ask(studio, "items", at=begins)
    at = open_page("Train", show="Queue")
    morning = (begins + timedelta(days=1)).replace(hour=9)
    assert f"It will be done by {ui.moment(morning.isoformat())}." in _said(at)
    wanted = at.get("date_time_input")[0]
    for by, why in (
        (begins - timedelta(hours=11), "comes before the first of them begins: Training items"),
        (context.now() - timedelta(hours=1), "is past: it is"),
    ):
        wanted = wanted.set_value(by.replace(tzinfo=None, second=0, microsecond=0)).run()
        wanted = at.get("date_time_input")[0]
        assert why in at.error[0].value.replace("\\", "")
        assert ui.moment(by.isoformat()) in at.error[0].value.replace("\\", "")
        assert "will be done by" not in _said(at)
    assert ui.moment(begins.isoformat()) in " ".join(m.value for m in at.markdown)


def test_what_begins_after_the_deadline_is_told_apart_from_what_goes_on(studio):
    now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    _ask(studio, "now")
    _ask(studio, "night", at=now + timedelta(days=2))
    found = train_schedule.schedule(studio, now, "cpu")

    def told(by):
        return schedule_words.by_deadline(found, by, lambda at: f"{at:%d %b, %H:%M}")

    assert told(now + timedelta(days=1)).startswith(
        "1 of 2 will be done by 02 Aug, 12:00. 1 begins"
    )
    assert told(now + timedelta(seconds=30)).startswith(
        "0 of 2 will be done by 01 Aug, 12:00. 1 will have begun by then and goes on. 1 begins"
    )
    assert told(now + timedelta(days=4)) == "All 2 will be done by 05 Aug, 12:00."


def test_what_goes_on_after_a_kill_is_not_thought_to_be_quick(studio):
    """Four fifths are done, but this attempt has only just begun."""
    (job,) = _ask(studio, "items")
    now = context.now()
    whole = train_schedule.seconds(studio, job.payload, "cpu")
    with db.writing(studio.engine) as connection:
        values = {
            "state": "running",
            "attempt": 2,
            "done": 8,
            "total": 10,
            "started_at": stamp(now),
        }
        connection.execute(jobs.update().where(jobs.c.id == job.id).values(**values))
    found = train_schedule.schedule(studio, now, "cpu")
    assert (found.free_at - now).total_seconds() == pytest.approx(whole / 5, rel=0.01)
    assert found.begins(None) == found.free_at == found.running[0].ends


def test_a_clock_that_is_set_makes_nothing_take_days_or_less_than_no_time(studio):
    (job,) = _ask(studio, "items")
    whole, began = train_schedule.seconds(studio, job.payload, "cpu"), context.now()
    with db.writing(studio.engine) as connection:
        values = {
            "state": "running",
            "attempt": 1,
            "done": 100,
            "total": 200,
            "started_at": stamp(began),
            "kept": {"run": "a" * 32},
        }
        connection.execute(jobs.update().where(jobs.c.id == job.id).values(**values))

    def left(**by):
        now = began + timedelta(**by)
        return (train_schedule.schedule(studio, now, "cpu").free_at - now).total_seconds()

    for by in ({"hours": -1}, {"days": 1}):
        assert left(**by) == pytest.approx(whole / 2, rel=0.01)
    # Its own even times tell best.
    folder = studio.home / "runs" / "items" / ("a" * 32)
    folder.mkdir(parents=True)
    config = {"base": "pocket", "max_train_steps": "200"}
    record = {"run": "a" * 32, "config": config, "dataset": "d" * 64, "named": "sample@1"}
    (folder / "record.json").write_text(json.dumps(record))
    rows = [
        {"step": n, "at": 1000 * 7 * n, "loss": 0.1, "learning_rate": 0.1, "grad_norm": 1.0}
        for n in range(1, 101)
    ]
    (folder / "losses.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for by in ({"hours": -1}, {"days": 1}):
        assert left(**by) == pytest.approx(700)
