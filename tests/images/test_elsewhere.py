"""Pictures of other tools, as a person sees them in a viewer: `elsewhere/expected/NAME.png`."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio import images
from studio.images import shown

FOLDER = Path(__file__).with_name("elsewhere")
# What is told of each, and how far its pixels may lie from what is expected.
TOLD = {
    "all_transparent.png": ("empty", 0),
    "anim.gif": ("frames", 0),
    "anim_default_is_banner.png": ("default", 0),
    "cmyk.tif": ("ink", 0),
    "exif_5.webp": ("", 0),
    "gray2_trns.png": ("key", 0),
    "hdr_float_over1.tif": ("clipped", 0),
    "icc_P3.png": ("profile", 1),
    "icc_ProPhoto.png": ("profile", 1),
    "icc_linear.png": ("profile", 1),
    "rgb16_trns.png": ("key", 1),
    "saved_by_edge.jfif": ("", 90),  # JPEG smears the edge that the expected picture has
    "tga16_topleft.tga": ("", 0),
    "without_suffix": ("", 0),
}


def test_every_one_is_looked_at() -> None:
    assert {file.name for file in FOLDER.iterdir() if file.is_file()} == set(TOLD)


@pytest.mark.parametrize("name", TOLD)
def test_it_is_read_as_a_viewer_shows_it(name: str) -> None:
    kind, away = TOLD[name]
    seen = images.see((FOLDER / name).read_bytes(), name)
    with Image.open(FOLDER / "expected" / f"{name}.png") as wanted:
        expected = np.asarray(wanted.convert("RGBA")).astype(int)
    got = np.asarray(seen.picture).astype(int)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= away
    assert [remark.kind for remark in seen.remarks] == ([kind] if kind else [])


@pytest.mark.parametrize("name", TOLD)
def test_a_page_shows_the_same(name: str) -> None:
    read = images.open_picture(FOLDER / name)
    whole, media_type = shown.copy(FOLDER / name)
    page = images.decode(whole, name)
    assert media_type == "image/webp" and page.size == read.size
    visible = np.asarray(read)[..., 3] > 0
    assert (np.asarray(page)[visible] == np.asarray(read)[visible]).all()
    turned = {"exif_5.webp", "anim.gif", "anim_default_is_banner.png"}
    other = turned | {name for name in TOLD if name.startswith("icc_")}
    other |= {"cmyk.tif", "hdr_float_over1.tif", "tga16_topleft.tga"}
    assert bool(shown.as_it_is(FOLDER / name)) == (name not in other)


@pytest.mark.parametrize("name", TOLD)
def test_a_version_of_before_goes_on_with_what_it_learned(name: str) -> None:
    """PLAIN is what `images.decode` was before profiles, keys and frames were looked at."""
    data = (FOLDER / name).read_bytes()
    seen = images.see(data, name)
    plain = images.decode(data, name, reading=images.PLAIN)
    same = seen.picture.size == plain.size and seen.picture.tobytes() == plain.tobytes()
    assert same == (seen.reading == images.PLAIN)
    with Image.open(FOLDER / name) as opened:
        if opened.mode == "RGB" and name.startswith("icc_"):
            assert plain.convert("RGB").tobytes() == opened.tobytes()
