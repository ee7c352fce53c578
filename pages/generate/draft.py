"""What a person has typed and set here, kept over reloads and other pages, and the settings of a
picture that the page is opened with."""

from typing import Any

import streamlit as st

from pages.generate import leading, prompt_beside, size_choice
from pages.generate.picture_walls import to_use
from pages.generate.seamless_choice import FILLED, OPEN
from studio import context
from studio.errors import StudioError
from studio.generation import gallery_table, prompt_drafts, start_pictures
from studio.generation.gallery_table import Picture
from studio.numbers import SEEDS
from studio.web import drafts, session, ui

RANDOM, FIXED = "Random", "Fixed"
USUAL: dict[str, Any] = {
    "prompt": "",
    "negative": "",
    "others": [],
    "start": "",
    "part": False,
    "mask": "",
    "change": 0.6,
    "leads": [],
}
NAMED = ("style", "steps", "guidance", "strength", "count", "seeds", "seed")  # in the address
BEGUN = ("start", "part", "mask")
BEGINS = "begins"  # the address's name for what they begin from, as the first signs of its hash
SIGNS = 16
FAMILIES = (
    "field ",
    "strength of ",
    "seamless of ",
    "holes of ",
)  # what the names of further ones begin with
MOST = 60  # of those
KEPT = "draft kept"  # in the session: what this tab kept or found last


def held() -> dict[str, Any]:
    """The person's draft, by the names of fields."""
    return prompt_drafts.read(session.studio().engine, ui.person())


def restore(draft: dict[str, Any]) -> None:
    """Put the draft into those fields that this session has not filled. What it begins from is put
    back within the session and by a reload, whose address says so: others begin without."""
    state, begun = st.session_state, str(draft.get("start", ""))
    of_address = st.query_params.get(BEGINS) == begun[:SIGNS]
    again = bool(begun) and (of_address or state.get("start") == begun)
    found = dict(draft)
    for name, usual in USUAL.items():
        kept = draft.get(name, usual) if again or name not in BEGUN else usual
        if name not in state:
            state[name] = kept if isinstance(kept, type(usual)) else usual
            if name in BEGUN:  # begun without, this tab takes nothing from who began with one
                found[name] = state[name]
    for name, value in draft.items():
        if name.startswith(FAMILIES) and name not in state:
            state[name] = value
    state.setdefault(KEPT, found)


def keep(version: int | None) -> None:
    """Keep what stands in the fields now, where it is new in this tab: what was typed and set in
    another one since stays. `version` where it is not the usual one."""
    state = st.session_state
    if begins := state["start"][:SIGNS]:
        st.query_params[BEGINS] = begins
    else:
        st.query_params.pop(BEGINS, None)
    families = [str(name) for name in state if str(name).startswith(FAMILIES)][-MOST:]
    fields = {name: state[name] for name in (*USUAL, *NAMED, *families) if name in state}
    fields["version"] = version
    was = state[KEPT]
    if changes := prompt_drafts.changed(fields, was):
        tab, who, now = drafts.tab(), ui.person(), context.now()
        try:
            prompt_drafts.keep(session.studio().engine, changes, tab=tab, was=was, by=who, now=now)
        except StudioError as error:
            ui.failed(error)
        state[KEPT] = {**was, **fields}


def take_over() -> None:
    """The settings of the picture that the address names: all of them (?again=ID), or to begin
    from it (?from=ID, of old ?start=ID), or to draw a part of it anew (?part=ID). What was typed
    before stands beside it."""
    asked = {name: st.query_params.pop(name, None) for name in ("again", "from", "start", "part")}
    named = next(((name, id) for name, id in asked.items() if id), None)
    if named is None:
        return
    studio, state = session.studio(), st.session_state
    name, picture = named[0], gallery_table.get(studio.engine, named[1])
    typed = state["prompt"] if "prompt" in state else held().get("prompt")
    if typed and typed != picture.prompt:
        prompt_beside.set_aside({"prompt": typed})
    settings = _settings(picture)
    if name == "again":
        settings |= {"seeds": FIXED, "seed": picture.seed % SEEDS, "count": 1}
        state["start"], state["mask"] = picture.start, picture.mask
        state["part"], state["change"] = bool(picture.mask), picture.change or 0.6
        state["leads"] = leading.of_picture(picture.leads, picture.reference)
    elif ui.may("generate"):
        state["start"] = start_pictures.keep_picture(studio.home, to_use(picture), by=ui.person())
        state["part"], state["mask"] = name == "part", ""
    for key, value in settings.items():
        st.query_params[key] = f"{value:g}" if isinstance(value, float) else str(value)


def _settings(picture: Picture) -> dict[str, Any]:
    """Prompt and adapters into their fields; what the address says is the answer."""
    state = st.session_state
    state["prompt"], state["negative"] = picture.prompt, picture.negative
    state["others"] = [f"{o['style']} version {o['version']}" for o in picture.adapters]
    for other in picture.adapters:
        state[f"strength of {other['style']} version {other['version']}"] = other["strength"]
    size_choice.wish(picture.width, picture.height)
    edges = {"seamless": picture.seamless or "no"}
    if picture.seamless:
        edges["holes"] = FILLED if picture.fill else OPEN
    return edges | {
        name: getattr(picture, name)
        for name in ("style", "version", "steps", "guidance", "strength")
    }
