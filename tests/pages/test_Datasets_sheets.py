"""Sheets on the page: seen under their grid, cut as asked, and told what became of them."""

from __future__ import annotations

import io
import json
import zipfile

from PIL import Image

from studio import context
from studio.datasets import uploads, versions
from tests.datasets.sheets.aseprite_files import cel, layer, plain, sprite, tags
from tests.pages.datasets_page import said

RED, BLUE = (200, 10, 10, 255), (10, 10, 200, 255)


def sheet(suffix: str = "PNG", frames: int = 1) -> bytes:
    """Two cells of 16 pixels, and an empty one between them."""
    made = Image.new("RGBA", (48, 16))
    made.paste(RED, (1, 1, 15, 15))
    made.paste(BLUE, (33, 1, 47, 15))
    data = io.BytesIO()
    others = [made.rotate(180 * k) for k in range(1, frames)]
    made.save(data, suffix, **({"save_all": True, "append_images": others} if others else {}))
    return data.getvalue()


def sent(studio: context.Studio, files: dict[str, bytes]) -> str:
    token = uploads.begin(studio.home)
    for name, data in files.items():
        with uploads.receiving(studio.home, token, name, len(data)) as write:
            write(data)
    return token


def test_a_sheet_is_seen_under_its_grid_and_cut(studio, open_page):
    token = sent(studio, {"pack/art/gems.png": sheet(), "pack/more/two.png": sheet("BMP")})
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    at.selectbox(key=f"sheet-{token}").select("pack/art/gems.png").run()
    assert not at.exception
    # A folder around all others is no part of a picture's name, so none of what is asked either.
    assert "48 × 16 pixels. It seems to have cells of 16x16." in said(at)
    assert "2 pictures of 3 cells; 1 empty and left out. Of cells" in said(at)
    at.number_input(key="cut-wide-pack/art/gems.png-x").set_value(24).run()
    assert "2 pictures of 2 cells" in said(at)
    at.number_input(key="cut-wide-pack/art/gems.png-x").set_value(400).run()
    assert "has 0 cells" in said(at)
    at.number_input(key="cut-wide-pack/art/gems.png-x").set_value(16).run()
    at.button(key="cut-so").click().run()
    assert "is cut by 16x16" in said(at).replace("\\", "")
    at.button(key="whole-pack/art/gems.png").click().run()
    assert "is cut by" not in said(at)
    at.selectbox(key=f"sheet-{token}").select("pack/art/gems.png").run()
    at.button(key="cut-so").click().run()
    at.button(key="add").click().run()
    assert not at.exception
    found = {p.file_name: p for p in versions.load(studio.home, "sample").pictures}
    assert {"art/gems_001.png", "art/gems_003.png"} <= set(found)
    assert str(found["art/gems_003.png"].cut) == "cell 3 of art/gems.png, cut by 16x16"
    told = open_page("Datasets", set="sample", picture=found["art/gems_003.png"].hash)
    assert "Cut from a larger file: cell 3 of art/gems.png, cut by 16x16" in said(told).replace(
        "\\", ""
    )


def test_layers_are_flattened_and_animations_asked_for(studio, open_page):
    hero = sprite((4, 4), [[layer(), tags(("walk", 0, 0)), cel(0, plain(RED))]])
    token = sent(studio, {"hero.aseprite": hero, "spin.gif": sheet("GIF", frames=2)})
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    assert "1 picture and 1 layered file" in said(at)
    assert "hero.aseprite: layers are flattened" in said(at).replace("\\", "")
    at.toggle(key=f"frames-{token}").set_value(True).run()
    at.button(key="add").click().run()
    assert not at.exception
    names = {p.file_name for p in versions.load(studio.home, "sample").pictures}
    assert {"hero.png", "spin_001.png", "spin_002.png"} <= names and "spin.gif" not in names


def test_layered_files_and_packed_sheets_come_in_a_zip_too(studio, open_page):
    hero = sprite((4, 4), [[layer(), cel(0, plain(BLUE))]])
    frames = {f"gem {k}": {"frame": {"x": 32 * k, "y": 0, "w": 16, "h": 16}} for k in range(2)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("hero.ase", hero)
        made.writestr("gems.png", sheet())
        made.writestr("gems.json", json.dumps({"frames": frames, "meta": {"image": "gems.png"}}))
    token = sent(studio, {"pack.zip": buffer.getvalue()})
    at = open_page("Datasets", set="sample", tab="Add", upload=token)
    at.button(key="add").click().run()
    assert not at.exception
    names = {p.file_name for p in versions.load(studio.home, "sample").pictures}
    assert {"hero.png", "gem-0.png", "gem-1.png"} <= names and "gems.png" not in names
