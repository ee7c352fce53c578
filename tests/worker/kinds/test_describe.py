"""Jobs that look pictures over and propose words for them, in a worker's own way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from studio import context
from studio.captioning import openai_endpoint
from studio.datasets import caption_proposals, drafts, edits, inspection, versions
from studio.datasets.edits import Change
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.settings import CHECKOUT, load_settings
from studio.worker import process, submit
from studio.worker.context import Warm

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    made = context.open_studio(load_settings({}, home=str(tmp_path)))
    folder = CHECKOUT / "sample" / "train" / "gem"
    import_folder(tmp_path, "gems", folder, now=NOW, actor="ana")
    return made


def do(studio: context.Studio, kind: str, **payload: object) -> queue.Job:
    submit.ask(studio, kind, payload, asked_by="ana", now=NOW)
    job = leases.take(studio.engine, "w", "short", NOW, timedelta(hours=1))
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


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


def test_a_look_finds_what_is_odd_and_keeps_it(studio):
    version = versions.load(studio.home, "gems")
    assert inspection.known(studio.home, version.pictures, version.look) is None
    done = do(studio, "look", dataset="gems")
    assert (done.state, done.error) == ("done", None)
    found = inspection.known(studio.home, version.pictures, version.look)
    assert found is not None and set(found.of) == set(inspection.KINDS)
    assert edits.applied(version.pictures, ())  # the set itself is as it was
