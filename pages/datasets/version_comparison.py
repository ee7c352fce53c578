"""The tab that compares two versions: what came, what went, what is said otherwise."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.datasets import tab_state
from studio import context, images
from studio.datasets import comparison, manifests, presentation
from studio.datasets.manifests import Head
from studio.datasets.pictures import Picture
from studio.web import addresses, markup, ui

AT_ONCE = 36
CSS = """<style>
.hs-said { border-collapse: collapse; width: 100%; font-size: .9rem; }
.hs-said td { padding: 6px 10px 6px 0; vertical-align: middle; overflow-wrap: anywhere;
  border-top: 1px solid #8884; }
.hs-said td:first-child { width: 72px; }
.hs-said img { display: block; width: 64px; height: 64px; object-fit: contain; border-radius: 4px;
  image-rendering: pixelated;
  background: var(--hs-behind, var(--hs-board)); }
.hs-said del { background: #d0453533; } .hs-said ins { background: #2f9e6b33; text-decoration: none;
  font-weight: 600; }
</style>"""


def tab(studio: context.Studio, name: str) -> None:
    """Two versions chosen, the newest and the one before unless told otherwise."""
    heads = manifests.heads(studio.home, name)
    if len(heads) < 2:
        st.info(
            "There is one version so far. Change captions or add pictures, and compare then.",
            icon=":material/difference:",
        )
        return
    one, two = st.columns(2)
    before = _choose(one, "Before", heads, 1, "before")
    after = _choose(two, "After", heads, 0, "after")
    if before.digest == after.digest:
        st.info("This is one and the same version.")
        return
    found = comparison.compare(
        tab_state.version(name, before.digest), tab_state.version(name, after.digest)
    )
    if found.same:
        st.info("Both hold the same.")
    if found.look:
        looked = [tab_state.version(name, version.digest).look for version in (before, after)]
        st.markdown(f"How pictures are shown differs. {presentation.difference(*looked)}")
    _row("Added", found.added)
    _row("Removed", found.removed)
    _pairs("Redrawn", found.redrawn, "redrawn")
    _pairs("Captions changed", found.captions, "captions")
    _pairs("Described otherwise", found.otherwise, "otherwise")


def _choose(place: Any, label: str, heads: Sequence[Head], default: int, key: str) -> Head:
    of = {head.version: head for head in heads}
    asked = st.query_params.get(key)
    if asked and asked not in of:
        st.warning(
            f"There is no version {ui.plain(asked[:40])} of this dataset any more.",
            icon=":material/search_off:",
        )
    chosen = place.selectbox(
        label,
        list(of),
        format_func=lambda one: tab_state.label(of[one]),
        **addresses.one_of(key, list(of), first=heads[default].version),
    )
    return of[chosen]


def _some(title: str, count: int, key: str) -> slice | None:
    """A heading, and which part is shown; None when there is nothing."""
    if not count:
        return None
    st.header(f"{title}: {count:,}")
    if count <= AT_ONCE:
        return slice(0, count)
    page = tab_state.page(f"page-{key}", count, AT_ONCE)
    return slice((page - 1) * AT_ONCE, page * AT_ONCE)


def _row(title: str, pictures: Sequence[Picture]) -> None:
    part = _some(title, len(pictures), title)
    if part:
        ui.pictures([tab_state.shown(p, side=128) for p in pictures[part]], side=128)


def _pairs(title: str, pairs: Sequence[tuple[Picture, Picture]], kind: str) -> None:
    part = _some(title, len(pairs), kind)
    if part:
        lines = "".join(_line(one, other, kind) for one, other in pairs[part])
        st.html(f'{CSS}<table class="hs-said">{lines}</table>')


def _line(one: Picture, other: Picture, kind: str) -> str:
    if kind == "redrawn":
        cells = [_image(one), "→", _image(other), html.escape(other.file_name)]
    elif kind == "captions":
        words = comparison.words(one.caption, other.caption)
        marked = {"same": "{}", "gone": "<del>{}</del>", "new": "<ins>{}</ins>"}
        cells = [_image(other), " ".join(marked[how].format(html.escape(w)) for how, w in words)]
    else:
        said = [
            f"{field.replace('_', ' ')}: <del>{_told(one, field)}</del> → "
            f"<ins>{_told(other, field)}</ins>"
            for field in comparison.unlike(one, other)
        ]
        cells = [_image(other), "<br>".join(said)]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _told(picture: Picture, field: str) -> str:
    value = getattr(picture, field)
    if field == "mask" and value:
        url = f"/picture/mask/{html.escape(value, quote=True)}"
        return f'<img src="{url}" alt="mask" loading="lazy">'
    if field == "mask_of":
        value = "of an earlier drawing" if value else ""
    if field == "reading":
        value = "as a viewer shows it" if value == images.SEEN else "by its plain numbers"
    if field == "empty":
        value = "wholly transparent" if value else ""
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return html.escape(text) or "nothing"


def _image(picture: Picture) -> str:
    shown = tab_state.shown(picture, side=64)
    url, alt = html.escape(shown.url, quote=True), markup.quoted(picture.caption)
    return f'<img src="{url}" alt="{alt}" loading="lazy">'
