"""The studio's mark: a house of four pictures, one of which is not yet like the others."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import quote

from studio.settings import CHECKOUT

MARK, NAMED = "mark", "housestyle"  # the mark alone, and with the name beside it
OF_A_THEME = re.compile(r"@media \(prefers-color-scheme:dark\)\{(.*?\})\}")


@cache
def address(name: str = MARK, dark: bool | None = None) -> str:
    """The mark as an address for which nothing is fetched; in the colours of the light or the
    dark theme, or, None, in those that the browser prefers."""
    drawn = (CHECKOUT / "static" / f"{name}.svg").read_text("utf-8").strip()
    if dark is not None:
        drawn = OF_A_THEME.sub(r"\1" if dark else "", drawn)
    return f"data:image/svg+xml,{quote(drawn)}"


def icon() -> str:
    """The link that makes it the icon of a page."""
    return f'<link rel="icon" type="image/svg+xml" href="{address()}">'
