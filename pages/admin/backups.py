"""How the studio is backed up and put back, and the copies that it made by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.web import ui

COMMANDS = """\
python -m studio backup FILE.tar            # the whole studio in one file, while it runs
python -m studio restore FILE.tar --check   # reads it and changes nothing
python -m studio restore FILE.tar           # into a studio that is stopped"""


def shown(studio: context.Studio) -> None:
    """The commands, what is in a backup, and the copies before changes of the database."""
    st.header("Backups")
    st.markdown(
        "A backup is made on the studio's machine, by hand or by its clock: pictures, versions, "
        "votes, people and the ledger in one file. Caches are left out."
    )
    st.code(COMMANDS, language="bash")
    st.subheader("Copies before changes of the database")
    if not ui.may("see settings"):
        st.caption(f"They are shown to {rights.who_may('see settings')}.")
        return
    if not (found := _copies(studio.home / "backups")):
        st.caption("None: the database has not been changed by a newer program yet.")
        return
    st.caption("Made by the studio itself, before a newer program changed its tables.")
    st.dataframe(
        [
            {"file": name, "made": ui.moment(at.isoformat()), "MB": round(size / 1024**2, 1)}
            for name, at, size in found
        ],
        hide_index=True,
    )


def _copies(folder: Path) -> list[tuple[str, datetime, int]]:
    """Name, time and bytes of each, the newest first."""
    if not folder.is_dir():
        return []
    told = [(file.name, file.stat()) for file in folder.iterdir() if file.is_file()]
    found = [(name, datetime.fromtimestamp(s.st_mtime, UTC), s.st_size) for name, s in told]
    return sorted(found, key=lambda one: one[1], reverse=True)
