"""Every page opens on a studio that the version before left behind, and its addresses still lead
to what they led to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from studio import context
from studio.registry import models
from studio.settings import CHECKOUT
from studio.web import session, ui
from tests import before
from tests.pages.conftest import Open


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The studio of before; pages that are only opened change nothing of it."""
    folder = tmp_path_factory.mktemp("before")
    before.bring_back(folder)
    return folder / "home"


@pytest.fixture
def studio(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[context.Studio]:
    monkeypatch.setenv("STUDIO_HOME", str(fresh))
    monkeypatch.setattr(ui, "person", lambda: "bo")
    monkeypatch.setattr(ui, "clock", lambda: ZoneInfo("UTC"))
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()
    opened = session.studio()
    yield opened
    opened.engine.dispose()
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()


def job(kind: str, state: str) -> str:
    return str(before.jobs(kind, state)[-1]["id"])


def shown(at: AppTest) -> str:
    """All the text of a page."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "info", "warning")
    texts = [element.value for kind in kinds for element in at.get(kind)]
    texts += [f"{e.label} {e.value}" for e in (*at.selectbox, *at.text_input, *at.text_area)]
    texts += [element.proto.body for element in at.get("html")]
    texts += [element.proto.json for element in at.get("bidi_component")]
    return " ".join(map(str, texts))


ADDRESSES: dict[str, tuple[str, dict[str, str], str]] = {
    "versions": ("Registry", {"style": "props", "version": "2"}, "Version 2"),
    "history": ("Registry", {"style": "props", "show": "History"}, "its gems are too dark"),
    "release": ("Registry", {"style": "props", "show": "Release"}, "once more, gems apart"),
    "dataset": ("Datasets", {"set": "props"}, "props"),
    "edits": ("Datasets", {"set": "props", "tab": "Versions"}, "words and a mask"),
    "masks": ("Datasets", {"set": "props", "tab": "Masks"}, "mask"),
    "grow": ("Datasets", {"set": "props", "tab": "Grow"}, "Fewer soft pictures"),
    "sheet": ("Evaluate", {"style": "props", "versions": "1,2"}, "props"),
    "style": ("Generate", {"style": "props"}, "props"),
    "adapters": ("Registry", {"show": "LoRA files"}, "merged version 1"),
    "people": ("Admin", {}, ""),
    "you": ("You", {}, "bo"),
    "queue": ("Train", {"show": "Queue"}, "hal"),
    "sweeps": ("Train", {"show": "Sweeps"}, "Trial 2"),
    "training": ("Train", {"style": "props", "data": "props"}, "props"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_leads_where_it_led(open_page: Open, name: str) -> None:
    page, query, words = ADDRESSES[name]
    assert words in shown(open_page(page, **query))


def test_home_says_what_is_to_be_done(studio: context.Studio) -> None:
    at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=30).run()
    assert not at.exception, [e.value for e in at.exception]
    assert "Which is ours" in shown(at) or "Vote" in shown(at)


@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled", "done"])
def test_a_trainings_job_is_watched(open_page: Open, state: str) -> None:
    at = open_page("Train", show="Watch", job=job("train", state))
    assert not at.error or state in ("failed", "cancelled")


@pytest.mark.slow
def test_pictures_ballots_and_ratings(studio: context.Studio, open_page: Open) -> None:
    told = before.told()
    at = open_page("Picture", id=told["pictures"][1])
    assert "*hilt*" in shown(at) and "Rejected" in shown(at)
    assert "Which is ours, done?" in shown(open_page("Vote", ballot=str(told["ballot"])))
    assert shown(open_page("Vote", ballot=str(told["own"])))
    assert shown(open_page("Rate", round=str(told["round"])))
    assert "ring" in shown(open_page("Lists", job=job("batch", "done")))
    assert shown(open_page("Gallery", mode="judge", job=job("generate", "done")))
    assert models.styles(studio.client)
