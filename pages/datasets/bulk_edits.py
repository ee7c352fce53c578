"""One change to many pictures: those that are chosen, or all that the filter shows."""

from __future__ import annotations

import streamlit as st

from pages.datasets import draft, tab_state
from studio.datasets import edits, manifests
from studio.datasets.edits import Bulk, Row
from studio.errors import StudioError
from studio.web import session, ui

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


def panel(name: str, rows: tuple[Row, ...], found: list[Row]) -> None:
    """The form, what it would do, and the button that does it."""
    chosen = tab_state.chosen(name)
    with st.expander("Change many at once", icon=":material/edit_note:", key="bulk"):
        left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
        options = {"chosen": f"{len(chosen):,} chosen", "shown": f"all {len(found):,} shown"}
        st.session_state.setdefault("bulk-to", "shown")
        to = left.segmented_control(
            "To which pictures",
            list(options),
            format_func=options.__getitem__,
            required=True,
            key="bulk-to",
        )
        does = middle.selectbox(
            "What to do", list(DOES), format_func=lambda kind: DOES[kind][0], key="bulk-does"
        )
        asked = _fields(right, does)
        if to == "chosen":
            wanted = set(chosen)
            aimed = [row for row in rows if row.picture.hash in wanted]
        else:
            aimed = found
        if chosen:
            st.button("Choose none", on_click=_none, args=(name,), key="bulk-none")
        _preview(name, aimed, asked)


def _fields(place: object, does: str) -> Bulk:
    label = DOES[does][1]
    with place:  # type: ignore[attr-defined]
        if does == "replace":
            one, two = st.columns(2)
            text = one.text_input(label, key="bulk-text")
            instead = two.text_input("Put instead", key="bulk-instead")
            inside = st.checkbox("Also inside of words", key="bulk-inside")
            return Bulk("replace", text, instead, inside)
        if does == "consent":
            one, two = st.columns(2)
            by = one.text_input("Given by", key="bulk-consent-by")
            on = two.date_input("On", None, key="bulk-consent-on", format="YYYY-MM-DD")
            what = one.text_input(
                "For what", key="bulk-consent-for", placeholder="training, inside the studio"
            )
            note = two.text_input("Note, or where the document lies", key="bulk-consent-note")
            return Bulk("consent", consent=(by, on.isoformat() if on else "", what, note))
        text = st.text_input(label, key="bulk-text") if label else ""
        return Bulk(does, text)  # type: ignore[arg-type]


def _preview(name: str, aimed: list[Row], asked: Bulk) -> None:
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
            st.markdown(f":gray[{ui.plain(old)}] → {ui.plain(change.value)}")
    st.button(
        f"Change {tab_state.count(len(touched))}",
        type="primary",
        key="bulk-do",
        on_click=_apply,
        args=(name, [row.picture.hash for row in aimed], asked),
        **ui.only("edit datasets", not touched),
    )


def _apply(name: str, hashes: list[str], asked: Bulk) -> None:
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
    draft.write(name, changes, says, key=draft.token("bulk"))
    draft.spent("bulk")
    for field in ("bulk-text", "bulk-instead"):  # or a second press would do it all once more
        st.session_state.pop(field, None)


def _none(name: str) -> None:
    tab_state.choose(name, [])
    st.session_state["chosen-mark"] = st.session_state.get("chosen-mark", 0) + 1
