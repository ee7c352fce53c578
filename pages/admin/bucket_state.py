"""The bucket that the studio's files are in: whether it answers, and what waits for it. Only rows
are read for that, which the watcher writes; the bucket itself is asked nothing."""

from __future__ import annotations

import streamlit as st

from studio import context
from studio.outbox import files, place
from studio.outbox.files import Tally
from studio.outbox.place import Noted
from studio.web import ui


def shown(studio: context.Studio) -> None:
    """All of it; nothing where the files are in the folder alone."""
    noted = place.noted(studio.engine)
    if noted is None:
        return
    told = files.tally(studio.engine)
    st.header("Files in S3")
    if noted.said:
        details = f"{noted.said} {noted.remedy}" if ui.may("see settings") else "It takes nothing."
        st.warning(
            f"{ui.plain(details)} Since {ui.moment(noted.since)}.", icon=":material/cloud_off:"
        )
    with st.container(border=True):
        for line in _lines(noted, told):
            st.markdown(line)
    if ui.may("see settings"):
        there = f"s3://{noted.bucket}/{noted.prefix}"
        st.caption(f"They are in {ui.plain(there)}. `python -m studio store check` compares.")


def _lines(noted: Noted, told: Tally) -> list[str]:
    lines = [f"**In the bucket**: {told.up:,} files."]
    if told.waiting:
        size, since = f"{told.bytes / 1024**2:,.1f} MB", ui.moment(told.oldest)
        lines.append(f"**Outbox**: {told.waiting:,} waiting, {size}, the oldest since {since}.")
    else:
        lines.append("**Outbox**: nothing waits.")
    if told.gone:
        lines.append(f":red[Gone before they were sent: {told.gone:,}]")
    if noted.answered_at:
        lines.append(f"It last took a file at {ui.moment(noted.answered_at)}.")
    return lines
