"""Pictures finished, palettes kept by revision, tilesets made, mended and had as files."""

import base64
import io
import zipfile

import numpy as np
from PIL import Image

from studio.assets import contents, family
from studio.generation.lists import as_png
from studio.workflows import finishing_sources
from tests.api.asked import Programs, picture, put_asset
from tests.api.test_door import problem
from tests.api.test_paging import pages

REDS = {"recipe": {"schema": 1, "colours": ["#e00000", "#ffffff"], "hard_alpha": True}}


def test_pictures_are_finished_and_kept_beside_the_others(plain: Programs):
    a, b = put_asset(plain.studio, "a"), put_asset(plain.studio, "b", colour="#e00000")
    body = {"ids": [a, b], "steps": REDS}
    done = plain.post("/finishing", "artist", json=body)
    assert done.status_code == 200, done.text
    said = done.json()
    assert said["same"] == [b] and said["left"] == []
    (made,) = said["assets"]
    assert [one.id for one in family.parents(plain.studio.engine, made)] == [a]
    told = plain.get(f"/assets/{made}").json()
    assert told["recipe"]["finishing"]["recipe"]["colours"] == ["#e00000", "#ffffff"]
    assert plain.post("/finishing", json=body).json()["assets"] == [made]  # there already
    for wrong in ({"steps": {"hue": "x"}}, {"steps": {"taken": 5}}, {"ids": ["none"]}, {"ids": 1}):
        problem(plain.post("/finishing", json={**body, **wrong}), 422, "refused")


def test_many_are_finished_by_a_job(plain: Programs, monkeypatch):
    monkeypatch.setattr(finishing_sources, "AT_ONCE", 1)
    ids = [put_asset(plain.studio, name) for name in "ab"]
    job = plain.post("/finishing", json={"ids": ids, "steps": REDS})
    assert job.status_code == 202 and job.json()["kind"] == "finish"


def test_steps_are_looked_at_before(plain: Programs):
    id = put_asset(plain.studio, "a")
    steps = {**REDS, "shadow": "contact"}
    told = plain.post("/finishing/preview", "viewer", json={"id": id, "steps": steps}).json()
    with Image.open(io.BytesIO(base64.b64decode(told["picture"]))) as opened:
        colours = {bytes(pixel).hex() for pixel in np.asarray(opened).reshape(-1, 4)}
    assert colours == {"e00000ff", "ffffffff"} and told["shadow"] and not told["same"]
    assert told["before"]["colours"] == 2
    assert plain.get("/assets").json()["items"][0]["id"] == id  # nothing was kept
    problem(plain.post("/finishing/preview", json={"id": "x", "steps": {}}), 422, "refused")


def test_a_palette_is_saved_approved_and_locked(plain: Programs):
    body = {"colours": ["#000000", "#FF0000"], "names": ["black", "red"], "after": 0}
    at = "/palettes/Props 1"
    first = plain.put(at, "artist", json=body).json()
    assert (first["name"], first["revision"]) == ("Props 1", 1)
    assert first["colours"] == ["#000000", "#ff0000"]
    ramp = {"name": "blood", "places": [0, 1]}
    second = plain.put(at, json={**body, "ramps": [ramp], "after": 1}).json()
    assert (second["revision"], second["ramps"]) == (2, [ramp])
    problem(plain.put(at, json={**body, "colours": ["#ffffff"], "names": []}), 409, "changed")
    problem(plain.post(f"{at}/approve", "art lead", json={"revision": 1}), 409, "changed")
    approved = plain.post(f"{at}/approve", "art lead", json={"revision": 2}).json()
    assert approved["approved_by"] == "ArtLead"
    assert plain.post(f"{at}/lock").json()["locked_by"] == "Admin"
    problem(plain.put(at, json={**body, "after": 2}), 422, "refused")
    assert plain.post(f"{at}/unlock").json()["locked_by"] is None
    problem(plain.post(f"{at}/withdraw", "artist"), 403, "not-allowed")  # it is approved
    assert plain.post(f"{at}/withdraw", "art lead").json()["withdrawn_by"] == "ArtLead"
    assert pages(plain, "/palettes", 5) == [[]]
    assert len(pages(plain, "/palettes?withdrawn=true", 5)[0]) == 1
    assert plain.post(f"{at}/bring-back").json()["withdrawn_by"] is None
    assert plain.get("/palettes/props 1@1").json()["revision"] == 1
    assert [one["revision"] for one in plain.get(f"{at}/revisions").json()["items"]] == [2, 1]
    assert plain.get(f"{at}/file?format=hex").content.split() == [b"000000", b"ff0000"]
    problem(plain.get(f"{at}/file?format=doc"), 422, "refused")
    for mark in ("none", "Props 1@9", "Props 1@x"):
        problem(plain.get(f"/palettes/{mark}"), 404, "not-found")


def ground(low: int, size: int = 16) -> bytes:
    noise = np.random.default_rng(low).integers(low, low + 40, (size, size, 4), dtype=np.uint8)
    noise[..., 3] = 255
    return as_png(Image.fromarray(noise))


def test_a_tileset_is_made_mended_and_had_as_files(plain: Programs):
    ids = []
    for name, low in (("grass", 20), ("sand", 180)):
        ids.append(put_asset(plain.studio, name, style=""))
        (plain.studio.home / f"generated/art/{name}.png").write_bytes(ground(low))
    body = {"inner": ids[0], "outer": ids[1], "palette": "own", "settings": {"size": 16}}
    made = plain.post("/tilesets", "artist", json=body)
    assert made.status_code == 201, made.text
    told = made.json()
    id = told["asset"]["id"]
    assert told["settings"]["size"] == 16 and told["tiles"] == 48
    assert told == plain.get(f"/tilesets/{id}").json()
    assert plain.post("/tilesets", json=body).json()["asset"]["id"] == id
    assert [one["id"] for one in plain.get("/tilesets").json()["items"]] == [id]
    packed = plain.get(f"/tilesets/{id}/file?format=godot,json&spacing=2")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as opened:
        endings = sorted(name.rpartition(".")[2] for name in opened.namelist())
    assert endings == ["json", "png", "tres"]
    quarter = f"/tilesets/{id}/quarters/{told['quarters'][0]}"
    piece = plain.get(quarter).content
    with Image.open(io.BytesIO(piece)) as opened:
        assert opened.size == (8, 8)
    fixed = plain.post(quarter, "artist", content=picture("blue", 8))
    assert fixed.status_code == 201, fixed.text
    assert fixed.json()["asset"]["id"] != id
    problem(plain.post(quarter, content=picture("blue", 9)), 422, "refused")
    problem(plain.get(f"/tilesets/{id}/quarters/x"), 404, "not-found")
    problem(plain.get(f"/tilesets/{id}/file?format=unity"), 422, "refused")
    problem(plain.get(f"/tilesets/{ids[0]}"), 404, "not-found")
    for wrong in ({"size": 17}, {"size": 2**30}, {"kind": "hex"}, {"face": 60}, {"seed": -1}):
        problem(plain.post("/tilesets", json={**body, "settings": wrong}), 422, "refused")
    problem(plain.post("/tilesets", json={**body, "inner": "x"}), 422, "refused")


def test_steps_that_programs_write_oddly_harm_no_picture(plain: Programs):
    id = put_asset(plain.studio, "a")
    texts = {"hue": "20", "black": "5", "gamma": "2"}
    done = plain.post("/finishing", json={"ids": [id], "steps": texts})
    assert done.status_code == 200, done.text
    told = plain.get(f"/assets/{done.json()['assets'][0]}").json()
    assert told["recipe"]["finishing"] | {"hue": 20, "black": 5} == told["recipe"]["finishing"]
    asked = '{"ids": ["%s"], "steps": %s}'
    for steps in (
        '{"taken": ["\\ud800"]}',
        '{"left": ["a\\u0000"]}',
        '{"recipe": {"palette": "\\udfff@1"}}',
        '{"\\ud800": 1}',
        '{"recipe": {"palette": "%s"}}' % ("x" * 100_000),
    ):
        content, headers = asked % (id, steps), {"content-type": "application/json"}
        problem(plain.post("/finishing", content=content, headers=headers), 422, "refused")
    assert len(plain.get("/assets").json()["items"]) == 2


def test_whoever_s_pictures_fill_their_room_makes_no_tileset(plain: Programs, monkeypatch):
    monkeypatch.setattr(contents, "held_by", lambda engine, person: 2**60)
    ids = [put_asset(plain.studio, name) for name in "ab"]
    said = problem(plain.post("/tilesets", json={"inner": ids[0], "outer": ids[1]}), 422, "refused")
    assert "STUDIO_MOST_DRAWN" in said["remedy"]


def test_a_palette_that_is_named_alone_gives_its_colours(plain: Programs, monkeypatch):
    body = {"colours": ["#e00000", "#ffffff"], "after": 0}
    assert plain.put("/palettes/Reds", json=body).status_code == 200
    steps = {"recipe": {"palette": "Reds", "hard_alpha": True}}
    ids = [put_asset(plain.studio, name) for name in "ab"]
    (made,) = plain.post("/finishing", json={"ids": ids[:1], "steps": steps}).json()["assets"]
    told = plain.get(f"/assets/{made}").json()["recipe"]["finishing"]["recipe"]
    assert (told["palette"], told["colours"]) == ("Reds@1", body["colours"])
    monkeypatch.setattr(finishing_sources, "AT_ONCE", 1)
    job = plain.post("/finishing", json={"ids": ids, "steps": steps}).json()
    asked = plain.get(f"/jobs/{job['id']}").json()["payload"]
    assert asked["steps"]["recipe"] == told and asked["ids"] == ids
    none = {"recipe": {"palette": "Blues"}}
    problem(plain.post("/finishing", json={"ids": ids, "steps": none}), 422, "refused")
