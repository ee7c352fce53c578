"""A version's best pictures, each above what another version drew of the same prompt and seed."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.database import engine as db
from studio.evaluation import contact_sheet
from studio.registry.places import Places
from studio.web import markup, session
from studio.web.markup import Shown
from studio.workflows import version_pictures
from studio.workflows.version_pictures import Pair


def pictures(
    studio: context.Studio, style: str, number: int, other: int | None, where: Places, side: int
) -> None:
    """The pairs with a line that says which version is which; `other` is what is drawn beside."""
    revision = db.revision(studio.engine)
    pairs = _best(style, number, other, revision)
    if not pairs:
        st.caption(f"No test sheet of version {number} yet: measure it on Evaluate.")
        return
    above = f"Above: version {number}, {where.of(number)}"
    if other is None:
        st.caption(f"Version {number}, {where.of(number)}: its best pictures of the test sheet.")
    elif any(pair.beside for pair in pairs):
        st.caption(f"{above}. Below: version {other}, {where.of(other)}. Same prompts and seeds.")
    elif theirs := _best(style, other, None, revision):
        st.caption(f"{above}. Below: version {other}, {where.of(other)}, of other prompts.")
        pairs = [
            Pair(pair.prompt, pair.seed, pair.picture, one.picture)
            for pair, one in zip(pairs, theirs, strict=False)
        ]
    else:
        st.caption(f"{above}. Version {other}, {where.of(other)}, has no test sheet.")
    sheet = {n: _sheet(studio, style, n) for n in (number, other) if n is not None}

    def shown(n: int, file: str, pair: Pair, said: str) -> Shown:
        address, at, size = sheet[n]
        alt = f"version {n}: {pair.prompt}"
        return Shown(f"{address}/{file}?at={at}", said, *size, alt=alt)

    rows: list[tuple[Shown, Shown | None]] = []
    for pair in pairs:
        below = shown(other, pair.beside, pair, pair.prompt) if other and pair.beside else None
        rows.append((shown(number, pair.picture, pair, "" if below else pair.prompt), below))
    st.html(markup.pairs(rows, side))


def _sheet(studio: context.Studio, style: str, number: int) -> tuple[str, int, tuple[int, int]]:
    """Address of a version's sheet, when it was drawn, and the size of its pictures."""
    folder = contact_sheet.folder_of(studio.home, style, number)
    address = f"/picture/sheet/{style}/{number}"
    try:
        return address, (folder / "sheet.json").stat().st_mtime_ns, contact_sheet.size(folder)
    except FileNotFoundError:
        return address, 0, (0, 0)


@st.cache_data(max_entries=256, show_spinner=False)
def _best(style: str, number: int, other: int | None, revision: int) -> list[Pair]:
    """For all sessions: hundreds of people's votes say which pictures these are."""
    return version_pictures.best(session.studio(), style, number, other)
