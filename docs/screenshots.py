"""Takes the pictures of the documents from a running studio, some in light, some in dark.

    python -m studio serve
    python docs/screenshots.py http://127.0.0.1:8501

Needs Debian's chromium. Each page is opened as a person called Ana.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).parent / "screens"
SIZE = {"width": 1440, "height": 900}
# File: address, theme, and the link or picture to open from there. Ballots, ratings and pictures
# have numbers that differ from studio to studio.
SHOTS = {
    "home": ("", "light", ""),
    "datasets": ("Datasets", "light", ""),
    "train": ("Train?show=Watch", "dark", ""),
    "evaluate": ("Evaluate", "light", ""),
    "rate": ("Rate", "light", "main a[href*='round=']"),
    "vote": ("Vote", "dark", "main a[href*='ballot=']"),
    "registry": ("Registry", "light", ""),
    "generate": ("Generate", "light", ""),
    "picture": ("Gallery?verdict=rejected", "dark", "a[href*='/Picture?id='] >> nth=-1"),
}
COLOURS = 128  # of each PNG: a third of the bytes, and nobody sees it


def settle(page: Page) -> None:
    """Wait until the page has drawn itself: nothing runs any more and the pictures are there."""
    page.locator("h1").first.wait_for()
    page.locator('[data-testid="stStatusWidget"]').wait_for(state="detached", timeout=30_000)
    page.locator('[data-testid="stSkeleton"]').first.wait_for(state="detached")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)  # charts, and screens of our own, draw a moment later
    seen = "(one) => one.complete || one.getBoundingClientRect().top > innerHeight"
    page.wait_for_function(f"[...document.images].every({seen})")


def main(address: str) -> None:
    """The pictures of the studio at `address`, into docs/screens."""
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (path, scheme, opened) in SHOTS.items():
            context = browser.new_context(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
            context.add_cookies([{"name": "housestyle_name", "value": "Ana", "url": address}])
            page = context.new_page()
            page.goto(f"{address}/{path}")
            settle(page)
            if opened:
                page.goto(urljoin(address, str(page.locator(opened).first.get_attribute("href"))))
                settle(page)
            file = OUT / f"{name}.png"
            page.screenshot(path=str(file))
            with Image.open(file) as shot:
                few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(file, optimize=True)
            print(f"{file.name}: {file.stat().st_size // 1024} kB")
            context.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8501")
