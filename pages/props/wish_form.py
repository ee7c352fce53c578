"""Wishes in words, expanded into specifications: by a language model where one is set, else by
rules, which are called so."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.props import starting, which
from studio import context
from studio.charges.prices import Quote
from studio.chat import endpoint
from studio.errors import StudioError
from studio.jobs.table import Job
from studio.props.specification import VARIANTS, WISH
from studio.web import addresses, drafts, record_cache, ui
from studio.worker.kind_table import KINDS
from studio.worker.payload import read
from studio.workflows import wishes
from studio.workflows.model_kinds import table as kinds
from studio.workflows.props import RIGHT

KIND = "expand_wishes"
SUBJECT = "props/wishes"
NONE = ""
MOST, SHOWN = 200, 24  # lines of one job; wishes that are listed


def show(studio: context.Studio) -> None:
    """The words, for which style, and the button; below, what came of it."""
    _form(studio)


@st.fragment
def _form(studio: context.Studio) -> None:
    starting.tell()
    job = starting.watched(studio)
    made = starting.made(job, "wishes") if job and job.kind == KIND else []
    if job is not None and len(made) == 1:
        starting.lead(job, {"wish": made[0]})
    if job is not None and job.kind == KIND:
        _left_out(job)
    draft = drafts.begin(SUBJECT, {"wishes": "", "variants": 1})
    st.text_area(
        "What do you wish for?",
        height=110,
        max_chars=MOST * WISH,
        placeholder="a healing potion",
        **drafts.field(draft, "wishes"),
        **ui.only(RIGHT, help="One wish a line: a whole list is one job."),
    )
    style = _style()
    st.number_input(
        "Variants of each",
        1,
        VARIANTS,
        **drafts.field(draft, "variants"),
        **ui.only(RIGHT, help="Several specifications of one wish, to choose from."),
    )
    lines = [one.strip() for one in str(drafts.value(draft, "wishes")).splitlines() if one.strip()]
    payload = {
        "wishes": lines,
        "style": style,
        "variants": int(drafts.value(draft, "variants") or 1),
    }
    possible, quote = _price(studio, payload)
    label = f"Expand {len(lines):,} wishes" if len(lines) > 1 else "Expand the wish"
    st.button(
        f"{label}, for at most {quote.money}" if quote else label,
        key="props-expand",
        type="primary",
        icon=":material/auto_awesome:",
        on_click=starting.ask,
        args=(KIND, payload),
        **ui.only(RIGHT, not possible, help="Into a specification of six fields, all editable."),
    )
    _told_by_whom(studio)
    which.barred()
    drafts.tell(draft)
    _listed(studio, made)


def _style() -> str:
    """The style that it is for, which lends its words, colours and kinds."""
    styles = sorted({one.style for one in record_cache.versions() if kinds.draws(one)})
    ui.gone("style", styles, "style {}")
    return str(
        st.selectbox(
            "Style",
            [NONE, *styles],
            format_func=lambda one: one or "None yet",
            help="Its words, colours and kinds of things go into the specification.",
            **addresses.one_of("style", [NONE, *styles], first=next(iter(styles), NONE)),
        )
        or NONE
    )


def _price(studio: context.Studio, payload: dict[str, Any]) -> tuple[bool, Quote | None]:
    """Whether it can be asked for, and the most that it costs, None where it costs nothing; what
    can't be is said."""
    if not payload["wishes"]:
        return False, None
    known = KINDS[KIND]
    try:
        asked = known.check(studio, read(known.payload, payload))
        return True, known.costs(studio, asked) if known.costs else None
    except StudioError as error:
        ui.failed(error)
        return False, None


def _told_by_whom(studio: context.Studio) -> None:
    server = endpoint.server_of(studio.settings)
    if server is None:
        st.caption(
            "Expanded by rules, from the style's own words: no language model is set "
            "(STUDIO_CHAT_URL). Nothing leaves this machine."
        )
    else:
        st.caption(f"Expanded by {ui.plain(server.name)}; the wish and the style's words are sent.")


def _left_out(job: Job) -> None:
    """Wishes of a job that nothing came of, and why."""
    left = (job.result or {}).get("left")
    for one in left[:SHOWN] if isinstance(left, list) else ():
        st.warning(
            f"“{ui.plain(str(one['wish'])[:60])}” was left out: {ui.plain(str(one['error']))}  \n"
            f"{ui.plain(str(one['remedy']))}"
        )


def _listed(studio: context.Studio, made: list[str]) -> None:
    """The wishes that came of a job."""
    for one in wishes.of_ids(studio.engine, made[:SHOWN]):
        said = one.specification
        number = f" {one.variant}" if len(made) > 1 else ""
        st.page_link(
            which.PAGE,
            label=ui.plain(f"{said.original_prompt[:60]}{number}: {said.expanded_prompt[:80]}"),
            icon=":material/edit_note:",
            query_params={"wish": one.id},
        )
    if len(made) > SHOWN:
        st.page_link(
            which.PAGE,
            label=f"All {len(made):,} in the history",
            icon=":material/history:",
            query_params={"show": "History", "kind": wishes.KIND},
        )
