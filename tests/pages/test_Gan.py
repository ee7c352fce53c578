"""GANs on pages: the form of a training, how one goes, and the wall of variations."""

import json
from dataclasses import replace

import pytest
import torch

from studio import context
from studio.datasets.folder_import import import_folder
from studio.jobs import leases, queue
from studio.worker.kinds import gan as gan_kind
from studio.worker.kinds import variations
from tests.gan import drawn_sprites
from tests.gan.small import TINY
from tests.worker.kinds.step_by_step import NOW, begun, ran


@pytest.fixture
def gems(studio, tmp_path):
    """A GAN of style gems, registered; the job that trained it."""
    torch.set_num_threads(1)
    place = drawn_sprites.folder(tmp_path / "sprites", 30)
    import_folder(studio.home, "sprites", place, now=NOW, actor="ana")
    given, ask = begun(studio, "gan", style="gems", dataset="sprites", settings=TINY)
    mine = (studio.engine, given.job.id, given.job.attempt)
    given = replace(given, keep=lambda kept: leases.keep(*mine, kept))
    made = ran(gan_kind.KIND, given, ask)
    leases.finish(*mine, {"number": made["number"]}, context.now())
    return given.job


def said(at) -> str:
    kinds = [*at.markdown, *at.caption, *at.success, *at.info, *at.warning, *at.error]
    return " ".join(e.value for e in kinds).replace("\\", "")


def button(at, label):
    return next(one for one in at.button if one.label == label)


def test_a_training_is_asked_for_with_its_settings(studio, open_page):
    at = open_page("Train", show="GAN")
    assert "Nobody has trained a GAN here yet" in said(at)
    at.selectbox(key="gan-data").select("sample")
    at.text_area(key="gan-others").input("gamma = 2\nseed = 7").run()
    assert "32 x 32 by sprite" in said(at)
    at.text_area(key="gan-others").input("gama = 2").run()
    assert "no setting of a GAN gama" in said(at) and not at.exception


@pytest.mark.slow
def test_how_a_training_goes_is_shown_with_its_grids_and_checks(studio, gems, open_page):
    at = open_page("Train", show="GAN", gan=str(gems.id))
    assert not at.exception
    html = " ".join(h.proto.body for h in at.get("html"))
    assert "/picture/gan/gems/" in html and "step-00000004.png" in html


@pytest.mark.slow
def test_a_wall_is_drawn_and_what_pleases_is_kept(studio, gems, open_page):
    at = open_page("Generate", show="Variations", style="gems")
    assert not at.exception
    at.multiselect(key="variations-classes-gems-1").select("rocks")
    at.selectbox(key="variations-count").select(120)
    button(at, "Draw").click().run()
    (job,) = queue.listing(studio.engine, kind="variations")
    assert (job.payload["wish"], job.payload["count"]) == ("rocks", 120)
    given, ask = begun(studio, "variations", style="gems", version=1, wish="rocks", count=20)
    ran(variations.KIND, given, ask)
    told = {"style": "gems", "version": 1, "wish": "rocks", "seed": 0, "count": 20}
    told |= {"width": 16, "height": 16}
    leases.finish(studio.engine, given.job.id, given.job.attempt, told, context.now())
    at = open_page("Generate", show="Variations", wall=str(given.job.id))
    assert not at.exception
    (wall,) = [
        one for one in at.get("bidi_component") if "housestyle_wall" in one.proto.component_name
    ]
    tiles = json.loads(wall.proto.json)["tiles"]
    assert len(tiles) == 20 and tiles[3]["url"] == f"/picture/variation/{given.job.id}/3"
    at.session_state["variations-chosen"] = [3, 5]
    at.run()
    button(at, "Keep 2").click().run()
    kept = queue.listing(studio.engine, kind="generate")
    assert sorted(one.payload["seed"] for one in kept) == [3, 5]
    assert {one.payload["prompt"] for one in kept} == {"rocks"}
    assert "2 on the way into the gallery" in said(at)
