"""Room on the disk: what an enlarging fills is counted, and told where there is less."""

import pytest

from studio import context
from studio.errors import StudioError
from studio.upscaling import disk_room, layers
from studio.upscaling.settings import Settings

MB = 1024**2


def test_source_tiles_and_result_are_counted_and_of_a_large_one_its_levels():
    plain = Settings("lanczos", 2048, 1024)
    assert disk_room.needed(plain, 1024, 512, ()) == 2 * MB + 8 * MB
    large = Settings("lanczos", 8192, 8192)
    assert disk_room.needed(large, 1024, 1024, ()) == 4 * MB + 256 * MB + 384 * MB
    tiled = Settings("diffusion", 2048, 1024, tile=1024, overlap=0)
    tiles = layers.plan(tiled)
    assert disk_room.needed(tiled, 1024, 512, tiles) == 2 * MB + 6 * MB + 8 * MB
    alpha = Settings("diffusion", 2048, 1024, tile=1024, overlap=0, alpha="drawn")
    assert disk_room.needed(alpha, 1024, 512, tiles[:1]) == 2 * MB + 4 * MB + 8 * MB


def test_less_room_than_that_is_told_with_both(tmp_path, monkeypatch):
    monkeypatch.setattr(context, "free_room", lambda home: 100 * MB)
    disk_room.check(tmp_path, 100 * MB)
    with pytest.raises(StudioError, match=r"about 3\.0 GB of the disk, and 100 MB are free"):
        disk_room.check(tmp_path, 3 * 1024 * MB)
