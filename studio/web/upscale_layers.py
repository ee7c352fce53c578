"""What a browser is told of a picture on the stage of Upscale: the levels of its pyramid and where
their pieces are, or one smaller picture where there are none.

Levels are made by whoever has the picture at hand: the job that enlarges writes those of its result
when it is put into the gallery. Of any other picture the web process makes them when they are first
asked for, up to a bound; a larger one is shown from its smaller copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.upscaling import level_places, levels
from studio.workflows.upscale_sources import Source

MOST_PIXELS = 16_000_000  # of a picture whose levels are made while somebody waits
SMALLER = 2_048  # pixels a side of what a larger one is shown by
MARK = 12  # letters of a hash, by which a browser knows what it has


def layer(home: Path, source: Source, sharp: bool) -> dict[str, Any]:
    """The picture as `upscale_layers.js` reads it; `sharp`: its pixels are seen as pixels."""
    if not has_levels(home, source):
        of = "asset" if source.asset and source.named == source.asset.id else "start"
        url = f"/picture/{of}/{source.named}?side={SMALLER}"
        return {"url": url, "mark": "", "sizes": [], "side": 0, "sharp": sharp}
    of_it = levels.of(source.width, source.height)
    return {
        "url": f"/upscale/levels/{source.named}",
        "mark": source.hash[:MARK],
        "sizes": [list(of_it.size(level)) for level in range(of_it.count)],
        "side": of_it.side,
        "sharp": sharp,
    }


def has_levels(home: Path, source: Source) -> bool:
    """Whether it has levels, or gets them once they are asked for."""
    if source.width * source.height <= MOST_PIXELS:
        return True
    return level_places.there(home, source.hash)
