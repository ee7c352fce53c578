"""Who approved, locked or withdrew a palette, and the buttons that do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from studio import context
from studio.finishing import palettes
from studio.finishing.palette_uses import Use
from studio.finishing.palettes import APPROVE, EDIT, Palette
from studio.web import session, ui


def state(palette: Palette, used: Sequence[Use]) -> None:
    """What the palette is, in words, and what can be decided about it."""
    source = f", from {ui.plain(palette.source)}" if palette.source else ""
    who = f"by {ui.plain(palette.by)}, {ui.moment(palette.at)}"
    st.markdown(f"**Revision {palette.revision}** {who}{source}")
    for label, person, when, icon in (
        ("Approved", palette.approved_by, palette.approved_at, "verified"),
        ("Locked", palette.locked_by, palette.locked_at, "lock"),
        ("Withdrawn", palette.withdrawn_by, palette.withdrawn_at, "delete"),
    ):
        if person and when:
            st.markdown(f":material/{icon}: {label} by {ui.plain(person)}, {ui.moment(when)}")
    _uses(palette, used)
    with st.container(horizontal=True):
        if palette.withdrawn_by:
            _button("Bring back", "undo", palettes.bring_back, palette, EDIT)
            return
        newest = palette.revision == palette.newest
        st.button(
            "Approve",
            icon=":material/verified:",
            on_click=_approve,
            args=(palette,),
            **ui.only(
                APPROVE,
                disabled=palette.approved_by is not None or not newest,
                help=None if newest else "Only the newest revision is approved.",
            ),
        )
        if palette.locked:
            _button("Unlock", "lock_open", palettes.unlock, palette, APPROVE)
        else:
            _button("Lock", "lock", palettes.lock, palette, APPROVE)
        right = APPROVE if palette.approved_by else EDIT
        _button("Withdraw", "delete", palettes.withdraw, palette, right, palette.locked)


def withdrawn(known: Sequence[Palette]) -> None:
    """Those of them that are offered nowhere any more, folded away."""
    found = [one for one in known if one.withdrawn_by]
    if not found:
        return
    with st.expander(f"Withdrawn ({len(found)})", icon=":material/delete:"):
        for one in found:
            st.page_link(
                "pages/Palettes.py", label=ui.plain(one.name), query_params={"palette": one.name}
            )


def _uses(palette: Palette, used: Sequence[Use]) -> None:
    for use in used:
        behind = "" if use.revision == palette.newest else f", at revision {use.revision}"
        st.markdown(
            f":material/brush: Used by the recipe of {ui.plain(use.style)}{behind}. Recipes have "
            "their colours written out: a later revision changes none of them."
        )


def _button(
    label: str,
    icon: str,
    act: Callable[..., Palette],
    palette: Palette,
    right: str,
    disabled: bool = False,
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        on_click=_decide,
        args=(act, palette.name),
        **ui.only(right, disabled=disabled, help="It is locked." if disabled else None),
    )


def _decide(act: Callable[..., Palette], name: str) -> None:
    act(session.studio().engine, name, by=ui.person(), now=context.now())


def _approve(palette: Palette) -> None:
    engine, now = session.studio().engine, context.now()
    palettes.approve(engine, palette.name, palette.revision, by=ui.person(), now=now)
