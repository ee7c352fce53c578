"""How what a style draws is finished: by the recipe that its art leads set, else by one made of the
dataset that the version learned from.

Pixel art (scaled by nearest neighbour) gets hard edges, its own pixels' size and its dataset's
colours; nothing is done to painted pictures. A version remembers nothing of it: the recipe acts on
what is delivered, and what was measured says with which.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from PIL import Image

from studio.context import Studio, now
from studio.datasets import pixel_grid, withdrawals
from studio.datasets import versions as datasets
from studio.datasets.manifests import DatasetVersion
from studio.diffusion import families, seamless
from studio.errors import StudioError
from studio.finishing import from_art, style_recipes
from studio.finishing import recipe as written_recipes
from studio.finishing.finish import finished
from studio.finishing.recipe import Recipe
from studio.generation.delivery import HARD_ALPHA, Finishing, crisp
from studio.generation.style_drawing import Loaded, usual_side
from studio.pixels.blocks import reduced
from studio.pixels.counted_colours import palette_of
from studio.pixels.hex_colours import Pixels
from studio.registry import models
from studio.registry.models import Version
from studio.workflows import version_loading

logger = logging.getLogger(__name__)

SERVED = "recipe"  # in the metadata of a version's files: what other programs finish by
NONE = {  # why a style has no recipe, by its filter
    "nearest": "none, since its dataset is gone: edges are hard, no more",
    "": "none, since it is not known what it learned from",
    "lanczos": "none, since it is painted",
}
MOST_COLOURS = 64
MOST_PICTURES = 200  # of a dataset that are looked at, evenly among all
AROUND = 16  # native pixels that lie around a texture while it is finished
LARGE = 256  # native pixels a side: of larger ones it would take minutes to tell what they show


def of_version(studio: Studio, version: Version) -> Recipe | None:
    """What finishes the pictures of a version: the style's recipe, else its dataset's. None where
    nothing is known: edges are then hard where the version says that it draws pixel art."""
    held = style_recipes.current(studio.engine, version.style)
    return held.recipe if held and held.recipe else of_dataset(studio, version)


def of_dataset(studio: Studio, version: Version) -> Recipe | None:
    """The recipe made of what the version learned from; of a version without a dataset, such as a
    merged one, of the newest of its style that has one. None for painted pictures, and where the
    dataset is gone."""
    known = [version] if version.dataset else models.list_versions(studio.client, version.style)
    for one in known:
        if one.dataset:
            return _made_once(studio, one.dataset, one.dataset_digest, drawn_side(studio, one))
    return None


@dataclass(frozen=True)
class Held:
    """The recipe of a style as it holds now; None where nothing is done. `revision` counts what
    people set, 0 where nobody did; `origin` says where it is from."""

    recipe: Recipe | None
    revision: int
    origin: str


def of_style(studio: Studio, style: str, versions: Sequence[Version] = ()) -> Held:
    """The recipe that holds for a style: of its newest version where nobody set one. `versions`
    are the style's, the newest first, where they are known."""
    set_one = style_recipes.current(studio.engine, style)
    number = set_one.revision if set_one else 0
    if set_one and set_one.recipe:
        said = f"revision {number}, set by {set_one.by} on {set_one.at[:10]}: {set_one.why}"
        return Held(set_one.recipe, number, said)
    found = versions or models.list_versions(studio.client, style)
    if not found:
        raise StudioError(f"There is no style {style[:80]!r}.", "Choose another one.")
    recipe = of_dataset(studio, found[0])
    if recipe is None:
        return Held(None, number, NONE.get(found[0].tags.get("filter", ""), NONE["lanczos"]))
    return Held(recipe, number, f"made of the dataset {_dataset(found)}")


def _dataset(versions: Sequence[Version]) -> str:
    one = next(version for version in versions if version.dataset)
    return f"{one.dataset}@{one.dataset_digest[:12]}"


def drawn_side(studio: Studio, version: Version) -> int:
    """Pixels a side that a version draws unless another size is asked for."""
    learned = version_loading.trained_size(version)
    return learned or families.native_side(version_loading.base_of(studio, version))


def at_registration(
    studio: Studio, style: str, dataset: str, digest: str, side: int
) -> Recipe | None:
    """What holds for a version that is about to be registered: it learned from this dataset, and
    draws `side` pixels."""
    held = style_recipes.current(studio.engine, style)
    if held and held.recipe:
        return held.recipe
    return _made_once(studio, dataset, digest, side) if side else None


def about(studio: Studio, version: Version) -> Loaded:
    """What a version's pictures will name, and how they are finished; without a pipeline."""
    return with_recipe(version_loading.unloaded(studio, version), of_version(studio, version))


def with_recipe(loaded: Loaded, recipe: Recipe | None) -> Loaded:
    """The same, whose pictures are finished by this recipe from now on."""
    if recipe is None:
        return replace(loaded, finishing=None)
    side = usual_side(loaded)
    frame = Recipe(native=recipe.native, canvas=recipe.canvas, ground=recipe.ground)
    inside = replace(recipe, native=0, canvas=None, ground=None, background=False)
    texture = replace(recipe, canvas=None, ground=None, background=False)
    hard = HARD_ALPHA if recipe.hard_alpha else ""
    return replace(
        loaded,
        finishing=Finishing(
            mark=recipe.mark,
            text=written_recipes.written(recipe),
            says=", ".join(filter(None, (hard, f"recipe {recipe.mark}"))),
            whole=lambda picture: _finished(picture, at_size(recipe, picture.size, side)),
            part=lambda picture: _finished(picture, inside),
            texture=lambda picture, way: _seamless(picture, way, texture, side),
            frame=lambda picture: _finished(picture, at_size(frame, picture.size, side)),
        ),
    )


def _finished(picture: Image.Image, recipe: Recipe) -> Image.Image:
    """Finished; a picture that is too large for that keeps its pixels: a list is drawn to its end,
    and `notes` has said so."""
    try:
        return finished(picture, recipe)
    except StudioError:
        return crisp(picture) if recipe.hard_alpha else picture


def _seamless(picture: Image.Image, way: str, recipe: Recipe, side: int) -> Image.Image:
    """Finished with what lies over its edges around it, so that they still fit: what is done to a
    pixel depends on those beside it."""
    fitted, longer = at_size(recipe, picture.size, side), max(picture.size)
    if fitted.native and longer % fitted.native:
        return _finished(picture, fitted)  # a grid is looked for
    step = longer // fitted.native if fitted.native else 1
    wide, high = (AROUND if wrapping else 0 for wrapping in seamless.wraps(way))
    margins = ((step * high,) * 2, (step * wide,) * 2, (0, 0))
    around = Image.fromarray(np.pad(np.asarray(picture.convert("RGBA")), margins, mode="wrap"))
    native = max(around.size) // step if fitted.native else 0
    try:
        done = finished(around, replace(fitted, native=native))
    except StudioError:  # with its surroundings it is too large
        return _finished(picture, fitted)
    return done.crop((wide, high, done.width - wide, done.height - high))


def notes(recipe: Recipe, sizes: Iterable[tuple[int | None, int | None]], side: int) -> list[str]:
    """A sentence for each size, None a side as it is usual, that the recipe can't finish."""
    found = []
    for size in dict.fromkeys((width or side, height or side) for width, height in sizes):
        try:
            finished(Image.new("RGBA", size), at_size(recipe, size, side))
        except StudioError as error:
            found.append(f"{error.message} It is not finished, but for hard edges. {error.remedy}")
    return found


def at_size(recipe: Recipe, size: tuple[int, int], side: int) -> Recipe:
    """The recipe for a picture of another size than the `side` that is drawn usually: its pixels
    are as large as theirs, so that it has more or fewer of them."""
    step = side // recipe.native if recipe.native else 0
    longer = max(size)
    if step < 2 or longer == side or longer <= recipe.native or longer % step:
        return recipe
    return replace(recipe, native=longer // step)


def made_of(pictures: Iterable[Image.Image], side: int) -> Recipe:
    """The recipe for pixel art that is drawn at `side` pixels after these pictures, RGBA: the
    steps that they themselves show (`from_art`)."""
    steps, traits = Counter[float](), list[from_art.Traits]()

    def seen() -> Iterator[Pixels]:
        for one in pictures:  # one at a time: they may be large
            grid = pixel_grid.grain(one).grid
            steps[_pixel(grid, one, side)] += 1
            rgba = np.asarray(one)
            if max(one.size) <= grid * LARGE and (trait := from_art.traits_of(reduced(rgba, grid))):
                traits.append(trait)
            yield rgba

    try:
        colours = palette_of(seen(), MOST_COLOURS)
    except StudioError:  # nothing opaque is to be seen
        colours = ()
    shown = from_art.recipe_of(traits, colours)
    return replace(shown, hard_alpha=True, native=_native(steps, side), colours=colours)


def _made_once(studio: Studio, name: str, digest: str, side: int) -> Recipe | None:
    there = style_recipes.of_dataset(studio.engine, digest, side)
    if there is not None:
        return there
    try:
        data = datasets.load(studio.home, name, digest)
    except StudioError:
        return None
    if data.look.filter != "nearest":
        return None
    found = made_of(_pictures(studio, data), side)
    if not found.colours:  # none could be read, now
        return None
    return style_recipes.keep_of_dataset(studio.engine, digest, side, found, now())


def _pictures(studio: Studio, data: DatasetVersion) -> Iterator[Image.Image]:
    """Some of a dataset's pictures, evenly among all; what is gone, damaged or withdrawn is left
    out."""
    known = withdrawals.left(studio.home, data.pictures)
    files = datasets.files_of(studio.home, [one.hash for one in known])
    known = tuple(one for one in known if one.hash in files and not one.empty)
    step = ceil(len(known) / MOST_PICTURES) or 1
    for one in known[::step]:
        try:
            yield datasets.open_stored(files[one.hash], one.hash, one.file_name, one.reading)
        except StudioError as error:  # one that is damaged says nothing of the others
            logger.warning("%s", error)


def _native(steps: Counter[float], side: int) -> int:
    """The longer side in native pixels of what is drawn at `side` pixels, by how large the pixels
    of most pictures are there; 0 where they are single ones, or fit no whole number of times."""
    step = steps.most_common(1)[0][0] if steps else 1.0
    return round(side / step) if step >= 2 and side % step == 0 else 0


def _pixel(grid: int, picture: Image.Image, side: int) -> float:
    """How large one of its own pixels, `grid` of the file's, is once the picture is scaled to
    `side` (`images.scaled`)."""
    longer = max(picture.size)
    share = float(side // longer) if longer <= side else 1 / ceil(longer / side)
    return grid * share
