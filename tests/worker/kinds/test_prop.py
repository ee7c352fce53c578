"""The jobs that make and edit props: whole, without the studio, cut off anywhere, and with pictures
that nothing comes of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio import context
from studio.assets import family, files, listing, records
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.props import glb
from studio.settings import load_settings
from studio.worker import submit
from studio.worker.context import Gone
from studio.worker.kinds import prop_steps
from studio.worker.kinds.prop import KIND
from studio.worker.kinds.prop_edit import KIND as EDIT
from studio.worker.steps import digest
from studio.workflows import prop_files, props
from tests.prop_pictures import empty, kept, sprite
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran

CARD = {"method": "card", "height_m": 1.5}


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def model(studio, id):
    path = studio.home / prop_files.file_of(studio.engine, id, prop_files.MODEL).path
    return glb.read(path.read_bytes())


def made(studio, *ids: str, **payload) -> list[str]:
    given, wish = begun(studio, "prop", pictures=list(ids), **payload)
    return [str(id) for id in ran(KIND, given, wish)["props"]]


def edited(studio, id: str, *changes: dict[str, object], **payload) -> str:
    given, wish = begun(studio, "prop_edit", prop=id, edits=list(changes), **payload)
    (new,) = ran(EDIT, given, wish)["props"]
    return str(new)


def test_a_picture_becomes_a_prop_beside_it(studio):
    id = kept(studio, sprite())
    given, wish = begun(studio, "prop", pictures=[id], settings=CARD)
    assert (given.job.lane, wish.name, wish.style) == ("short", "arrow", "props")
    assert wish.settings["pivot"] == "feet"  # all settings are filled in
    told = ran(KIND, given, wish)
    (made,) = told["props"]
    assert not given.workdir.exists()
    prop = prop_files.get(studio.engine, made)
    assert (prop.style, prop.version, prop.seed, prop.by) == ("props", 3, 7, "ana")
    assert (prop.name, prop.category, prop.job) == ("arrow", "card", given.job.id)
    assert [one.id for one in family.parents(studio.engine, made)] == [id]
    recipe, figures = prop.recipe, prop.recipe["figures"]
    assert (recipe["made_by"], recipe["method"], recipe["base"]) == ("prop", "card", "pocket")
    assert recipe["prompt"] == "a red arrow" and recipe["settings"]["height_m"] == 1.5
    assert (recipe["of"]["named"], recipe["of"]["width"]) == (id, 16)
    found = model(studio, made)
    assert figures["triangles"] == found.triangle_count > 4 and figures["closed"] is True
    assert figures["height_m"] == pytest.approx(1.5, abs=1e-4)
    assert ran(KIND, given, wish)["props"] == [made]  # nothing comes twice


def test_its_files_lie_by_their_hashes_with_a_poster_that_walls_show(studio):
    (id,) = made(studio, kept(studio, sprite()), settings=CARD)
    there = {one.role: one for one in files.of(studio.engine, id)}
    assert set(there) == set(prop_files.ROLES)
    for one in there.values():
        path = studio.home / one.path
        assert one.content == files.read(path) and path.stem == one.content.hash
        assert path.parent == studio.home / "props" / path.stem[:2]
    poster = there["poster"]
    assert (poster.content.width, poster.content.height) == (512, 512)
    assert listing.picture_path(studio.engine, id) == poster.path
    (shown,) = listing.of_ids(studio.engine, [id])
    assert (shown.kind, shown.width, shown.said) == ("prop", 512, "a red arrow")


def test_the_same_picture_and_settings_give_the_same_bytes(studio):
    id = kept(studio, sprite())
    first, second = made(studio, id, settings=CARD) + made(studio, id, settings=CARD)
    assert first != second
    for role in prop_files.ROLES:
        one, other = (prop_files.file_of(studio.engine, made, role) for made in (first, second))
        assert one.path == other.path and one.content == other.content


def test_many_pictures_are_one_job_and_those_left_out_are_named(studio, capsys):
    ids = [kept(studio, sprite(), "axe"), kept(studio, empty(), "air"), kept(studio, sprite(24))]
    given, wish = begun(studio, "prop", pictures=[*ids, ids[0]], settings=CARD)
    assert wish.name == "3 props" and wish.pictures == ids
    told = ran(KIND, given, wish)
    assert (len(told["props"]), told["left"]) == (2, 1)
    names = [records.get(studio.engine, id).name for id in told["props"]]
    assert names == ["axe", "arrow"]
    assert "air was left out: " in capsys.readouterr().out


def test_a_picture_of_nothing_fails_by_name(studio):
    given, wish = begun(studio, "prop", pictures=[kept(studio, empty())], settings=CARD)
    with pytest.raises(StudioError):
        ran(KIND, given, wish)
    assert records.keys_of(studio.engine, "prop") == set()


def test_without_a_method_each_gets_what_suits_it(studio):
    id = kept(studio, sprite())
    best = props.offered(studio, id)[0].method
    (prop,) = made(studio, id)
    recipe = prop_files.get(studio.engine, prop).recipe
    assert recipe["method"] == recipe["settings"]["method"] == best


def test_a_picture_that_was_brought_becomes_one_with_edits_and_a_back(studio):
    hash = start_pictures.keep_picture(studio.home, sprite(), by="ana")
    other = sprite(colour=(20, 60, 200))
    back = kept(studio, other, "back")
    behind = start_pictures.keep_picture(studio.home, other, by="ana")
    given, wish = begun(
        studio,
        "prop",
        pictures=[hash],
        settings={**CARD, "back": "picture", "back_picture": behind},
        edits=[{"edit": "scale", "height_m": 2.0}],
        name="A flag",
    )
    (prop,) = ran(KIND, given, wish)["props"]
    asset = prop_files.get(studio.engine, prop)
    assert (asset.name, asset.style, asset.version, asset.seed) == ("A flag", "", 0, None)
    assert [one.id for one in family.parents(studio.engine, prop)] == [back]
    assert asset.recipe["edits"] == [{"edit": "scale", "height_m": 2.0}]
    assert asset.recipe["figures"]["height_m"] == pytest.approx(2.0, abs=1e-4)


def test_it_computes_without_the_studio(studio, tmp_path):
    ids = [kept(studio, sprite(), name) for name in ("one", "two")]
    given, wish = begun(studio, "prop", pictures=ids, settings=CARD)
    outcome, _ = computed_away(KIND, studio, KIND.prepare(given, wish), tmp_path / "there")
    plain = type(outcome)(**json.loads(json.dumps(vars(outcome))))
    told = KIND.commit(given, wish, plain)
    assert len(told["props"]) == 2 and all(model(studio, id).parts for id in told["props"])
    change = {"edit": "decimate", "triangles": 60}
    given, wish = begun(studio, "prop_edit", prop=told["props"][0], edits=[change])
    outcome, _ = computed_away(EDIT, studio, EDIT.prepare(given, wish), tmp_path / "again")
    plain = type(outcome)(**json.loads(json.dumps(vars(outcome))))
    assert len(EDIT.commit(given, wish, plain)["props"]) == 1


@pytest.mark.parametrize("at", [0, 1, 2])
def test_cut_off_it_goes_on_with_those_that_are_left(studio, monkeypatch, at):
    ids = [kept(studio, sprite(12 + k), f"p{k}") for k in range(3)]
    given, wish = begun(studio, "prop", pictures=ids, settings=CARD)
    with monkeypatch.context() as patch:
        Axe(at).lay(patch, prop_files, "write")
        with pytest.raises(Killed):
            ran(KIND, given, wish)
    done = {
        file: file.stat().st_mtime_ns
        for file in given.workdir.glob(f"{prop_steps.FOLDER}/*/model.glb")
    }
    whole = [file for file in done if (file.parent / prop_steps.MADE).is_file()]
    assert len(whole) == at
    anew: list[Path] = []
    write = prop_files.write

    def writing(folder, *more):
        anew.append(folder)
        return write(folder, *more)

    monkeypatch.setattr(prop_files, "write", writing)
    told = ran(KIND, given, wish)
    assert len(told["props"]) == 3 and len(anew) == 3 - at


@pytest.mark.parametrize("kill", [(prop_files, "put_away"), (records, "put")])
def test_cut_off_while_it_is_kept_it_is_kept_once(studio, monkeypatch, kill):
    ids = [kept(studio, sprite(), name) for name in ("one", "two")]
    given, wish = begun(studio, "prop", pictures=ids, settings=CARD)
    for at in (0, 1) if kill[1] == "put_away" else (0,):
        with monkeypatch.context() as patch:
            Axe(at).lay(patch, *kill)
            with pytest.raises(Killed):
                ran(KIND, given, wish)
    told = ran(KIND, given, wish)
    assert sorted(records.keys_of(studio.engine, "prop")) == [
        prop_files.key_of(given.job.id, number) for number in (1, 2)
    ]
    assert len(told["props"]) == 2


def test_another_attempt_s_outcome_is_not_kept(studio):
    given, wish = begun(studio, "prop", pictures=[kept(studio, sprite())], settings=CARD)
    late = replace(given, job=replace(given.job, attempt=given.job.attempt + 1))
    with pytest.raises(Gone):
        ran(KIND, late, wish)
    assert records.keys_of(studio.engine, "prop") == set()


def test_an_edit_is_a_new_version_and_the_old_stays(studio):
    (old,) = made(studio, kept(studio, sprite()), settings=CARD)
    before = prop_files.file_of(studio.engine, old, "model")
    was = digest(studio.home / before.path)
    new = edited(studio, old, {"edit": "scale", "height_m": 3.0}, {"edit": "pivot", "where": "top"})
    asset = prop_files.get(studio.engine, new)
    assert [one.id for one in family.parents(studio.engine, new)] == [old]
    assert [one["edit"] for one in asset.recipe["edits"]] == ["scale", "pivot"]
    assert (asset.recipe["made_by"], asset.category) == ("prop_edit", "card")
    assert asset.recipe["figures"]["height_m"] == pytest.approx(3.0, abs=1e-4)
    low, high = model(studio, new).bounds()
    assert high[1] == pytest.approx(0, abs=1e-4) and low[1] == pytest.approx(-3, abs=1e-4)
    assert digest(studio.home / before.path) == was
    assert props.before(studio, new) == old and props.before(studio, old) == ""
    third = edited(studio, new, {"edit": "turn", "axis": "y", "degrees": 90}, name="Turned")
    recipe = prop_files.get(studio.engine, third).recipe
    assert [one["edit"] for one in recipe["edits"]] == ["scale", "pivot", "turn"]
    assert props.first_version(studio, records.get(studio.engine, third)).id == old
    assert records.get(studio.engine, third).name == "Turned"


def test_texture_sampler_and_alpha_survive_an_edit(studio):
    (old,) = made(studio, kept(studio, sprite()), settings=CARD)
    new = edited(studio, old, {"edit": "scale", "height_m": 3.0})
    was, now = model(studio, old).parts[0].material, model(studio, new).parts[0].material
    assert was.colour is not None and now.colour is not None
    assert (was.colour.data, was.colour.nearest) == (now.colour.data, now.colour.nearest)
    assert (was.alpha, was.cutoff) == (now.alpha, now.cutoff) and now.colour.nearest
    for role in ("texture", "normal"):
        one, other = (prop_files.file_of(studio.engine, id, role) for id in (old, new))
        assert one.content.pixels == other.content.pixels


def test_a_texture_of_the_gallery_is_a_parent_too_and_has_no_normal_map_of_before(studio):
    (old,) = made(studio, kept(studio, sprite()), settings=CARD)
    paint = kept(studio, sprite(colour=(20, 200, 60)), "paint")
    new = edited(studio, old, {"edit": "texture", "picture": paint})
    assert {one.id for one in family.parents(studio.engine, new)} == {old, paint}
    one, other = (prop_files.file_of(studio.engine, id, "texture") for id in (old, new))
    assert one.content.hash != other.content.hash


def test_again_asks_for_the_same_picture_and_settings(studio):
    id = kept(studio, sprite())
    (old,) = made(studio, id, settings=CARD)
    new = edited(studio, old, {"edit": "scale", "height_m": 3.0})
    asked = props.again(studio, new)
    assert (asked["kind"], asked["pictures"]) == ("prop", [id])
    assert asked["settings"]["height_m"] == 1.5
    del asked["kind"]
    (third,) = made(studio, *asked.pop("pictures"), **asked)
    one, other = (prop_files.file_of(studio.engine, id, "model") for id in (new, third))
    assert one.content.hash == other.content.hash
    with pytest.raises(StudioError, match="is no prop but a picture"):
        props.again(studio, id)


@pytest.mark.parametrize(
    ("kind", "asked", "why"),
    [
        ("prop", {"pictures": []}, "No picture is named"),
        ("prop", {"pictures": ["gone"]}, "no picture 'gone'"),
        ("prop", {"pictures": ["x"] * 501}, "501 pictures"),
        ("prop", {"pictures": ["f" * 64]}, "no picture"),
        ("prop", {"settings": {"dept": 1}}, "Did you mean depth"),
        ("prop", {"settings": {"method": "magic"}}, "magic"),
        ("prop", {"settings": {"back": "picture", "back_picture": "f" * 64}}, "no picture"),
        ("prop", {"edits": [{"edit": "melt"}]}, "melt"),
        ("prop", {"edits": [{"edit": "scale"}]}, "height_m"),
        ("prop", {"edits": [{"edit": "texture", "picture": "gone"}]}, "gone"),
        ("prop_edit", {"prop": "gone", "edits": [{"edit": "pivot"}]}, "no asset 'gone'"),
        ("prop_edit", {"edits": [{"edit": "pivot", "where": "top"}]}, "is no prop"),
    ],
)
def test_what_can_t_be_is_refused_at_the_door(studio, kind, asked, why):
    id = kept(studio, sprite())
    usual = {"pictures": [id]} if kind == "prop" else {"prop": id}
    with pytest.raises(StudioError, match=why):
        submit.ask(studio, kind, {**usual, **asked}, asked_by="ana", now=NOW)


def test_an_edit_of_nothing_is_refused(studio):
    (id,) = made(studio, kept(studio, sprite()), settings=CARD)
    with pytest.raises(StudioError, match="No edit is given"):
        submit.ask(studio, "prop_edit", {"prop": id, "edits": []}, asked_by="ana", now=NOW)
