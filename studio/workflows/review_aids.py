"""What lies beside pictures that are judged: the style's guide, and its scene of the game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from studio.assets.search import Wanted
from studio.context import Studio
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.registry import style_guides
from studio.registry.style_guides import ASPECTS, Example, Guide

NEIGHBOURS = 4


def guide(style: str, kept: Guide) -> dict[str, Any] | None:
    """The guide as a browser shows it; None where it says nothing but a scene."""
    facts = [{"label": label, "says": getattr(kept, key)} for key, label, _ in ASPECTS]
    shown = {
        "facts": [one for one in facts if one["says"]],
        "palette": list(kept.palette),
        "do": _examples(style, kept.do),
        "dont": _examples(style, kept.dont),
    }
    return shown if any(shown.values()) else None


def scene(style: str, kept: Guide, neighbours: Sequence[str]) -> dict[str, Any] | None:
    """The scene as a browser shows it, with the addresses of pictures that stand beside; None
    where the style has none."""
    if kept.scene is None:
        return None
    one = kept.scene
    return {
        "url": address(style, one.picture),
        "width": one.width,
        "height": one.height,
        "scale": one.scale,
        "x": one.x,
        "ground": one.ground,
        "neighbours": list(neighbours[:NEIGHBOURS]),
    }


def blind(studio: Studio, style: str, strip: Sequence[str]) -> dict[str, Any]:
    """Both for whoever must not know which version made a picture: real pictures, by their hashes,
    are the neighbours, since approved ones may be of a version that is judged."""
    kept = kept_of(studio, style)
    real = [f"/picture/data/{hash}" for hash in strip]
    return {"guide": guide(style, kept), "scene": scene(style, kept, real)}


def kept_of(studio: Studio, style: str) -> Guide:
    """The style's guide; an empty one also where its file can't be understood: its own page says
    so, and judging goes on."""
    try:
        return style_guides.load(studio.home, style)
    except StudioError:
        return Guide()


def approved(studio: Studio, style: str, but: str = "") -> list[str]:
    """Addresses of the style's newest approved pictures, without the one whose id is `but`."""
    wanted = Wanted(style=style, verdict="approved")
    found = gallery_table.search(studio.engine, wanted, size=NEIGHBOURS + 1).found
    return [f"/picture/made/{one.id}" for one in found if one.id != but][:NEIGHBOURS]


def address(style: str, digest: str) -> str:
    """Where a browser finds a picture of the style's guide."""
    return f"/picture/guide/{quote(style, safe='')}/{digest}"


def _examples(style: str, shown: Sequence[Example]) -> list[dict[str, str]]:
    return [{"url": address(style, one.picture), "says": one.says} for one in shown]
