"""The job that looks a dataset's pictures over: whole, without the studio, and cut off."""

import json
import shutil

import pytest
from PIL import Image

from studio import context
from studio.datasets import duplicate_groups, edits, inspection, versions
from studio.datasets.folder_import import import_folder
from studio.settings import CHECKOUT, load_settings
from studio.worker.kinds.look import KIND
from tests.worker.kinds.step_by_step import NOW, Axe, Killed, begun, computed_away, ran

FOUND = ("alike", "findings")


@pytest.fixture
def studio(tmp_path) -> context.Studio:
    """Gems, one of which stands there twice, and one enlarged by an odd factor."""
    made = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    folder = tmp_path / "gems"
    shutil.copytree(CHECKOUT / "sample" / "train" / "gem", folder)
    first = sorted(folder.glob("*.png"))[0]
    with Image.open(first) as picture:
        like = picture.convert("RGBA")
        like.putpixel((0, 0), (0, 0, 0, 1))
        like.save(folder / "like.png")
        picture.convert("RGBA").resize((48, 48), Image.Resampling.NEAREST).save(folder / "odd.png")
    import_folder(made.home, "gems", folder, now=NOW, actor="ana")
    return made


def kept(studio: context.Studio) -> dict[str, bytes]:
    """What was found, by the files that it is kept in."""
    files = [file for kind in FOUND for file in (studio.home / "cache" / kind).glob("*.json")]
    return {file.name: file.read_bytes() for file in files}


@pytest.mark.slow
def test_a_look_finds_what_is_odd_and_keeps_it(studio):
    version = versions.load(studio.home, "gems")
    assert inspection.known(studio.home, version.pictures, version.look) is None
    ended = ran(KIND, *begun(studio, "look", dataset="gems"))
    found = inspection.known(studio.home, version.pictures, version.look)
    assert found is not None and set(found.of) == set(inspection.KINDS)
    assert ended == {"dataset": "gems", **{kind: len(of) for kind, of in found.of.items()}}
    assert ended["scaled"] >= 1 and duplicate_groups.known(studio.home, version.pictures)
    assert edits.applied(version.pictures, ())  # the set itself is as it was


@pytest.mark.slow
def test_it_looks_without_the_studio_and_keeps_the_same_files(studio, tmp_path):
    given, ask = begun(studio, "look", dataset="gems")
    work = KIND.prepare(given, ask)
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    assert kept(studio) == {}
    # A newer version that came meanwhile is not the one that was looked at.
    import_folder(
        studio.home, "gems", CHECKOUT / "sample" / "train" / "sword", now=NOW, actor="ana"
    )
    plain = type(outcome)(**json.loads(json.dumps({"figures": outcome.figures})))
    ended = KIND.commit(given, ask, plain)
    there = kept(studio)
    assert KIND.commit(given, ask, plain) == ended and kept(studio) == there and len(there) == 2
    newest = versions.load(studio.home, "gems")
    assert inspection.known(studio.home, newest.pictures, newest.look) is None
    shutil.rmtree(studio.home / "cache")
    looked = work.params.version
    seen = inspection.Seen("none", lambda found: pytest.fail("it is known"))
    KIND.commit(given, ask, outcome)
    assert kept(studio) == there
    found = inspection.inspect(studio.home, looked.pictures, looked.look, seen)
    assert {kind: len(of) for kind, of in found.of.items()} | {"dataset": "gems"} == ended
    shutil.rmtree(studio.home / "cache" / "alike")
    duplicate_groups.find(studio.home, looked.pictures)  # as the dataset's page does it
    assert kept(studio) == there


@pytest.mark.slow
def test_what_is_known_is_not_looked_for_again(studio, tmp_path):
    first = ran(KIND, *begun(studio, "look", dataset="gems"))
    given, ask = begun(studio, "look", dataset="gems")
    work = KIND.prepare(given, ask)
    assert work.inputs == {}
    outcome, _ = computed_away(KIND, studio, work, tmp_path / "there")
    assert KIND.commit(given, ask, outcome) == first


@pytest.mark.slow
@pytest.mark.parametrize("at", range(3))
def test_cut_off_anywhere_it_ends_the_same(studio, monkeypatch, at):
    given, ask = begun(studio, "look", dataset="gems")
    with monkeypatch.context() as patch:
        axe = Axe(at)
        axe.lay(patch, duplicate_groups, "compared")
        axe.lay(patch, duplicate_groups, "keep")
        axe.lay(patch, inspection, "keep")
        with pytest.raises(Killed):
            ran(KIND, given, ask)
    ended = ran(KIND, given, ask)
    assert len(kept(studio)) == 2 and ended == ran(KIND, given, ask)
