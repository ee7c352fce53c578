"""What the studio writes as three.js has it, inside the viewer that the studio ships."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from studio.props import glb
from studio.settings import CHECKOUT
from tests.props.file_models import boxes
from tests.served_pages import served

VIEWER = CHECKOUT / "static" / "model-viewer" / "model-viewer.min.js"
SHOWN = Path(__file__).with_name("shown_in_three.js")
NEAREST, CLAMPED = 1003, 1001  # as three.js counts them


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page with the viewer, served beside what lies in `tmp_path`."""
    if not VIEWER.is_file():
        pytest.skip(f"{VIEWER} is not here")
    (tmp_path / "viewer.js").write_bytes(VIEWER.read_bytes())
    (tmp_path / "index.html").write_text(
        '<!doctype html><script type="module" src="viewer.js"></script>'
    )
    with served(tmp_path) as opened:
        opened.wait_for_function("() => !!customElements.get('model-viewer')")
        yield opened


@pytest.mark.slow
def test_bounds_triangles_materials_and_textures_are_the_same(page: Page, tmp_path: Path) -> None:
    model = boxes()
    (tmp_path / "boxes.glb").write_bytes(glb.write(model))
    told = page.evaluate(SHOWN.read_text(), "boxes.glb")
    low, high = model.bounds()
    assert np.allclose(told["size"], high - low, atol=1e-4)
    assert np.allclose(told["middle"], (high + low) / 2, atol=1e-4)
    assert [one["triangles"] for one in told["meshes"]] == [12, 12, 12]
    skins = [one for one in told["meshes"] if one["material"] == "skin"]
    (glass,) = (one for one in told["meshes"] if one["material"] == "glass")
    assert glass["transparent"] and not glass["doubleSided"] and glass["texture"] is None
    own = model.parts[0].material
    assert own.colour is not None and len(skins) == 2
    wanted = np.asarray(Image.open(io.BytesIO(own.colour.data)).convert("RGBA"))
    for skin in skins:
        assert skin["doubleSided"] and skin["alphaTest"] == own.cutoff
        texture = skin["texture"]
        assert texture["filters"] == [NEAREST, NEAREST] and texture["wraps"] == [CLAMPED] * 2
        assert (texture["height"], texture["width"]) == wanted.shape[:2]
        assert not texture["flipped"]
        shown = np.array(texture["pixels"], np.uint8).reshape(wanted.shape)
        # A canvas keeps no colours of what is see-through.
        assert np.array_equal(shown[..., 3], wanted[..., 3])
        there = wanted[..., 3] == 255
        assert np.array_equal(shown[there], wanted[there])
