import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.pocket import sample
from studio.settings import CHECKOUT

BUNDLED = CHECKOUT / "sample"
PARTS = ("train", "held_out")


def _records(part: str, folder: Path = BUNDLED) -> list[dict[str, str]]:
    lines = (folder / part / "metadata.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_drawing_the_sample_again_gives_the_bundled_pixels(tmp_path):
    sample.write_sample(tmp_path)
    names = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()}
    assert names == {p.relative_to(BUNDLED) for p in BUNDLED.rglob("*") if p.is_file()}
    for name in sorted(names):
        if name.suffix == ".png":
            drawn, kept = Image.open(tmp_path / name), Image.open(BUNDLED / name)
            assert np.array_equal(np.asarray(drawn), np.asarray(kept)), name
        else:
            assert (tmp_path / name).read_text() == (BUNDLED / name).read_text()


def test_the_bundle_is_small_captioned_and_licensed():
    assert sum(p.stat().st_size for p in BUNDLED.rglob("*") if p.is_file()) < 1_000_000
    assert [len(_records(part)) for part in PARTS] == [56, 24]
    for record in _records("train") + _records("held_out"):
        assert record["licence"] == "CC0-1.0" and record["author"] == "Housestyle"
        assert record["category"] in record["text"] and "<" not in record["text"]


def test_held_out_pictures_are_new_and_some_of_their_captions_too():
    pixels = {
        part: {Image.open(BUNDLED / part / r["file_name"]).tobytes() for r in _records(part)}
        for part in PARTS
    }
    assert len(pixels["train"]) == 56 and not pixels["train"] & pixels["held_out"]
    new = {r["text"] for r in _records("held_out")} - {r["text"] for r in _records("train")}
    assert len(new) == len(sample.KINDS)


@pytest.mark.parametrize("kind", sample.KINDS)
def test_every_sprite_keeps_the_style(kind):
    light_and_dark = [tone for pair in sample.HUES.values() for tone in pair]
    allowed = {*light_and_dark, sample.INDIGO, sample.GLINT}
    for seed in range(12):
        rgba = np.asarray(sample.draw_sprite(kind, seed))
        assert rgba.shape == (32, 32, 4) and set(np.unique(rgba[..., 3])) == {0, 255}
        solid = rgba[..., 3] == 255
        assert {tuple(map(int, c)) for c in rgba[solid][:, :3]} <= allowed
        assert not rgba[~solid].any()
        border = np.ones_like(solid)
        border[1:-1, 1:-1] = False
        # What lies on the canvas edge is outline, never a fill that was cut off.
        cut = rgba[border & solid][:, :3]
        assert (cut == sample.INDIGO).all()
        inner = solid & ~(
            np.roll(solid, 1, 0)
            & np.roll(solid, -1, 0)
            & np.roll(solid, 1, 1)
            & np.roll(solid, -1, 1)
        )
        assert (rgba[inner & ~border][:, :3] == sample.INDIGO).all()


def test_the_named_colour_is_what_the_sprite_shows():
    for kind in sample.KINDS:
        for colour in sample.COLOURS:
            rgb = np.asarray(sample.draw_sprite(kind, 3, colour))[..., :3]
            shown = {
                name: sum(int((rgb == tone).all(-1).sum()) for tone in tones)
                for name, tones in sample.HUES.items()
            }
            assert shown[colour] >= 0.3 * sum(shown.values()), (kind, colour, shown)


def test_an_unknown_kind_or_colour_is_named():
    with pytest.raises(StudioError, match="dragon"):
        sample.draw_sprite("dragon", 1)
    with pytest.raises(StudioError, match="mauve"):
        sample.draw_sprite("gem", 1, "mauve")
