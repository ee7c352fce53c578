"""Files that are made at a click: as who is there then, and what fails is kept for the page."""

from pathlib import Path
from typing import Any

import pytest

from studio.accounts.rights import Actor
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.web import made_downloads, page_errors, session, streamlit_sessions


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What was put into which session's state."""
    found: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(streamlit_sessions, "own", lambda: "mine")
    monkeypatch.setattr(streamlit_sessions, "draw_with", lambda *given: found.append(given))
    return found


def test_it_is_made_as_who_is_there_at_the_click(told, monkeypatch) -> None:
    roles = iter(["art lead", "viewer"])
    monkeypatch.setattr(session, "person", lambda cookies: Actor("vi", next(roles)))
    made = made_downloads._at_click(lambda who: f"by {who}, {who.role}")
    assert made() == "by vi, art lead"
    assert made() == "by vi, viewer" and told == []


def test_what_fails_is_kept_for_the_page_in_words(told, monkeypatch, tmp_path, caplog) -> None:
    monkeypatch.setattr(session, "person", lambda cookies: "vi")

    def gone(who: str) -> bytes:
        return Path(tmp_path / "hunter2").read_bytes()

    with pytest.raises(FileNotFoundError):
        made_downloads._at_click(gone)()
    ((page, key, said),) = told
    assert (page, key) == ("mine", page_errors.KEPT) and isinstance(said, StudioError)
    assert "Something went wrong" in said.message and "hunter2" not in str(said)
    assert "a download" in caplog.text


def test_whose_session_has_ended_is_told_so(told, monkeypatch) -> None:
    def ended(cookies: object) -> str:
        raise StudioError("You are signed out.", "Load the page again to sign in.")

    monkeypatch.setattr(session, "person", ended)
    with pytest.raises(StudioError):
        made_downloads._at_click(lambda who: b"")()
    assert [said.message for _, _, said in told] == ["You are signed out."]


def test_no_page_has_a_button_of_streamlits_for_what_is_yet_to_be_made() -> None:
    files = [CHECKOUT / "Home.py", *(CHECKOUT / "pages").rglob("*.py")]
    own = {file.name for file in files if "st.download_button(" in file.read_text("utf-8")}
    assert own == {"consent.py"}  # what it has was made with the page
