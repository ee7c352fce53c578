"""What pages ask and draw with: who is there and what they may, errors, times, rows of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from studio import numbers
from studio.accounts import rights
from studio.errors import StudioError
from studio.evaluation.comparison import Mark
from studio.generation.gallery_table import Picture
from studio.web import markup, session
from studio.web.markup import Shown


def person() -> str:
    """Who is at the browser, with the role that they have at this moment; StudioError when their
    session has ended."""
    return session.person(st.context.cookies)


def may(right: str) -> bool:
    """Whether the person may do this."""
    return rights.allowed(person(), right)


def only(right: str, disabled: bool = False, help: str | None = None) -> dict[str, Any]:
    """For a button or field: `disabled` and `help` as given where the person may do this;
    otherwise it is disabled and says who may."""
    if may(right):
        return {"disabled": disabled, "help": help}
    return {"disabled": True, "help": f"This is for {rights.who_may(right)}."}


def failed(error: StudioError) -> None:
    """Show an error with its remedy. What people wrote is shown as text, never as markup."""
    st.error(f"{plain(error.message)}\n\n{plain(error.remedy)}", icon=":material/error:")


def plain(text: str) -> str:
    """What people wrote, for markdown places (captions, labels, errors): nothing in it is markup,
    and no address becomes a link."""
    return markup.plain(text)


def pictures(shown: Sequence[Shown], side: int = 192) -> None:
    """A row of pictures that wraps, each at most `side` pixels, small ones enlarged sharply."""
    st.html(markup.row(shown, side))


def shelf(shown: Sequence[Shown], side: int) -> None:
    """One line of pictures, as many as fit, each in a square of `side` pixels."""
    st.html(markup.shelf(shown, side))


def picture_table(
    heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Sequence[tuple[Shown, int]]]]]
) -> None:
    """Rows with a name, the first head's, and pictures under each other, with the side of each."""
    st.html(markup.table(heads, rows))


def chart(spec: Mapping[str, Any], key: str) -> None:
    """A Vega-Lite chart. Its rows go along under a name: Streamlit draws a chart once without rows
    that have none, and Vega then complains that its scales have no ends."""
    named = dict(spec)
    if "values" in named.get("data", {}):
        named["datasets"] = {"rows": named["data"]["values"]}
        named["data"] = {"name": "rows"}
    st.vega_lite_chart(named, key=key)


def scale(marks: Sequence[Mark], digits: int) -> None:
    """Values on one line each, with their intervals; where the base and real art lie goes
    through all of them."""
    st.html(markup.scale(marks, digits))


def gone(key: str, known: Iterable[object], what: str) -> None:
    """Say so where the address names, by `key`, something that is not among the `known`: links
    outlive things. To be called before the field that is bound to the key; "{}" in `what` is it."""
    there = {str(one) for one in known}
    for asked in st.query_params.get(key, "").split(","):
        if asked and asked not in there:
            st.warning(
                f"There is no {plain(what.format(asked[:80]))} any more. Choose another.",
                icon=":material/search_off:",
            )


def relabelled(key: str, labels: Mapping[Any, str]) -> None:
    """To be called before a choice whose labels change while it is shown, as a version's stage
    does: the browser holds the label that was chosen, so it is told the new one."""
    told = st.session_state.setdefault("labels told", {})
    if key in st.session_state and told.get(key, labels) != labels:
        st.session_state[key] = st.session_state[key]
    told[key] = dict(labels)


def number_of(key: str) -> int | None:
    """The number that the address gives `key`; None where it gives none that anything can have."""
    return numbers.counted(st.query_params.get(key))


def moment(stamp: str) -> str:
    """A moment of the database (ISO, UTC) as the person's own clock shows it."""
    return f"{datetime.fromisoformat(stamp).astimezone(clock()):%d %b %Y, %H:%M}"


def clock() -> ZoneInfo:
    """The time zone of the person's browser."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def made(picture: Picture, caption: str | None = None) -> Shown:
    """A generated picture, as a page shows it; under it its prompt unless told otherwise."""
    said = picture.prompt if caption is None else caption
    url = f"/picture/made/{picture.id}"
    href = f"/Picture?id={picture.id}"
    return Shown(url, said, picture.width, picture.height, alt=picture.prompt, href=href)


def raw_address(picture: Picture) -> str | None:
    """Where a browser gets a generated picture as the model drew it; None where there is no such
    one beside it: finishing changed nothing, or it was drawn before raw pictures were kept."""
    return f"/picture/made/{picture.id}/raw" if picture.raw else None


def next_step(label: str, file: str, icon: str = "arrow_forward", **query: str) -> None:
    """What comes next now that this is done: a page, and what its address says there."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown("**Next**", width="content")
        st.page_link(file, label=label, icon=f":material/{icon}:", query_params=query)


def interval(left: str, right: str, low: float, high: float) -> None:
    """A band on the line from `left` (share 0) to `right` (share 1), with the even middle."""
    st.html(markup.interval(left, right, low, high))
