"""Streamlit's own sessions: whose each is, how much its uploaded files take, which page
runs, whether Back asked for it, and how one is drawn anew from elsewhere. All that depends on how
Streamlit keeps them is here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

A_FILE = 10_000  # bytes that a file takes beside its own, so that many small ones count, too


def person_of(session: str) -> str | None:
    """Who is at the page of this session, as the guard let them in ("" where nobody signs in);
    None where there is none that is open."""
    if not Runtime.exists():
        return None
    found = Runtime.instance()._session_mgr.get_active_session_info(session)
    socket = getattr(found.client, "_websocket", None) if found else None
    return None if socket is None else str(socket.scope.get("person", ""))


def held() -> Mapping[str, int]:
    """The bytes that are in memory for each session."""
    files = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    if not isinstance(files, MemoryUploadedFileManager):
        return {}
    return {
        session: sum(len(file.data) + A_FILE for file in list(kept.values()))
        for session, kept in list(files.file_storage.items())
    }


def went_back() -> bool:
    """Whether this run of a page was asked for by the browser's Back or Forward."""
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def own() -> str:
    """The id of the session whose page runs; "" outside of one."""
    run = get_script_run_ctx(suppress_warning=True)
    return run.session_id if run else ""


def draw_with(session: str, key: str, value: object) -> None:
    """Put this into a session's state and have its page drawn anew, as its address says; from any
    thread. Nothing where it was left."""
    if not Runtime.exists():
        return
    runtime = Runtime.instance()

    def put() -> None:
        found = runtime._session_mgr.get_active_session_info(session)
        if found is not None:
            found.session.session_state[key] = value
            found.session.request_rerun(found.session._client_state)

    runtime._get_async_objs().eventloop.call_soon_threadsafe(put)


def drawing() -> bool:
    """Whether this is the thread of a page, of a part of one that is drawn alone, or of what a
    button calls."""
    return get_script_run_ctx(suppress_warning=True) is not None


def page_name() -> str:
    """The name, as in its address, of the page that runs; "" outside of one."""
    run = get_script_run_ctx()
    if run is None:
        return ""
    found = run.pages_manager.get_pages().get(run.page_script_hash)
    return Path(found["script_path"]).stem if found else ""
