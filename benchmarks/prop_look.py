"""A blind look at props beside plain extrusions of the same pictures: sheets for fresh eyes, then
the count.

    python benchmarks/prop_look.py draw FOLDER FOLDER OUT
    python benchmarks/prop_look.py count OUT ANSWERS...

Of each of the two folders, one a style, EACH pictures are made props by the method that suits them
("ours") and by trimesh's extrusion of their outlines ("rival"). Both are drawn by the same
rasteriser as posters are. They are shuffled with the pictures of other things ("real") and blurred
posters as controls, and the key is sealed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image, ImageFilter

from benchmarks import looks
from benchmarks.prop_methods import plain
from studio import images
from studio.props import glb, making, pictures, posters
from studio.props.model import Model
from studio.props.settings import Settings

EACH, CONTROLS = 12, 3  # pictures of a style, spoiled posters of a style
SIDE, NAME = 128, "props"


def draw(items: Path, others: Path, out: Path) -> None:
    """Write the sheets and the sealed key."""
    shown: list[looks.Shown] = []
    for style, folder in enumerate((items, others)):
        files = sorted(folder.rglob("*.png"))
        step = len(files) // EACH
        for turn, file in enumerate(files[::step][:EACH], style * EACH):
            picture = images.open_picture(file)
            shown.append(("ours", turn, posters.poster(_ours(picture), SIDE)))
            shown.append(("rival", turn, posters.poster(_rival(picture), SIDE)))
        for file in files[step // 3 :: step][:EACH]:
            shown.append(("real", 0, _square(images.open_picture(file))))
        for file in files[step // 2 :: len(files) // CONTROLS][:CONTROLS]:
            blurred = posters.poster(_ours(images.open_picture(file)), SIDE)
            shown.append(("control", 0, blurred.filter(ImageFilter.GaussianBlur(8))))
    looks.sheets(shown, out, NAME, columns=6, rows=3, zoom=2, small=True)


def _ours(picture: Image.Image) -> Model:
    return making.make(picture, Settings(), None).model


def _rival(picture: Image.Image) -> Model:
    cutout = pictures.smaller(pictures.cut(picture, Settings(method="card")), 256)
    return glb.read(plain(cutout).export(file_type="glb"))


def _square(picture: Image.Image) -> Image.Image:
    """The picture as large as fits, pixel art by whole factors."""
    factor = SIDE // max(picture.size)
    if factor:
        size = picture.width * factor, picture.height * factor
        large = picture.convert("RGBA").resize(size, Image.Resampling.NEAREST)
    else:
        large = images.scaled(picture, SIDE, "lanczos").convert("RGBA")
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(large, ((SIDE - large.width) // 2, (SIDE - large.height) // 2))
    return square


def main() -> int:
    """Draw or count."""
    return looks.command(__doc__, NAME, ("items", "others", "out"), draw, "ours", "rival")


if __name__ == "__main__":
    sys.exit(main())
