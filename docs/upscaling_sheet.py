"""Each way to enlarge, to look at: `docs/upscaling_sheet.py OUT PIXELS PAINTED TEXTURES GROUNDS`.

Each of the four is a folder. Of pixel art and painted pictures four are taken, of textures and
backgrounds two, evenly among them. Pixel art and textures are enlarged as they are, the others
from 64 pixels, all four times, by every method at its default and by the command that everybody
has; diffusion draws on the practice base. One row a picture, what it began from on the left; every
pixel of a result is a pixel of the sheet, those of 128 pixels are shown twice as large.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from studio import images
from studio.settings import CHECKOUT

FACTOR, CELL, HEAD, GAP = 4, 256, 20, 8  # times as large; pixels
GROUND = (74, 88, 70)
SMALL = 64  # pixels that painted pictures begin from
METHODS = {
    "nearest": ["--method", "nearest"],
    "epx": ["--method", "epx"],
    "lanczos": ["--method", "lanczos"],
    "model animevideov3": ["--method", "model"],
    "model x4plus-anime": ["--method", "model", "--model", "x4plus-anime"],
    "diffusion .35": ["--method", "diffusion", "--seed", "1"],
    "diffusion .6": ["--method", "diffusion", "--seed", "1", "--strength", "0.6"],
}


def chosen(folder: Path, count: int, side: int | None) -> list[Image.Image]:
    """`count` pictures of a folder, evenly among all; of `side` pixels where that is given."""
    files = sorted(folder.rglob("*.png"))
    found = [images.open_picture(file) for file in files[:: max(1, len(files) // count)][:count]]
    return [images.scaled(one, side, "lanczos") if side else one for one in found]


def enlarged(home: Path, picture: Path, words: list[str], more: list[str]) -> Image.Image | str:
    """What the command makes of a picture, or why it does not."""
    out = Path(tempfile.mkdtemp(dir=home))
    command = [sys.executable, "-m", "studio", "upscale", "--home", str(home / "home")]
    command += [str(picture), "--factor", str(FACTOR), "--out", str(out), "--json", *words, *more]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    files = sorted(out.glob("*.png"))
    if files:
        return images.open_picture(files[0])
    try:
        return str(json.loads(done.stdout)["problems"][0]["error"])
    except (ValueError, LookupError):
        raise RuntimeError(done.stderr[-2000:]) from None


def main() -> int:
    """Draw the sheet."""
    out, *folders = map(Path, sys.argv[1:])
    rows: list[tuple[Image.Image, list[str]]] = []
    for folder, count, side, more in zip(
        folders,
        (4, 4, 2, 2),
        (None, SMALL, None, SMALL),
        ([], [], ["--wrap", "xy"], []),
        strict=True,
    ):
        rows += [(one, more) for one in chosen(folder, count, side)]
    width = (CELL + GAP) * (len(METHODS) + 1) + GAP
    sheet = Image.new("RGB", (width, (CELL + GAP) * len(rows) + HEAD), GROUND)
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(("before", *METHODS)):
        pen.text((GAP + column * (CELL + GAP), 4), name, fill="white")
    with tempfile.TemporaryDirectory() as place:
        for row, (picture, more) in enumerate(rows):
            file = Path(place) / f"{row}.png"
            picture.save(file)
            tries = [enlarged(Path(place), file, words, more) for words in METHODS.values()]
            for column, one in enumerate((picture, *tries)):
                at = (GAP + column * (CELL + GAP), HEAD + row * (CELL + GAP))
                if isinstance(one, str):
                    pen.multiline_text(at, "\n".join(_lines(one)), fill="white")
                else:
                    _show(sheet, one, at)
            print(f"{row + 1} of {len(rows)}", file=sys.stderr)
    sheet.save(out, optimize=True)
    return 0


def _show(sheet: Image.Image, picture: Image.Image, at: tuple[int, int]) -> None:
    """Paste a picture, in whole factors, into its cell."""
    factor = max(1, CELL // max(picture.size))
    large = picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )
    sheet.paste(large, at, large)


def _lines(words: str) -> list[str]:
    """Words in lines that a cell holds."""
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) > 38:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


if __name__ == "__main__":
    sys.exit(main())
