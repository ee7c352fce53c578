"""What may be asked of each kind, checked at the door; and a job's own process, run here."""

import dataclasses
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studio.assets import files, records
from studio.assets.records import New
from studio.context import Progress, Studio, open_studio
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.settings import CHECKOUT, load_settings
from studio.webhooks import deliveries, hooks
from studio.worker import process, submit
from studio.worker.context import Warm
from studio.worker.kind import Kind, Work
from studio.worker.kind_table import KINDS
from studio.worker.payload import Payload

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
LEASE = timedelta(hours=1)


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Studio:
    return open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for file in sorted((CHECKOUT / "sample" / "train").glob("gem/*.png")):
        shutil.copy(file, folder / file.name)
    return folder


def ask(studio, kind, key=None, **payload):
    return submit.ask(studio, kind, payload, asked_by="ana", now=NOW, key=key)


def do(studio):
    """Take the next job and do it as its process would."""
    job = next(
        found
        for lane in ("short", "work")
        if (found := leases.take(studio.engine, "w", lane, NOW, LEASE))
    )
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


def test_an_import_is_asked_done_and_told(studio, pictures, capfd):
    job = ask(studio, "import", name="gems", folder=str(pictures), author="ana", key="f1")
    assert job.lane == "short" and job.payload["size"] is None
    done = do(studio)
    assert (done.id, done.state) == (job.id, "done")
    assert done.result["name"] == "gems" and done.result["pictures"] == len(done.result["new"]) > 0
    assert done.says.startswith("gems@") and done.says in capfd.readouterr().out
    assert ask(studio, "import", name="gems", folder="/gone by now", key="f1").id == job.id
    # What was newest when it was asked is pinned.
    trained = ask(studio, "train", style="gems", dataset="gems", preset="fast")
    assert trained.lane == "work"
    assert trained.payload["dataset"] == f"gems@{done.result['version']}"
    assert trained.payload["settings"]["max_train_steps"] == 200
    assert trained.payload["settings"]["base"] == "pocket"
    queue.cancel(studio.engine, trained.id, "ana", NOW)
    renewed = submit.again(studio, trained.id, asked_by="ben", now=NOW)
    assert renewed.payload == trained.payload and renewed.asked_by == "ben"
    with pytest.raises(StudioError, match="has not ended"):
        submit.again(studio, renewed.id, asked_by="ben", now=NOW)
    queue.cancel(studio.engine, renewed.id, "ana", NOW)


def test_a_mistake_of_the_job_is_its_error(studio, tmp_path, capfd):
    folder = tmp_path / "empty"
    folder.mkdir()
    ask(studio, "import", name="nothing", folder=str(folder))
    failed = do(studio)
    assert failed.state == "failed" and "no pictures" in failed.error and failed.remedy
    assert failed.error in capfd.readouterr().out


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("x"), "ZeroDivisionError"),
        (MemoryError(), "not enough memory"),
        (OSError(28, "No space left on device"), "No space left"),
    ],
)
def test_a_crash_is_told_plainly_and_stands_in_the_log(studio, monkeypatch, capfd, error, said):
    def crash(context, asked, outcome):
        raise error

    monkeypatch.setitem(KINDS, "import", dataclasses.replace(KINDS["import"], commit=crash))
    ask(studio, "import", name="gems", folder="/")
    failed = do(studio)
    assert failed.state == "failed" and said in failed.error and failed.remedy
    assert "Traceback" not in failed.error and "Traceback" in capfd.readouterr().err


def test_progress_is_data_beside_what_is_said(studio, monkeypatch):
    seen = []

    def tell(context, asked, outcome):
        context.keep({"run": "abc"})
        line = Progress("props: 3/12 pictures", 3, 12, "pictures", "drawing")
        context.report(line)  # the first line is written at once
        seen.append(queue.get(studio.engine, context.job.id))
        # Within a second: not yet.
        context.report(Progress("props: 7/12 pictures", 7, 12, "pictures", "drawing"))
        seen.append(queue.get(studio.engine, context.job.id))
        context.report("Loading the base /models/2026/11/x.safetensors on 1/1")
        return {"at": NOW}

    monkeypatch.setitem(KINDS, "import", dataclasses.replace(KINDS["import"], commit=tell))
    ask(studio, "import", name="gems", folder="/")
    done = do(studio)
    assert [(job.done, job.total, job.says) for job in (*seen, done)] == [
        (3, 12, "props: 3/12 pictures"),
        (3, 12, "props: 3/12 pictures"),
        (7, 12, "Loading the base /models/2026/11/x.safetensors on 1/1"),
    ]
    assert (done.unit, done.phase) == ("pictures", "drawing")
    assert done.kept == {"run": "abc"} and done.result == {"at": str(NOW)}


def test_a_stale_or_cancelled_job_stops_where_it_looks(studio, monkeypatch):
    def prepare(context, asked):
        return Work(context.workdir, context.job.id)

    def cancelled(inputs, id, workdir, models, emit):
        queue.cancel(studio.engine, id, "ana", NOW)
        emit.step(1, 20)
        raise AssertionError("went on")

    def stale(inputs, id, workdir, models, emit):
        leases.take(studio.engine, "other", "short", NOW + 2 * LEASE, LEASE)
        emit.say("half")
        raise AssertionError("went on")

    for run, state, attempt in ((cancelled, "cancelled", 1), (stale, "running", 2)):
        kind = dataclasses.replace(KINDS["import"], prepare=prepare, compute=run)
        monkeypatch.setitem(KINDS, "import", kind)
        ask(studio, "import", name="gems", folder="/")
        job = do(studio)
        assert (job.state, job.attempt) == (state, attempt)
    leases.drop(studio.engine, job.id, job.attempt, NOW)


@pytest.mark.parametrize(
    ("kind", "payload", "named"),
    [
        ("dance", {}, "dance"),
        ("import", {"name": "gems"}, "folder"),
        ("import", {"name": "../x", "folder": "/"}, "../x"),
        ("import", {"name": "gems", "folder": "pictures"}, "pictures"),
        ("import", {"name": "gems", "folder": "/nowhere"}, "/nowhere"),
        ("import", {"name": "gems", "folder": "/", "filter": "blurry"}, "blurry"),
        ("import", {"name": "gems", "folder": "/", "colour": 1}, "colour"),
        ("train", {"style": "Props!", "dataset": "gems"}, "Props!"),
        ("train", {"style": "props", "dataset": "gone"}, "gone"),
        ("train", {"style": "props", "dataset": "gems", "preset": "best"}, "best"),
        ("train", {"style": "props", "dataset": "gems", "settings": {"rnak": 2}}, "rnak"),
        ("train", {"style": "props", "dataset": "gems", "settings": [1]}, "settings"),
        ("train", {"style": "props", "dataset": "gems", "run": "../../etc"}, "../../etc"),
        ("evaluate", {"style": "props", "version": 9}, "props"),
        ("evaluate", {"style": "props", "version": True}, "version"),
        ("generate", {"prompt": "  "}, "prompt"),
        ("generate", {"prompt": "x" * 2001}, "2001"),
        ("generate", {"prompt": "a\ud800"}, "prompt"),
        ("generate", {"prompt": "a", "steps": 0}, "steps"),
        ("generate", {"prompt": "a", "steps": 4.5}, "steps"),
        ("generate", {"prompt": "a", "count": 65}, "65"),
        ("generate", {"prompt": "a", "seed": -1}, "-1"),
        ("generate", {"prompt": "a", "strength": 3}, "3"),
        ("generate", {"prompt": "a", "guidance": float("nan")}, "guidance"),
        ("generate", {"prompt": "a", "width": 7}, "width is 7"),
        ("generate", {"prompt": "a", "height": 2049}, "height is 2,049"),
        ("generate", {"prompt": "a", "size": 32}, "size"),
        ("generate", {"prompt": "a", "base": "nowhere"}, "nowhere"),
        ("generate", {"prompt": "a", "style": "props"}, "nothing in production"),
        ("batch", {"style": "props", "assets": []}, "pictures is 0"),
        ("batch", {"style": "props", "assets": [{"prompt": "a"}, {"prompt": ""}]}, "Line 2"),
        ("batch", {"style": "props", "assets": ["a gem"]}, "Line 1"),
        ("batch", {"style": "props", "assets": [{"prompt": "a", "count": 10_001}]}, "10001"),
        (
            "batch",
            {"style": "props", "assets": [{"prompt": "a", "width": 4}]},
            "Line 1: width is 4",
        ),
        ("batch", {"style": "props", "height": 4, "assets": [{"prompt": "a"}]}, "height is 4"),
    ],
)
def test_what_can_not_be_done_is_refused_at_the_door(studio, kind, payload, named):
    before = queue.listing(studio.engine)
    with pytest.raises(StudioError) as refusal:
        ask(studio, kind, **payload)
    assert named in refusal.value.message and refusal.value.remedy
    assert queue.listing(studio.engine) == before


def test_a_kind_this_worker_does_not_know_fails_plainly(studio, monkeypatch):
    newer = Kind("newer", "Newer", Payload, "train", "work", lambda context, ask, outcome: {})
    monkeypatch.setitem(KINDS, "newer", newer)
    ask(studio, "newer")
    monkeypatch.undo()
    failed = do(studio)
    assert failed.state == "failed" and "newer" in failed.error


def test_only_so_many_pipelines_are_kept():
    warm, loads = Warm(room=2), []

    def load(name):
        return lambda: loads.append(name) or name

    for name in ("a", "b", "a", "c", "a", "b"):
        assert warm.get(name, load(name)) == name
    assert loads == ["a", "b", "c", "b"] and list(warm.loaded) == ["a", "b"]


def test_one_persons_jobs_do_not_fill_the_queue(studio):
    few = dataclasses.replace(studio, settings=dataclasses.replace(studio.settings, most_jobs=2))
    asked = {"prompt": "a red gem", "base": "pocket"}

    def ask_as(who, key=None):
        return submit.ask(few, "generate", asked, asked_by=who, now=NOW, key=key)

    first, second = ask_as("zoe", "one"), ask_as("zoe")
    with pytest.raises(StudioError, match="2 jobs of zoe wait or run") as caught:
        ask_as("zoe")
    assert "STUDIO_MOST_JOBS" in caught.value.remedy
    assert ask_as("zoe", "one").id == first.id  # sent twice
    other = ask_as("yan")
    queue.cancel(studio.engine, second.id, "zoe", NOW)
    third = ask_as("zoe")
    for job, who in ((first, "zoe"), (third, "zoe"), (other, "yan")):
        queue.cancel(studio.engine, job.id, who, NOW)


def test_one_persons_pictures_do_not_fill_the_disk(studio, pictures):
    picture = next(pictures.glob("*.png"))
    kept = studio.home / "held.png"
    shutil.copy(picture, kept)
    held = kept.stat().st_size
    new = New("picture", "held.png", {"picture": (kept, files.read(kept))})
    records.put(studio.engine, [new], by="uma", now=NOW)

    def ask_as(who, most):
        settings = dataclasses.replace(studio.settings, most_drawn=most)
        asked = {"prompt": "a red gem", "base": "pocket"}
        few = dataclasses.replace(studio, settings=settings)
        return submit.ask(few, "generate", asked, asked_by=who, now=NOW)

    with pytest.raises(StudioError, match=r"pictures of uma take 0\.0 GB") as caught:
        ask_as("uma", held)
    assert "STUDIO_MOST_DRAWN" in caught.value.remedy
    for who, most in (("uma", held + 1), ("yan", 1)):
        queue.cancel(studio.engine, ask_as(who, most).id, who, NOW)


def test_who_is_told_of_a_job_is_written_with_it_once(studio):
    url = "https://93.184.216.34/hook"
    hooks.make(studio.engine, "cleo", "", networks=(), by="cleo", now=NOW)
    asked = {"asked_by": "cleo", "now": NOW, "key": "told", "webhook": url}
    job = submit.ask(studio, "import", {"name": "gems", "folder": "/"}, **asked)
    (one,) = deliveries.listing(studio.engine, job=job.id)
    assert (one.url, one.owner, one.state) == (url, "cleo", "waits for the job")
    assert submit.ask(studio, "import", {"name": "gems", "folder": "/"}, **asked) == job
    assert len(deliveries.listing(studio.engine, job=job.id)) == 1
    queue.cancel(studio.engine, job.id, "cleo", NOW)
    renewed = submit.again(studio, job.id, asked_by="cleo", now=NOW, webhook=url)
    assert [one.url for one in deliveries.listing(studio.engine, job=renewed.id)] == [url]
    for wrong in ("https://10.0.0.1/", "build.example.com"):
        with pytest.raises(StudioError, match="webhook's address"):
            submit.ask(studio, "look", {"dataset": "x"}, asked_by="cleo", now=NOW, webhook=wrong)
    queue.cancel(studio.engine, renewed.id, "cleo", NOW)
