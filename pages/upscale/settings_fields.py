"""All that shapes a result, in groups that are folded away, each field with a line of help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from pages.upscale import field_help, reference, regions
from pages.upscale.style_choice import Offered
from pages.upscale.target_fields import field
from studio import numbers
from studio.diffusion.samplers import SAMPLERS
from studio.upscaling.settings import (
    LEAST_TILE,
    MOST_BATCH,
    MOST_CONTROL,
    MOST_FEATHER,
    MOST_GUIDANCE,
    MOST_STEPS,
    MOST_TILE,
)
from studio.web import drafts
from studio.web.drafts import Draft

GROUP = "upscale-group"
TILES = ("tile", "overlap", "drawn", "batch", "first", "model")
SEAMS = ("seam", "seam_strength", "feather", "wrap")
DRAWING = ("strength", "steps", "guidance", "sampler", "seed", "hold", "palette_lock")
CONTROL = (
    *("controlnet", "control", "control_start", "control_end"),
    *("reference", "ip_adapter", "reference_scale"),
)
SIDES = (LEAST_TILE, MOST_TILE)


def show(draft: Draft, offered: Offered, size: tuple[int, int], *, alone: bool = True) -> None:
    """The groups that the method has; above them in which something is set by hand. Regions are of
    one picture alone."""
    method = drafts.value(draft, "method")
    groups: dict[str, tuple[Callable[[Draft], None], Sequence[str]]] = {}
    if method == "diffusion":
        groups = {
            "Drawing": (drawing, DRAWING),
            "Tiles": (partial(tiles, offered), TILES),
            "Seams and edges": (seams, SEAMS),
            "ControlNet and reference": (partial(control, offered), CONTROL),
            "Transparency": (transparency, ("alpha",)),
        }
        if alone:
            groups["Regions"] = (partial(regions.show, size=size), ("regions",))
    elif method == "model":
        groups = {
            "Tiles": (partial(tiles_of_model, offered), ("tile", "model")),
            "Colours and edges": (colours, ("hold", "palette_lock", "wrap")),
        }
    elif method == "lanczos":
        groups = {"Edges": (edges, ("wrap",))}
    by_hand = [
        title
        for title, (_, names) in groups.items()
        if any(drafts.value(draft, name) != draft.saved[name] for name in names)
    ]
    if by_hand:
        st.caption(f"Set by hand: {', '.join(by_hand)}.")
    for title, (fields, _) in groups.items():
        box = st.expander(
            title, key=f"{GROUP} {title}", on_change=_only, args=(title, list(groups))
        )
        if box.open:
            with box:
                fields(draft)


def _only(opened: str, all: list[str]) -> None:
    """As a callback: with one group open the picture stays in sight."""
    if st.session_state[f"{GROUP} {opened}"]:
        for title in all:
            st.session_state[f"{GROUP} {title}"] = title == opened


def drawing(draft: Draft) -> None:
    """How each tile is drawn."""
    st.slider(field_help.label("strength"), 0.0, 1.0, step=0.05, **field(draft, "strength"))
    left, right = st.columns(2)
    left.number_input(field_help.label("steps"), 1, MOST_STEPS, **field(draft, "steps"))
    most = float(MOST_GUIDANCE)
    right.number_input(
        field_help.label("guidance"), 0.0, most, step=0.5, **field(draft, "guidance")
    )
    right.selectbox(
        field_help.label("sampler"),
        _with("sampler", draft, "", *SAMPLERS),
        format_func=lambda one: one or "The base's own",
        **field(draft, "sampler"),
    )
    left.number_input(
        field_help.label("seed"),
        0,
        numbers.SEEDS - 1,
        None,
        placeholder="another each time",
        **field(draft, "seed"),
    )
    st.slider(field_help.label("hold"), 0.0, 1.0, step=0.05, **field(draft, "hold"))
    st.toggle(field_help.label("palette_lock"), **field(draft, "palette_lock"))


def tiles(offered: Offered, draft: Draft) -> None:
    """Into what it is cut, and what makes it large first."""
    _sides(draft)
    left, right = st.columns(2)
    left.number_input(field_help.label("drawn"), 0, SIDES[1], step=64, **field(draft, "drawn"))
    right.number_input(field_help.label("batch"), 1, MOST_BATCH, **field(draft, "batch"))
    st.selectbox(
        field_help.label("first"),
        list(field_help.FIRST) if offered.models else _with("first", draft, "lanczos", "nearest"),
        format_func=field_help.FIRST.__getitem__,
        **field(draft, "first"),
    )
    if drafts.value(draft, "first") == "model":
        model(offered, draft)


def tiles_of_model(offered: Offered, draft: Draft) -> None:
    """Which model, and the tiles that it is given: parts of the whole, which share nothing."""
    model(offered, draft)
    st.number_input(field_help.label("tile"), *SIDES, step=8, **field(draft, "tile"))


def model(offered: Offered, draft: Draft) -> None:
    """Which upscaling model."""
    st.selectbox(
        field_help.label("model"),
        _with("model", draft, *offered.models),
        format_func=lambda one: offered.models.get(one) or one or "None",
        **field(draft, "model"),
    )


def _with(name: str, draft: Draft, *offered: str) -> list[str]:
    """What a field offers, and what stands in it, though it may be there no more."""
    return list(dict.fromkeys([*offered, str(drafts.value(draft, name))]))


def _sides(draft: Draft) -> None:
    left, right = st.columns(2)
    left.number_input(field_help.label("tile"), *SIDES, step=8, **field(draft, "tile"))
    right.number_input(
        field_help.label("overlap"), 0, SIDES[1] // 2, step=8, **field(draft, "overlap")
    )


def seams(draft: Draft) -> None:
    """What is done where tiles meet, and at the picture's own edges."""
    st.toggle(field_help.label("seam"), **field(draft, "seam"))
    if drafts.value(draft, "seam"):
        left, right = st.columns(2)
        left.number_input(
            field_help.label("seam_strength"), 0.0, 1.0, step=0.05, **field(draft, "seam_strength")
        )
        right.number_input(
            field_help.label("feather"), 0, MOST_FEATHER, step=8, **field(draft, "feather")
        )
    edges(draft)


def edges(draft: Draft) -> None:
    """Whether the picture is a texture."""
    st.segmented_control(
        field_help.label("wrap"),
        list(field_help.WRAPS),
        format_func=field_help.WRAPS.__getitem__,
        required=True,
        **field(draft, "wrap"),
    )


def control(offered: Offered, draft: Draft) -> None:
    """What leads each tile beside its words, of what the base has."""
    if not offered.controls:
        st.caption("There is no ControlNet for this base. Colours are kept all the same.")
    else:
        st.selectbox(
            field_help.label("controlnet"),
            _with("controlnet", draft, "", *offered.controls),
            format_func=lambda one: offered.controls.get(one) or one or "None",
            **field(draft, "controlnet"),
        )
    if drafts.value(draft, "controlnet"):
        for name, most in (("control", MOST_CONTROL), ("control_start", 1.0), ("control_end", 1.0)):
            st.slider(field_help.label(name), 0.0, most, step=0.05, **field(draft, name))
    if not offered.references:
        st.caption("This base takes no reference picture: it has no IP-Adapter.")
        return
    reference.show(draft)
    if drafts.value(draft, "reference"):
        st.selectbox(
            field_help.label("ip_adapter"),
            _with("ip_adapter", draft, "", *offered.references),
            format_func=lambda one: offered.references.get(one) or one or "The first there is",
            **field(draft, "ip_adapter"),
        )
        st.slider(
            field_help.label("reference_scale"),
            0.0,
            MOST_CONTROL,
            step=0.05,
            **field(draft, "reference_scale"),
        )


def colours(draft: Draft) -> None:
    """What of the source's colours stays."""
    st.slider(field_help.label("hold"), 0.0, 1.0, step=0.05, **field(draft, "hold"))
    st.toggle(field_help.label("palette_lock"), **field(draft, "palette_lock"))
    edges(draft)


def transparency(draft: Draft) -> None:
    """Where alpha comes from."""
    st.segmented_control(
        field_help.label("alpha"),
        list(field_help.ALPHAS),
        format_func=field_help.ALPHAS.__getitem__,
        required=True,
        **field(draft, "alpha"),
    )
