"""Upscaling models: those that come with the studio, and a team's own as .safetensors."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.gallery import refusals
from studio import context
from studio.accounts import rights
from studio.datasets import uploads
from studio.errors import StudioError
from studio.upscaling import models
from studio.upscaling.models import RIGHT, Model
from studio.web import components, drafts, session, ui
from studio.web.drafts import Draft

KEY = "upscale-model-drop"
HINT = (
    "An ESRGAN, SPAN, DAT or another model that enlarges, as .safetensors, up to 1 GB. Pickles "
    "(.pth, .pt, .ckpt) are refused: they run what their maker wrote."
)
FIELDS = {"name": "", "licence": ""}
UPLOAD = "upload"  # what the address calls a dropped file


def show(studio: context.Studio) -> None:
    """All that there are, and a place for another."""
    refusals.tell()
    found = models.all(studio.home)
    if not found:
        st.info("No upscaling model is installed. Bring one of your own.")
    for model in found:
        _row(model)
    st.header("Bring a model")
    if not ui.may(RIGHT):
        st.info(f"Models are brought in by {rights.who_may(RIGHT)}.")
        return
    data = {
        "token": st.query_params.get(UPLOAD, ""),
        "most_bytes": models.MOST_BYTES,
        "most_files": 5,
        "hint": HINT,
        "lead": "Drop a model's file here",
        "to": "adapter/",
        "instead": "Take a smaller one.",
    }
    components.screen("upload")(key=KEY, data=data, on_said_change=_sent)
    if token := st.query_params.get(UPLOAD):
        try:
            _waiting(studio, token)
        except StudioError as error:
            ui.failed(error)
            if error is uploads.GONE:
                del st.query_params[UPLOAD]


def _row(model: Model) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        told = f"**{ui.plain(model.label)}**, {model.factor}x · {ui.plain(model.licence)}"
        about = f" · {ui.plain(model.about)}" if model.about else ""
        by = f" · by {ui.plain(model.by)}, {ui.moment(model.added)}" if model.added else ""
        st.markdown(told + about + by)
        if model.source == "own":
            st.button(
                "Remove",
                key=f"upscale-model-{model.name}",
                type="tertiary",
                icon=":material/delete:",
                on_click=_remove,
                args=(model.name,),
                **ui.only(RIGHT, help="What was made with it stays."),
            )


def _sent() -> None:
    said = st.session_state[KEY].said
    if isinstance(said, dict) and isinstance(said.get("token"), str):
        st.query_params[UPLOAD] = said["token"]


def _waiting(studio: context.Studio, token: str) -> None:
    """The files that were dropped, each with its fields."""
    folder = uploads.folder_of(studio.home, token) / "files"
    files = sorted(folder.rglob("*.safetensors"))
    for refusal in uploads.waiting(studio.home, token).refused if not files else ():
        ui.failed(StudioError(f"{refusal.file}: {refusal.reason}", refusal.remedy))
    for file in files:
        name = file.relative_to(folder).as_posix()
        with st.container(border=True):
            st.markdown(f"**{ui.plain(name)}**")
            draft = drafts.begin(f"upscale-model/{token}/{name}", {**FIELDS, "name": _plain(file)})
            left, right = st.columns(2)
            left.text_input(
                "Name", max_chars=63, help="a-z, 0-9, dots, - and _", **drafts.field(draft, "name")
            )
            right.text_input(
                "Licence",
                max_chars=models.LONGEST,
                placeholder="CC-BY-4.0",
                **drafts.field(draft, "licence"),
            )
            with st.container(horizontal=True):
                st.button(
                    "Check and bring in",
                    key=f"upscale-model-in {name}",
                    type="primary",
                    on_click=_add,
                    args=(file, draft),
                    **ui.only(RIGHT, help="It is looked at in a process of its own first."),
                )
                if st.button("Throw away", key=f"upscale-model-out {name}"):
                    file.unlink(missing_ok=True)
                    st.rerun()
            drafts.tell(draft, name)


def _add(file: Path, draft: Draft) -> None:
    with refusals.kept():
        studio = session.studio()
        said = {name: str(drafts.value(draft, name)) for name in FIELDS}
        by, now = ui.person(), context.now()
        made = models.add(studio.home, studio.engine, file, **said, by=by, now=now)
        file.unlink(missing_ok=True)
        drafts.drop(draft)
        st.toast(f"{ui.plain(made.name)} is there: {made.architecture}, {made.factor}x.")


def _remove(name: str) -> None:
    with refusals.kept():
        studio = session.studio()
        models.remove(studio.home, studio.engine, name, by=ui.person(), now=context.now())


def _plain(file: Path) -> str:
    """What a model of this file may be called."""
    letters = (c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in file.stem.lower())
    return "".join(letters).strip("._-")[:63]
