"""Asking for a version's test sheet and metrics."""

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.datasets import manifests
from studio.errors import StudioError
from studio.jobs import idempotency, queue
from studio.registry.models import Version
from studio.web import job_boxes, session, ui, where_boxes
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds

OWN = "its own dataset"
UNKNOWN = (
    "What this version learned from is not here. So its pictures are compared with a dataset of "
    "your choice, and copies of training pictures can't be looked for."
)
MERGED = (
    "This version was merged, so choose what its pictures are compared with. Copies are looked for "
    "among what its parts learned from, where all of that is here."
)


def label(number: int) -> str:
    """A version in people's words."""
    return f"version {number}"


def measure(
    studio: context.Studio, style: str, versions: dict[int, Version], wanted: list[int]
) -> None:
    """Ask for a version's test sheet and metrics, against pictures that no training has seen."""
    going = queue.listing(studio.engine, kind="evaluate", states=("queued", "running"))
    going = [job for job in going if job.payload["style"] == style]
    for number in sorted(set(wanted) - {job.payload["version"] for job in going}):
        who = "" if ui.may("evaluate") else f" That is for {rights.who_may('evaluate')}."
        st.info(f"{label(number).capitalize()} has to be measured first.{who}")
    ids = [job.id for job in going]
    # Set here and not in the callback, whose address would not reach the browser.
    if asked := st.session_state.pop("asked", ""):
        st.query_params["job"] = asked
    named = ui.number_of("job")
    if named is None:
        ui.gone("job", (), "job {}")
    elif named not in ids:
        ids.append(named)
    for id in ids:
        job_boxes.show(id)
    with st.expander("Measure a version", expanded=bool(wanted) and not ids):
        columns = st.columns(2)
        numbers = [*wanted, *(n for n in versions if n not in wanted)]
        number = columns[0].selectbox("Version", numbers, format_func=label)
        version = versions[number]
        kind = kinds.find(version)
        if kind is None or not kind.compares:
            _measured_alone(version)
            return
        sets = manifests.names(studio.home)
        known = version.dataset in sets  # not of what was brought in or merged
        names = [n for n in sets if n != version.dataset]
        if not names and not known:
            st.info("There is no dataset to compare its pictures with. Bring one in first.")
            return
        held_out = f"{version.dataset or version.style}-held-out"
        options = [*names, ""] if known else names
        usual = names.index(held_out) if held_out in names else len(names) if known else 0
        against = columns[1].selectbox(
            "Measure against",
            options,
            index=usual,
            format_func=lambda name: name or OWN,
            help="Pictures of the style that the training never saw tell most.",
        )
        if not known:
            st.caption(MERGED if version.tags.get("merged") else UNKNOWN)
        payload = {
            "style": version.style,
            "version": number,
            "against": _of(studio, against) if against else "",
        }
        _button(payload)


def _measured_alone(version: Version) -> None:
    """A version whose figures need no real pictures, or one that can't be measured here."""
    if kinds.find(version) is None:
        st.info(f"{label(version.number).capitalize()} is of kind {ui.plain(kinds.label(version))}")
        return
    _button({"style": version.style, "version": version.number, "against": ""})


def _button(payload: dict[str, object]) -> None:
    where_boxes.shown("evaluate")
    st.button(
        "Measure it",
        icon=":material/straighten:",
        on_click=_ask,
        args=(payload,),
        **ui.only("evaluate"),
    )


def _of(studio: context.Studio, name: str) -> str:
    """The dataset with its version, chosen where there are several; the newest is its name."""
    heads = manifests.heads(studio.home, name)
    if len(heads) < 2:
        return name
    spoken = {
        head.version: f"version {n} · {head.pictures:,} pictures · frozen {ui.moment(head.created)}"
        for n, head in zip(range(len(heads), 0, -1), heads, strict=True)
    }
    version = st.selectbox("Which version of it", list(spoken), format_func=spoken.__getitem__)
    return name if version == heads[0].version else f"{name}@{version}"


def _ask(payload: dict[str, object]) -> None:
    studio, who = session.studio(), ui.person()
    try:
        where = where_boxes.chosen("evaluate")
        key = idempotency.key(studio.engine, "evaluate", {**payload, "where": where}, who)
        job = submit.ask(
            studio, "evaluate", payload, asked_by=who, now=context.now(), key=key, where=where
        )
        st.session_state["asked"] = str(job.id)
    except StudioError as error:
        st.session_state["refused"] = error
