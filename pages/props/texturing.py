"""Another texture for a prop by a service, from words; with its price before anything is paid."""

from __future__ import annotations

import streamlit as st

from pages.props import by_provider
from pages.props.by_provider import From
from studio import context
from studio.assets.records import Asset


def show(studio: context.Studio, prop: Asset) -> None:
    """Folded away: it costs money."""
    box = st.expander("Texture by a service", key="props-texturing", on_change="rerun")
    if not box.open:
        return
    with box:
        words = str(prop.recipe.get("prompt") or prop.name)
        given = {"mesh": prop.id, "style": prop.style}
        by_provider.show_from(
            studio, From("texture", f"props/{prop.id}", given, prop.name or prop.kind, words)
        )
