"""The job that proposes words for pictures, in a worker's own way and step by step."""

from dataclasses import replace
from datetime import timedelta

import pytest

from studio import context
from studio.captioning import openai_endpoint
from studio.datasets import caption_proposals, drafts, versions
from studio.datasets.edits import Change
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.jobs import emit, leases, queue
from studio.settings import CHECKOUT, load_settings
from studio.worker import process, steps, submit
from studio.worker.context import Warm
from studio.worker.kinds.describe import KIND
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    made = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    folder = CHECKOUT / "sample" / "train" / "gem"
    import_folder(made.home, "gems", folder, now=NOW, actor="ana")
    return made


def do(studio: context.Studio, kind: str, **payload: object) -> queue.Job:
    submit.ask(studio, kind, payload, asked_by="ana", now=NOW)
    job = leases.take(studio.engine, "w", "short", NOW, timedelta(hours=1))
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


@pytest.mark.slow
def test_the_pocket_clip_proposes_words_and_none_in_place_of_a_persons(studio):
    pictures = versions.load(studio.home, "gems").pictures
    change = Change(pictures[0].hash, "caption", "my own words")
    drafts.write(studio.engine, "gems", [change], says="x", by="ana", now=NOW)
    asked = {"dataset": "gems", "hashes": [p.hash for p in pictures], "means": "words"}
    done = do(studio, "describe", **asked)
    assert (done.state, done.error) == ("done", None)
    assert done.result["proposed"] == len(pictures) - 1
    found = caption_proposals.waiting(studio.engine, "gems")
    assert pictures[0].hash not in {one.hash for one in found}
    assert {one.model for one in found} == {"pocket-clip-v2"} and found[0].job == done.id
    assert all(one.text and "sword" not in one.text for one in found)
    tagged = do(studio, "describe", **asked, field="tags")
    assert tagged.result["proposed"] == len(pictures)  # tags are only added to


def test_what_is_not_set_up_is_not_asked(studio):
    for means, says in (("vision", "no vision model"), ("endpoint", "no server"), ("x", "can't")):
        with pytest.raises(StudioError, match=says):
            submit.ask(
                studio,
                "describe",
                {"dataset": "gems", "hashes": [], "means": means},
                asked_by="ana",
                now=NOW,
            )


def test_what_a_server_said_before_it_failed_is_kept_and_not_asked_again(studio, monkeypatch):
    said: list[str] = []

    def caption(client, url, key, model, prompt, picture):  # the real one: tests/captioning
        if len(said) == 2:
            raise StudioError("The model does not answer.", "Ask again.")
        said.append(prompt)
        return "a gem"

    monkeypatch.setattr(openai_endpoint, "caption", caption)
    monkeypatch.setattr("studio.worker.kinds.describe.AT_ONCE", 1)
    settings = replace(studio.settings, caption_url="http://127.0.0.1:9/v1", caption_name="vlm")
    hashes = [p.hash for p in versions.load(studio.home, "gems").pictures]
    asked = {"dataset": "gems", "hashes": hashes, "means": "endpoint", "prompt": "What is it?"}
    done = do(replace(studio, settings=settings), "describe", **asked)
    assert (done.state, done.error) == ("failed", "The model does not answer.")
    assert [(one.text, one.model) for one in caption_proposals.waiting(studio.engine, "gems")] == [
        ("a gem", "vlm")
    ] * 2
    assert caption_proposals.of_job(studio.engine, done.id) == set(hashes[:2])


def all_of(studio: context.Studio, **more: object) -> dict[str, object]:
    pictures = versions.load(studio.home, "gems").pictures
    return {"dataset": "gems", "hashes": [p.hash for p in pictures], "means": "words", **more}


def test_words_come_without_the_studio_and_are_proposed_once(studio, monkeypatch, tmp_path):
    monkeypatch.setattr("studio.worker.kinds.describe.AT_ONCE", 2)
    given, ask = begun(studio, "describe", **all_of(studio))
    work = KIND.prepare(given, ask)
    outcome, told = computed_away(KIND, studio, work, tmp_path / "there")
    assert len(told) == 2 and caption_proposals.waiting(studio.engine, "gems") == []
    rows = []
    for _ in range(2):
        for event in told:
            assert KIND.apply(given, ask, work.workdir, event) == "go on"
        found = caption_proposals.waiting(studio.engine, "gems")
        rows.append([(one.id, one.hash, one.text) for one in found])
    assert rows[0] == rows[1] and len(rows[0]) == len(ask.hashes) == outcome.figures["proposed"]
    # What somebody decided meanwhile is not proposed again.
    caption_proposals.refuse(studio.engine, [rows[0][0][0]], by="ana", now=NOW)
    KIND.apply(given, ask, work.workdir, told[0])
    assert len(caption_proposals.waiting(studio.engine, "gems")) == len(ask.hashes) - 1
    ended = KIND.commit(given, ask, outcome)
    assert ended == KIND.commit(given, ask, outcome)
    assert ended == {"dataset": "gems", "proposed": len(ask.hashes), "unreadable": 0}


@pytest.mark.parametrize("at", range(4))
def test_cut_off_before_any_part_is_kept_it_goes_on_with_the_rest(studio, monkeypatch, at):
    """The first picture can't be read, so that a part may begin with it twice."""
    monkeypatch.setattr("studio.worker.kinds.describe.AT_ONCE", 2)
    pictures = versions.load(studio.home, "gems").pictures
    versions.picture_path(studio.home, pictures[0].hash).unlink()
    given, ask = begun(studio, "describe", **all_of(studio))
    with monkeypatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, caption_proposals, "propose")
        axe.lay(patch, steps, "publish")
        if at < 3:
            with pytest.raises(Killed):
                ran(KIND, given, ask)
        else:
            ran(KIND, given, ask)
    told = len(emit.read(studio.home / given.job.folder / "work"))
    assert told == min(at + 1, 2)
    ended = ran(KIND, given, ask)
    assert ended == {"dataset": "gems", "proposed": len(pictures) - 1, "unreadable": 1}
    found = [one.hash for one in caption_proposals.waiting(studio.engine, "gems")]
    assert sorted(found) == sorted(p.hash for p in pictures[1:])


def test_the_servers_key_is_in_no_file_of_the_job(studio, monkeypatch):
    asked = []

    def caption(client, url, key, model, prompt, picture):  # the real one: tests/captioning
        asked.append(key)
        return "a gem"

    monkeypatch.setattr(openai_endpoint, "caption", caption)
    keyed = {"caption_url": "http://127.0.0.1:9/v1", "caption_name": "vlm", "caption_key": "s3cr3t"}
    studio = replace(studio, settings=replace(studio.settings, **keyed))
    given, ask = begun(studio, "describe", **all_of(studio, means="endpoint"))
    work = KIND.prepare(given, ask)
    ran(KIND, given, ask)
    assert set(asked) == {"s3cr3t"} and "s3cr3t" not in repr(work)
    files = [file for file in studio.home.rglob("*") if file.is_file()]
    assert {"outcome.json", "events.jsonl"} <= {file.name for file in files}
    assert [file for file in files if b"s3cr3t" in file.read_bytes()] == []
