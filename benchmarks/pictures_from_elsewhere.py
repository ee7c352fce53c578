"""A folder of odd pictures, each as the studio reads it beside what other readers show:

    python benchmarks/pictures_from_elsewhere.py FOLDER [--seen FOLDER ...] [--no-browser] [--json]

A file is *taken*, with what is told of it; *named*, with why it is left out; or it *differs* from
every other reader that shows it. Those are Debian's chromium, where it is installed, and folders of
NAME.png that any other reader made of the files NAME. A crash is told too. Exits with 1 where a
picture differs or something crashed.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import shutil
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images import remarks
from studio.images.formats import DAMAGED

# Decoders of JPEG and conversions of colours differ by a little; what a person sees does not.
FAR = 24  # levels of 255, colours multiplied by alpha
MANY = 0.01  # of all pixels that far
MEAN = 3.0  # levels
# The picture as a page shows it: its own colours, upright.
DRAWN = """async (data) => {
  const element = new Image();
  element.src = data;
  try { await element.decode(); } catch { return null; }
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [element.naturalWidth, element.naturalHeight];
  if (!canvas.width || !canvas.height) return null;
  canvas.getContext('2d').drawImage(element, 0, 0);
  return canvas.toDataURL('image/png');
}"""

Reader = Callable[[Path, bytes], Image.Image | None]


@dataclass(frozen=True)
class Result:
    """What became of a file: "taken", "named", "differs" or "crashed"; `said` is the sentence that
    goes with it, `beside` the readers that show it and how far each is, in levels."""

    file: str
    became: str
    said: str
    beside: dict[str, float]


def distance(ours: Image.Image, theirs: Image.Image) -> float:
    """How far two pictures are from each other as one looks at them: the mean in levels, 255 for
    another size; at least MEAN where many pixels are far."""
    if ours.size != theirs.size:
        return 255.0
    one, other = (_laid(picture) for picture in (ours, theirs))
    away = np.abs(one - other).max(axis=2)
    return max(float(away.mean()), MEAN if (away > FAR).mean() > MANY else 0.0)


def look(file: Path, name: str, readers: dict[str, Reader]) -> Result:
    """What becomes of one file, beside what the other readers show."""
    try:
        data = images.read_file(file)
        seen = images.see(data, name)
    except StudioError as error:
        return Result(name, "named", error.message, {})
    except Exception as error:
        return Result(name, "crashed", repr(error), {})
    beside = {
        reader: round(distance(seen.picture, theirs), 1)
        for reader, read in readers.items()
        if (theirs := read(file, data)) is not None
    }
    differs = bool(beside) and min(beside.values()) >= MEAN
    told = " ".join(remarks.sentences([(name, seen.remarks)]))
    return Result(name, "differs" if differs else "taken", told, beside)


def kept(folder: Path, of: Path) -> Reader:
    """What another reader made of the files of a folder."""

    def read(file: Path, data: bytes) -> Image.Image | None:
        made = folder / f"{file.relative_to(of)}.png"
        return images.open_picture(made) if made.is_file() else None

    return read


@contextmanager
def chromium() -> Iterator[dict[str, Reader]]:
    """Debian's chromium as a reader; none where it is not installed."""
    program = shutil.which("chromium")
    if program is None:
        yield {}
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        page = browser.new_page()

        def read(file: Path, data: bytes) -> Image.Image | None:
            url = f"data:{_kind(data)};base64,{base64.b64encode(data).decode()}"
            drawn = page.evaluate(DRAWN, url)
            if drawn is None:
                return None
            return images.decode(base64.b64decode(drawn.partition(",")[2]), file.name)

        yield {"chromium": read}
        browser.close()


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seen", type=Path, nargs="*", default=[])
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    warnings.simplefilter("ignore")  # Pillow's, of damaged tags
    readers = {folder.name: kept(folder, asked.folder) for folder in asked.seen}
    files = sorted(file for file in asked.folder.rglob("*") if file.is_file())
    with chromium() as browser:
        readers |= {} if asked.no_browser else browser
        found = [look(file, str(file.relative_to(asked.folder)), readers) for file in files]
    if asked.json:
        print(json.dumps({"schema": 1, "files": [asdict(one) for one in found]}))
    else:
        for one in found:
            print(f"{one.became:8} {one.file}  {one.said}  {one.beside or ''}".rstrip())
        print(", ".join(f"{n:,} {what}" for what, n in Counter(r.became for r in found).items()))
    return int(any(one.became in ("differs", "crashed") for one in found))


def _laid(picture: Image.Image) -> np.ndarray:
    values = np.asarray(picture.convert("RGBA")).astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    return values


def _kind(data: bytes) -> str:
    try:
        with images.opened(io.BytesIO(data)) as picture:
            return Image.MIME.get(picture.format or "", "image/png")
    except DAMAGED:
        return "image/png"


if __name__ == "__main__":
    sys.exit(main())
