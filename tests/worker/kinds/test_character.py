"""The job that draws cells: on small models of the real classes, led by poses and a reference, away
from the studio, cut off, one cell again; and why a base can't."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio import context, images
from studio.assets import records
from studio.assets.search import Wanted
from studio.characters import cells, fitting
from studio.characters.cells import Cell
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import gallery_table, start_pictures, variations
from studio.numbers import SEEDS
from studio.settings import load_settings
from studio.training import export, loop
from studio.training.config import TrainConfig
from studio.worker.kind_table import KINDS
from studio.worker.kinds.generate import Generate
from studio.worker.kinds.generate import check as check_generate
from studio.worker.payload import read
from studio.workflows import new_adapters
from tests import small_bases
from tests.characters_drawn import COLOURS, HEIGHT_PX, saved, view
from tests.characters_drawn import cell as drawn_cell
from tests.diffusion.conftest import make_base
from tests.prop_pictures import kept
from tests.sheets.drawn import walker
from tests.worker.kinds import step_by_step
from tests.worker.kinds.step_by_step import Axe, Killed, begun, computed_away, ran
from tests.workflows.test_adapters import SAID

KIND = KINDS["character"]
SIDE, GROUND = fitting.side_of(HEIGHT_PX), fitting.ground_of(HEIGHT_PX)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def drawn(studio: Studio, **asked: Any) -> dict[str, Any]:
    at, ask = begun(studio, "character", character="hero", steps=2, **asked)
    return ran(KIND, at, ask)


def picture(studio: Studio, id: str) -> gallery_table.Picture:
    return gallery_table.get(studio.engine, id)


def opened(studio: Studio, id: str) -> Any:
    return images.open_picture(studio.home / picture(studio, id).file)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_cells_are_led_by_their_poses_and_finished_alike(studio: Studio, family: str) -> None:
    base = small_bases.brought(studio.home, family)
    side = start_pictures.keep_picture(studio.home, walker(4, across=2), by="ana")
    saved(studio, base=base, seed=7, side=side)
    names = ["walk/south/1", "walk/east/1", "walk/east/3", "walk/west/1"]
    told = drawn(studio, cells=names)
    assert list(told["cells"]) == names and told["empty"] == []
    poses, looks = set(), {}
    for name, id in told["cells"].items():
        one, asset = picture(studio, id), records.get(studio.engine, id)
        assert (asset.name, asset.category) == (f"hero_{name.replace('/', '_')}", "characters")
        (lead,) = one.leads
        assert (lead["controlnet"], lead["kind"], lead["scale"]) == ("poses", "openpose", 1.0)
        poses.add(lead["picture"])
        looks[name] = one.reference["picture"]
        assert one.reference["ip_adapter"] == "looks" and one.seed == 7
        cell = np.asarray(opened(studio, id))
        assert cell.shape == (SIDE, SIDE, 4)
        assert set(np.unique(cell[..., 3])) == {0, 255}
        rows = np.flatnonzero((cell[..., 3] > 0).any(1))
        assert rows[-1] + 1 == GROUND
        seen = {"#" + bytes(colour).hex() for colour in cell[cell[..., 3] > 0][:, :3]}
        assert seen <= set(COLOURS)
        assert one.raw is not None
        raw = images.open_picture(studio.home / one.raw)
        assert raw.size == (64, 64)  # as the base draws
    assert len(poses) == 4
    assert looks["walk/south/1"] == view(studio, 0) and looks["walk/east/1"] == side
    assert looks["walk/west/1"] not in (view(studio, 0), side)  # mirrored
    raws = [
        images.open_picture(studio.home / str(picture(studio, id).raw))
        for id in (told["cells"]["walk/east/1"], told["cells"]["walk/east/3"])
    ]
    assert raws[0].tobytes() != raws[1].tobytes()  # same words, seed and reference
    prompt = picture(studio, told["cells"]["walk/west/1"]).prompt
    assert prompt.startswith("a knight, walking, side view, facing left")


@pytest.mark.slow
def test_a_pose_alone_leads_too_and_one_cell_is_drawn_again(studio: Studio) -> None:
    saved(studio, base=small_bases.brought(studio.home, "sd1", looks=False))
    first = drawn(studio, cells=["walk/north/2", "walk/north/1"])["cells"]
    assert list(first) == ["walk/north/1", "walk/north/2"]
    assert picture(studio, first["walk/north/1"]).reference == {}
    second = drawn(studio, cells=["walk/north/2"])["cells"]
    there = cells.filled(studio.engine, "hero", "walk")
    assert there[Cell("walk", "north", 1)].asset == first["walk/north/1"]
    now = there[Cell("walk", "north", 2)]
    assert now.asset == second["walk/north/2"] != first["walk/north/2"]
    assert (now.seed, now.revision, now.way) == (2, 1, "pose")
    assert len(cells.history(studio.engine, "hero", Cell("walk", "north", 2))) == 2
    # As any picture of the gallery, it can be drawn once more by its own settings.
    asked = variations.settings(picture(studio, now.asset))
    again = check_generate(studio, read(Generate, {**asked, "recipe": ""}))
    assert again.leads[0].ready and again.leads[0].controlnet == "poses"


@pytest.mark.slow
def test_it_is_drawn_where_no_studio_is_and_goes_on_where_it_was_cut_off(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(studio, base=small_bases.brought(studio.home, "sd1"))
    at, ask = begun(
        studio, "character", character="hero", steps=2, cells=["walk/east/1", "walk/east/2"]
    )
    assert at.job.lane == "interactive" and KIND.prepare is not None
    work = KIND.prepare(at, ask)
    outcome, events = computed_away(KIND, studio, work, tmp_path / "away")
    assert [event.body["cell"] for event in events] == ["walk/east/1", "walk/east/2"]
    files = [work.workdir / event.body["file"] for event in events]
    kept = [file.read_bytes() for file in files]
    files[1].unlink()
    with monkeypatch.context() as patch:
        Axe(0).lay(patch, cells, "put")
        with pytest.raises(Killed):
            ran(KIND, at, ask)
    assert cells.filled(studio.engine, "hero") == {}
    after = step_by_step.again(studio, at.job, timedelta(hours=2))
    told = ran(KIND, after, ask)
    assert list(told["cells"]) == ["walk/east/1", "walk/east/2"]
    assert [file.read_bytes() for file in files] == kept
    found = gallery_table.search(studio.engine, Wanted(job=at.job.id)).found
    assert len(found) == 2 and len(cells.filled(studio.engine, "hero")) == 2


@pytest.mark.slow
def test_standing_begins_from_the_reference_sheet_on_the_practice_base(studio: Studio) -> None:
    saved(studio)
    names = ["stand/south/1", "stand/east/1", "stand/west/1"]
    told = drawn(studio, cells=names, way="reference", change=0.5)
    for name, id in told["cells"].items():
        one = picture(studio, id)
        assert one.start and one.change == 0.5 and one.leads == []
        cell = opened(studio, id)
        assert cell.size == (SIDE, SIDE), name
        assert abs(fitting.tall(cell) - HEIGHT_PX) <= 1
    starts = {name: picture(studio, id).start for name, id in told["cells"].items()}
    assert starts["stand/south/1"] == view(studio, 0)
    mirrored = images.open_picture(start_pictures.path(studio.home, starts["stand/west/1"]))
    side = images.open_picture(start_pictures.path(studio.home, starts["stand/east/1"]))
    assert np.array_equal(np.asarray(mirrored), np.asarray(side)[:, ::-1])


def refused(studio: Studio, **asked: Any) -> str:
    with pytest.raises(StudioError) as error:
        begun(studio, "character", character="hero", **asked)
    return str(error.value)


def test_the_practice_base_says_why_it_can_t(studio: Studio) -> None:
    saved(studio)
    assert "takes no poses" in refused(studio)
    assert "Choose a style on Stable Diffusion or SDXL" in refused(studio, cells=["walk/east/1"])
    said = refused(studio, way="reference")
    assert "no leg would move" in said and "a walk needs poses" in said
    said = refused(studio, action="stand", way="reference")
    assert "has no back" in said and "stand/north/1" in said
    saved(studio, name="plain", front="", side="")
    with pytest.raises(StudioError, match="reference sheet has no picture"):
        begun(studio, "character", character="plain", action="stand", way="reference")


def test_a_base_without_a_pose_controlnet_says_what_helps(studio: Studio) -> None:
    saved(studio, base=small_bases.brought(studio.home, "sd1", poses=False))
    assert "python -m studio controls add" in refused(studio)


def test_what_is_asked_is_checked_and_filled_in(studio: Studio) -> None:
    saved(studio, base=small_bases.brought(studio.home, "sd1"), seed=5)
    at, ask = begun(studio, "character", character="hero", action="attack")
    assert at.job.lane == "work" and len(ask.cells) == 32
    assert (ask.seed, ask.revision, ask.controlnet, ask.ip_adapter) == (5, 1, "poses", "looks")
    assert tuple(ask.colours) == COLOURS
    assert KIND.title(at.job.payload) == "Drawing hero: attack"
    for asked, said in (
        ({"character": "nobody"}, "no character 'nobody'"),
        ({"cells": ["walk/up/1"]}, "no cell 'walk/up/1'"),
        ({"action": "run"}, "no action 'run'"),
        ({"way": "magic"}, "way is 'magic'"),
        ({"steps": 0}, "steps is 0"),
        ({"control": 2.0}, "control is 2"),
        ({"reference_scale": -1.0}, "reference_scale is -1"),
        ({"seed": -1}, "seed is -1"),
        ({"revision": 9}, "no revision 9"),
    ):
        with pytest.raises(StudioError, match=said):
            begun(studio, "character", **{"character": "hero", **asked})


def test_the_seed_after_the_last_one_is_the_first(studio: Studio) -> None:
    saved(studio, base=small_bases.brought(studio.home, "sd1"))
    last = kept(studio, drawn_cell(0), "last seed")
    cells.put(
        studio.engine,
        "hero",
        [(Cell("walk", "east", 1), last)],
        revision=1,
        way="pose",
        seed=SEEDS - 1,
        job=None,
        by="ana",
        now=step_by_step.NOW,
    )
    _, ask = begun(studio, "character", character="hero", cells=["walk/east/1"])
    assert ask.seed == 0


def lora(studio: Studio, base: str, style: str, seed: int) -> None:
    """Version 1 of a style: a random LoRA of the base's shape."""
    torch.manual_seed(seed)
    unet = loop.add_lora(make_base("sd1").unet, TrainConfig(rank=2, targets="attention"))
    for name, weight in unet.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    folder = studio.home.parent / f"lora {style}"
    folder.mkdir()
    file = export.write_lora(folder, export.lora_tensors(unet), unet, {})
    new_adapters.bring_in(studio, file, style=style, base=base, **SAID)


@pytest.mark.slow
def test_the_character_s_own_lora_acts_beside_the_style(studio: Studio) -> None:
    base = small_bases.brought(studio.home, "sd1")
    for seed, style in enumerate(("props", "hero"), 1):
        lora(studio, base, style, seed)
    saved(studio, style="props", version=1)
    (plain,) = drawn(studio, cells=["walk/east/1"])["cells"].values()
    saved(studio, after=1, lora="hero", lora_version=1, lora_strength=0.7)
    (own,) = drawn(studio, cells=["walk/east/1"], seed=1)["cells"].values()
    one, other = picture(studio, plain), picture(studio, own)
    assert (one.style, one.version, one.adapters) == ("props", 1, [])
    assert other.adapters == [{"style": "hero", "version": 1, "strength": 0.7}]
    assert (one.seed, one.prompt, one.leads) == (other.seed, other.prompt, other.leads)
    raws = [images.open_picture(studio.home / str(each.raw)).tobytes() for each in (one, other)]
    assert raws[0] != raws[1]
    with pytest.raises(StudioError, match="is what draws already"):
        saved(studio, after=2, lora="props", lora_version=1)
    with pytest.raises(StudioError, match="no style to act beside"):
        saved(studio, after=2, style="", version=0)
