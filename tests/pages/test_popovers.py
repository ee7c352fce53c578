"""What asks before it does something is a dialog: a popover closes as soon as somebody clicks
beside it, and leaves the keyboard behind."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studio import context
from studio.accounts.rights import Actor
from studio.datasets import caption_proposals, drafts, manifests
from studio.datasets.edits import Change
from studio.settings import CHECKOUT
from studio.web import ui
from tests.pages.datasets_page import newest, put, said

# All that may stand in a popover: choices that hold at once, and are there when it is opened again.
CHOICES = {"segmented_control", "color_picker"}


def _calls(node: ast.AST) -> Iterator[str]:
    """The names of the methods that are called somewhere in it."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            yield one.func.attr


def _in_popovers(source: str) -> list[set[str]]:
    """What each popover holds; that of one outside of a `with` can't be told, and is "?"."""
    tree = ast.parse(source)
    blocks = [one for one in ast.walk(tree) if isinstance(one, ast.With)]
    opened = [one for one in blocks if "popover" in _calls(ast.Module([*one.items], []))]
    held = [set(_calls(ast.Module(one.body, []))) for one in opened]
    unseen = list(_calls(tree)).count("popover") - len(held)
    return held + [{"?"}] * unseen


def _held(folder: str) -> dict[str, list[set[str]]]:
    files = sorted((CHECKOUT / folder).rglob("*.py"))
    found = {Path(file).name: _in_popovers(file.read_text("utf-8")) for file in files}
    return {name: held for name, held in found.items() if held}


def test_no_page_has_a_popover_and_the_menus_one_holds_choices_only() -> None:
    assert _held("pages") == {}
    held = _held("studio/web")
    assert list(held) == ["sidebar.py"]
    assert all(calls <= CHOICES for calls in held["sidebar.py"]), held
    assert _in_popovers("with st.popover('x'):\n    st.button('y')") == [{"button"}]
    assert _in_popovers("p = st.popover('x')") == [{"?"}]


def _keys(at: AppTest) -> set[str]:
    return {str(button.key) for button in at.button}


def test_steps_are_taken_back_one_after_the_other(studio, open_page):
    one, two = (picture.hash for picture in newest(studio).pictures[:2])
    first = put(studio, Change(one, "caption", "a gem"), by="Bo")
    second = put(studio, Change(two, "caption", "a ring"))
    at = open_page("Datasets", set="sample")
    assert f"undo-{first}" not in _keys(at)
    at.button(key="draft-steps").click().run()
    at.button(key=f"undo-{second}").click().run()
    assert [edit.hash for edit in drafts.read(studio.engine, "sample")] == [one]
    at.button(key=f"undo-{first}").click().run()  # it stayed open
    assert drafts.read(studio.engine, "sample") == () and "No step is left" in said(at)


def test_a_dialog_goes_with_what_it_asks_about(studio, open_page):
    hash = newest(studio).pictures[0].hash
    put(studio, Change(hash, "caption", "a gem"), by="Bo")
    at = open_page("Datasets", set="sample")
    at.button(key="draft-discard").click().run()
    assert "draft-discard-now" in _keys(at) and "1 caption changed" in said(at)
    upto = drafts.mark(studio.engine, "sample")[0]
    drafts.discard(studio.engine, "sample", by="Bo", now=context.now(), upto=upto)
    at.run()
    assert "draft-discard-now" not in _keys(at)
    put(studio, Change(hash, "caption", "a ring"), by="Bo")  # nobody asked about this one
    at.run()
    assert "draft-discard" in _keys(at) and "draft-discard-now" not in _keys(at)


def test_what_others_add_to_the_draft_closes_no_dialog(studio, open_page):
    one, two = (picture.hash for picture in newest(studio).pictures[:2])
    put(studio, Change(one, "caption", "a gem"))
    at = open_page("Datasets", set="sample")
    at.button(key="draft-open").click().run()
    at.text_input(key="draft freeze/sample says").set_value("half a li").run()
    put(studio, Change(two, "caption", "a ring"), by="Bo")
    at.run()
    assert at.text_input(key="draft freeze/sample says").value == "half a li"
    assert "2 captions changed" in said(at)


def test_all_proposals_are_refused_once_that_is_confirmed(studio, open_page):
    texts = {picture.hash: "a gem" for picture in newest(studio).pictures[:2]}
    told = {"model": "m", "asked_by": "ana", "now": context.now()}
    caption_proposals.propose(studio.engine, "sample", "caption", texts, **told)
    at = open_page("Datasets", set="sample", tab="Captions")
    at.button(key="refuse-all").click().run()
    assert len(caption_proposals.waiting(studio.engine, "sample")) == 2
    at.button(key="refuse-now").click().run()
    assert caption_proposals.waiting(studio.engine, "sample") == []
    assert "2 proposals refused" in said(at) and "refuse-now" not in _keys(at)


@pytest.mark.parametrize(
    ("tab", "keys"),
    [("Pictures", ("draft-steps", "draft-discard", "draft-open")), ("Versions", ("back-",))],
)
def test_who_may_only_look_opens_none_of_them(studio, open_page, monkeypatch, tab, keys):
    hash = newest(studio).pictures[0].hash
    for caption in ("a gem", "a ring"):
        put(studio, Change(hash, "caption", caption))
        if caption == "a gem":
            frozen = {"says": "", "by": "ana", "now": context.now()}
            drafts.freeze(studio.engine, studio.home, "sample", **frozen)
    assert len(manifests.heads(studio.home, "sample")) == 2
    monkeypatch.setattr(ui, "person", lambda: Actor("vi", "viewer"))
    at = open_page("Datasets", set="sample", tab=tab)
    found = [button for button in at.button if str(button.key).startswith(keys)]
    assert len(found) == len(keys) and all(button.disabled for button in found)
