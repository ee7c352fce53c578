"""What is chosen stands in the address, defaults too, and the address leads when it should."""

from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from studio.web import streamlit_sessions


def page():
    """A page of two styles with versions, as those of the studio are written."""
    import streamlit as st

    from studio.web import addresses

    def to_c():
        st.session_state.update({"style": "c", "page": 2})
        st.query_params["job"] = "7"

    with addresses.visit(st.session_state.get("title", "Page")):
        styles = st.session_state.get("styles", ["b", "c"])
        style = st.selectbox("Style", styles, **addresses.one_of("style", styles))
        numbers = [3, 2, 1]
        field = addresses.one_of("version", numbers, first=2, key=f"version of {style}")
        st.selectbox("Version", numbers, format_func=lambda n: f"Version {n}", **field)
        shown = ["All", "Some"]
        st.segmented_control(
            "Show", shown, required=True, **addresses.one_of("show", shown, unsaid="All")
        )
        st.multiselect("Sides", numbers, **addresses.some_of("sides", numbers, numbers[:2]))
        st.text_input("Search", **addresses.text("q"))
        st.toggle("Near", **addresses.flag("near"))
        st.pagination(3, **addresses.one_of("page", range(1, 4), unsaid=1))
        free = addresses.one_of("base", ["pocket"], empty=True, free=True, once=str.upper)
        st.selectbox("Base", ["pocket"], index=None, accept_new_options=True, **free)
        st.button("To c", on_click=to_c)


def opened(styles: tuple[str, ...] = ("b", "c"), **address: str) -> AppTest:
    at = AppTest.from_function(page, default_timeout=30)
    at.session_state["styles"] = list(styles)
    at.query_params = dict(address)
    at.run()
    assert not at.exception
    return at


def go_to(at: AppTest, address: dict[str, str], back: bool = False) -> None:
    """A link on the page itself, or the browser's Back."""
    at.query_params = dict(address)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamlit_sessions, "went_back", lambda: back)
        at.run()
    assert not at.exception


def held(at: AppTest) -> tuple[str, str]:
    return at.selectbox[0].value, at.session_state[f"version of {at.selectbox[0].value}"]


def test_defaults_stand_in_the_address_and_a_link_outlives_another_style():
    at = opened()
    assert at.query_params == {"style": "b", "version": "2", "sides": "3,2"}
    link = dict(at.query_params)
    other = opened(("a", "b", "c"), **link)
    assert held(other) == ("b", 2) and other.query_params == link
    assert held(opened(("a", "b", "c"))) == ("a", 2)


def test_what_is_chosen_is_written_and_read_again():
    at = opened()
    at.selectbox[0].set_value("c").run()
    at.selectbox[1].set_value(1).run()
    at.multiselect[0].set_value([1]).run()
    at.text_input[0].input("a & b").run()
    at.toggle[0].set_value(True).run()
    at.session_state["show"] = "Some"
    at.run()
    assert at.query_params == {
        "style": "c",
        "version": "1",
        "show": "Some",
        "sides": "1",
        "q": "a & b",
        "near": "true",
    }
    again = opened(("a", "b", "c"), **at.query_params)
    assert held(again) == ("c", 1) and again.multiselect[0].value == [1]
    assert again.text_input[0].value == "a & b" and again.toggle[0].value is True
    assert again.query_params == at.query_params
    for nothing in (at.text_input[0].input(""), at.toggle[0].set_value(False)):
        nothing.run()
    at.multiselect[0].set_value([]).run()
    assert not {"q", "near"} & set(at.query_params) and at.query_params["sides"] == ""
    assert opened(**at.query_params).multiselect[0].value == []


def test_what_can_not_be_is_not_taken_and_older_spellings_are():
    at = opened(style="gone", version="9", sides="8", show="?", page="x", base="POCKET")
    assert held(at) == ("b", 2) and at.multiselect[0].value == [3, 2]
    assert at.selectbox[2].value == "pocket"
    assert at.query_params == {"style": "b", "version": "2", "sides": "3,2", "base": "pocket"}
    assert opened(sides="8,1").multiselect[0].value == [1]
    assert opened(base="some/base").query_params["base"] == "some/base"  # anything may be typed


def test_another_style_has_a_version_of_its_own():
    at = opened(style="b", version="1")
    at.selectbox[0].set_value("c").run()
    assert held(at) == ("c", 2) and at.query_params["version"] == "2"


def test_back_undoes_what_was_chosen_and_the_person_goes_on_from_there():
    at = opened()
    first = dict(at.query_params)
    at.selectbox[0].set_value("c").run()
    at.selectbox[1].set_value(3).run()
    second = dict(at.query_params)
    go_to(at, first, back=True)
    assert held(at) == ("b", 2) and at.query_params == first
    go_to(at, second, back=True)
    assert held(at) == ("c", 3)
    at.selectbox[1].set_value(1).run()
    assert held(at) == ("c", 1) and at.query_params["version"] == "1"
    go_to(at, {}, back=True)  # as it was before anything stood there
    assert held(at) == ("b", 2)


def test_a_link_on_the_page_itself_leads():
    at = opened(style="b", version="1", q="gem")
    go_to(at, {"style": "c", "version": "1"})
    assert held(at) == ("c", 1) and at.text_input[0].value == ""
    at.run()
    assert held(at) == ("c", 1)


def test_a_callback_leads_and_the_browser_is_told():
    at = opened(style="b", page="3")
    at.button[0].click().run()
    assert held(at)[0] == "c" and at.session_state["page"] == 2
    assert urlencode(sorted(at.query_params.items())) == (
        "job=7&page=2&sides=3%2C2&style=c&version=2"
    )


def test_a_browser_that_lags_behind_takes_nothing_back():
    at = opened()
    before = dict(at.query_params)
    at.selectbox[0].set_value("c").run()
    at.query_params = before  # sent before it was told of c
    at.text_input[0].input("gem").run()
    assert held(at) == ("c", 2)
    assert (at.query_params["style"], at.query_params["q"]) == ("c", "gem")


def test_another_page_begins_with_its_address():
    at = opened(style="c")
    at.session_state["title"] = "Another"
    go_to(at, {"style": "b"})
    assert held(at)[0] == "b"
