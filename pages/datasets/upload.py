"""The tab that brings pictures in: drop them, say where they are from, add them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.datasets import cut_form, tab_state
from studio import context
from studio.accounts import rights
from studio.datasets import edits, manifests, upload_import, uploads
from studio.datasets.manifests import Look
from studio.datasets.pictures import Refusal, listed
from studio.datasets.sheets.requests import Asked
from studio.errors import StudioError
from studio.jobs import queue
from studio.web import components, job_boxes, ui
from studio.worker import submit

HINT = (
    "PNG, JPEG, WebP and other pictures, .aseprite, .psd, and what describes them: a .txt or "
    ".caption of the same name, metadata.jsonl or metadata.csv. Up to 1 GB and 20,000 files at "
    "once."
)
INSTEAD = (
    "Send it in parts. On the studio's own machine python -m studio dataset import NAME FOLDER "
    "takes any size."
)
SAME = {"replace": "It replaces that picture", "beside": "Both are kept"}
ASKS = {
    "source": "where the pictures are from",
    "author": "who made them",
    "licence": "our own, CC0-1.0, ...",
}
ART = {"nearest": "Pixel art", "lanczos": "Painted or drawn"}


def tab(studio: context.Studio, name: str | None) -> None:
    """Everything of the tab; `name` None: there is no dataset yet."""
    if not ui.may("edit datasets"):
        st.info(f"Pictures are brought in by {rights.who_may('edit datasets')}.")
        return
    new = (
        name is None
        or st.segmented_control(
            "Add to", [name, "A new dataset"], default=name, required=True, key="add-to"
        )
        == "A new dataset"
    )
    target, look = _new(studio) if new else (name or "", None)
    _drop()
    token = st.query_params.get("upload")
    if token:
        try:
            _waiting(studio, token, target, new, look)
        except StudioError as error:
            ui.failed(error)
            if error is uploads.GONE:
                del st.query_params["upload"]
    _jobs(studio, name)


def told(studio: context.Studio, name: str) -> None:
    """What came of uploads, until somebody dismisses it."""
    for report in upload_import.undismissed(studio.engine, name)[:3]:
        with st.container(border=True):
            parts = [f"{tab_state.count(report.new)} added"]
            parts += [f"{tab_state.count(len(report.redrawn))} redrawn"] if report.redrawn else []
            parts += (
                [f"{tab_state.count(report.described)} described anew"] if report.described else []
            )
            parts += (
                [f"{tab_state.count(len(report.refused), 'file')} left out"]
                if report.refused
                else []
            )
            line, see, close = st.columns([5, 1, 1], vertical_alignment="center")
            line.markdown(
                f"**{', '.join(parts)}**  \nFrom {ui.plain(report.by)}, {ui.moment(report.at)}"
            )
            with see:
                tab_state.link("See the set", "Pictures", key=f"see-{report.id}")
            close.button(
                "Dismiss",
                key=f"dismiss-{report.id}",
                on_click=_dismiss,
                args=(studio, report.id),
                **ui.only("edit datasets"),
            )
            if report.refused:
                refusals(report.refused)
            if report.warnings:
                with st.expander(f"{tab_state.count(len(report.warnings), 'remark')} on the set"):
                    for warning in report.warnings[:50]:
                        st.markdown(f"- {ui.plain(warning)}")


def _dismiss(studio: context.Studio, id: int) -> None:
    upload_import.dismiss(studio.engine, id, by=ui.person())


def arrived(studio: context.Studio) -> str:
    """The dataset that this person's upload has just been added to, told once; else ""."""
    if "awaits" in st.session_state:
        job = queue.get(studio.engine, st.session_state["awaits"])
        if job.ended:
            del st.session_state["awaits"]
        if job.state == "done":
            return str(job.payload["name"])
    return str(st.session_state.pop("go", ""))


def refusals(refused: tuple[Refusal, ...]) -> None:
    """A table of files that were left out."""
    st.dataframe(
        [{"file": r.file, "why": r.reason, "what to do": r.remedy} for r in refused],
        hide_index=True,
        height=min(35 * (len(refused) + 1) + 3, 300),
    )


def _new(studio: context.Studio) -> tuple[str, Look | None]:
    given, art = st.columns([2, 2], vertical_alignment="bottom")
    name = given.text_input(
        "Name of the new dataset",
        key="add-name",
        placeholder="for example characters",
        help="Small letters, digits, - and _.",
    )
    if name in manifests.names(studio.home):
        st.warning(f"{ui.plain(name)} is there already; the pictures will be added to it.")
        return name, None
    if name and not manifests.is_name(name):
        st.warning(
            "A name begins with a small letter or a digit; small letters, digits, - and _ follow.",
            icon=":material/edit:",
        )
        name = ""
    kind = art.segmented_control(
        "What kind of art is it?",
        list(ART),
        format_func=ART.__getitem__,
        default="nearest",
        required=True,
        key="add-art",
        help="Pixel art is scaled by whole factors, never blurred.",
    )
    return name, Look(filter=kind or "nearest")


def _drop() -> None:
    data = {
        "token": st.query_params.get("upload", ""),
        "most_bytes": uploads.MOST_BYTES,
        "most_files": uploads.MOST_FILES,
        "hint": HINT,
        "instead": INSTEAD,
    }
    components.screen("upload")(key="drop", data=data, on_said_change=_sent)


def _sent() -> None:
    said = st.session_state["drop"].said
    if isinstance(said, dict) and isinstance(said.get("token"), str):
        st.query_params["upload"] = said["token"]


def _waiting(studio: context.Studio, token: str, target: str, new: bool, look: Look | None) -> None:
    found = uploads.waiting(studio.home, token)
    kinds_of = [("picture", found.pictures), ("layered file", found.layered)]
    kinds_of += [("zip", found.zips), ("text", found.others), ("JSON file", found.tables)]
    parts = [tab_state.count(len(names), what) for what, names in kinds_of if names]
    with st.container(border=True):
        st.markdown(
            f"**{' and '.join(parts) or 'Nothing'}** "
            f"wait{'s' * (not parts)} to be added, {found.bytes / 1024**2:.1f} MB."
        )
        if found.without_picture:
            st.caption(
                f"Without a picture of the same name here, so not read: "
                f"{ui.plain(listed(found.without_picture))}."
            )
        if not (found.pictures or found.zips):
            st.caption("There is no picture among them. Send pictures and their texts together.")
        if found.refused:
            st.caption(f"{tab_state.count(len(found.refused), 'file')} can't be used:")
            refusals(found.refused)
        asked = cut_form.form(studio, found)
        st.caption("Where the files themselves do not say it, these hold:")
        said = {
            field: place.text_input(
                field.capitalize(),
                _common(studio, target, field),
                max_chars=edits.LONGEST[field],
                key=f"add-{field}-{target}",
                placeholder=asks,
            )
            for (field, asks), place in zip(ASKS.items(), st.columns(3), strict=True)
        }
        same = (
            "replace"
            if new
            else st.radio(
                "A picture whose file name is in the set already",
                list(SAME),
                format_func=SAME.get,
                horizontal=True,
                key="add-same",
            )
        )
        with st.container(horizontal=True):
            usable = bool(found.pictures or found.zips or found.layered) and bool(target)
            label = f"Add to {target}" if target else "Add"
            if st.button(
                ui.plain(label), type="primary", key="add", **ui.only("edit datasets", not usable)
            ):
                _add(studio, found, target, same, look, asked, said)
            if st.button("Throw away", key="add-not", **ui.only("edit datasets")):
                uploads.discard(studio.home, token, by=ui.person())
                del st.query_params["upload"]
                st.rerun()
            if not target:
                st.caption("Give the new dataset a name first.")


def _common(studio: context.Studio, target: str, field: str) -> str:
    """What all pictures of the set say of `field`, as a proposal."""
    if target not in manifests.names(studio.home):
        return ""
    pictures = tab_state.version(target, tab_state.newest(target).digest).pictures
    values = {getattr(picture, field) for picture in pictures}
    return str(values.pop()) if len(values) == 1 else ""


def _add(
    studio: context.Studio,
    found: uploads.Waiting,
    target: str,
    same: str,
    look: Look | None,
    asked: Asked,
    said: dict[str, str],
) -> None:
    now, by = context.now(), ui.person()
    if upload_import.large(found, asked):
        payload: dict[str, Any] = {"name": target, "upload": found.token, "same_name": same, **said}
        payload |= {"filter": look.filter} if look else {}
        payload |= {"cuts": list(asked.cuts), "frames": asked.animations}
        job = submit.ask(studio, "upload", payload, asked_by=by, now=now, key=found.token)
        st.session_state["awaits"] = job.id
    else:
        with st.spinner("Looking at the pictures"):
            upload_import.add_upload(
                studio.engine,
                studio.home,
                found.token,
                target,
                same_name=same,  # type: ignore[arg-type]
                look=look,
                asked=asked,
                by=by,
                now=now,
                source=said.get("source", ""),
                author=said.get("author", ""),
                licence=said.get("licence", ""),
            )
        st.session_state["go"] = target
    del st.query_params["upload"]
    st.rerun()


def _jobs(studio: context.Studio, name: str | None) -> None:
    """Uploads that a worker adds now, and the last one that failed."""
    found = [
        job
        for job in queue.listing(studio.engine, kind="upload", limit=20)
        if name is None or job.payload.get("name") == name or not job.ended
    ]
    for job in found:
        if not job.ended:
            job_boxes.show(job.id)
    if found and found[0].state == "failed":
        job_boxes.show(found[0].id)
        try:
            uploads.folder_of(studio.home, found[0].payload["upload"])
        except StudioError:
            return
        st.button(
            "Look at this upload again",
            on_click=_again,
            args=(found[0].payload["upload"],),
            key="add-again",
        )


def _again(token: str) -> None:
    st.query_params["upload"] = token
