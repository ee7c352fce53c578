"""How large a picture is to be: one of the style's usual sizes, or any width and height."""

from typing import Any

import streamlit as st

from pages.generate import usual_sizes_form
from studio.diffusion import families, sizes
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.generation import usual_sizes
from studio.registry.models import Version
from studio.web import session, ui
from studio.workflows.model_kinds import table as kinds
from studio.workflows.version_loading import base_of

USUAL, OWN = "Default", "Another size"
Sides = tuple[int | None, int | None]
KEPT: dict[str, Any] = {"persist_state": "session"}


def wish(width: int, height: int) -> None:
    """The next form asks for this size, whatever stood there: that of a picture gone on with."""
    if width and height and sizes.LEAST <= min(width, height) <= max(width, height) <= sizes.MOST:
        st.session_state["wanted-size"] = Size(width, height)


def chosen(version: Version) -> dict[str, int | None]:
    """Width and height for a job's payload; None: as the version learned, or the base's own."""
    studio, style = session.studio(), version.style
    learned = kinds.of(version).size(version)
    native = learned or families.native_side(base_of(studio, version))
    usual = usual_sizes.read(studio.home, style)
    keys = [f"{side} of {style} {version.number}" for side in usual_sizes.SIDES]
    _taken_over(keys, style)
    for key in keys:
        st.session_state.setdefault(key, learned)
    offers: dict[str, Sides] = {USUAL: (learned, learned)}
    offers |= {str(one): (one.size.width, one.size.height) for one in usual}
    picked = f"size of {style} {version.number}"
    now = (st.session_state[keys[0]], st.session_state[keys[1]])
    if now not in offers.values():
        offers[OWN] = now
    if offers.get(st.session_state.get(picked, "")) != now:
        st.session_state[picked] = next(name for name, size in offers.items() if size == now)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Size",
            list(offers),
            key=picked,
            format_func=lambda name: _named(name, native),
            on_change=_pick,
            args=(picked, keys, offers),
            width=190,
            help="The default is what the version learned at, or what its base draws best. Any "
            "other size stands in width and height.",
        )
        width, height = (
            st.number_input(
                side.capitalize(),
                sizes.LEAST,
                sizes.MOST,
                None,
                sizes.GRID,
                key=key,
                placeholder=str(native),
                width=92,
                **KEPT,
            )
            for side, key in zip(usual_sizes.SIDES, keys, strict=True)
        )
        usual_sizes_form.button(style, usual)
    size = Size(int(width or native), int(height or native))
    for sentence in sizes.remarks(size, native):
        st.caption(sentence)
    _in_the_address(size)
    return {"width": width and int(width), "height": height and int(height)}


def _pick(picked: str, keys: list[str], offers: dict[str, Sides]) -> None:
    """The chosen size into the two fields."""
    for key, pixels in zip(keys, offers[st.session_state[picked]], strict=True):
        st.session_state[key] = pixels


def _taken_over(keys: list[str], style: str) -> None:
    """The size of a picture that is gone on with, or one that a link names, into the fields."""
    state, named = st.session_state, st.query_params.get("size", "")
    wanted = state.pop("wanted-size", None)
    if wanted is None and named and named != state.get("size-in-address"):
        try:
            wanted = sizes.read(named) or usual_sizes.find(session.studio().home, style, named)
        except StudioError as error:
            ui.failed(error)
    if wanted is not None:
        for key, pixels in zip(keys, (wanted.width, wanted.height), strict=True):
            state[key] = pixels


def _in_the_address(size: Size) -> None:
    st.session_state["size-in-address"] = st.query_params["size"] = f"{size.width}x{size.height}"


def _named(name: str, native: int) -> str:
    return f"{name} {Size(native, native)}" if name == USUAL else name
