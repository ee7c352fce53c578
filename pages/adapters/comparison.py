"""How alike two adapters act, block by block."""

from __future__ import annotations

import streamlit as st

from pages.adapters.listing import name
from studio import context
from studio.database import engine as db
from studio.diffusion.lora_merging import Likeness
from studio.registry import models
from studio.web import addresses, record_cache, session
from studio.workflows import adapters
from studio.workflows.model_kinds import table as kinds


def look(studio: context.Studio) -> None:
    """Two choices and the chart."""
    found = {name(v): v for v in record_cache.versions() if kinds.is_adapter(v)}
    if len(found) < 2:
        st.info("Comparing takes two adapters.")
        return
    left, right = st.columns(2)
    names = list(found)
    one = left.selectbox("Adapter", names, **addresses.one_of("left", names))
    other = right.selectbox("With", names, **addresses.one_of("right", names, first=names[1]))
    a, b = found[one], found[other]
    rows = _compared(a.style, a.number, b.style, b.number, db.revision(studio.engine))
    st.markdown(
        "**How alike they are**: 1 is the same direction, 0 has nothing in common, "
        "-1 is the opposite."
    )
    st.html(f'<div class="hs-scale"><div class="hs-lanes">{"".join(map(_line, rows))}</div></div>')
    st.markdown("**How strongly each acts** (norm of what it adds to the base's weights)")
    st.dataframe(
        [
            {"Block": row.block, name(a): round(row.left, 3), f"{name(b)} ": round(row.right, 3)}
            for row in rows
        ],
        hide_index=True,
    )


def _line(row: Likeness) -> str:
    """A block's cosine on a line from -1 to 1 with 0 in the middle."""
    cosine = round(row.cosine, 2) + 0.0  # no -0.00
    return (
        f'<div class="hs-lane"><span>{row.block}</span>'
        '<span class="hs-track hs-version" aria-hidden="true"><i style="left:50%"></i>'
        f'<u style="left:{50 + 48 * cosine:.1f}%"></u></span><span>{cosine:.2f}</span></div>'
    )


@st.cache_data(max_entries=20, show_spinner="Comparing")
def _compared(style: str, number: int, other: str, second: int, revision: int) -> list[Likeness]:
    studio = session.studio()
    versions = models.get(studio.client, style, number), models.get(studio.client, other, second)
    return adapters.compare(studio, *versions)
