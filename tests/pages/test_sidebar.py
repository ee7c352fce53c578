"""The sidebar: groups open by role, left as they are put, and the page's own open."""

import pytest
from streamlit.testing.v1 import AppTest

from studio.accounts.rights import Actor
from studio.web import keys, navigation, ui


def groups(at: AppTest) -> dict[str, bool]:
    """Whether each group of the sidebar stands open."""
    found = {one.label: one.proto.expanded for one in at.sidebar.expander}
    return {group: is_open for group, is_open in found.items() if group in navigation.GROUPS}


def links(at: AppTest) -> list[str]:
    return [link.proto.page for link in at.sidebar.get("page_link")]


@pytest.mark.parametrize("role", ["artist", "art lead", "producer"])
def test_each_role_finds_its_groups_open_and_the_pages_own(studio, open_page, monkeypatch, role):
    monkeypatch.setattr(ui, "person", lambda: Actor("ana", role))
    usual = navigation.opened(role)
    at = open_page("Registry")
    assert groups(at) == {
        group: group in usual or group == "Train"
        for group in ("Make", "Ship", "Judge", "Train", "Studio")
    }
    assert links(at)[0] == "" and links(at).index("Generate") < links(at).index("Vote")
    assert "You" not in links(at) and "Picture" not in links(at)


def test_what_was_opened_and_closed_stays_so_on_other_pages(studio, open_page):
    at = open_page("Generate")
    assert groups(at) == {"Make": True, "Ship": True, "Judge": True, "Train": True, "Studio": False}
    at.session_state["group-Train"] = False
    at.session_state["group-Studio"] = True
    at.session_state["groups"] = {"Train": False, "Studio": True}  # as their callbacks keep it
    at.run()
    assert groups(at)["Studio"] and not groups(at)["Train"]
    at.switch_page("pages/Vote.py").run()
    assert groups(at) == {"Make": True, "Ship": True, "Judge": True, "Train": False, "Studio": True}
    at.switch_page("pages/Train.py").run()  # one's own is open, whatever was closed
    assert groups(at)["Train"]
    at.switch_page("pages/Vote.py").run()
    assert not groups(at)["Train"]


def test_the_keys_come_up_with_this_pages_first(studio, open_page):
    at = open_page("Vote")
    at.button(key="keys").click().run()
    assert not at.exception
    shown = next(one.proto.body for one in at.get("html") if "<h3>" in one.proto.body)
    titles = [part.partition("</h3>")[0] for part in shown.split("<h3>")[1:]]
    assert titles[:2] == ["Vote", keys.EVERYWHERE] and "Datasets, masks" in titles
    assert "<kbd>←</kbd> <kbd>→</kbd>" in shown
