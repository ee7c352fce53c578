"""Whose pictures a base was taught with, as its CREDITS.txt says it."""

from __future__ import annotations

from collections.abc import Sequence

from studio.pocket.corpus import Source, Sprite

FILE_NAME = "CREDITS.txt"


def credits_text(sources: Sequence[Source], sprites: Sequence[Sprite]) -> str:
    """A paragraph a folder: its name, pictures, authors, and what its LICENSE.txt says."""
    parts = ["This base was taught with the following pictures. None of them is in it."]
    for source in sources:
        mine = [sprite for sprite in sprites if sprite.folder == source.folder.name]
        authors = sorted({sprite.author for sprite in mine if sprite.author})
        taught = sum(not sprite.held_out for sprite in mine)
        lines = [f"{source.folder.name}: {taught} pictures taught, {len(mine) - taught} held out."]
        if authors:
            lines.append(f"Authors: {', '.join(authors)}.")
        licence = source.folder / "LICENSE.txt"
        if licence.is_file():
            lines.append(licence.read_text("utf-8").strip())
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
