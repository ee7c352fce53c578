"""Which assets are exported: the address names one or some; many are kept under a word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.accounts import unsaved
from studio.assets import listing
from studio.assets.listing import Listed
from studio.web import session, ui
from studio.workflows.export_preparing import MOST

IN_ADDRESS = 200  # ids that an address names


def asked(studio: context.Studio) -> list[Listed]:
    """What the address names and is there; what is gone is told."""
    query = st.query_params
    if listed := query.get("ids", ""):
        ids = listed.split(",")
    elif word := query.get("chosen", ""):
        held = unsaved.find(studio.engine, ui.person(), f"export/{word[:40]}/chosen")
        ids = list(held.fields.get("ids", [])) if held else []
    else:
        ids = [query.get("id", "")]
    ids = list(dict.fromkeys(filter(None, ids)))[:MOST]
    found = listing.of_ids(studio.engine, ids)
    if gone := len(ids) - len(found):
        are = "is" if gone == 1 else "are"
        st.warning(
            f"{gone:,} of {len(ids):,} assets {are} not there any more.",
            icon=":material/search_off:",
        )
    return found


def of_chosen(ids: Sequence[str]) -> dict[str, str]:
    """The address that names these; many of them are kept for this person, as a draft."""
    if len(ids) <= IN_ADDRESS:
        return {"ids": ",".join(ids)}
    word = hashlib.sha256(",".join(ids).encode()).hexdigest()[:16]
    engine, now = session.studio().engine, context.now()
    subject = f"export/{word}/chosen"
    unsaved.keep(engine, ui.person(), subject, {"ids": list(ids)}, now=now)
    return {"chosen": word}
