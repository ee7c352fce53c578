"""A dataset's pictures and versions by their addresses."""

import io
import zipfile
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Router
from starlette.testclient import TestClient

from studio import context
from studio.accounts.rights import Actor
from studio.database import engine as db
from studio.datasets import exports, withdrawals
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT
from studio.web import dataset_routes, session


@pytest.fixture
def version(tmp_path):
    folder = CHECKOUT / "sample" / "held_out"
    now = context.now()
    return import_folder(tmp_path, "items", folder, now=now, actor="ana").version


@pytest.fixture
def browser(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "studio", lambda: SimpleNamespace(home=tmp_path))
    return TestClient(Starlette(routes=dataset_routes.ROUTES))


def test_a_picture_is_handed_out_by_its_hash(browser, version):
    picture = version.pictures[0]
    got = browser.get(f"/picture/data/{picture.hash}")
    with Image.open(io.BytesIO(got.content)) as opened:
        assert opened.size == (picture.width, picture.height)
    assert got.headers["cache-control"] == "private, no-cache"
    same = {"if-none-match": got.headers["etag"]}
    again = browser.get(f"/picture/data/{picture.hash}", headers=same)
    assert (again.status_code, again.content) == (304, b"")
    assert browser.get(f"/picture/data/{picture.hash}?side=16", headers=same).status_code == 200
    small = browser.get(f"/picture/data/{picture.hash}?side=16")
    assert small.headers["content-type"] == "image/webp"
    for hash in ("0" * 64, "..", "x"):
        for query in ("", "?side=16"):
            assert browser.get(f"/picture/data/{hash}{query}").status_code == 404


def test_a_version_is_downloaded_as_it_is_made(browser, version):
    answer = browser.get(f"/download/data/items/{version.version}")
    assert answer.headers["content-type"] == "application/zip"
    assert exports.file_name(version) in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = set(archive.namelist())
    assert names == {p.file_name for p in version.pictures} | {"metadata.jsonl"}
    for gone in ("items/0123456789ab", "items/..", "none/x"):
        assert browser.get(f"/download/data/{gone}").status_code == 404


def test_what_was_withdrawn_is_gone_but_for_who_may_withdraw(tmp_path, monkeypatch):
    home, engine = tmp_path / "home", db.open_database(tmp_path / "home")
    team = {role: Actor(f"the {role}", role) for role in ("artist", "art lead")}
    folder = CHECKOUT / "sample" / "held_out"
    version = import_folder(home, "items", folder, now=context.now(), actor="ana").version
    gone, stays = version.pictures[:2]
    settings = SimpleNamespace(user="ana")
    studio = SimpleNamespace(home=home, engine=engine, settings=settings)
    monkeypatch.setattr(session, "studio", lambda: studio)
    addresses = [f"/picture/data/{gone.hash}", f"/picture/data/{gone.hash}?side=32"]

    def seen(role, address, **headers):
        async def app(scope, receive, send):
            await Router(dataset_routes.ROUTES)({**scope, "person": team[role]}, receive, send)

        return TestClient(app).get(address, headers=headers)

    kept = {address: seen("artist", address).headers["etag"] for address in addresses}
    withdrawals.withdraw(
        engine, [gone], ground="another reason", why="asked", by=team["art lead"], now=context.now()
    )
    for address, tag in kept.items():
        answer = seen("artist", address, **{"if-none-match": tag})
        assert answer.status_code == 404 and "withdrawn" in answer.text
        assert seen("art lead", address).status_code == 200
    assert seen("artist", f"/picture/data/{stays.hash}").status_code == 200
    for role in ("artist", "art lead"):
        answer = seen(role, f"/download/data/items/{version.version}")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            names, told = set(archive.namelist()), archive.read("NOTICE.txt").decode()
            assert gone.file_name not in archive.read("metadata.jsonl").decode()
        assert gone.file_name not in names and stays.file_name in names
        assert "held 1 more, which were withdrawn" in told and gone.file_name in told
    withdrawals.take_back(
        engine, gone.hash, why="may be used", by=team["art lead"], now=context.now()
    )
    assert seen("artist", addresses[0]).status_code == 200
