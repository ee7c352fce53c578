"""Whatever raises on a page is a box on it: callbacks of buttons and fields, fragments, dialogs."""

import re
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from studio.accounts.rights import Actor
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.web import ui

NOW = datetime.now(UTC)
pytestmark = pytest.mark.usefixtures("boxes")


def probe() -> None:
    import streamlit as st

    from studio.errors import StudioError
    from studio.web import page_errors, ui

    if refused := page_errors.kept():
        ui.failed(refused)
    st.title("Probe")
    st.text_input("Words", key="words")

    def refuse() -> None:
        raise StudioError("The lid is <b>shut</b>.", "Open it.")

    def fail() -> None:
        raise KeyError("hunter2")

    st.button("Refuse", on_click=refuse)
    st.button("Fail", on_click=fail)
    st.checkbox("Changed", on_change=fail)
    if st.button("Refuse and go on", on_click=refuse):
        st.caption("It was pressed.")
    if st.button("In the page"):
        fail()

    @st.fragment
    def part() -> None:
        st.button("Refuse in a part", on_click=refuse)
        if st.button("Fail in a part"):
            fail()

    @st.dialog("Asks")
    def asks() -> None:
        st.button("Refuse in a dialog", on_click=refuse)

    part()
    if st.button("Ask"):
        asks()


@pytest.fixture
def at() -> AppTest:
    at = AppTest.from_function(probe, default_timeout=30).run()
    at.text_input(key="words").set_value("typed").run()
    return at


def _hit(at: AppTest, label: str) -> str:
    """Press the button; what the one box says."""
    next(one for one in at.button if one.label == label).click().run()
    assert not at.exception
    (box,) = at.error
    return box.value.replace("\\", "")


@pytest.mark.parametrize("label", ["Refuse", "Refuse in a part", "Refuse and go on"])
def test_a_refused_callback_leaves_the_page_standing(at: AppTest, label: str) -> None:
    assert _hit(at, label) == "The lid is <b>shut</b>.\n\nOpen it."
    assert at.title[0].value == "Probe" and at.text_input(key="words").value == "typed"
    assert not at.caption  # what follows the button is not done
    at.run()
    assert not at.error


def test_a_refused_callback_of_a_dialog(at: AppTest) -> None:
    next(one for one in at.button if one.label == "Ask").click().run()
    assert "The lid" in _hit(at, "Refuse in a dialog")
    assert at.title[0].value == "Probe"


@pytest.mark.parametrize("label", ["Fail", "In the page", "Fail in a part"])
def test_what_nobody_thought_of_has_a_number_that_stands_in_the_log(
    at: AppTest, label: str, caplog: pytest.LogCaptureFixture
) -> None:
    said = _hit(at, label)
    assert "hunter2" not in said and "Traceback" not in said
    found = re.search(r"error (\w{8})", said)
    assert found and any(found[1] in row.getMessage() for row in caplog.records)
    assert at.title[0].value == "Probe" and at.text_input(key="words").value == "typed"


def test_a_fields_callback_is_as_good_as_a_buttons(at: AppTest) -> None:
    at.checkbox[0].check().run()
    assert "Something went wrong" in at.error[0].value and at.title[0].value == "Probe"
    assert at.checkbox[0].value is True


def test_whoever_loses_a_role_while_the_page_is_open_is_told(studio, monkeypatch) -> None:
    job = queue.submit(
        studio.engine,
        kind="evaluate",
        lane="work",
        asked_by="bo",
        now=NOW,
        payload={"style": "sample", "version": 3},
    )
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "art lead"))
    at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120).run()
    button = at.button(key=f"cancel-{job.id}")
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    button.click().run()
    assert not at.exception and at.title[0].value == "Today"
    assert "vi may not cancel other people's jobs as viewer" in at.error[0].value
    assert queue.get(studio.engine, job.id).state == "queued"
    assert f"cancel-{job.id}" not in [one.key for one in at.button]
