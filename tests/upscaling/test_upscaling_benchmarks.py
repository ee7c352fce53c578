"""The benchmarks' parts, on a small picture; what is measured here is not judged."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from benchmarks import tile_diffusion, upscaling_memory, upscaling_overhead
from benchmarks.tile_diffusion import Asked, Done

TILES = Asked(40, 160, 64, 16, 2, 0.5, time.process_time)


@pytest.mark.slow
def test_the_record_of_memory(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--side", "300", "--tile", "128", "--overlap", "16", "--seam", "--json"]
    code = upscaling_memory.main(words)
    record = json.loads(capsys.readouterr().out)
    assert record["schema"] == 1 and record["same"] and record["within"] == (code == 0)
    assert record["tiles"] == 9 + 12 and 0 < record["drawn"] <= record["tiles"]
    assert record["memory_mb"] > 0 and record["cpu_s"] > 0 and record["levels_mb"] >= 0


def test_the_record_of_overhead(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--side", "256", "--tile", "128", "--overlap", "16", "--rounds", "1", "--json"]
    code = upscaling_overhead.main([*words, "--clock", "cpu", "--seconds", "3"])
    record = json.loads(capsys.readouterr().out)
    assert record["tiles"] == 9 and len(record["rounds"]) == 1
    assert record["limit_s"] == pytest.approx(0.5)
    assert record["within"] == (record["overhead_s"] <= 0.5) == (code == 0)


def test_a_faint_band_where_tiles_overlap_is_seen() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (160, 160, 3), np.uint8)
    even = Done(Image.fromarray(noise, "RGB"), 9, 1.0, 1.0)
    assert abs(tile_diffusion.band(even, TILES)) < 0.1
    for middle in (56, 104):
        noise[:, middle - 3 : middle + 3] = noise[:, middle - 3 : middle + 3] // 2 + 64
    banded = replace(even, picture=Image.fromarray(noise, "RGB"))
    assert tile_diffusion.band(banded, TILES) > 0.3


def test_masks_of_tiles_fade_over_what_overlaps_alone() -> None:
    first, middle = (np.asarray(tile_diffusion._mask(TILES, left, 0)) for left in (0, 48))
    assert first[:40, :40].min() == 255 and first[:40, -1].max() < 30
    assert middle[:40, 0].max() < 30 and middle[:40, 32].min() == 255


@pytest.mark.slow
def test_the_record_of_tiles_beside_diffusers_own() -> None:
    words = "--result 160 --tile 64 --overlap 16 --steps 2 --strength 0.5 --clock cpu".split()
    record = tile_diffusion.measure(TILES, 1, words, None)
    assert record["schema"] == 1 and record["tiles"] == 9 and record["ratio"] > 0
    assert record["met"]["time"] == (record["ratio"] <= tile_diffusion.LIMIT)
    assert record["met"]["seams"] == (record["band"][0] < record["band"][1])
