"""A LoRA file is dropped, somebody says where it is from, and a worker checks and registers it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.datasets import uploads
from studio.diffusion import bundled_bases
from studio.diffusion.lora_scales import CONFIG
from studio.errors import StudioError
from studio.jobs import queue
from studio.registry import imported_adapters
from studio.web import components, drafts, job_boxes, record_cache, session, ui
from studio.web.drafts import Draft
from studio.worker import submit
from studio.workflows import new_adapters
from studio.workflows.version_loading import NOTES

FIELDS = dict.fromkeys(("style", "source", "author", "licence", "trigger_word"), "")
HINT = (
    "A LoRA or LoCon as .safetensors, from kohya's scripts, ComfyUI, A1111, OneTrainer or "
    "diffusers, up to 1 GB; of a folder of peft's also its adapter_config.json. Pickles (.pt, "
    ".ckpt) are refused."
)


def look(studio: context.Studio) -> None:
    """The drop zone, the form for what was dropped, and the jobs under way."""
    if not ui.may(imported_adapters.RIGHT):
        st.info(f"Adapters are brought in by {rights.who_may(imported_adapters.RIGHT)}.")
        return
    data = {
        "token": st.query_params.get("upload", ""),
        "most_bytes": uploads.MOST_BYTES,
        "most_files": 20,
        "hint": HINT,
        "lead": "Drop a LoRA file here",
        "to": "adapter/",
        "instead": "On the studio's own machine python -m studio adapter import takes up to 4 GB.",
    }
    components.screen("upload")(key="drop-adapter", data=data, on_said_change=_sent)
    _finished(studio)
    if token := st.query_params.get("upload"):
        try:
            _waiting(studio, token)
        except StudioError as error:
            ui.failed(error)
            if error is uploads.GONE:
                del st.query_params["upload"]
    jobs(studio, "adapter")


def jobs(studio: context.Studio, kind: str) -> None:
    """The jobs of a kind that run, and the newest that ended."""
    found = queue.listing(studio.engine, kind=kind, limit=10)
    for job in [job for job in found if not job.ended] or found[:1]:
        if job.state == "done" and job.result:
            st.success(
                ui.plain(
                    f"{job.result['style']} version {job.result['number']} is a candidate now."
                ),
                icon=":material/check:",
            )
            if said := job.result.get("tags", {}).get(NOTES):
                st.warning(ui.plain(said))
            new = {"style": job.result["style"], "version": str(job.result["number"])}
            ui.next_step("Measure it on Evaluate", "pages/Evaluate.py", "monitoring", **new)
        else:
            job_boxes.show(job.id)


def _finished(studio: context.Studio) -> None:
    """Leave an upload behind of which every file was brought in."""
    token = st.query_params.get("upload", "")
    found = [
        job
        for job in queue.listing(studio.engine, kind="adapter", limit=50)
        if job.payload.get("upload") == token and job.state == "done"
    ]
    if not found:
        return
    files = (studio.home / "uploads" / token / "files").rglob("*.safetensors")
    if {file.name for file in files} <= {Path(job.payload["file"]).name for job in found}:
        del st.query_params["upload"]


def _sent() -> None:
    said = st.session_state["drop-adapter"].said
    if isinstance(said, dict) and isinstance(said.get("token"), str):
        st.query_params["upload"] = said["token"]


def _waiting(studio: context.Studio, token: str) -> None:
    folder = uploads.folder_of(studio.home, token) / "files"
    files = sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*.safetensors"))
    for refusal in uploads.waiting(studio.home, token).refused if not files else ():
        ui.failed(StudioError(f"{refusal.file}: {refusal.reason}", refusal.remedy))
    if not files:
        if (folder / CONFIG).is_file():
            st.info(f"{CONFIG} is here; drop the weights that it belongs to as well.")
        return
    with st.container(border=True):
        file = st.selectbox("File", files, key="in-file")
        own = {base.name for base in bundled_bases.present()}
        known = sorted({v.tags.get("base_name", "") for v in record_cache.versions()} - {""} | own)
        draft = drafts.begin(f"upload/{token}/{file}", {**FIELDS, "base": known[0]})
        style, base = st.columns(2)
        style.text_input(
            "Style that it becomes a version of",
            max_chars=63,
            placeholder="for example potions",
            **drafts.field(draft, "style"),
        )
        base.selectbox(
            "Base that it was trained on",
            known,
            accept_new_options=True,
            help="pocket, a folder, a .safetensors file, or a Hub id",
            **drafts.field(draft, "base"),
        )
        for labels in (
            {"source": "Where it is from", "author": "Who made it"},
            {"licence": "Its licence", "trigger_word": "Trigger word, if it has one"},
        ):
            for column, (name, label) in zip(st.columns(2), labels.items(), strict=True):
                most = new_adapters.TEXTS[name]
                column.text_input(label, max_chars=most, **drafts.field(draft, name))
        with st.container(horizontal=True):
            st.button(
                "Check and bring in",
                type="primary",
                key="in-do",
                on_click=_ask,
                args=(token, file or "", draft),
                **ui.only(imported_adapters.RIGHT),
            )
            if st.button("Throw away", key="in-not"):
                uploads.discard(studio.home, token, by=ui.person())
                del st.query_params["upload"]
                st.rerun()
        drafts.tell(draft)


def _ask(token: str, file: str, draft: Draft) -> None:
    payload = {name: drafts.value(draft, name) or "" for name in draft.saved}
    try:
        submit.ask(
            session.studio(),
            "adapter",
            {**payload, "upload": token, "file": file},
            asked_by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        st.session_state["refused"] = error
    else:
        drafts.drop(draft)
