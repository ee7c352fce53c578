"""Cut animation frames become pictures of a dataset, each with its phase in the caption."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor, NotAllowed
from studio.datasets import versions
from studio.errors import StudioError
from studio.settings import load_settings
from studio.sheets import effects
from studio.sheets.formats import aseprite
from studio.sheets.sheet import Tag, of_pictures
from studio.worker.kinds.sheet import KIND
from studio.workflows import animation_sources, sheet_to_dataset
from studio.workflows.sheet_to_dataset import Provenance
from tests.prop_pictures import kept
from tests.sheets.drawn import walker
from tests.worker.kinds.step_by_step import begun, ran

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)


@pytest.fixture
def studio(tmp_path):
    studio = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield studio
    studio.engine.dispose()


def flames(count=4):
    """Half-transparent boxes that grow, then one with nothing on it."""
    out = []
    for number in range(count):
        pixels = np.zeros((16, 16, 4), np.uint8)
        pixels[8 - number : 8 + number + 1, 6:10] = (255, 120 + 20 * number, 0, 128)
        out.append(Image.fromarray(pixels, "RGBA"))
    return of_pictures("fire", [*out, Image.new("RGBA", (16, 16))])


def sheet(studio, animation, **more) -> str:
    data = aseprite.write(animation)
    payload, _ = animation_sources.brought(studio, data, "fire burst.aseprite", by="ana")
    given, ask = begun(studio, "sheet", **{**payload, **more})
    return str(ran(KIND, given, ask)["sheet"])


def taught(studio, id, dataset="effects", by="ana", **how):
    return sheet_to_dataset.hand_on(studio, id, dataset, by=by, now=NOW, **how)


def rows(studio, dataset="effects"):
    found = versions.load(studio.home, dataset).pictures
    return sorted(found, key=lambda one: one.cut.number)


def opened(studio, picture):
    with Image.open(versions.picture_path(studio.home, picture.hash)) as found:
        return np.asarray(found.convert("RGBA"))


def test_frames_are_rows_with_their_phase_and_where_they_are_from(studio):
    id = sheet(studio, flames())
    done = taught(studio, id, caption="fire burst", count=5, told=Provenance(licence="CC0-1.0"))
    assert len(done.added.new) == 4 and done.left == 1
    assert done.captions == tuple(f"fire burst, phase {k} of 5" for k in range(1, 5))
    found = rows(studio)
    assert [one.caption for one in found] == list(done.captions)
    first = found[0]
    assert (first.caption_by, first.origin, first.licence) == ("file", "imported", "CC0-1.0")
    assert (first.author, first.source) == ("ana", "frame 1 of the sheet fire burst")
    assert (first.cut.file, first.cut.number, len(first.cut.sha256)) == ("fire burst", 1, 64)
    assert (opened(studio, first) == np.asarray(flames().frames[0].image)).all()
    again = taught(studio, id, caption="fire burst", count=5, told=Provenance(licence="CC0-1.0"))
    assert not again.added.new and again.added.version.digest == done.added.version.digest


def test_tags_are_said_and_what_no_tag_has_or_looks_alike_is_left_out(studio):
    pictures = [walker(4), walker(1), walker(4), walker(2), walker(3)]
    made = replace(of_pictures("hero", pictures), tags=(Tag("walk", 0, 2), Tag("hit", 3, 3)))
    done = taught(studio, sheet(studio, made), count=2)
    assert done.captions == (
        "fire burst, walk, phase 1 of 2",
        "fire burst, hit, phase 1 of 2",
    )
    assert len(done.added.new) == 3 and done.left == 2
    assert [one.cut.tag for one in rows(studio)] == ["walk", "walk", "hit"]


@pytest.mark.parametrize("effect", effects.WAYS)
def test_frames_have_alpha_however_the_sheet_is_blended_or_lie_on_black(studio, effect):
    id = sheet(studio, flames(), effect=effect)
    taught(studio, id, "alpha")
    taught(studio, id, "black", on_black=True)
    seen = np.asarray(effects.flipbook(flames(), "black").frames[3].image).astype(int)
    straight, black = (opened(studio, rows(studio, name)[3]) for name in ("alpha", "black"))
    assert straight[..., 3].min() == 0 and (black[..., 3] == 255).all()
    assert np.abs(black - seen).max() <= 1
    assert np.abs(effects.on_black(straight).astype(int) - seen).max() <= 1
    assert [one.has_alpha for one in rows(studio, "black")] == [False] * 4


def test_what_a_style_drew_is_counted_as_that(studio):
    ids = [kept(studio, walker(stride), f"row{stride}") for stride in (1, 2)]
    given, ask = begun(studio, "sheet", frames=[{"picture": one} for one in ids], name="walk")
    id = str(ran(KIND, given, ask)["sheet"])
    with pytest.raises(StudioError, match="2 of 2 pictures of effects would be drawn"):
        taught(studio, id)
    for count in range(3):  # what people drew keeps it in place
        taught(
            studio, sheet(studio, of_pictures("a", [walker(k + 5 * count) for k in range(3, 6)]))
        )
    taught(studio, id)
    assert [one.origin for one in rows(studio)].count("generated") == 2


def test_what_can_t_be_is_named(studio):
    id = sheet(studio, flames())
    with pytest.raises(StudioError, match="phases is 0"):
        taught(studio, id, count=0)
    with pytest.raises(StudioError, match="can't name a dataset"):
        taught(studio, id, "No Name")
    with pytest.raises(StudioError, match="no asset 'gone'"):
        taught(studio, "gone")
    nothing = sheet(studio, of_pictures("a", [Image.new("RGBA", (8, 8))] * 2))
    with pytest.raises(StudioError, match="no frame on which something is"):
        taught(studio, nothing)
    with pytest.raises(NotAllowed):
        taught(studio, id, by=Actor("vi", "viewer"))
