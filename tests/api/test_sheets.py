"""Animation sheets by REST: made, cut, brought, told, had as files, and what is not there."""

from __future__ import annotations

import io
import zipfile

from PIL import Image

from studio.datasets.folder_import import import_folder
from studio.jobs import queue
from studio.sheets import motion
from studio.sheets.formats import aseprite
from studio.worker.kinds.sheet import KIND
from studio.worker.payload import read
from tests.api.asked import Programs
from tests.api.test_door import problem
from tests.prop_pictures import kept
from tests.sheets.drawn import walk, walker
from tests.worker.kinds.step_by_step import NOW, again, ran


def made(plain: Programs, **more) -> str:
    """A sheet that was asked for by a call; its id."""
    ids = [kept(plain.studio, walker(stride), f"rest{stride}") for stride in (4, 1, -3)]
    body = {"frames": [{"picture": one} for one in ids], "name": "walk", **more}
    answer = plain.post("/sheets", "artist", json=body)
    assert answer.status_code == 202, answer.text
    row = queue.get(plain.studio.engine, answer.json()["id"])
    return str(ran(KIND, again(plain.studio, row), read(KIND.payload, row.payload))["sheet"])


def test_a_sheet_is_made_told_and_had_as_files(plain: Programs):
    tags = [{"name": "walk", "first": 0, "last": 2}]
    id = made(plain, duration_ms=83, tags=tags)
    told = plain.get(f"/sheets/{id}").json()
    assert told["asset"]["kind"] == "sheet" and (told["width"], told["height"]) == (24, 32)
    assert [one["duration_ms"] for one in told["frames"]] == [83] * 3
    assert told["tags"][0]["name"] == "walk" and told["page"] == f"/Animate?sheet={id}"
    assert told["figures"]["distinct"] == 3 and told["packing"]["way"] == "maxrects"
    assert [one["id"] for one in plain.get("/sheets").json()["items"]] == [id]
    answer = plain.get(f"/sheets/{id}/file?format=sheet,gif,frames&name=hero")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        frame = Image.open(io.BytesIO(archive.read("hero-frames/001-walk_01.png")))
    assert names[:2] == ["hero.png", "hero.gif"] and len(names) == 5
    assert frame.tobytes() == walker(1).tobytes()


def test_a_file_is_brought_and_a_picture_cut(plain: Programs):
    data = aseprite.write(walk("hero"))
    answer = plain.post("/sheets/sources?name=hero.aseprite", "artist", content=data)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told["remarks"] == [] and told["sheet"]["name"] == "hero"
    assert plain.post("/sheets", "artist", json=told["sheet"]).status_code == 202
    strip = Image.new("RGBA", (72, 32))
    strip.paste(walker(1), (48, 0))
    strip.paste(walker(2), (0, 0))
    body = {"picture": kept(plain.studio, strip, "rest strip"), "columns": 3, "rows": 1}
    found = plain.post("/sheets/cuts", "artist", json=body).json()
    assert (found["columns"], found["empty"]) == (3, 1)
    assert [one["box"] for one in found["frames"]] == [[0, 0, 24, 32], [48, 0, 24, 32]]
    wrong = plain.post("/sheets/cuts", "artist", json={**body, "columns": 5})
    assert "don't divide 72 pixels" in problem(wrong, 422, "refused")["detail"]


def test_motions_are_listed_with_their_bounds(plain: Programs):
    told = plain.get("/sheets/motions").json()
    assert [one["name"] for one in told] == list(motion.MOTIONS)
    hover = next(one for one in told if one["name"] == "hover")
    assert {one["name"] for one in hover["settings"]} == {"frames", "duration_ms", "height"}


def test_its_frames_go_into_a_dataset_with_their_phase(plain: Programs):
    packing = {"way": "grid", "padding": 0, "extrude": 0, "trim": False, "merge": False}
    id = made(plain, packing=packing, effect="premultiplied", name="fire")
    told = plain.get(f"/sheets/{id}").json()
    assert told["effect"] == "premultiplied"
    assert told["book"] == {"columns": 2, "rows": 2, "width": 24, "height": 32}
    body = {"dataset": "effects", "caption": "fire burst", "phases": 3, "licence": "CC0-1.0"}
    problem(plain.post(f"/sheets/{id}/dataset", "viewer", json=body), 403, "not-allowed")
    problem(plain.post("/sheets/gone/dataset", "artist", json=body), 404, "not-found")
    body |= {"phases": 65}
    problem(plain.post(f"/sheets/{id}/dataset", "artist", json=body), 422, "refused")
    told = plain.post(f"/sheets/{id}/dataset", "artist", json={**body, "phases": 3})
    assert "would be drawn by a style" in problem(told, 422, "refused")["detail"]
    drawn = plain.studio.home / "cut"
    drawn.mkdir()
    for stride in range(5, 14):
        walker(stride).save(drawn / f"{stride}.png")
    import_folder(plain.studio.home, "effects", drawn, now=NOW, actor="ana")
    told = plain.post(f"/sheets/{id}/dataset", "artist", json={**body, "phases": 3})
    assert told.status_code == 201, told.text
    assert told.json()["captions"] == [f"fire burst, phase {k} of 3" for k in (1, 2, 3)]
    assert len(told.json()["new"]) == 3 and told.json()["dataset"] == "effects"


def test_what_is_not_there_or_can_t_be_is_said(plain: Programs):
    problem(plain.get("/sheets/gone"), 404, "not-found")
    problem(plain.get("/sheets/gone/file"), 404, "not-found")
    picture = kept(plain.studio, walker(1), "rest none")
    told = problem(plain.get(f"/sheets/{picture}"), 422, "refused")
    assert "no sheet but a picture" in told["detail"]
    answer = plain.post("/sheets", "artist", json={"frames": []})
    assert "No frame is named" in problem(answer, 422, "refused")["detail"]
    answer = plain.post("/sheets/sources?name=x.aseprite", "artist", content=b"nothing")
    assert "x.aseprite" in problem(answer, 422, "refused")["detail"]
