"""Generate led by pictures: checked at the door, drawn elsewhere, named in what comes home."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from studio import context, images
from studio.assets import family
from studio.assets.search import Wanted
from studio.context import Studio
from studio.diffusion import control_files
from studio.diffusion.bases import find_base, load_pipeline
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, start_pictures, variations
from studio.settings import POCKET, load_settings
from studio.worker.kind_table import KINDS
from studio.worker.kinds.generate import Generate, check
from studio.worker.payload import lifted, read
from tests.diffusion import leads
from tests.worker.kinds.step_by_step import begun, computed_away, ran

ASKED: dict[str, Any] = {"prompt": "a red potion", "seed": 3, "steps": 2, "recipe": ""}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice base with a loud tile ControlNet of its own."""
    folder = Path(shutil.copytree(POCKET, tmp_path_factory.mktemp("base") / "led"))
    shutil.rmtree(folder / "control", ignore_errors=True)
    unet = load_pipeline(find_base("pocket"), torch.device("cpu")).unet
    leads.control_folder(folder / "control", unet, channels=4, embedding=(8, 8, 16), seed=1)
    return folder


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path / "home")))


def kept(studio: Studio, seed: int = 3) -> str:
    return start_pictures.keep_picture(studio.home, leads.picture(seed, 32), by="ana")


@pytest.mark.slow
def test_it_is_drawn_where_no_studio_is_and_says_what_led(
    studio: Studio, base: Path, tmp_path: Path
) -> None:
    hash, kind = kept(studio), KINDS["generate"]
    told = [{"picture": hash, "scale": 1}]
    at, ask = begun(studio, "generate", base=str(base), leads=told, **ASKED)
    assert ask.leads[0].controlnet == control_files.OWN
    assert kind.prepare is not None
    work = kind.prepare(at, ask)
    outcome, _ = computed_away(kind, studio, work, tmp_path / "away")
    file = work.workdir / outcome.figures["pictures"][0]["file"]
    made = picture_files.read_made(file)
    assert made is not None and made.begun_from == (hash,)
    (lead,) = made.leads
    assert (lead["controlnet"], lead["kind"], lead["scale"]) == ("own", "tile", 1.0)
    assert len(lead["weights"]) == 64
    bare_at, bare = begun(studio, "generate", base=str(base), **ASKED)
    ran(kind, bare_at, bare)
    (plain,) = gallery_table.search(studio.engine, Wanted(job=bare_at.job.id)).found
    assert (plain.leads, plain.reference) == ([], {})
    drawn, before = images.open_picture(file), images.open_picture(studio.home / plain.file)
    assert drawn.tobytes() != before.tobytes()


@pytest.mark.slow
def test_a_picture_of_the_gallery_that_led_is_the_parent(studio: Studio, base: Path) -> None:
    kind = KINDS["generate"]
    at, ask = begun(studio, "generate", base=str(base), **ASKED)
    ran(kind, at, ask)
    (first,) = gallery_table.search(studio.engine, Wanted(job=at.job.id)).found
    hash = start_pictures.keep_picture(
        studio.home, images.open_picture(studio.home / first.file), by="ana"
    )
    told = [{"picture": hash, "scale": 0.5, "start": 0.0, "end": 0.8}]
    at, ask = begun(studio, "generate", base=str(base), leads=told, **ASKED)
    ran(kind, at, ask)
    (second,) = gallery_table.search(studio.engine, Wanted(job=at.job.id)).found
    assert first.id in [one.id for one in family.parents(studio.engine, second.id)]
    again = check(studio, read(Generate, {**variations.settings(second), "recipe": ""}))
    assert again.leads == ask.leads


def test_what_can_not_lead_is_refused_at_the_door(studio: Studio, base: Path) -> None:
    hash = kept(studio)

    def asked(place: str = str(base), **more: Any) -> None:
        check(studio, read(Generate, {**ASKED, "base": place, **more}))

    asked(leads=[{"picture": hash}])
    for more, said in (
        ({"leads": [{"picture": "0" * 64}]}, "no picture"),
        ({"leads": [{"picture": hash, "controlnet": "gone"}]}, "no ControlNet or IP-Adapter"),
        ({"leads": [{"picture": hash, "scale": 2.0}]}, "control is 2"),
        ({"leads": [{"picture": hash, "start": 0.5, "end": 0.5}]}, "control acts from"),
        ({"leads": [{"picture": hash}] * 4}, "4 pictures would lead"),
        ({"leads": [{"scale": 1.0}]}, "Lead 1: picture is missing"),
        ({"reference": hash}, "No picture can lead"),
        ({"reference": hash, "ip_adapter": "own"}, "is a ControlNet"),
    ):
        with pytest.raises(StudioError, match=said):
            asked(**more)
    bare = shutil.copytree(base, studio.home.parent / "bare")
    shutil.rmtree(Path(bare) / "control")
    with pytest.raises(StudioError, match="No picture can lead") as refused:
        asked(str(bare), leads=[{"picture": hash}])
    assert "pocket control" in refused.value.remedy


def test_jobs_of_before_are_led_by_none() -> None:
    kind = KINDS["generate"]
    old = lifted({"prompt": "a gem", "style": "props"}, 4, kind.lifts)
    found = read(Generate, old)
    assert (kind.schema, found.leads, found.reference) == (6, [], "")
