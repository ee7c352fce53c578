"""What a tile is drawn from decides whether it is drawn again."""

from dataclasses import replace

from studio.upscaling import layers
from studio.upscaling.marks import marks
from studio.upscaling.settings import Region, Settings, TilePrompt

SETTINGS = Settings(
    "diffusion",
    300,
    64,
    tile=64,
    overlap=16,
    seam=True,
    base="pocket",
    regions=(Region(100, 10, 20, 20, 8),),
)


def changed(settings: Settings, source: str = "a" * 64) -> set[str]:
    """The keys whose marks are others than those of SETTINGS."""
    before = marks(SETTINGS, "a" * 64, layers.layers(SETTINGS))
    after = marks(settings, source, layers.layers(settings))
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


ALL = {tile.key for tile in layers.plan(SETTINGS)}


def test_what_shapes_every_tile_changes_every_mark() -> None:
    assert changed(SETTINGS) == set()
    for more in (
        {"steps": 31},
        {"strength": 0.5},
        {"prompt": "a wood"},
        {"seed": 1},
        {"hold": 0.5},
    ):
        assert changed(replace(SETTINGS, **more)) == ALL, more
    assert changed(SETTINGS, "b" * 64) == ALL


def test_what_one_tile_is_told_changes_it_and_what_lies_over_it() -> None:
    for one in (TilePrompt("main-1", seed=3), TilePrompt("main-1", negative="fog")):
        assert changed(replace(SETTINGS, tiles=(one,))) == {"main-1", "seam-1"}
    assert changed(replace(SETTINGS, tiles=(TilePrompt("seam-5", "a"),))) == {"seam-5"}
    third = changed(replace(SETTINGS, tiles=(TilePrompt("main-3", seed=3),)))
    assert third == {"main-3", "seam-2", "seam-3", "region-1"}


def test_what_is_done_at_the_end_changes_none() -> None:
    assert changed(replace(SETTINGS, palette_lock=True)) == set()
    assert changed(replace(SETTINGS, feather=9)) == {"region-1"}
    assert changed(replace(SETTINGS, seam_strength=0.1)) == {
        key for key in ALL if not key.startswith("main")
    }


def test_a_pass_left_out_leaves_the_others() -> None:
    without = changed(replace(SETTINGS, regions=()))
    assert without == {"region-1"}
    gone = changed(replace(SETTINGS, seam=False))
    assert gone == {key for key in ALL if not key.startswith("main")}
