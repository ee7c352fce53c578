"""Bringing pictures in: drop them, say where they are from, add them, hear what came of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
from studio.web import components, drafts, job_boxes, ui
from studio.web.drafts import Draft
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


@dataclass(frozen=True)
class New:
    """A dataset that is to begin: its name ("" while it can't be one), its look, and the draft of
    both."""

    name: str
    look: Look
    typed: Draft


def tab(studio: context.Studio, name: str) -> None:
    """More pictures for a dataset that is there."""
    if not ui.may("edit datasets"):
        st.info(f"Pictures are brought in by {rights.who_may('edit datasets')}.")
        return
    desk(studio, name)


def desk(studio: context.Studio, target: str | New) -> None:
    """Files are dropped, looked at and added: to a dataset, or as the first of a new one."""
    _drop()
    token = st.query_params.get("upload")
    if token:
        try:
            _waiting(studio, token, target)
        except StudioError as error:
            ui.failed(error)
            if error is uploads.GONE:
                del st.query_params["upload"]
    _jobs(studio, target if isinstance(target, str) else None)


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
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**{', '.join(parts)}**  \n"
                    f":small[From {ui.plain(report.by)}, {ui.moment(report.at)}]"
                )
                st.button("See them", key=f"see-{report.id}", on_click=_see)
                st.button(
                    "Dismiss",
                    key=f"dismiss-{report.id}",
                    on_click=_dismiss,
                    args=(studio, report.id),
                    **ui.only("edit datasets"),
                )
            _details(report)


def _details(report: upload_import.Report) -> None:
    """Names of what was left out at once, why and what else to know on demand."""
    if report.refused:
        names = [one.file for one in report.refused]
        st.caption(f"Left out: {ui.plain(listed(names))}.")
    if not (report.refused or report.warnings):
        return
    parts = ["Why they were left out"] if report.refused else []
    parts += [tab_state.count(len(report.warnings), "remark")] if report.warnings else []
    with st.expander(", and ".join(parts), icon=":material/info:", key=f"told-{report.id}"):
        if report.refused:
            refusals(report.refused)
        for warning in report.warnings[:50]:
            st.markdown(f"- {ui.plain(warning)}")


def _see() -> None:
    tab_state.go("Pictures")
    tab_state.reveal()


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


def _waiting(studio: context.Studio, token: str, target: str | New) -> None:
    found = uploads.waiting(studio.home, token)
    name = target if isinstance(target, str) else target.name
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
        if found.passed_over:
            st.caption(f"No captions, by their names: {ui.plain(listed(found.passed_over))}.")
        if not (found.pictures or found.zips):
            st.caption("There is no picture among them. Send pictures and their texts together.")
        if found.refused:
            st.caption(f"{tab_state.count(len(found.refused), 'file')} can't be used:")
            refusals(found.refused)
        asked = cut_form.form(studio, found)
        st.caption("Where the files themselves do not say it, these hold:")
        typed = drafts.begin(
            f"upload/{token}", {field: _common(studio, name, field) for field in ASKS}
        )
        drafts.tell(typed)
        for (field, asks), place in zip(ASKS.items(), st.columns(3), strict=True):
            place.text_input(
                field.capitalize(),
                max_chars=edits.LONGEST[field],
                placeholder=asks,
                **drafts.field(typed, field),
            )
        same = (
            "replace"
            if isinstance(target, New)
            else st.radio(
                "A picture whose file name is in the set already",
                list(SAME),
                format_func=SAME.get,
                horizontal=True,
                key="add-same",
            )
        )
        with st.container(horizontal=True):
            usable = bool(found.pictures or found.zips or found.layered) and bool(name)
            label = f"Add to {name}" if isinstance(target, str) else f"Create {name}".strip()
            if st.button(
                ui.plain(label), type="primary", key="add", **ui.only("edit datasets", not usable)
            ):
                _add(studio, found, target, same, asked, typed)
            if st.button("Throw away", key="add-not", **ui.only("edit datasets")):
                uploads.discard(studio.home, token, by=ui.person())
                del st.query_params["upload"]
                st.rerun()
            if not name:
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
    target: str | New,
    same: str,
    asked: Asked,
    typed: Draft,
) -> None:
    said = {field: str(drafts.value(typed, field)) for field in ASKS}
    now, by = context.now(), ui.person()
    new = target if isinstance(target, New) else None
    name = new.name if new else str(target)
    if upload_import.large(found, asked):
        payload: dict[str, Any] = {"name": name, "upload": found.token, "same_name": same, **said}
        payload |= asdict(new.look) if new else {}
        payload |= {"cuts": list(asked.cuts), "frames": asked.animations}
        job = submit.ask(studio, "upload", payload, asked_by=by, now=now, key=found.token)
        st.session_state["awaits"] = job.id
    else:
        with st.spinner("Looking at the pictures"):
            upload_import.add_upload(
                studio.engine,
                studio.home,
                found.token,
                name,
                same_name=same,  # type: ignore[arg-type]
                look=new.look if new else None,
                asked=asked,
                by=by,
                now=now,
                source=said["source"],
                author=said["author"],
                licence=said["licence"],
            )
        st.session_state["go"] = name
    for draft in (typed, new.typed) if new else (typed,):
        drafts.drop(draft)
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
