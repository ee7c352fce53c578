"""Props by their addresses: the viewer with its policy, files, posters, previews, downloads."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from studio.context import Studio
from studio.generation import start_pictures
from studio.props import glb
from studio.web import javascript, prop_person, prop_previews, prop_routes, session
from studio.web.headers import Policy
from tests.prop_assets import prop
from tests.prop_pictures import empty, sprite
from tests.web.guarded import studio_in


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    made = studio_in(tmp_path)
    monkeypatch.setattr(session, "studio", lambda: made)
    yield made
    made.engine.dispose()


@pytest.fixture
def client(studio: Studio) -> TestClient:
    routes = [*prop_routes.ROUTES, *prop_previews.ROUTES, *javascript.ROUTES]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Policy)]))


def test_the_viewer_is_a_page_with_a_policy_of_its_own(client: TestClient, studio: Studio) -> None:
    id = prop(studio, name='a "<b>red</b>" arrow')
    page = client.get(f"/props/viewer/{id}?theme=dark")
    assert page.status_code == 200 and 'data-theme="dark"' in page.text
    policy = dict(
        part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'unsafe-inline'",
        "img-src": "'self' blob: data:",
        "connect-src": "'self' blob: data:",
        "worker-src": "blob:",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<b>red</b>" not in page.text and "&lt;b&gt;red" in page.text
    assert "<script>" not in page.text and " on" + "click=" not in page.text
    assert f'src="/props/file/{id}/model"' in page.text and "$" not in page.text


def test_no_other_answer_may_stand_in_a_frame(client: TestClient, studio: Studio) -> None:
    id = prop(studio)
    for path in (f"/props/file/{id}/model", f"/props/poster/{id}", "/props/person.glb"):
        told = client.get(path).headers
        assert told["x-frame-options"] == "DENY", path
        assert "default-src 'none'" in told["content-security-policy"], path


def test_its_scripts_are_kept_for_good_under_their_own_name(client: TestClient) -> None:
    digest = prop_routes.digest()
    entry = client.get(f"/props/parts/{digest}/viewer.js")
    assert entry.headers["content-type"].startswith("text/javascript")
    assert "immutable" in entry.headers["cache-control"]
    address = entry.text.split('"')[1]
    ours = client.get(address)
    assert ours.status_code == 200 and "export async function mount" in ours.text
    there = client.get(f"/props/parts/{digest}/model-viewer.min.js")
    assert there.headers["content-type"].startswith("text/javascript")
    assert "customElements.define" in there.text
    assert 'Symbol("scene")' in there.text  # by which the viewer finds what it draws over
    for path in ("0" * 16 + "/viewer.js", f"{digest}/LICENSE", f"{digest}/..%2fasgi.py"):
        gone = client.get(f"/props/parts/{path}")
        assert gone.status_code == 404 and "immutable" not in gone.headers.get("cache-control", "")


def test_files_come_by_their_roles(client: TestClient, studio: Studio) -> None:
    id = prop(studio)
    model = client.get(f"/props/file/{id}/model")
    assert model.headers["content-type"] == "model/gltf-binary"
    low, high = glb.read(model.content).bounds()
    assert high[1] - low[1] == pytest.approx(1.5, abs=1e-4) and abs(low[1]) < 1e-6
    normal = client.get(f"/props/file/{id}/normal")
    assert Image.open(io.BytesIO(normal.content)).format == "PNG"
    poster = client.get(f"/props/poster/{id}")
    assert Image.open(io.BytesIO(poster.content)).size == (512, 512)
    small = client.get(f"/props/poster/{id}?side=96")
    assert max(Image.open(io.BytesIO(small.content)).size) == 96


def test_downloads_come_as_files(client: TestClient, studio: Studio) -> None:
    id = prop(studio, name="Red arrow")
    for form, name in (("glb", ".glb"), ("obj", "-obj.zip"), ("manifest", ".json")):
        told = client.get(f"/download/prop/{id}/{form}")
        assert told.status_code == 200, form
        assert told.headers["content-disposition"].endswith(f'{name}"')
    packed = client.get(f"/download/prop/{id}/zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert any(one.endswith(".glb") for one in archive.namelist())


def test_a_preview_is_the_poster_of_what_would_be_made(client: TestClient, studio: Studio) -> None:
    hash = start_pictures.keep_picture(studio.home, sprite())
    card = client.get(f"/props/preview/{hash}/card")
    picture = Image.open(io.BytesIO(card.content))
    assert picture.size == (256, 256) and picture.convert("RGBA").getextrema()[3] == (0, 255)
    given = json.dumps({"depth": 0.8})
    deep = client.get(f"/props/preview/{hash}/card", params={"settings": given})
    assert deep.status_code == 200 and deep.content != card.content
    assert client.get(f"/props/preview/{hash}/card").content == card.content


def test_a_person_stands_where_it_is_asked(client: TestClient) -> None:
    answer = client.get("/props/person.glb?x=-1.25&y=0.5&z=0")
    low, high = glb.read(answer.content).bounds()
    assert high[1] - low[1] == pytest.approx(prop_person.HEIGHT_M, abs=1e-4)
    assert low[1] == pytest.approx(0.5, abs=1e-4)
    assert (low[0] + high[0]) / 2 == pytest.approx(-1.25, abs=1e-3)
    found = glb.read(answer.content)
    lengths = np.linalg.norm(found.parts[0].normals, axis=1)
    assert np.allclose(lengths, 1, atol=1e-5)


@pytest.mark.parametrize(
    "path",
    [
        "/props/viewer/nobody",
        "/props/file/{id}/key",
        "/props/file/{id}/..%2F..%2Fstudio.db",
        "/props/file/nobody/model",
        "/props/poster/nobody",
        "/props/preview/nobody/card",
        "/props/preview/{hash}/nothing",
        "/props/preview/{hash}/card?settings=[1]",
        '/props/preview/{hash}/card?settings={{"nothing":1}}',
        '/props/preview/{hash}/card?settings={{"depth":"x"}}',
        "/props/preview/{empty}/card",
        "/props/person.glb?x=nan",
        "/props/person.glb?y=1e9",
        "/download/prop/{id}/exe",
        "/download/prop/nobody/glb",
    ],
)
def test_what_is_not_there_is_said(client: TestClient, studio: Studio, path: str) -> None:
    there = {
        "id": prop(studio),
        "hash": start_pictures.keep_picture(studio.home, sprite()),
        "empty": start_pictures.keep_picture(studio.home, empty()),
    }
    answer = client.get(path.format(**there))
    assert answer.status_code == 404 and len(answer.text) > 8
    assert "Traceback" not in answer.text
