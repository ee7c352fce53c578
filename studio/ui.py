"""What every page shares: the opened studio, errors as a box, pictures shown sharply."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from PIL import Image

from studio import images, workflows
from studio.errors import StudioError
from studio.settings import load_settings


@contextmanager
def page(title: str, about: str = "") -> Iterator[workflows.Studio]:
    """Set the page up and hand out the studio; a StudioError becomes a box, a crash stays loud."""
    st.set_page_config(page_title=f"{title} - Housestyle", page_icon="🎨", layout="wide")
    st.title(title)
    if about:
        st.caption(about)
    try:
        yield opened()
    except StudioError as error:
        st.error(f"{error.message}\n\n{error.remedy}")


@st.cache_resource(show_spinner="Opening the studio")
def opened() -> workflows.Studio:
    """The studio, once for all sessions."""
    return workflows.open_studio(load_settings())


def picture(shown: Image.Image, caption: str = "", side: int = 192) -> None:
    """A picture enlarged by a whole factor without blur, on a checkerboard."""
    largest = max(shown.size)
    factor = max(1, side // largest)
    st.image(images.grid([[shown]], cell=largest * factor, gap=0), caption=caption, width=side)
