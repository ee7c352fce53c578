"""Frames brought to the draft: pictures that the address names, files from elsewhere, the newest of
the gallery, and the cells of a sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import streamlit as st
from PIL import Image
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.animate import draft
from pages.gallery import refusals
from pages.upscale import which
from studio import context, images
from studio.accounts import rights
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.web import session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import animation_sources
from studio.workflows.animations import RIGHT

NAMED = ("id", "ids", "chosen")  # in the address: pictures, as other pages name them
FILES = ["aseprite", "ase", "json", "png", "apng", "gif", "webp", "jpg", "jpeg", "bmp", "tga"]
NEWEST, SIDE = 12, 96
PARTED = re.compile("([0-9]+)")
GRID = {
    "width": ("Cell width", 32, "Pixels of a cell"),
    "height": ("Cell height", 32, "Pixels of a cell"),
    "spacing": ("Spacing", 0, "Pixels between cells"),
    "margin": ("Margin", 0, "Pixels around all cells"),
}


def of_address(studio: context.Studio, begun: Draft) -> None:
    """Pictures that the address names become frames, once: it names them no longer then."""
    if not any(st.query_params.get(name) for name in NAMED):
        return
    found = which.asked(studio).found
    for name in NAMED:
        st.query_params.pop(name, None)
    if found and not ui.may(RIGHT):
        who = rights.who_may(RIGHT)
        st.warning(f"No frame was taken: {who} bring frames.", icon=":material/block:")
    elif found:
        draft.add(begun, [{"picture": source.named} for source in found])
        st.rerun()


def show(studio: context.Studio, begun: Draft) -> None:
    """The ways to bring frames."""
    st.header("Bring frames")
    _dropping(studio, begun)
    newest = gallery_table.search(studio.engine, Wanted(), size=NEWEST).found
    if newest:
        st.caption("The newest of the gallery; a click takes one:")
        shown = [
            Shown(
                f"/picture/made/{one.id}",
                "",
                one.width,
                one.height,
                alt=f"Take {one.prompt or one.id[:6]} as a frame",
                href=f"/Animate?id={one.id}",
            )
            for one in newest
        ]
        ui.pictures(shown, SIDE)
    _cutting(begun)


def _dropping(studio: context.Studio, begun: Draft) -> None:
    dropped = st.file_uploader(
        "Files",
        type=FILES,
        accept_multiple_files=True,
        key=f"animate-drop-{st.session_state.get('animate-drops', 0)}",
        max_upload_size=which.MEGABYTES,
        **ui.only(
            RIGHT,
            help=".aseprite, GIF, APNG, WebP, pictures in order of their names; a sheet's JSON "
            "together with its PNG.",
        ),
    )
    if not dropped:
        return
    st.session_state["animate-drops"] = st.session_state.get("animate-drops", 0) + 1
    failed = False
    for file in sorted(dropped, key=lambda one: by_number(one.name)):
        if _is_of_json(file, dropped):
            continue
        try:
            found, remarks = animation_sources.brought(
                studio,
                file.getvalue(),
                file.name,
                by=ui.person(),
                **_pictures_of(file, dropped),
            )
            _take(begun, found)
        except StudioError as error:
            ui.failed(error)
            failed = True
            continue
        for remark in remarks:
            st.caption(ui.plain(f"{file.name}: {remark}"))
            failed = True
    if not failed:
        st.rerun()
    st.page_link("pages/Animate.py", label="Go on", icon=":material/arrow_forward:")


def by_number(name: str) -> list[str]:
    """Sorts names so that walk_10.png follows walk_9.png."""
    parts = PARTED.split(name)  # every second one is a number
    return [part.zfill(20) if k % 2 else part.casefold() for k, part in enumerate(parts)]


def _take(begun: Draft, found: dict[str, Any]) -> None:
    """A file's frames behind those that are there, with their tags and slices; the first brings its
    pivot and name."""
    held = draft.said(begun)
    if held["frames"]:
        draft.put(begun, animation_sources.joined(held, found))
    else:
        draft.put(begun, found)
        draft.call(str(found.get("name", "")))


def _pictures_of(file: UploadedFile, dropped: Sequence[UploadedFile]) -> dict[str, Image.Image]:
    """The sheet that a JSON describes, and its normal sheet, among the pictures that were dropped
    with it; none of another file."""
    if PurePath(file.name).suffix.lower() != animation_sources.JSON:
        return {}
    pictures = {one.name: one for one in dropped if one.name.lower().endswith(".png")}
    image, normal = _named(file)
    found = {"sheet": pictures.get(image), "normals": pictures.get(normal)}
    if len(pictures) == 1 and not any(found.values()):
        (found["sheet"],) = pictures.values()
    return {name: images.decode(one.getvalue(), one.name) for name, one in found.items() if one}


def _is_of_json(file: UploadedFile, dropped: Sequence[UploadedFile]) -> bool:
    """Whether a picture is the sheet of a JSON that was dropped with it, or its normal sheet."""
    texts = [one for one in dropped if one.name.lower().endswith(animation_sources.JSON)]
    pictures = [one for one in dropped if one.name.lower().endswith(".png")]
    if file not in pictures:
        return False
    return any(file.name in _named(one) for one in texts) or bool(texts and len(pictures) == 1)


def _named(file: UploadedFile) -> tuple[str, str]:
    """The pictures that a sheet's JSON names, "" for what is none."""
    try:
        return animation_sources.pictures_of(file.getvalue(), file.name)
    except StudioError:
        return "", ""


def _cutting(begun: Draft) -> None:
    """Whole pictures among the frames, cut into cells."""
    frames = draft.said(begun)["frames"]
    whole = [k for k, one in enumerate(frames) if not one.get("box")]
    if not whole:
        return
    with st.expander("Cut a sheet into frames"):
        at = st.selectbox(
            "Frame",
            whole,
            format_func=lambda k: f"Frame {k + 1}",
            key="animate-cut-frame",
            **ui.only(RIGHT, help="Cells with nothing on them are left out."),
        )
        how = {}
        for column, (name, (label, first, help)) in zip(
            st.columns(len(GRID)), GRID.items(), strict=True
        ):
            how[name] = column.number_input(
                label, 0, 4096, first, key=f"animate-cut-{name}", **ui.only(RIGHT, help=help)
            )
        st.button(
            "Cut it",
            icon=":material/grid_on:",
            on_click=_cut,
            args=(begun, at, how),
            **ui.only(RIGHT),
        )


def _cut(begun: Draft, at: int, how: dict[str, int]) -> None:
    """As a callback: the cells of a frame come in its place."""
    told = draft.said(begun)
    if not 0 <= at < len(told["frames"]):
        return
    with refusals.kept():
        _, cells = animation_sources.cut_up(session.studio(), told["frames"][at]["picture"], how)
        by = [[one] for one in told["frames"]]
        draft.put(begun, draft.replaced(told, [*by[:at], cells, *by[at + 1 :]]))
