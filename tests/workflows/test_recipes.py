"""Which recipe finishes what a version draws, and what is made of its dataset."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from studio import context, images
from studio.context import Studio
from studio.datasets import presentation, versions
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.evaluation import contact_sheet, pixel_look
from studio.finishing import style_recipes
from studio.finishing.finish import finished
from studio.finishing.recipe import Recipe
from studio.generation.style_drawing import Loaded
from studio.pixels.figures import figures
from studio.registry import models
from studio.registry.models import Version
from studio.settings import CHECKOUT, load_settings
from studio.worker.kinds import drawing
from studio.worker.kinds.generate import Generate
from studio.workflows import recipes, review_sources
from tests.furnished import bare_files

SAMPLE = CHECKOUT / "sample" / "train"
SET = Recipe(hard_alpha=True, colours=("#000000", "#ffffff"))


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Version 1 of `art` learned from ten pictures of the sample, version 2 from the same as
    painted ones; version 3 knows no dataset."""
    home = tmp_path_factory.mktemp("recipes")
    made = context.open_studio(load_settings({}, home=str(home / "home")))
    folder = home / "art"
    folder.mkdir()
    for place, file in enumerate(sorted(SAMPLE.rglob("*.png"))[:10]):
        (folder / f"{place}.png").write_bytes(file.read_bytes())
    first = import_folder(made.home, "art", folder, now=context.now(), actor="ana").version
    painted = replace(first.look, filter="lanczos")
    presentation.change(made.home, "art", first.look, painted, now=context.now(), actor="ana")
    made.client.create_registered_model("art")
    for digest in (first.digest, versions.load(made.home, "art").digest, ""):
        tags = {"base": "/pocket", "base_name": "pocket", "filter": "nearest"}
        tags |= {"dataset": "art" if digest else "", "dataset_digest": digest}
        made.client.create_model_version("art", bare_files(home / "bare"), tags=tags)
    return made


def version(studio: Studio, number: int = 1) -> Version:
    return models.get(studio.client, "art", number)


@pytest.fixture
def set_recipe(studio: Studio):
    def save(recipe: Recipe | None) -> None:
        there = style_recipes.current(studio.engine, "art")
        after = there.revision if there else 0
        given = {"why": "a test", "by": "ana", "now": context.now()}
        style_recipes.save(studio.engine, "art", recipe, after=after, **given)

    yield save
    save(None)


def test_pixel_art_gets_hard_edges_and_its_own_colours_once(studio, monkeypatch) -> None:
    found = recipes.of_version(studio, version(studio))
    assert found is not None and found.hard_alpha and found.native == 0
    seen = set()
    for _, picture in versions.open_version_pictures(studio.home, _data(studio)):
        rgba = np.asarray(picture)
        seen |= {"#" + bytes(pixel).hex() for pixel in rgba[rgba[..., 3] >= 128][:, :3]}
    assert set(found.colours) == seen
    # It is not made again at each drawing.
    monkeypatch.setattr(recipes, "made_of", None)
    assert recipes.of_version(studio, version(studio)) == found
    assert style_recipes.by_mark(studio.engine, found.mark) == found


def _data(studio: Studio) -> versions.DatasetVersion:
    return versions.load(studio.home, "art", version(studio).dataset_digest)


def test_nothing_is_done_to_painted_pictures_and_what_has_no_dataset_takes_the_styles(studio):
    assert recipes.of_version(studio, version(studio, 2)) is None
    lost = replace(version(studio), dataset="gone", dataset_digest="0" * 64)
    assert recipes.of_version(studio, lost) is None
    newest = models.list_versions(studio.client, "art")[0]
    assert newest.number == 3 and not newest.dataset
    assert recipes.of_version(studio, newest) is None  # version 2, the newest with one, is painted


def test_a_recipe_that_was_set_goes_before_until_it_is_taken_away(studio, set_recipe) -> None:
    derived = recipes.of_version(studio, version(studio))
    set_recipe(SET)
    assert {recipes.of_version(studio, version(studio, n)) for n in (1, 2, 3)} == {SET}
    set_recipe(None)
    assert recipes.of_version(studio, version(studio)) == derived


def test_a_job_keeps_the_recipe_that_it_was_asked_with(studio, set_recipe) -> None:
    derived = recipes.of_version(studio, version(studio))
    asked = Generate(prompt="a gem", style="art", version=1)
    known = drawing.with_versions(studio, asked)
    assert derived is not None and known.recipe == derived.mark
    set_recipe(SET)
    assert drawing.with_versions(studio, known).recipe == derived.mark
    assert drawing.with_versions(studio, asked).recipe == SET.mark
    plain = asked.model_copy(update={"recipe": ""})
    assert drawing.with_versions(studio, plain).recipe == ""
    assert drawing.with_versions(studio, asked.model_copy(update={"version": 2})).recipe == SET.mark
    with pytest.raises(StudioError, match="no recipe 'beef'"):
        drawing.with_versions(studio, asked.model_copy(update={"recipe": "beef"}))


def _loaded(**more: object) -> Loaded:
    names = ("style", "base", "run", "dataset", "trigger_word")
    about = dict.fromkeys(names, "") | {"version": 1, "strength": 1.0, "matte": "#808080"}
    return Loaded(pipeline=None, crisp=True, **{**about, **more})  # type: ignore[arg-type]


def test_without_a_recipe_edges_are_hard_as_before_and_with_one_it_alone_says_so() -> None:
    soft = Image.new("RGBA", (8, 8), (9, 9, 9, 200))
    assert _loaded().finish(soft).getpixel((0, 0)) == (9, 9, 9, 255)
    kept = recipes.with_recipe(_loaded(), Recipe(colours=("#ff0000",)))
    assert kept.finish(soft).getpixel((0, 0)) == (255, 0, 0, 200)
    assert kept.recipe == Recipe(colours=("#ff0000",)).mark
    assert recipes.with_recipe(kept, None).recipe == ""


def test_a_picture_of_another_size_has_pixels_as_large_as_the_others() -> None:
    recipe = Recipe(native=16)
    loaded = recipes.with_recipe(_loaded(size=64), recipe)
    sizes = {size: loaded.finish(Image.new("RGBA", size)).size for size in ((64, 64), (96, 64))}
    assert sizes == {(64, 64): (16, 16), (96, 64): (24, 16)}
    small = Image.new("RGBA", (16, 16))
    assert loaded.finish(small).size == (16, 16)  # it was finished before
    part = recipes.with_recipe(_loaded(size=64), Recipe(native=16, canvas=(20, 20)))
    assert part.finish_part(Image.new("RGBA", (64, 64))).size == (64, 64)


def test_what_is_too_large_for_pixel_art_is_drawn_all_the_same_and_told() -> None:
    loaded, size = recipes.with_recipe(_loaded(size=512), SET), (768, 512)
    (told,) = recipes.notes(SET, [(None, None), (768, None), (768, 512)], 512)
    assert "768 x 512" in told and "native size" in told
    kept = loaded.finish(Image.new("RGBA", size, (9, 9, 9, 200)))
    assert kept.size == size and kept.getpixel((0, 0)) == (9, 9, 9, 255)
    assert not recipes.notes(replace(SET, native=128), [(768, 512)], 512)


@pytest.mark.parametrize(
    ("factor", "side", "native"),
    # At 64 a sprite of 32 is drawn twice as large; one that lies there enlarged is not seen larger.
    [(1, 32, 0), (1, 64, 32), (4, 32, 0), (4, 512, 32), (1, 48, 0)],
)
def test_the_native_size_is_told_by_how_large_pixels_are_drawn(factor, side, native) -> None:
    files = sorted(SAMPLE.rglob("*.png"))[:6]
    pictures = [images.open_picture(file) for file in files]
    larger = [one.resize((32 * factor, 32 * factor), Image.Resampling.NEAREST) for one in pictures]
    assert recipes.made_of(larger, side).native == native


def test_a_texture_is_finished_over_its_edges() -> None:
    """So that the rolled one is what the one that is rolled becomes, but for a pixel or two."""
    noise = ndimage.gaussian_filter(
        np.random.default_rng(4).normal(size=(32, 32, 3)), (1.5, 1.5, 0), mode="wrap"
    )
    rgba = np.full((32, 32, 4), 255, np.uint8)
    rgba[..., :3] = np.clip(128 + 240 * noise, 0, 255)
    drawn = rgba.repeat(2, 0).repeat(2, 1)
    colours = ("#202020", "#806040", "#40a060", "#e0e0c0")
    recipe = Recipe(hard_alpha=True, native=32, colours=colours, strays=True, holes=True)
    loaded = recipes.with_recipe(_loaded(size=64), recipe)

    def texture(rolled: int, way: str) -> np.ndarray:
        picture = Image.fromarray(np.roll(drawn, 2 * rolled, (0, 1)))
        return np.roll(np.asarray(loaded.finish_texture(picture, way)), -rolled, (0, 1))

    assert texture(0, "both").shape == (32, 32, 4)
    differ = (texture(0, "both") != texture(14, "both")).any(-1).mean()
    alone = (texture(0, "") != texture(14, "")).any(-1).mean()
    assert differ < 0.005 < alone


def test_what_is_voted_on_is_finished_as_it_is_drawn_now(studio, set_recipe) -> None:
    folder = contact_sheet.folder_of(studio.home, "art", 1)
    raw, old = (Image.new("RGBA", (8, 8), (level, level, level, 140)) for level in (200, 60))
    told = ("art", 1, "p" * 12, [("a gem", 1)], [old], [old])
    contact_sheet.write_sheet(folder, *told, raw_base=[raw], raw_version=[raw])
    set_recipe(SET)
    (one,) = review_sources.drawn(studio, "art", [1])
    opened = one.opened(one.files["a gem", 1])
    assert opened.getpixel((0, 0)) == (255, 255, 255, 255)  # of the raw one, not of the old finish
    (folder / "raw-version-000.png").unlink()  # as on sheets of before
    assert one.opened(one.files["a gem", 1]).getpixel((0, 0)) == (0, 0, 0, 255)


def test_noisy_pictures_come_into_real_arts_range() -> None:
    """On real sprites with noise laid over; what a model draws is in test_finished_style."""
    real = [images.open_picture(file) for file in sorted(SAMPLE.rglob("*.png"))]
    recipe = recipes.made_of(real, 32)
    raw = [_spoilt(one, seed) for seed, one in enumerate(real)]
    found = pixel_look.measured([finished(one, recipe) for one in raw], raw, [], real)
    for name in ("colours", "half_transparent"):
        assert found[f"real_{name}_low"] <= found[name] <= found[f"real_{name}_high"]
        assert found[f"raw_{name}"] > found[f"real_{name}_high"]
    # Single pixels that noise touched are settled along with it, so that even fewer are left.
    assert found["orphans"] <= found["real_orphans_high"] < found["raw_orphans"]
    assert found["colours"] == float(
        np.median([figures(_rgba(one, recipe)).colours for one in raw])
    )


def _rgba(picture: Image.Image, recipe: Recipe) -> np.ndarray:
    return np.asarray(finished(picture, recipe))


def _spoilt(picture: Image.Image, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    rgba = np.asarray(picture).astype(np.int16)
    rgba[..., :3] += rng.integers(-20, 21, rgba[..., :3].shape, np.int16)
    edge = rng.random(rgba.shape[:2]) < 0.1
    rgba[edge & (rgba[..., 3] > 0), 3] = 180
    return Image.fromarray(rgba.clip(0, 255).astype(np.uint8), "RGBA")
