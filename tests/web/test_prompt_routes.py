"""What the page Generate asks by itself while somebody types, pastes and paints."""

import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio import context
from studio.generation import prompt_drafts, start_pictures, start_room
from studio.settings import load_settings
from studio.web import prompt_routes, session
from tests.furnished import bare_files

OURS = {"x-housestyle": "1"}


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    studio = context.open_studio(load_settings({}, home=str(home)))
    studio.client.create_registered_model("props")
    tags = {"base": "pocket", "base_name": "pocket", "trigger_word": "<Props>"}
    studio.client.create_model_version("props", bare_files(home / "bare"), tags=tags)
    return studio


@pytest.fixture
def client(studio, monkeypatch):
    monkeypatch.setattr(session, "studio", lambda: studio)
    return TestClient(Starlette(routes=prompt_routes.ROUTES), headers=OURS)


def asked(**more):
    return {"style": "props", "version": 1, "prompt": "a red potion", **more}


def test_a_prompt_is_read_while_it_is_typed(client):
    told = client.post("/prompt/read", json=asked(prompt="a red zeppelin", negative="blur")).json()
    assert told["sent"] == "<Props> a red zeppelin" and told["tokens"].endswith("of 30 tokens")
    assert told["negative_tokens"].endswith("of 30 tokens")
    assert [note["kind"] for note in told["notes"]] == ["warning"]
    filled = asked(prompt="a {thing} {other}", values={"thing": "gem", "other": " "})
    assert client.post("/prompt/read", json=filled).json()["sent"] == "<Props> a gem {other}"
    empty = client.post("/prompt/read", json=asked(prompt=" ")).json()
    assert empty["sent"] == "" and empty["notes"] == []


def test_of_a_base_alone_the_lengths_are_told_and_no_place_is_looked_at(client, tmp_path):
    told = client.post("/prompt/read", json={"base": "pocket", "prompt": "a gem"}).json()
    assert told["tokens"].endswith("of 30 tokens") and set(told) == {"tokens", "negative_tokens"}
    answer = client.post("/prompt/read", json={"base": str(tmp_path), "prompt": "a gem"})
    assert answer.status_code == 422 and "no practice base" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b'{"style": "props"}', 422),
        (b'{"style": "gone", "version": 1, "prompt": "x"}', 422),
        (b'{"style": "props", "version": "1", "prompt": "x"}', 422),
        (b'{"style": "props", "version": 1, "prompt": "\\ud800"}', 422),
        (b"x" * 300_000, 400),
    ],
)
def test_what_is_no_prompt_is_refused_in_words(client, body, status):
    answer = client.post("/prompt/read", content=body)
    assert answer.status_code == status and answer.json()["remedy"]


def test_another_sites_form_is_refused(client):
    del client.headers["x-housestyle"]
    assert client.post("/prompt/read", json=asked()).status_code == 403
    assert client.put("/prompt/draft", json={"prompt": "x"}).status_code == 403


def test_what_is_typed_goes_into_the_persons_draft(client, studio):
    client.cookies["housestyle_name"] = "Bo"
    typed = {"prompt": "a gem", "negative": "blur"}
    for more in ({"tab": "one", "was": ""}, {"tab": "two", "was": "a ring"}):
        assert client.put("/prompt/draft", json=typed | more).status_code == 204
        typed["prompt"] += " ring"
    kept = {"prompt": "a gem ring", "negative": "blur"}
    assert prompt_drafts.read(studio.engine, "Bo") == kept
    assert prompt_drafts.beside(studio.engine, "Bo").fields == {"prompt": "a gem"}
    # A field that this tab did not touch stays as the other one has it.
    typed = {"prompt": "a sword", "negative": "", "tab": "three", "was_negative": ""}
    assert client.put("/prompt/draft", json=typed).status_code == 204
    assert prompt_drafts.read(studio.engine, "Bo") == {"prompt": "a sword", "negative": "blur"}


def png(picture):
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def test_a_pasted_picture_and_its_mask_are_kept(client, studio):
    picture = Image.new("RGBA", (16, 8), (200, 10, 10, 0))
    start = client.put("/start?file=image.png", content=png(picture)).json()["start"]
    with Image.open(start_pictures.path(studio.home, start)) as kept:
        assert kept.convert("RGBA").tobytes() == picture.tobytes()
    mask = Image.new("L", (16, 8))
    assert client.put(f"/part/{start}", content=png(mask)).json() == {"mask": ""}
    mask.paste(255, (3, 2, 5, 4))
    hash = client.put(f"/part/{start}", content=png(mask)).json()["mask"]
    answer = client.get(f"/picture/part/{hash}")
    found = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert np.array_equal(found, np.asarray(mask))
    wrong = client.put(f"/part/{start}?file=m.png", content=png(Image.new("L", (9, 9), 255)))
    assert wrong.status_code == 422 and "9 x 9 pixels, its picture 16 x 8" in wrong.text
    assert client.put("/start?file=x.png", content=b"<script>").status_code == 422
    assert client.get(f"/picture/part/{'0' * 64}").status_code == 404


def test_whoever_s_pictures_fill_their_room_pastes_no_more(client, studio, monkeypatch):
    given = png(Image.new("RGBA", (16, 8), "teal"))
    start = client.put("/start", content=given).json()["start"]
    monkeypatch.setattr(start_room, "held_by", lambda home, by: 2**60)
    for path in ("/start", f"/part/{start}"):
        answer = client.put(path, content=png(Image.new("L", (16, 8), 255)))
        assert answer.status_code == 422 and "STUDIO_MOST_DRAWN" in answer.json()["remedy"]
