"""`prop`: made, listed, shown, edited, exported and refused; answers as JSON."""

from __future__ import annotations

import json
import re

import pytest

from studio import context
from studio.cli import main, prop_flags
from studio.jobs import queue
from studio.props import directions, edits
from studio.props import settings as all_settings
from studio.settings import CHECKOUT, load_settings
from studio.worker.kind_table import KINDS
from studio.worker.payload import read
from studio.workflows import prop_exports, prop_files
from tests.command_lines import commands
from tests.prop_pictures import empty, sprite
from tests.worker.kinds.step_by_step import again, ran


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        home = ["--home", str(tmp_path / "home"), "--user", "ana"]
        code = main.main(["prop", *map(str, words), "--json", *home])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return asked


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "art"
    made.mkdir()
    sprite().save(made / "axe.png")
    sprite(24, (20, 60, 200)).save(made / "bow.png")
    return made


@pytest.fixture
def studio(tmp_path):
    studio = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield studio
    studio.engine.dispose()


def do(studio):
    """The newest job, done here; the props that it made."""
    job = max(queue.listing(studio.engine), key=lambda one: one.id)
    kind = KINDS[job.kind]
    return ran(kind, again(studio, job), read(kind.payload, job.payload))["props"]


def test_a_folder_is_one_job_with_the_settings_that_were_said(said, folder, studio):
    words = "--method voxels --depth 0.5 --height 2 --pivot centre --normal-y down --set bevel=0"
    code, found = said("make", folder, *words.split(), "--detach")
    assert code == 0 and found["schema"] == 1 and found["problems"] == []
    (job,) = queue.listing(studio.engine, kind="prop")
    assert found["ids"] == [job.id] and len(job.payload["pictures"]) == 2
    told = all_settings.of_json(job.payload["settings"])
    assert (told.method, told.depth, told.height_m) == ("voxels", 0.5, 2)
    assert (told.pivot, told.normal_y, told.bevel) == ("centre", "down", 0)


def test_a_back_and_a_name_reach_the_job(said, folder, studio):
    back = ["--back-picture", folder / "bow.png", "--name", "An axe"]
    code, _ = said("make", folder / "axe.png", "--method", "card", *back, "--detach")
    (job,) = queue.listing(studio.engine, kind="prop")
    settings = job.payload["settings"]
    assert code == 0 and job.payload["name"] == "An axe"
    assert settings["back"] == "picture" and len(settings["back_picture"]) == 64


def test_what_is_no_picture_is_named_and_the_others_are_made(said, folder, studio):
    (folder / "torn.png").write_bytes(b"no picture")
    code, found = said("make", folder, folder / "none.png", "--method", "card", "--detach")
    assert code == 2 and len(found["ids"]) == 1
    assert [one["of"].rpartition("/")[2] for one in found["problems"]] == ["torn.png", "none.png"]
    code, found = said("make", folder / "torn.png")
    assert code == 2 and found["props"] == [] and found["problems"][0]["remedy"]


def test_props_are_listed_shown_edited_and_exported(said, folder, studio, tmp_path):
    said("make", folder, "--method", "card", "--detach")
    axe, bow = do(studio)
    code, found = said("list", "--method", "card", "--words", "axe")
    assert code == 0 and [one["id"] for one in found["items"]] == [axe] and found["total"] == 1
    assert found["items"][0]["cost"] is None and found["items"][0]["triangles"] > 4
    code, found = said("list", "--kind", "prop", "--size", "1", "--page", "2")
    assert (len(found["items"]), found["page"], found["pages"]) == (1, 2, 2)
    words = "--scale 3 --turn y=90 --to-pivot top --decimate 100".split()
    code, found = said("edit", axe, *words, "--texture", folder / "bow.png", "--detach")
    (job,) = queue.listing(studio.engine, kind="prop_edit")
    assert code == 0 and found["ids"] == [job.id]
    told = [one["edit"] for one in job.payload["edits"]]
    assert told == ["scale", "turn", "pivot", "decimate", "texture"]  # as they were given
    (new,) = do(studio)
    code, found = said("show", new)
    assert code == 0 and found["schema"] == 1 and found["id"] == new
    assert found["from"][0]["id"] == axe  # with another texture the normal map fits no more
    assert set(prop_exports.FORMS) - set(found["forms"]) == {"normals", "normals-down"}
    assert found["recipe"]["figures"]["height_m"] == pytest.approx(3, abs=1e-4)
    code, found = said("show", axe)
    assert [one["id"] for one in found["became"]] == [new]
    assert found["forms"] == list(prop_exports.FORMS)
    out = tmp_path / "out"
    code, found = said("export", bow, new, "--form", "glb,obj,manifest", "--out", out)
    assert code == 0 and len(found["files"]) == 6 == len(list(out.iterdir()))
    kept = prop_files.file_of(studio.engine, bow, "model")
    assert (out / f"bow-{bow[:6]}.glb").read_bytes() == (studio.home / kept.path).read_bytes()
    code, found = said("export", bow, "gone", "--out", out)
    assert code == 2 and len(found["files"]) == 2 and len(found["problems"]) == 2


def test_a_sheet_is_asked_for_as_it_was_said(said, folder, studio, tmp_path):
    said("make", folder / "axe.png", "--method", "card", "--detach")
    (prop,) = do(studio)
    words = "--directions 4 --side 24 --elevation 0 --outline add --palette none --soft"
    code, found = said("sheet", prop, *words.split(), "--normal-y", "down", "--detach")
    (job,) = queue.listing(studio.engine, kind="prop_sheet")
    assert code == 0 and found["ids"] == [job.id] and job.payload["prop"] == prop
    asked = directions.of_json(job.payload["directions"])
    assert asked == directions.Directions(
        4, 24, 0.0, (), hard_alpha=False, normal_y="down", outline="add"
    )
    code, found = said("sheet", prop, "--detach", "--out", tmp_path)
    assert code == 2 and "--detach" in found["error"]
    code, found = said("sheet", prop, "--palette", "none such")
    assert code == 2 and "none such" in found["error"] and found["remedy"]


def test_another_one_is_made_as_a_prop_before(said, folder, studio):
    said("make", folder / "axe.png", "--method", "voxels", "--depth", "0.25", "--detach")
    (axe,) = do(studio)
    code, _ = said("make", folder / "bow.png", "--as", axe, "--height", "4", "--detach")
    job = max(queue.listing(studio.engine, kind="prop"), key=lambda one: one.id)
    settings = job.payload["settings"]
    assert code == 0 and (settings["method"], settings["depth"]) == ("voxels", 0.25)
    assert settings["height_m"] == 4


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["make", "axe.png", "--detach", "--out", "o"], "--detach"),
        (["make", "{axe}", "--set", "depth"], "sets nothing"),
        (["make", "{axe}", "--set", "dept=1"], "Did you mean depth"),
        (["make", "{axe}", "--as", "gone"], "no asset 'gone'"),
        (["make", "{axe}", "--back-picture", "gone"], "no picture 'gone'"),
        (["show", "gone"], "no asset 'gone'"),
        (["edit", "gone", "--scale", "2"], "no asset 'gone'"),
        (["export", "x", "--form", "fbx", "--out", "o"], "no form 'fbx'"),
        (["export", "x", "--form", ",", "--out", "o"], "No form is named"),
    ],
)
def test_what_can_t_be_is_refused_with_a_remedy(said, folder, words, why):
    code, found = said(*(word.format(axe=folder / "axe.png") for word in words))
    assert code == 2 and why in f"{found['error']} {found['remedy']}" and found["remedy"]


@pytest.mark.parametrize("words", [["--turn", "y"], ["--turn", "w=9"], ["--scale", "0"]])
def test_an_edit_that_is_none_is_refused_by_the_parser(said, words, capsys):
    with pytest.raises(SystemExit):
        said("edit", "x", *words)
    assert words[0] in capsys.readouterr().err


def test_flags_offer_what_settings_and_edits_take():
    offered = {name: known for name, known, _ in prop_flags.CHOICES}
    names = set(all_settings.Settings.__dataclass_fields__)
    assert set(offered) | {name for name, *_ in prop_flags.PLAIN} <= names
    assert set(offered["method"]) == set(all_settings.METHODS)
    assert offered["pivot"] == edits.PIVOTS and prop_flags.AXES == edits.AXES
    flags = commands()[("prop", "edit")]
    assert {f"--{name}" for name in edits.SHAPES} - {"--pivot"} <= flags and "--to-pivot" in flags


def test_the_document_has_every_setting_and_every_form():
    text = (CHECKOUT / "docs" / "props.md").read_text("utf-8")
    settings, forms = (text.partition(f"\n## {part}\n")[2] for part in ("Settings", "Downloads"))
    first = settings.partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", first, re.MULTILINE) == list(all_settings.NAMES)
    named = re.findall(r"^\| (`[^|]*) \|", forms.partition("\n## ")[0], re.MULTILINE)
    assert re.findall(r"`([\w-]+)`", " ".join(named)) == list(prop_exports.FORMS)


@pytest.mark.slow
def test_props_are_made_while_one_waits(said, folder, tmp_path):
    empty().save(folder / "air.png")
    code, found = said("make", folder, "--method", "card", "--out", tmp_path / "out")
    assert code == 2 and (len(found["props"]), found["left"]) == (2, 1)
    assert all(one["file"].endswith(".glb") for one in found["props"])
    code, found = said("edit", found["props"][0]["id"], "--scale", "2")
    assert code == 0 and found["props"][0]["height_m"] == pytest.approx(2, abs=1e-4)
    out = tmp_path / "sheet"
    code, sheet = said("sheet", found["props"][0]["id"], "--directions", "4", "--out", out)
    assert code == 0 and sheet["directions"] == ["south", "east", "north", "west"]
    assert len(sheet["files"]) == len(list(out.iterdir())) == 2
