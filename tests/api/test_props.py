"""Props by REST: asked for, edited, found, told, exported, and what is not there."""

from __future__ import annotations

import io
import json
import zipfile

from studio.jobs import queue
from studio.worker.kind_table import KINDS
from studio.worker.payload import read
from tests.api.asked import Programs
from tests.api.test_door import problem
from tests.prop_pictures import kept, sprite
from tests.worker.kinds.step_by_step import again, ran

CARD = {"method": "card", "height_m": 1.5}


def do(studio, job: int, name: str = "props") -> list[str]:
    """The job, done here; what it made, by what its result calls that."""
    row = queue.get(studio.engine, job)
    kind = KINDS[row.kind]
    told = ran(kind, again(studio, row), read(kind.payload, row.payload))[name]
    return told if isinstance(told, list) else [told]


def asked(plain: Programs, name: str = "arrow", **settings) -> str:
    """A prop that was made by a call; its id."""
    id = kept(plain.studio, sprite(), name)
    body = {"pictures": [id], "settings": {**CARD, **settings}}
    answer = plain.post("/props", "artist", json=body)
    assert answer.status_code == 202, answer.text
    (made,) = do(plain.studio, answer.json()["id"])
    return made


def test_pictures_become_props_once_for_a_key(plain: Programs):
    id = kept(plain.studio, sprite())
    how = {"json": {"pictures": [id]}, "headers": {"Idempotency-Key": "once"}}
    first, second = (plain.post("/props", "artist", **how) for _ in range(2))
    assert first.status_code == second.status_code == 202
    assert first.json()["id"] == second.json()["id"]
    (job,) = queue.listing(plain.studio.engine, kind="prop")
    assert job.payload["name"] == "arrow" and job.payload["settings"]["pivot"] == "feet"


def test_a_prop_is_told_with_its_family_and_forms(plain: Programs):
    made = asked(plain)
    told = plain.get(f"/props/{made}").json()
    assert (told["asset"]["id"], told["asset"]["kind"]) == (made, "prop")
    assert told["asset"]["recipe"]["figures"]["triangles"] > 4 and len(told["before"]) == 1
    assert told["page"] == f"/Props?prop={made}" and told["manifest"]["seed"] == 7
    assert "glb" in told["forms"]
    again_told = plain.get(f"/props/{made}/again").json()
    assert again_told["kind"] == "prop" and again_told["pictures"] == told["before"]
    details = plain.get(f"/assets/{made}").json()
    assert {one["role"] for one in details["files"]} == {"model", "poster", "normal", "texture"}


def test_an_edit_is_a_new_version(plain: Programs):
    made = asked(plain)
    body = {"edits": [{"edit": "scale", "height_m": 3}], "name": "Large"}
    answer = plain.post(f"/props/{made}/edits", "artist", json=body)
    assert answer.status_code == 202, answer.text
    (new,) = do(plain.studio, answer.json()["id"])
    told = plain.get(f"/props/{new}").json()
    assert made in told["before"] and told["asset"]["name"] == "Large"
    assert plain.get(f"/props/{made}").json()["after"] == [new]
    said = plain.post(f"/props/{made}/edits", "artist", json={"edits": [{"edit": "melt"}]})
    assert "melt" in problem(said, 422, "refused")["detail"]
    problem(plain.post("/props/gone/edits", "artist", json=body), 404, "not-found")


def test_the_history_is_found_by_filters(plain: Programs):
    first, second = asked(plain, "axe"), asked(plain, "bow", height_m=2.0)
    told = plain.get("/props?kind=prop&method=card").json()
    assert {one["id"] for one in told["items"]} == {first, second} and told["total"] == 2
    (one,) = plain.get("/props?text=axe&kind=prop").json()["items"]
    assert (one["id"], one["cost"], one["closed"]) == (first, "", True)
    assert one["poster"] == f"/picture/asset/{first}" and one["height_m"] == 1.5
    assert plain.get("/props").json()["total"] == 4  # with the pictures
    pages = [plain.get(f"/props?kind=prop&size=1&page={n}").json() for n in (1, 2)]
    assert [len(one["items"]) for one in pages] == [1, 1] and pages[0]["pages"] == 2
    problem(plain.get("/props?cost=dear"), 422, "refused")
    problem(plain.get("/props?size=201"), 422, "refused")
    judged = plain.put(
        f"/assets/{first}/verdict", "artist", json={"verdict": "approved", "turn": 0}
    )
    assert judged.status_code == 200, judged.text
    assert plain.get("/props?verdict=approved").json()["total"] == 1


def test_files_are_fetched_in_every_form(plain: Programs):
    made = asked(plain)
    answer = plain.get(f"/props/{made}/file")
    assert answer.headers["content-type"] == "model/gltf-binary" and answer.content[:4] == b"glTF"
    assert answer.headers["content-disposition"] == 'attachment; filename="arrow.glb"'
    told = json.loads(plain.get(f"/props/{made}/file?form=manifest").content)
    assert told["id"] == made and told["licence"]["base"] == "pocket"
    with zipfile.ZipFile(io.BytesIO(plain.get(f"/props/{made}/file?form=zip").content)) as archive:
        assert "arrow.glb" in archive.namelist()
    problem(plain.get(f"/props/{made}/file?form=fbx"), 422, "refused")
    problem(plain.get("/props/gone/file"), 404, "not-found")


def test_methods_are_offered_for_a_picture(plain: Programs):
    id = kept(plain.studio, sprite())
    told = plain.get(f"/props/methods?picture={id}").json()
    assert {one["method"] for one in told} >= {"card", "voxels", "relief"}
    assert all(one["label"] and one["why"] for one in told)
    problem(plain.get("/props/methods?picture=gone"), 404, "not-found")


def test_what_can_t_be_is_refused(plain: Programs):
    id = kept(plain.studio, sprite())
    for body in (
        {"pictures": []},
        {"pictures": ["gone"]},
        {"pictures": [id], "settings": {"dept": 1}},
        {"pictures": [id], "settings": {"method": "\ud800"}},
        {"pictures": [id], "colour": "red"},
    ):
        content = json.dumps(body)
        headers = {"content-type": "application/json"}
        problem(plain.post("/props", content=content, headers=headers), 422, "refused")
    problem(plain.post("/props", "viewer", json={"pictures": [id]}), 403, "not-allowed")
    problem(plain.get(f"/props/{id}"), 404, "not-found")  # a picture
    assert queue.listing(plain.studio.engine, kind="prop") == []


def test_a_prop_is_drawn_from_four_directions(styled: Programs):
    made = asked(styled)
    body = {"directions": {"count": 4, "side": 24, "normals": False}}
    answer = styled.post(f"/props/{made}/sheets", "artist", json=body)
    assert answer.status_code == 202, answer.text
    (picture,) = do(styled.studio, answer.json()["id"], "picture")
    told = styled.get(f"/assets/{picture}").json()
    assert told["recipe"]["directions"]["count"] == 4
    assert [(one["role"], one["width"]) for one in told["files"]] == [("picture", 96)]
    gone = styled.post("/props/gone/sheets", "artist", json=body)
    problem(gone, 404, "not-found")
    odd = styled.post(f"/props/{made}/sheets", "artist", json={"directions": {"count": 3}})
    assert odd.status_code == 422 and "3 directions" in odd.text


def test_pictures_are_made_ready_first(plain: Programs):
    id = kept(plain.studio, sprite(), "ready")
    body = {"pictures": [id], "edits": [{"edit": "trim"}]}
    answer = plain.post("/picture-edits", "artist", json=body)
    assert answer.status_code == 202, answer.text
    (picture,) = do(plain.studio, answer.json()["id"], "pictures")
    (file,) = plain.get(f"/assets/{picture}").json()["files"]
    assert file["width"] < 16
