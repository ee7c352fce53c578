"""Large files are had from the bucket by a link made at the click, else through the studio."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.testclient import TestClient

from studio.database import dump
from studio.database import engine as db
from studio.errors import StudioError
from studio.outbox import eviction, files, opening, place
from studio.outbox.sender import Sender
from studio.store import bucket as bucket_module
from studio.store import local
from studio.store.place import Place
from studio.web import large_downloads, picture_answers, session
from studio.web.responses import route
from tests.services import radosgw

DATA = bytes(range(256)) * 40_000


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[SimpleNamespace]:
    engine = db.open_database(tmp_path)
    yield SimpleNamespace(home=tmp_path, engine=engine)
    local.detach(tmp_path)
    engine.dispose()


@pytest.fixture
def browser(studio: SimpleNamespace, monkeypatch) -> TestClient:
    monkeypatch.setattr(session, "studio", lambda: studio)

    def download(request) -> Response:
        file = studio.home / "cache" / "diffusers" / request.path_params["name"]
        return large_downloads.answer(studio, file, "items-v3.safetensors")

    def picture(request) -> Path:
        return studio.home / "generated" / request.path_params["name"]

    routes = [route("/d/{name}", download), picture_answers.picture_route("/p/{name}", picture)]
    return TestClient(Starlette(routes=routes), follow_redirects=False)


def put(studio: SimpleNamespace, name: str, data: bytes = DATA) -> Path:
    file = studio.home / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def test_of_a_folder_alone_the_studio_sends_it(studio, browser) -> None:
    put(studio, "cache/diffusers/a.safetensors")
    got = browser.get("/d/a.safetensors")
    assert got.status_code == 200 and got.content == DATA
    assert got.headers["cache-control"] == "no-store"
    assert "items-v3.safetensors" in got.headers["content-disposition"]
    assert list(files.every(studio.engine)) == []


@pytest.mark.slow
def test_a_link_is_made_at_the_click_and_kept_nowhere(
    studio, browser, in_s3: Place, gateway: radosgw.Gateway, caplog
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # the test's own clients
        caplog.set_level(logging.WARNING, logger=name)
    sender = sender_of(studio, in_s3)
    put(studio, "cache/diffusers/a.safetensors")
    put(studio, "cache/diffusers/small.safetensors", b"small")
    assert browser.get("/d/a.safetensors").content == DATA  # the bucket has it for the next
    assert sender.round() == 1
    got = browser.get("/d/a.safetensors")
    assert got.status_code == 302 and got.headers["cache-control"] == "no-store"
    link = got.headers["location"]
    assert link.startswith(f"{in_s3.endpoint}/{in_s3.bucket}/one/objects/")
    there = httpx.get(link)
    assert there.content == DATA
    assert there.headers["content-disposition"] == 'attachment; filename="items-v3.safetensors"'
    assert httpx.get(link.partition("?")[0]).status_code == 403
    assert browser.get("/d/small.safetensors").content == b"small"
    with studio.engine.connect() as connection:
        rows = [line for t in dump.tables(connection) for line in dump.lines(connection, t)]
    assert b"Signature" not in b"".join(rows) and "Signature=" not in caplog.text
    place.say(studio.engine, StudioError("It is away."), datetime.now(UTC))
    assert browser.get("/d/a.safetensors").content == DATA  # while it is away, by the studio


@pytest.mark.slow
def test_pictures_come_back_for_a_browser_and_copies_never_left(
    studio, browser, in_s3: Place, gateway: radosgw.Gateway, monkeypatch
) -> None:
    monkeypatch.setattr(bucket_module, "READ_S", 1)
    sender = sender_of(studio, in_s3)
    files = sorted((Path(__file__).parents[2] / "sample").rglob("*.png"))[:3]
    pictures = [file.read_bytes() for file in files]
    names = [put(studio, f"generated/{n}.png", one).name for n, one in enumerate(pictures)]
    assert sender.round() >= 3
    small = browser.get(f"/p/{names[0]}?side=16").content
    assert eviction.bound(studio.engine, studio.home, sender.bucket, 0) == 3
    with gateway.stopped():
        got = browser.get(f"/p/{names[0]}?side=16")
        assert got.status_code == 200 and got.content == small
        away = browser.get(f"/p/{names[1]}")
        assert away.status_code == 503 and away.headers["retry-after"]
    local._attached[studio.home].quiet_until = 0.0
    assert browser.get(f"/p/{names[1]}").content == pictures[1]
    assert max(Image.open(BytesIO(browser.get(f"/p/{names[2]}?side=16").content)).size) == 16
    assert (studio.home / "generated" / names[2]).exists()
    assert browser.get("/p/nowhere.png").status_code == 404


def sender_of(studio: SimpleNamespace, where: Place) -> Sender:
    bucket = opening.opened(studio.engine, studio.home, where, datetime.now(UTC))
    assert bucket is not None
    return Sender(studio.engine, studio.home, bucket)
