"""The painted-over version of a picture: beside it, dropped or pasted, and taken away again."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.generation import painted_over
from studio.generation.gallery_table import Picture
from studio.web import session, ui
from studio.web.markup import Shown


def beside(picture: Picture, studio: context.Studio) -> None:
    """The painted-over version, and a place to drop one."""
    st.header("Painted over")
    if picture.painted:
        name = Path(picture.painted).stem
        url = f"/picture/painted/{picture.id}/{name}"
        shown = Shown(url, "", picture.width, picture.height, alt=f"Painted over: {picture.prompt}")
        ui.pictures([shown], side=256)
        st.caption(
            f"By {ui.plain(picture.painted_by or '')}. Datasets and downloads take this version."
        )
        st.button(
            "Take it away again",
            on_click=take_off,
            args=(picture.id, picture.turn),
            **ui.only("judge pictures"),
        )
    else:
        st.caption(
            "Ctrl+C copies the picture into your painting program; Ctrl+V here brings the result "
            "back, or drop it as a file. Datasets then take your version."
        )
    dropped = st.file_uploader(
        "The painted-over picture",
        type=["png", "webp"],
        key=f"painted-{picture.turn}",
        max_upload_size=painted_over.BYTES // 1024**2,
        disabled=not ui.may("judge pictures"),
    )
    if dropped is not None:
        keep(picture.id, dropped.getvalue())
        st.rerun()


def pasted(picture: Picture) -> Callable[[], None]:
    """Takes what was pasted while the picture was shown."""

    def take() -> None:
        with refusals.kept():
            keep(picture.id, _decoded(str(st.session_state[f"picture-{picture.id}"].pasted)))
            st.toast("Your painted-over version stands beside it.", icon=":material/brush:")

    return take


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise StudioError("The clipboard held no picture.", "Copy it again.") from error


def keep(id: str, data: bytes) -> None:
    """Put it beside the picture."""
    studio = session.studio()
    by, now = ui.person(), context.now()
    painted_over.paint_over(studio.engine, studio.home, id, data, by=by, now=now)


def take_off(id: str, turn: int) -> None:
    """Take it away again."""
    with refusals.kept():
        painted_over.take_off(session.studio().engine, id, turn=turn, by=ui.person())
