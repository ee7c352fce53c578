"""What the tabs share: versions and drafts read once for all sessions, and what is chosen.

Versions never change and rows are tuples, so all sessions get the same objects; copies of 10,000
records would cost more than all the rest of a page.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from studio.datasets import (
    drafts,
    duplicate_groups,
    edits,
    inspection,
    manifests,
    statistics,
    upload_import,
    withdrawals,
)
from studio.datasets.duplicate_groups import Groups
from studio.datasets.edits import Row
from studio.datasets.inspection import Findings
from studio.datasets.manifests import DatasetVersion, Head
from studio.datasets.pictures import Picture
from studio.datasets.statistics import Numbers
from studio.web import addresses, session, ui
from studio.web.markup import Shown

ANY, NONE = "Any", "None given"
ALL = {"q": "", "category": ANY, "tag": ANY, "show": "All"}


def version(name: str, digest: str) -> DatasetVersion:
    """A version, read and checked once."""
    return _version(str(session.studio().home), name, digest)


@st.cache_resource(max_entries=6, show_spinner=False)
def _version(home: str, name: str, digest: str) -> DatasetVersion:
    return manifests.read(Path(home), name, digest)


def rows(name: str, digest: str) -> tuple[Row, ...]:
    """The pictures of the newest version with the draft's edits."""
    studio = session.studio()
    return _rows(str(studio.home), name, digest, mark(name))


Mark = tuple[tuple[int, int], tuple[int, int]]


def mark(name: str) -> Mark:
    """Another one after each change of the draft, and after each withdrawal."""
    studio = session.studio()
    return drafts.mark(studio.engine, name), withdrawals.mark(studio.home)


@st.cache_resource(max_entries=4, show_spinner=False)
def _rows(home: str, name: str, digest: str, mark: Mark) -> tuple[Row, ...]:
    return edits.applied(
        _version(home, name, digest).pictures,
        drafts.read(session.studio().engine, name),
        withdrawals.by(Path(home)),
    )


def summary(name: str, digest: str) -> str:
    """What the draft would change, in a line; empty when nothing."""
    studio = session.studio()
    return _summary(str(studio.home), name, digest, mark(name))


@st.cache_resource(max_entries=64, show_spinner=False)
def _summary(home: str, name: str, digest: str, mark: Mark) -> str:
    return edits.summary(_rows(home, name, digest, mark))


def groups(name: str, digest: str) -> Groups | None:
    """Near duplicates of a version, or None while nobody has looked."""
    found = _groups(str(session.studio().home), name, digest)
    if found is None:
        _groups.clear(str(session.studio().home), name, digest)
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def _groups(home: str, name: str, digest: str) -> Groups | None:
    return duplicate_groups.known(Path(home), _version(home, name, digest).pictures)


def found_out(name: str, digest: str) -> Findings | None:
    """What a look at every picture found, or None while nobody has looked."""
    home = str(session.studio().home)
    found = _found_out(home, name, digest)
    if found is None:
        _found_out.clear(home, name, digest)
    return found


@st.cache_resource(max_entries=16, show_spinner=False)
def _found_out(home: str, name: str, digest: str) -> Findings | None:
    version = _version(home, name, digest)
    return inspection.known(Path(home), version.pictures, version.look)


def fresh(name: str) -> frozenset[str]:
    """Hashes of the pictures that came with uploads whose reports nobody has dismissed."""
    studio = session.studio()
    told = upload_import.undismissed(studio.engine, name)
    came = (upload_import.came(studio.home, report) for report in told)
    return frozenset[str]().union(*came)


def numbers(name: str, digest: str) -> Numbers:
    """The counts of the newest version with what the draft changes."""
    looked = groups(name, digest) is None, found_out(name, digest) is None
    return _numbers(str(session.studio().home), name, digest, mark(name), looked)


@st.cache_resource(max_entries=8, show_spinner=False)
def _numbers(
    home: str, name: str, digest: str, mark: Mark, not_looked: tuple[bool, bool]
) -> Numbers:
    there = [row.picture for row in _rows(home, name, digest, mark) if not row.removed]
    return statistics.numbers(there, groups(name, digest), found_out(name, digest))


def newest(name: str) -> Head:
    """The head of the newest version of a dataset that is there."""
    return manifests.heads(session.studio().home, name)[0]


def label(head: Head) -> str:
    """A version in a list: when, who, what, how many."""
    said = f" · {head.says}" if head.says else ""
    who = f" · {head.actor}" if head.actor else ""
    return f"{ui.moment(head.created)}{who}{said} ({head.pictures:,} pictures) · {head.version}"


def draw_anew() -> None:
    """As a callback of a dialog: it closes, and the page behind it is drawn anew."""
    st.session_state["redraw"] = True


def lead_on() -> None:
    """First in a dialog, which is drawn alone after its own buttons: the whole page, where one of
    them asked for that or leads elsewhere."""
    if st.session_state.get("redraw"):
        st.rerun()


def go(tab: str, **filters: str) -> None:
    """A button's callback: open a tab; that of pictures filtered so and not otherwise."""
    st.session_state["tab"] = tab
    draw_anew()
    if tab == "Pictures":
        st.session_state.update({**ALL, **filters})
        for key in (*ALL, "version", "page"):
            st.query_params.pop(key, None)


def reveal() -> None:
    """As a callback, or before the pictures are drawn: they are scrolled into sight, once."""
    st.session_state["reveal"] = st.session_state.get("reveal", 0) + 1


def page(name: str, count: int, at_once: int, key: str = "") -> int:
    """Which page of `count` things is chosen, from 1; the address has it under this name. One that
    is beyond the last leads there, unless it was of other things: these have another key."""
    pages = max(1, -(-count // at_once))
    same = st.session_state.setdefault(f"{name} of", key) == key
    st.session_state[f"{name} of"] = key
    asked = ui.number_of(name) if same else None
    last = pages if (asked or 0) > pages else 1
    field = addresses.one_of(name, range(1, pages + 1), first=last, key=key, unsaid=1)
    return int(st.pagination(pages, **field)) if pages > 1 else 1


def link(label: str, tab: str, key: str, **filters: str) -> None:
    """A button that opens a tab with the pictures filtered so."""
    st.button(label, key=key, on_click=go, args=(tab,), kwargs=filters)


def shown(picture: Picture, caption: str | None = None, side: int = 160) -> Shown:
    """A picture for `ui.pictures`; smaller copies of what is larger than needed."""
    large = max(picture.width, picture.height) > 2 * side
    return Shown(
        f"/picture/data/{picture.hash}{f'?side={2 * side}' if large else ''}",
        picture.caption if caption is None else caption,
        picture.width,
        picture.height,
        alt=picture.caption,
    )


def chosen(name: str) -> list[str]:
    """The hashes that this person has chosen, on all pages of the filter."""
    return list(st.session_state.get("chosen", {}).get(name, []))


def choose(name: str, hashes: list[str]) -> None:
    """As a callback: these are chosen; changes to many then mean them first."""
    st.session_state.setdefault("chosen", {})[name] = hashes
    st.session_state["bulk-to"] = "chosen" if hashes else "shown"


def count(number: int, what: str = "picture") -> str:
    """ "1 picture", "2,000 pictures"."""
    return f"{number:,} {what}{'s' * (number != 1)}"
