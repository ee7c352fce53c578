"""Takes the pictures of the documents from a running studio, in light and dark.

    python -m studio serve
    python docs/screenshots.py http://127.0.0.1:8501

Needs Debian's chromium. Each page is opened as a person called Ana.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).parent / "screens"
PAGES = ("", "Datasets", "Train", "Evaluate", "Rate", "Vote", "Registry", "Generate", "Admin")
SIZE = {"width": 1400, "height": 1000}
COLOURS = 128  # of each PNG: a third of the bytes, and nobody sees it


def settle(page: Page) -> None:
    """Wait until the page has drawn itself: nothing runs any more and the pictures are there."""
    page.locator("h1").first.wait_for()
    page.locator('[data-testid="stStatusWidget"]').wait_for(state="detached", timeout=30_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("[...document.images].every((one) => one.complete)")


def main(address: str) -> None:
    """Every page of the studio at `address`, into docs/screens."""
    OUT.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
            context.add_cookies([{"name": "housestyle_name", "value": "Ana", "url": address}])
            page = context.new_page()
            for name in PAGES:
                page.goto(f"{address}/{name}")
                settle(page)
                file = OUT / f"{(name or 'Home').lower()}-{scheme}.png"
                page.screenshot(path=str(file))
                with Image.open(file) as shot:
                    few = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                few.save(file, optimize=True)
                print(f"{file.name}: {file.stat().st_size // 1024} kB")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8501")
