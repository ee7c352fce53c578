"""The studio's mark: a house of four pictures, one of which is not yet like the others."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from studio.settings import CHECKOUT


@cache
def svg(name: str = "mark") -> str:
    """The mark as SVG, to stand in a page; "housestyle": with the name beside it."""
    return (CHECKOUT / "static" / f"{name}.svg").read_text("utf-8").strip()


def address(name: str = "mark") -> str:
    """The same as an address for which nothing is fetched."""
    return f"data:image/svg+xml,{quote(svg(name))}"


def icon() -> str:
    """The link that makes it the icon of a page."""
    return f'<link rel="icon" type="image/svg+xml" href="{address()}">'
