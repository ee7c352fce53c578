"""One change to many pictures: those that are chosen, or all that the filter shows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.datasets import draft, tab_state
from studio.datasets import edits, manifests
from studio.datasets.edits import Bulk, Row
from studio.errors import StudioError
from studio.web import addresses, drafts, session, ui
from studio.web.drafts import Draft

# What stands in the list, the label of its field ("": none).
DOES: dict[str, tuple[str, str]] = {
    "front": ("Put in front of captions", "Text"),
    "behind": ("Put behind captions", "Text"),
    "replace": ("Replace in captions", "Look for"),
    "token": ("Put the style's word in front", "The style's word"),
    "caption": ("Write the caption", "Caption"),
    "category": ("Set the category", "Category"),
    "add tags": ("Add tags", "Tags, with commas"),
    "remove tags": ("Take tags away", "Tags, with commas"),
    "source": ("Set the source", "Source"),
    "author": ("Set the author", "Author"),
    "licence": ("Set the licence", "Licence"),
    "consent": ("Write the consent", ""),
    "remove": ("Remove the pictures", ""),
    "bring back": ("Bring removed pictures back", ""),
    "reset": ("Undo all changes of the draft", ""),
}


EMPTY = {"text": "", "instead": "", "inside": False, "by": "", "on": "", "what": "", "note": ""}


def panel(name: str, rows: tuple[Row, ...], found: list[Row]) -> None:
    """The form, what it would do, and the button that does it."""
    chosen = tab_state.chosen(name)
    typed = drafts.begin(f"bulk/{name}", EMPTY)
    with st.expander(
        "Change many at once",
        icon=":material/edit_note:",
        key="bulk",
        expanded=typed.at is not None,
    ):
        left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
        options = {"chosen": f"{len(chosen):,} chosen", "shown": f"all {len(found):,} shown"}
        st.session_state.setdefault("bulk-to", "shown")
        to = left.segmented_control(
            "To which pictures",
            list(options),
            format_func=options.__getitem__,
            required=True,
            key="bulk-to",
            wrap=True,
        )
        does = middle.selectbox(
            "What to do",
            list(DOES),
            format_func=lambda kind: DOES[kind][0],
            **addresses.one_of("does", list(DOES), key="bulk-does", unsaid="front"),
        )
        with right:
            asked = _fields(typed, does)
        if to == "chosen":
            wanted = set(chosen)
            aimed = [row for row in rows if row.picture.hash in wanted]
        else:
            aimed = found
        if chosen:
            st.button("Choose none", on_click=_none, args=(name,), key="bulk-none")
        _preview(name, aimed, asked, typed)
        drafts.tell(typed)


def _fields(typed: Draft, does: str) -> Bulk:
    label = DOES[does][1]

    def line(place: Any, name: str, label: str, **more: Any) -> str:
        return str(place.text_input(label, **more, **drafts.field(typed, name)) or "")

    if does == "replace":
        one, two = st.columns(2)
        text, instead = line(one, "text", label), line(two, "instead", "Put instead")
        inside = st.checkbox("Also inside of words", **drafts.field(typed, "inside"))
        return Bulk("replace", text, instead, inside)
    if does == "consent":
        one, two = st.columns(2)
        given = (
            line(one, "by", "Given by"),
            line(two, "on", "On", placeholder="2026-03-31"),
            line(one, "what", "For what", placeholder="training, inside the studio"),
            line(two, "note", "Note, or where the document lies"),
        )
        return Bulk("consent", consent=given)
    return Bulk(does, line(st, "text", label) if label else "")  # type: ignore[arg-type]


def _preview(name: str, aimed: list[Row], asked: Bulk, typed: Draft) -> None:
    needs = asked.kind not in ("category", "source", "author", "licence") and DOES[asked.kind][1]
    if needs and not asked.text.strip():
        st.caption("Write a text, and see here what would come of it.")
        return
    if asked.kind == "consent" and not any(asked.consent):
        st.caption("Say who gave it, when, and for what; what is left empty stays as it is.")
        return
    try:
        changes = edits.changes(aimed, asked)
    except StudioError as error:
        st.caption(f":orange[{ui.plain(error.message)} {ui.plain(error.remedy)}]")
        return
    touched = list(dict.fromkeys(change.hash for change in changes))
    st.caption(
        f"{len(touched):,} of {tab_state.count(len(aimed))} would change."
        if touched
        else "Nothing would change."
    )
    before = {row.picture.hash: row.picture for row in aimed}
    captions = [change for change in changes if change.field == "caption"][:3]
    for change in captions:
        old = before[change.hash].caption
        if isinstance(change.value, str):
            st.markdown(f":gray[{ui.plain(old) or 'no caption'}] → {ui.plain(change.value)}")
    st.button(
        f"Change {tab_state.count(len(touched))}",
        type="primary",
        key="bulk-do",
        on_click=_apply,
        args=(name, [row.picture.hash for row in aimed], asked, typed),
        **ui.only("edit datasets", not touched),
    )


def _apply(name: str, hashes: list[str], asked: Bulk, typed: Draft) -> None:
    """Made anew from what the draft holds now: somebody may have written meanwhile."""
    head = manifests.heads(session.studio().home, name)[0]
    wanted = set(hashes)
    rows = [row for row in tab_state.rows(name, head.digest) if row.picture.hash in wanted]
    changes = edits.changes(rows, asked)
    what = DOES[asked.kind][0]
    text = f" “{asked.text.strip()}”" if asked.text.strip() else ""
    instead = f" by “{asked.instead.strip()}”" if asked.kind == "replace" else ""
    touched = len({change.hash for change in changes})
    says = f"{what}{text}{instead}: {tab_state.count(touched)}"
    if draft.write(name, changes, says, key=draft.token("bulk")):
        draft.spent("bulk")
        drafts.drop(typed)  # or a second press would do it all once more


def _none(name: str) -> None:
    tab_state.choose(name, [])
    st.session_state["chosen-mark"] = st.session_state.get("chosen-mark", 0) + 1
