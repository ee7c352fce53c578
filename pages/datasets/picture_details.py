"""One picture, large, and all that is known of it."""

from __future__ import annotations

import streamlit as st

from pages.datasets import draft, mask_editor, tab_state
from studio.datasets import caption_proposals, edits
from studio.datasets.edits import Change, Row
from studio.errors import StudioError
from studio.web import drafts, session, ui
from studio.web.drafts import Draft

TEXTS = {"category": "Category", "source": "Source", "author": "Author", "licence": "Licence"}
ORIGINS = {"generated": "Drawn by a style", "painted": "Painted over", "augmented": "Varied"}
CONSENT = {
    "consent_by": "Consent given by",
    "consent_on": "On (2026-03-31)",
    "consent_for": "For what",
    "consent_note": "Note, or where the document lies",
}


def show(name: str, rows: tuple[Row, ...], hash: str) -> None:
    """Open the picture that the address names, or say that it is not there."""
    row = next((row for row in rows if row.picture.hash == hash), None)
    if row is None:
        st.warning("The picture of this link is not in the newest version.")
        return
    _window(name, row)


def look(rows: tuple[Row, ...], hash: str) -> None:
    """Open a picture of an earlier version, as it was."""
    row = next((row for row in rows if row.picture.hash == hash), None)
    if row is None:
        st.warning("The picture of this link is not in this version.")
        return
    _as_it_was(row)


@st.dialog("Picture", width="large", on_dismiss=lambda: close())
def _as_it_was(row: Row) -> None:
    _shown(row)
    st.markdown(ui.plain(row.picture.caption))


def _shown(row: Row) -> None:
    """The picture, under its mask where it has one."""
    picture = row.picture
    if picture.mask:
        mask_editor.look(picture, "details-mask")
    else:
        ui.pictures([tab_state.shown(picture, "", side=320)], side=320)
    st.caption(
        f"{ui.plain(picture.file_name)} · {picture.width} × {picture.height} pixels"
        f"{' · transparent' if picture.has_alpha else ''}"
        f"{' · mask of an earlier drawing' if picture.mask_of else ''}"
    )


def close() -> None:
    """Take the picture out of the address."""
    st.query_params.pop("picture", None)


@st.dialog("Picture", width="large", on_dismiss=close)
def _window(name: str, row: Row) -> None:
    tab_state.lead_on()
    left, right = st.columns([1, 1], gap="large")
    with left:
        _shown(row)
        _known(name, row)
        if row.withdrawn:
            return
        _ways(name, row)
    with right:
        _fields(name, row)


def _known(name: str, row: Row) -> None:
    """What became of it, and where it is from."""
    picture = row.picture
    if row.changed:
        before = " Before:" if "caption" in row.changed else ""
        what = ", ".join(dict.fromkeys(field.partition("_")[0] for field in row.changed))
        st.caption(f"Changed by {ui.plain(row.by)}, {ui.moment(row.at)}: {what}.{before}")
        if before:
            st.markdown(f":gray[{ui.plain(row.frozen.caption) or 'no caption'}]")
    if picture.cut:
        st.caption(f"Cut from a larger file: {ui.plain(str(picture.cut))}.")
    if picture.added:
        st.caption(f"{ORIGINS[picture.origin]}: {ui.plain(picture.source)}")
    _proposed(name, picture.hash)
    if row.withdrawn:
        st.caption(f":red[Withdrawn by {ui.plain(row.by)}, {ui.moment(row.at)}.]")
        tab_state.link("See why", "Consent", key="details-consent")


def _ways(name: str, row: Row) -> None:
    st.button(
        "Its mask …" if row.picture.mask else "Draw a mask …",
        key="details-mask-desk",
        icon=":material/contrast:",
        on_click=_to_mask,
        args=(row.picture.hash,),
    )
    st.button(
        "Withdraw it …",
        on_click=_withdraw,
        args=(name, row.picture.hash),
        key="details-withdraw",
        **ui.only("withdraw pictures"),
    )
    verb = "Bring back" if row.removed else "Remove from the next version"
    st.button(
        verb, on_click=_take, args=(name, row), key="details-take", **ui.only("edit datasets")
    )


def _fields(name: str, row: Row) -> None:
    picture, may = row.picture, ui.only("edit datasets")
    told = {field: getattr(picture, field) for field in ("caption", *TEXTS, *CONSENT)}
    told["tags"] = ", ".join(picture.tags)
    typed = drafts.begin(f"details/{name}/{picture.hash}", told)
    drafts.tell(typed)
    st.text_area("Caption", **drafts.field(typed, "caption"), **may)
    for field, label in TEXTS.items():
        st.text_input(label, **drafts.field(typed, field), **may)
    one, two = st.columns(2)
    for place, (field, label) in enumerate(CONSENT.items()):
        (two if place % 2 else one).text_input(label, **drafts.field(typed, field), **may)
    st.text_input("Tags, with commas", **drafts.field(typed, "tags"), **may)
    st.button(
        "Save to the draft",
        type="primary",
        key="details-save",
        on_click=_save,
        args=(name, row, typed),
        **may,
    )
    draft.wrong()


def _save(name: str, row: Row, typed: Draft) -> None:
    values: dict[str, object] = {field: drafts.value(typed, field) for field in typed.saved}
    try:
        values["tags"] = edits.tags_in(str(values["tags"]))
    except StudioError as error:
        st.session_state["draft-wrong"] = error
        return
    changes = [
        Change(row.picture.hash, field, value)  # type: ignore[arg-type]
        for field, value in values.items()
        if value != getattr(row.picture, field)
    ]
    if draft.write(name, changes, f"Details of {row.picture.file_name}"):
        drafts.drop(typed)
        _leave()


def _leave() -> None:
    """The window is closed and the page drawn anew."""
    close()
    tab_state.draw_anew()


def _proposed(name: str, hash: str) -> None:
    """Who or what proposed words for it, and what became of them."""
    for one in caption_proposals.told(session.studio().engine, name, hash)[:3]:
        said = f", {one.state} by {one.decided_by}" if one.decided_by else ", waits"
        st.caption(ui.plain(f"{one.model} proposed “{one.text}”{said}"))


def _to_mask(hash: str) -> None:
    close()
    mask_editor.to_desk(hash)


def _withdraw(name: str, hash: str) -> None:
    tab_state.choose(name, [hash])
    close()
    tab_state.go("Consent")


def _take(name: str, row: Row) -> None:
    doing = "Brought back" if row.removed else "Removed"
    change = Change(row.picture.hash, "removed", not row.removed)
    draft.write(name, [change], f"{doing} {row.picture.file_name}")
    _leave()
