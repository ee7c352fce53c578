"""A walk over every live control of a page, and what is wrong with them for who walks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import (
    Button,
    ButtonGroup,
    Checkbox,
    Dataframe,
    DownloadButton,
    Element,
    FileUploader,
    Multiselect,
    Pagination,
    Radio,
    Selectbox,
    TextArea,
    TextInput,
    Toggle,
    UnknownElement,
    Widget,
)

from studio.accounts import refusal_log
from studio.settings import CHECKOUT
from studio.web import ui

MOST = 150  # controls of one address
TYPED = "three or four words"  # a password would do so
# What the least of roles may type: words to look for, and passwords of their own.
LOOKS_FOR = re.compile(r"search|find|filter|look for", re.IGNORECASE)


@dataclass
class Walk:
    """One address as somebody opens it, what was touched there, and what was wrong."""

    page: str
    query: dict[str, str]
    home: Path
    wrong: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def opened(self) -> AppTest:
        at = AppTest.from_file(str(CHECKOUT / "Home.py"), default_timeout=120)
        if self.page != "Home":
            at.switch_page(f"pages/{self.page}.py")
        for key, value in self.query.items():
            at.query_params[key] = value
        at.run()
        self._look(at, "opening it")
        return at

    def all_of_it(self) -> None:
        """Touch every live control once: what is written in first, then what is pressed, then
        what shows another part of the page."""
        at = self.opened()
        title = at.title[0].value if at.title else ""
        for _ in range(MOST):
            known = len(refusal_log.newest(self.home, 1000))
            step = next(self._steps(at), None)
            if step is None:
                return
            name, touch = step
            self.touched.add(name)
            touch()
            at.run()
            self._look(at, name)
            if len(refused := refusal_log.newest(self.home, 1000)) > known:
                self.wrong.append(f"{name}: refused, {refused[0]['what']}")
            if not at.title or at.title[0].value != title:
                at = self.opened()

    def _steps(self, at: AppTest) -> Iterator[tuple[str, Callable[[], object]]]:
        live = [one for one in _shown(at) if isinstance(one, Widget) and not one.disabled]
        for turn in (_write, _press, _turn):
            for one in live:
                for name, touch in turn(one):
                    if name not in self.touched:
                        yield name, touch

    def _look(self, at: AppTest, after: str) -> None:
        self.wrong += [f"{after}: raised {one.value}" for one in at.exception]
        said = " ".join(one.value for one in at.error).replace("\\", "")
        if "This is for" in said or "may not" in said or "Something went wrong" in said:
            self.wrong.append(f"{after}: {said[:120]}")
        self.wrong += [
            f"{name}: live, though nobody of this role can send it" for name in _in_vain(at)
        ]


def _shown(at: AppTest) -> list[Element]:
    """The elements of the page itself, of its dialogs too."""
    return [
        one for block in (at._tree[0], at._tree[2]) for one in block if isinstance(one, Element)
    ]


def _name(one: Widget) -> str:
    """Equal for those that stand once a row."""
    called = getattr(one.proto, "label", "") or str(one.key)
    return f"{one.type} {re.sub(r'[0-9a-f]{6,}|[0-9]+', '#', called)}"


Steps = list[tuple[str, Callable[[], object]]]


def _write(one: Widget) -> Steps:
    """Fields and boxes."""
    name = _name(one)
    if isinstance(one, (TextInput, TextArea)):
        return [(name, lambda: one.set_value(TYPED))]
    if isinstance(one, (Checkbox, Toggle)):
        return [(name, lambda: one.set_value(not one.value))]
    if isinstance(one, Multiselect) and one.options:
        return [(name, lambda: _chosen(one, [one.options[-1]]))]
    return []


def _press(one: Widget) -> Steps:
    """Buttons."""
    return [(_name(one), one.click)] if isinstance(one, (Button, DownloadButton)) else []


def _turn(one: Widget) -> Steps:
    """What chooses the part of the page that is shown."""
    if isinstance(one, ButtonGroup | Radio | Selectbox):
        several = isinstance(one, ButtonGroup) and not one._is_single_select
        return [
            (f"{_name(one)} {label}", partial(_chosen, one, [label] if several else label))
            for label in one.options[:8]
        ]
    if isinstance(one, Pagination):
        return [(_name(one), lambda: one.set_value(1))]
    return []


def _chosen(one: Widget, value: object) -> None:
    """Choose by label, where AppTest can: a format that changes labels once more defeats it."""
    before = one._value
    one.set_value(value)
    try:
        assert one._widget_state
    except (ValueError, KeyError, TypeError):
        one._value = before


def _allowed(one: Widget) -> bool:
    """Whether the least of roles may write in it."""
    secret = isinstance(one, TextInput) and one.proto.type == one.proto.PASSWORD
    return secret or LOOKS_FOR.search(_name(one)) is not None


def _in_vain(at: AppTest) -> list[str]:
    """Live fields that nobody with this role can send: those of a form whose button says whom it
    is for, and, for who may only look, everything that is written or dropped into."""
    shown = _shown(at)
    barred = {
        one.form_id
        for one in shown
        if isinstance(one, Button) and one.form_id and (one.help or "").startswith("This is for")
    }
    fields = (TextInput, TextArea, FileUploader)
    live = [one for one in shown if isinstance(one, Widget) and not one.disabled]
    vain = [
        one
        for one in live
        if not isinstance(one, Button) and getattr(one.proto, "form_id", "") in barred - {""}
    ]
    found = [_name(one) for one in vain]
    if ui.may("generate"):
        return found
    found += [
        _name(one)
        for one in live
        if isinstance(one, fields) and one not in vain and not _allowed(one)
    ]
    found += [
        f"table {one.key}"
        for one in shown
        if isinstance(one, Dataframe) and one.proto.editing_mode and not one.proto.disabled
    ]
    found += [
        one.proto.component_name
        for one in shown
        if isinstance(one, UnknownElement)
        and one.type == "bidi_component"
        and one.proto.component_name.endswith("upload")
    ]
    return found
