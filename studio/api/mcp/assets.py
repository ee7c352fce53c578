"""Assets as tools answer with them."""

from __future__ import annotations

from studio.api.mcp.answers import Asset
from studio.assets.catalogue import Entry


def told(entry: Entry) -> Asset:
    """An asset with the file that is to be used of it."""
    row, content = entry.asset, entry.file.content if entry.file else None
    names = Asset.model_fields.keys() & vars(row).keys()
    return Asset(
        **{name: getattr(row, name) for name in names},
        prompt=str(row.recipe.get("prompt") or ""),
        changed_at=entry.changed_at,
        width=content.width if content else None,
        height=content.height if content else None,
        hash=content.hash if content else None,
        picture=f"/api/v1/assets/{row.id}/picture" if entry.file else None,
    )
