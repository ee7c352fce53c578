"""The bar of finishing, on the practice base: the sample's style, taught and measured for real."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.evaluation import contact_sheet, pixel_look
from studio.operations.first_run import STYLE, first_run
from studio.registry import models
from studio.settings import load_settings
from studio.workflows import recipes


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_first_run_draws_within_real_arts_range(tmp_path: Path) -> None:
    settings = load_settings({}, home=str(tmp_path / "home"))
    made = first_run(settings, lambda line: None)
    studio = context.open_studio(settings)
    version = models.get(studio.client, STYLE, made["version"])
    recipe = recipes.of_version(studio, version)
    assert recipe is not None and version.tags["finishing"] == f"hard alpha, recipe {recipe.mark}"
    found = version.metrics
    for name in ("colours", "half_transparent", "orphans"):
        assert found[f"real_{name}_low"] <= found[name] <= found[f"real_{name}_high"], name
    assert found["raw_colours"] > 10 * found["colours"]
    assert found["raw_orphans"] > found["real_orphans_high"]
    # What is shown first is finished, and so is the base's half of the sheet.
    folder = contact_sheet.folder_of(studio.home, STYLE, made["version"])
    sheet = contact_sheet.read_sheet(folder)
    assert sheet is not None and sheet.finishing == version.tags["finishing"]
    for file in (*map(Path, made["files"]), folder / sheet.cells[0].base):
        with Image.open(file) as opened:
            seen = pixel_look.measured([opened.convert("RGBA")], [], [], [])
        assert seen["colours"] <= len(recipe.colours) and seen["half_transparent"] == 0
