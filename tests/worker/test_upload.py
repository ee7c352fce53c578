"""A large upload is added by a worker's process, once, and waits where it can't be."""

from datetime import UTC, datetime, timedelta

import pytest

from studio import context
from studio.datasets import upload_import, uploads, versions
from studio.errors import StudioError
from studio.jobs import leases, queue
from studio.settings import CHECKOUT, load_settings
from studio.worker import process, submit
from studio.worker.context import Warm

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
GEMS = CHECKOUT / "sample" / "train" / "gem"


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path)))


@pytest.fixture
def token(studio) -> str:
    token = uploads.begin(studio.home)
    for file in [*sorted(GEMS.glob("*.png")), CHECKOUT / "README.md"]:
        data = file.read_bytes()
        with uploads.receiving(studio.home, token, f"gem/{file.name}", len(data)) as write:
            write(data)
    return token


def do(studio) -> queue.Job:
    job = leases.take(studio.engine, "w", "short", NOW, timedelta(hours=1))
    process.do(studio.engine, job.id, job.attempt, process.Opened(studio.settings), Warm())
    return queue.get(studio.engine, job.id)


@pytest.mark.slow
def test_an_upload_is_added_and_told(studio, token):
    asked = {"name": "gems", "upload": token, "licence": "CC0", "filter": "lanczos"}
    job = submit.ask(studio, "upload", asked, asked_by="ana", now=NOW, key=token)
    assert submit.ask(studio, "upload", asked, asked_by="ana", now=NOW, key=token).id == job.id
    done = do(studio)
    assert (done.state, done.result["new"], done.error) == ("done", 4, None)
    version = versions.load(studio.home, "gems")
    assert done.result["version"] == version.version and version.look.filter == "lanczos"
    assert {(p.licence, p.category) for p in version.pictures} == {("CC0", "gem")}
    (report,) = upload_import.undismissed(studio.engine, "gems")
    assert (report.new, report.by, report.version) == (4, "ana", version.version)
    with pytest.raises(StudioError, match="no longer there"):
        uploads.waiting(studio.home, token)


def test_what_can_not_be_added_fails_with_the_reason_and_stays(studio):
    token = uploads.begin(studio.home)
    with uploads.receiving(studio.home, token, "a.png", 4) as write:
        write(b"text")
    asked = {"name": "gems", "upload": token}
    submit.ask(studio, "upload", asked, asked_by="ana", now=NOW)
    done = do(studio)
    assert done.state == "failed" and "none of its 1 pictures" in done.error
    assert uploads.waiting(studio.home, token).pictures == ("a.png",)


@pytest.mark.parametrize(
    "bad", [{"name": "No Name"}, {"upload": "x"}, {"same_name": "maybe"}, {"filter": "cubic"}]
)
def test_what_can_not_be_asked(studio, token, bad):
    with pytest.raises(StudioError):
        asked = {"name": "gems", "upload": token, **bad}
        submit.ask(studio, "upload", asked, asked_by="ana", now=NOW)
    assert queue.listing(studio.engine) == []
