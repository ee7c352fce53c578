"""Pictures that lead a drawing through a ControlNet, and one that it takes after: which the base of
the chosen version has, and what they ask for."""

from typing import Any

import streamlit as st

from studio.diffusion import control_files, controls
from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER, REFERENCE, Kept
from studio.diffusion.control_pictures import FOUND, READY
from studio.errors import StudioError
from studio.generation import start_pictures, start_room
from studio.registry.models import Version
from studio.web import session, ui
from studio.web.markup import Shown
from studio.workflows.version_loading import base_of

HINT = "Drop or paste (Ctrl+V) a sketch, a line drawing, a pose or a picture whose looks you want."
HELP = {
    "tile": "Keeps what is where, draws it anew: details, and the style.",
    "canny": "Its edges are found and kept.",
    "lineart": "A line drawing, dark on light, is painted over.",
    "scribble": "A rough sketch, dark on light, is made a picture.",
    "openpose": "A pose as OpenPose draws it, ready-made: nothing here finds bodies in pictures.",
    "depth": "A depth map, near is light, ready-made.",
    REFERENCE: "Colours, materials and looks are taken from it, not its places.",
}
TYPES = ["png", "jpg", "jpeg", "webp"]


def leading(version: Version) -> dict[str, Any]:
    """What a drawing is told of them; nothing where none leads. The fields of what was chosen for
    another base wait for that one."""
    studio, state = session.studio(), st.session_state
    base = base_of(studio, version)
    there = {one.name: one for one in control_files.offered(studio.home, base)}
    state["leads"] = [one for one in state["leads"] if _is_there(one.get("picture", ""))]
    box = st.expander(
        "Lead by a picture", key="leading", on_change="rerun", icon=":material/gesture:"
    )
    with box:
        if box.open:
            _told(base, list(there.values()))
            if there and len(state["leads"]) <= controls.MOST:
                _dropped(list(there.values()))
        chosen = [
            _field(number, lead, there, bool(box.open))
            for number, lead in enumerate(state["leads"])
        ]
    state["leads"] = [lead for lead in chosen if lead is not None]
    acting = [lead for lead in state["leads"] if lead["name"] in there]
    if acting and not box.open:
        st.caption(f"Led by: {', '.join(ui.plain(there[one['name']].label) for one in acting)}")
    return asked(acting, there)


def asked(leads: list[dict[str, Any]], there: dict[str, Kept]) -> dict[str, Any]:
    """The same as a job's payload has it."""
    found: dict[str, Any] = {}
    led = [lead for lead in leads if there[lead["name"]].part == CONTROLNET]
    after = [lead for lead in leads if there[lead["name"]].part == IP_ADAPTER]
    if led:
        found["leads"] = [
            {
                "picture": lead["picture"],
                "controlnet": lead["name"],
                "scale": lead["scale"],
                "start": lead["start"],
                "end": lead["end"],
                "ready": lead["ready"],
            }
            for lead in led
        ]
    if after:
        last = after[-1]  # one picture is taken after
        found |= {
            "reference": last["picture"],
            "ip_adapter": last["name"],
            "reference_scale": last["scale"],
        }
    return found


def of_picture(leads: list[dict[str, Any]], reference: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a picture's own: what led it, and what it took after."""
    found = [
        _new(lead["picture"], lead["controlnet"])
        | {name: lead[name] for name in ("scale", "start", "end", "ready")}
        for lead in leads
    ]
    if reference:
        one = _new(reference["picture"], reference["ip_adapter"])
        found.append(one | {"scale": reference["scale"]})
    return found


def _told(base: str, there: list[Kept]) -> None:
    """Which the base has, and why it lacks the others."""
    from studio.diffusion.families import family_of

    family = family_of(base)
    if there:
        st.caption("This base has: " + ", ".join(ui.plain(one.label) for one in there) + ".")
    for part in (CONTROLNET, IP_ADAPTER):
        if not any(one.part == part for one in there):
            st.caption(ui.plain(control_files.missing(family, part)))


def _dropped(there: list[Kept]) -> None:
    """Take a picture that is dropped, for the first of what the base has."""
    studio, state = session.studio(), st.session_state
    st.caption(HINT)
    dropped = st.file_uploader(
        "A picture that leads",
        type=TYPES,
        key=f"lead-drop-{state.get('lead drops', 0)}",
        label_visibility="collapsed",
        **ui.only("generate"),
    )
    if dropped is None:
        return
    state["lead drops"] = state.get("lead drops", 0) + 1
    by = ui.person()
    try:
        start_room.check(studio, by)
        picture = start_pictures.keep(studio.home, dropped.getvalue(), dropped.name, by=by)
    except StudioError as error:
        ui.failed(error)
        return
    state["leads"] = [*state["leads"], _new(picture, there[0].name)]
    st.rerun()


def _field(
    number: int, lead: dict[str, Any], there: dict[str, Kept], shown: bool
) -> dict[str, Any] | None:
    """One of them, changed as its fields say; None where it is taken away."""
    if not shown or lead["name"] not in there:
        return lead
    key = f"lead {lead['picture'][:12]} {number}"
    with st.container(horizontal=True, vertical_alignment="center"):
        ui.pictures([Shown(f"/picture/start/{lead['picture']}", alt="A picture that leads")], 96)
        names = list(there)
        name = st.selectbox(
            "Leads as",
            names,
            names.index(lead["name"]),
            key=f"{key} as",
            format_func=lambda one: there[one].label,
        )
        if st.button("Lead without it", key=f"{key} off"):
            st.session_state["leads"] = [
                one for place, one in enumerate(st.session_state["leads"]) if place != number
            ]
            st.rerun()
    kept = there[name]
    st.caption(HELP[kept.kind])
    found = {**lead, "name": name}
    found["scale"] = st.slider("How strongly", 0.0, 1.5, lead["scale"], 0.05, key=f"{key} scale")
    if kept.part == CONTROLNET:
        found["start"], found["end"] = st.slider(
            "From which share of the steps to which",
            0.0,
            1.0,
            (lead["start"], lead["end"]),
            0.05,
            key=f"{key} steps",
            help="A lead that ends early leaves details free.",
        )
        if kept.kind in FOUND:
            found["ready"] = st.toggle(
                "It is white on black already",
                lead["ready"],
                key=f"{key} ready",
                help="Edges or lines that another program found: taken as they are.",
            )
        elif kept.kind in READY:
            found["ready"] = True
    return found


def _new(picture: str, name: str) -> dict[str, Any]:
    return {
        "picture": picture,
        "name": name,
        "scale": 0.6,
        "start": 0.0,
        "end": 1.0,
        "ready": False,
    }


def _is_there(picture: str) -> bool:
    try:
        return bool(picture and start_pictures.path(session.studio().home, picture))
    except StudioError:
        return False
