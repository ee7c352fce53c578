"""What every page shares: its frame, the person, errors as a box, pictures shown sharply.

The only module beside `studio.web` that imports streamlit; pages import streamlit and this.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from studio import db, workflows
from studio.door import COOKIE, name_in
from studio.errors import StudioError
from studio.registry import models
from studio.settings import load_settings

# File, name, icon: in the order of a picture's way through the studio.
PAGES = (
    ("Home.py", "Home", ":material/home:"),
    ("pages/Registry.py", "Registry", ":material/inventory_2:"),
)

# Pixel art is enlarged by whole factors without blur; transparency shows as a checkerboard.
CSS = """<style>
.hs-row { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start; }
.hs-row figure { margin: 0; max-width: 100%; }
.hs-row img { display: block; image-rendering: pixelated; border-radius: 4px; max-width: 100%;
  background: repeating-conic-gradient(#c8c8c8 0 25%, #e8e8e8 0 50%) 0 0 / 16px 16px; }
.hs-row img.hs-smooth { image-rendering: auto; }
.hs-row figcaption { font-size: .85rem; padding-top: 4px; overflow-wrap: anywhere; opacity: .85; }
</style>"""


@dataclass(frozen=True)
class Shown:
    """A picture on a page: address, what stands under it, its size in pixels (0: unknown)."""

    url: str
    caption: str = ""
    width: int = 0
    height: int = 0
    alt: str = ""


@contextmanager
def page(title: str, about: str = "") -> Iterator[workflows.Studio]:
    """Set the page up and hand out the studio; a StudioError becomes a box, a crash stays loud."""
    st.set_page_config(page_title=f"{title} - Housestyle", page_icon="🎨", layout="wide")
    st.html(CSS)
    with st.sidebar:
        for file, name, icon in PAGES:
            st.page_link(file, label=name, icon=icon)
        st.caption(f"{person()} · [someone else?](/hello)")
    st.title(title)
    if about:
        st.caption(about)
    try:
        yield opened()
    except StudioError as error:
        failed(error)


@st.cache_resource(show_spinner="Opening the studio")
def opened() -> workflows.Studio:
    """The studio, once for all sessions."""
    return workflows.open_studio(load_settings())


def person() -> str:
    """Who is at the browser: the cookie's name, else the setting STUDIO_USER."""
    return name_in(st.context.cookies.get(COOKIE)) or opened().settings.user


def failed(error: StudioError) -> None:
    """Show an error with its remedy. What people wrote is shown as text, never as markup."""
    st.error(f"{plain(error.message)}\n\n{plain(error.remedy)}", icon=":material/error:")


def plain(text: str) -> str:
    """Text for markdown places (captions, labels, errors) in which nothing is markup."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~$:" else sign for sign in text)


def pictures(shown: Sequence[Shown], side: int = 192) -> None:
    """A row of pictures that wraps, each at most `side` pixels, small ones enlarged sharply."""
    st.html(f'<div class="hs-row">{"".join(_figure(one, side) for one in shown)}</div>')


def _figure(shown: Shown, side: int) -> str:
    longest = max(shown.width, shown.height)
    factor = side // longest if longest and longest <= side else 0
    width = shown.width * factor if factor else side
    smooth = ' class="hs-smooth"' if longest > side else ""
    alt = html.escape(shown.alt or shown.caption or "picture", quote=True)
    said = f'<figcaption style="width:{side}px">{html.escape(shown.caption)}</figcaption>'
    url = html.escape(shown.url, quote=True)
    image = f'<img src="{url}" width="{width}" alt="{alt}" loading="lazy"{smooth}>'
    return f"<figure>{image}{said if shown.caption else ''}</figure>"


def versions(style: str | None = None) -> list[models.Version]:
    """The versions of one style or all, newest first; asked anew when the database changes."""
    return _versions(db.revision(opened().engine), style)


@st.cache_data(max_entries=200, show_spinner=False)
def _versions(revision: int, style: str | None) -> list[models.Version]:
    return models.list_versions(opened().client, style)
