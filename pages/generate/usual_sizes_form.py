"""A style's usual sizes as a form: rows of a name, a width and a height."""

from typing import Any

import streamlit as st

from studio import context
from studio.diffusion import sizes
from studio.errors import StudioError
from studio.generation import usual_sizes
from studio.generation.usual_sizes import MOST, NAME, RIGHT, SIDES, UsualSize
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

EDITED = "usual-sizes"  # there while somebody edits them: of which style, and what they saw
REFUSED = "usual-sizes refused"
EXAMPLES = ("hero", "icon", "background")


def button(style: str, usual: tuple[UsualSize, ...]) -> None:
    """The way to the form, for those who may change them."""
    if not ui.may(RIGHT):
        return
    seen = {EDITED: (style, usual)}  # what is there now, lest others' changes get lost
    st.button(
        "Usual sizes",
        icon=":material/aspect_ratio:",
        type="tertiary",
        on_click=st.session_state.update,
        args=(seen,),
    )
    if EDITED in st.session_state:
        _dialog(*st.session_state[EDITED])


@st.dialog("Usual sizes", on_dismiss=lambda: _close())
def _dialog(style: str, usual: tuple[UsualSize, ...]) -> None:
    if EDITED not in st.session_state:  # saved, in a run of the dialog alone
        st.rerun()
    st.caption(
        f"The sizes that most pictures of {ui.plain(style)} have, in pixels: offered first on "
        "Generate and Lists, and known to commands by name."
    )
    draft = drafts.begin(f"usual sizes/{style}", _fields(usual))
    if refused := st.session_state.pop(REFUSED, None):
        ui.failed(refused)
    rows = drafts.value(draft, "rows")
    for place, row in enumerate(rows):
        _row(draft, row, place)
    with st.container(horizontal=True):
        st.button(
            "Add a size",
            key="size-add",
            icon=":material/add:",
            on_click=_add,
            args=(draft,),
            disabled=len(rows) == MOST,
        )
        st.button(
            "Save",
            key="sizes-save",
            type="primary",
            on_click=_save,
            args=(style, usual, draft),
            **ui.only(RIGHT),
        )
    drafts.tell(draft)


def _row(draft: Draft, row: int, place: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            f"Name {place + 1}",
            max_chars=NAME,
            placeholder=EXAMPLES[place % len(EXAMPLES)],
            width=200,
            **drafts.field(draft, f"name {row}"),
        )
        for side in SIDES:
            st.number_input(
                f"{side.capitalize()} {place + 1}",
                sizes.LEAST,
                sizes.MOST,
                None,
                1,
                width=110,
                **drafts.field(draft, f"{side} {row}"),
            )
        st.button(
            "Remove",
            key=f"size-remove-{row}",
            icon=":material/delete:",
            type="tertiary",
            on_click=_remove,
            args=(draft, row),
        )


def _fields(usual: tuple[UsualSize, ...]) -> dict[str, Any]:
    """What stands in the form at first; with an empty row where there are none."""
    fields: dict[str, Any] = {"rows": list(range(max(1, len(usual))))}
    for row in range(MOST):
        one = usual[row] if row < len(usual) else None
        fields[f"name {row}"] = one.name if one else ""
        fields |= {f"{side} {row}": getattr(one.size, side) if one else None for side in SIDES}
    return fields


def _add(draft: Draft) -> None:
    rows = drafts.value(draft, "rows")
    drafts.put(draft, rows=[*rows, next(row for row in range(MOST) if row not in rows)])


def _remove(draft: Draft, row: int) -> None:
    empty = {f"name {row}": ""} | {f"{side} {row}": None for side in SIDES}
    rows = [other for other in drafts.value(draft, "rows") if other != row]
    drafts.put(draft, rows=rows, **empty)


def _save(style: str, usual: tuple[UsualSize, ...], draft: Draft) -> None:
    rows = [
        tuple(drafts.value(draft, f"{name} {row}") for name in ("name", *SIDES))
        for row in drafts.value(draft, "rows")
    ]
    engine, who = session.studio().engine, ui.person()
    try:
        new = usual_sizes.checked(rows)
        usual_sizes.write(engine, style, new, usual, by=who, now=context.now())
    except StudioError as error:
        st.session_state[REFUSED] = error
        return
    drafts.drop(draft)
    _close()


def _close() -> None:
    st.session_state.pop(EDITED, None)
