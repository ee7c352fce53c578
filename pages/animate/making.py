"""A new sheet: its frames on the screen, how they are packed, and the button that makes it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.animate import desk, draft, scenes, starting
from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.finishing import palettes
from studio.sheets import effects
from studio.sheets.packing import MOST_EXTRUDE, MOST_PADDING, WAYS
from studio.sheets.sheet import NAME, USUAL_MS
from studio.web import drafts, ui
from studio.web.drafts import Draft
from studio.workflows import animation_files, upscale_sources
from studio.workflows.animations import RIGHT
from studio.workflows.upscale_sources import Source

KEY = "animate-frames"
BLENDS = {"straight": "Straight alpha", "premultiplied": "Premultiplied", "black": "On black"}
LAID = {"maxrects": "Tight (MaxRects)", "grid": "Grid"}


def show(studio: context.Studio, begun: Draft) -> None:
    """The frames that were brought so far, and all that the sheet is made by."""
    told = draft.said(begun)
    there = _sources(studio, told["frames"])
    if not there:
        st.info("No frame yet. Bring pictures, an .aseprite file or a sheet below.")
        drafts.tell(begun, "the sheet")  # what another tab brought, too
        return
    frames = [one for one in told["frames"] if one["picture"] in there]
    if len(frames) < len(told["frames"]):
        gone = len(told["frames"]) - len(frames)
        st.warning(
            f"{gone:,} of {len(told['frames']):,} frames are not there any more.",
            icon=":material/search_off:",
        )
        by = [[one] if one["picture"] in there else [] for one in told["frames"]]
        draft.put(begun, draft.replaced(told, by))
    _desk(studio, begun, frames, there)
    _fields(studio, begun, several=len({_size(one, there) for one in frames}) > 1)
    try:
        asked: dict[str, Any] = draft.payload(begun)
    except StudioError as error:
        ui.failed(error)
        asked = {}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Make the sheet",
            type="primary",
            icon=":material/grid_on:",
            shortcut="Ctrl+Enter",
            on_click=starting.ask,
            args=(asked,),
            **ui.only(RIGHT, not asked),
        )
        st.button(
            "Take all frames out",
            type="tertiary",
            on_click=draft.put,
            args=(begun, {name: [] for name in draft.LISTS}),
            **ui.only(RIGHT),
        )
    drafts.tell(begun, "the sheet")


def address(source: Source) -> str:
    """Where a browser gets a picture, painted over where it is."""
    if source.named == source.hash:
        return f"/picture/start/{source.named}"
    return desk.address(source.named, source.path)


def _sources(studio: context.Studio, frames: list[Any]) -> dict[str, Source]:
    """The pictures that are there, by what names them."""
    found = dict[str, Source]()
    for name in dict.fromkeys(str(one.get("picture")) for one in frames):
        try:
            found[name] = upscale_sources.source(studio, name)
        except (StudioError, OSError):
            continue
    return found


def _size(frame: dict[str, Any], there: dict[str, Source]) -> tuple[int, int]:
    if frame.get("box"):
        return frame["box"][2], frame["box"][3]
    source = there[frame["picture"]]
    return source.width, source.height


def _desk(
    studio: context.Studio, begun: Draft, frames: list[Any], there: dict[str, Source]
) -> None:
    sizes = [_size(one, there) for one in frames]
    canvas = max(width for width, _ in sizes), max(height for _, height in sizes)
    shown = [
        {
            "of": {name: one[name] for name in desk.KEPT if one.get(name)},
            "src": address(there[one["picture"]]),
            "box": one.get("box"),
            "left": round((canvas[0] - width) / 2),
            "top": canvas[1] - height,
            "ms": one.get("duration_ms", USUAL_MS),
            "name": one.get("name", ""),
        }
        for one, (width, height) in zip(frames, sizes, strict=True)
    ]
    told = draft.said(begun)
    style = next((one.asset.style for one in there.values() if one.asset), "")

    def changed() -> None:
        _take(begun)

    desk.desk(
        shown,
        canvas,
        key=KEY,
        tags=told["tags"],
        slices=told["slices"],
        pivot=told["pivot"],
        scene=scenes.shown(studio, style),
        on_said=changed if ui.may(RIGHT) else None,
    )


def _take(begun: Draft) -> None:
    """As a callback: what was changed on the screen."""
    with refusals.kept():
        if told := desk.said(KEY):
            draft.put(begun, told)


def _fields(studio: context.Studio, begun: Draft, several: bool) -> None:
    st.text_input("Name", max_chars=NAME, **_field(begun, "name", "What the sheet is called"))
    kept_of = str(drafts.value(begun, "before"))
    st.segmented_control(
        "Packing",
        WAYS,
        format_func=lambda way: LAID[way],
        required=True,
        **_packing(begun, "way", "Tight wastes the least room; a grid has equal cells."),
    )
    left, right = st.columns(2)
    for column, name, label, help in (
        (left, "drawn", "Frames are", "How they came: a model may draw effects on black."),
        (right, "effect", "Blending", "For effects: how the engine lays the sheet over the game."),
    ):
        column.segmented_control(
            label,
            effects.WAYS,
            format_func=lambda way: BLENDS[way],
            required=True,
            **_field(begun, name, help),
        )
    left.number_input(
        "Padding, px", 0, MOST_PADDING, **_packing(begun, "padding", "Between frames")
    )
    right.number_input(
        "Extrude, px",
        0,
        MOST_EXTRUDE,
        **_packing(begun, "extrude", "How often edges are repeated: no neighbour bleeds in"),
    )
    there = [one.name for one in palettes.listing(studio.engine)]
    held = str(drafts.value(begun, "palette"))
    before = draft.said(begun)["colours"]
    own = "That of the sheet before" if before else "The frames' own"
    left.selectbox(
        "Palette",
        list(dict.fromkeys([draft.OWN, *there, held])),
        format_func=lambda one: {draft.OWN: own}.get(str(one), str(one)),
        **_field(begun, "palette", "One for all frames: each pixel takes the nearest colour."),
    )
    kept = {one.id: animation_files.named(one) for one in animation_files.all_sheets(studio.engine)}
    right.selectbox(
        "Keep frame positions of",
        list(dict.fromkeys(["", *kept, kept_of])),
        format_func=lambda one: kept.get(str(one), str(one) or "No sheet"),
        **_field(begun, "before", "Frames of that sheet stay where they are; new ones go beside."),
    )
    switches = {
        "trim": ("Trim", "What is transparent around frames is cut off; their places are kept."),
        "merge": ("Merge duplicates", "Equal frames lie on the sheet once."),
        "power_of_two": ("Power of two", "Sides of the sheet are 256, 512, 1024 ..."),
        "multiple_of_four": ("Multiple of four", "For texture compression."),
    }
    if several:
        help = "Frames are of several sizes: smaller ones get room about their feet."
        st.toggle("Pad to the largest", **_field(begun, "pad", help))
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, (label, help) in switches.items():
            st.toggle(label, **_packing(begun, name, help))
        st.button(
            "As a flipbook",
            icon=":material/view_module:",
            on_click=draft.put,
            args=(begun, {}),
            kwargs={name: getattr(effects.FLIPBOOK, name) for name in draft.PACKING},
            **ui.only(
                RIGHT,
                bool(kept_of),
                help="For engines that divide a sheet by columns and rows: a grid of whole frames, "
                "each in a cell of its own, with nothing between them.",
            ),
        )


def _packing(begun: Draft, name: str, help: str) -> dict[str, Any]:
    """As `_field`; where frames keep their places, all is packed as that sheet is."""
    if drafts.value(begun, "before"):
        fixed = "As on the sheet whose frame positions are kept."
        return {**drafts.field(begun, name), **ui.only(RIGHT, True, fixed)}
    return _field(begun, name, help)


def _field(begun: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(begun, name), **ui.only(RIGHT, help=help)}
