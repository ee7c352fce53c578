"""Every role before every control of every page, in each way of signing in: what is live is never
refused, nothing raises, and who may not write is given nothing to write in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from argon2 import PasswordHasher
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

from studio import context
from studio.accounts import passwords, people, refusal_log, rights
from studio.accounts.rights import ROLES, Actor
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.web import session, ui
from tests.browser.furnished import STYLE, Furnished, furnish

SECRET = "three or four words"
MODES: dict[str, dict[str, str]] = {
    "none": {"STUDIO_SIGN_IN": "none"},
    "local": {"STUDIO_SIGN_IN": "local"},
    "oidc": {
        "STUDIO_SIGN_IN": "oidc",
        "STUDIO_ADDRESS": "https://studio.example.com",
        "STUDIO_OIDC_METADATA": "https://id.example.com/.well-known/openid-configuration",
        "STUDIO_OIDC_CLIENT": "studio",
        "STUDIO_OIDC_SECRET": "s" * 20,
        "STUDIO_OIDC_ROLES": "artists=artist",
    },
}
# Beside each page as it opens: addresses that show more of it, with the numbers of `Furnished`.
MORE: dict[str, tuple[dict[str, str], ...]] = {
    "Admin": tuple({"show": show} for show in ("Jobs", "People", "Log", "Settings", "Backups")),
    "Datasets": (
        {"set": STYLE},
        *({"set": STYLE, "tab": tab} for tab in ("Add", "Captions", "Masks", "Look", "Grow")),
        *({"set": STYLE, "tab": tab} for tab in ("Compare", "Consent", "Statistics", "Versions")),
    ),
    "Evaluate": ({"style": STYLE, "versions": "1,2"},),
    "Generate": ({"style": STYLE},),
    "Picture": ({"id": "{picture}"},),
    "Rate": ({"round": "{round}"},),
    "Registry": (
        {"style": STYLE, "version": "2"},
        {"style": STYLE, "show": "Release"},
    ),
    "Sort": ({"job": "{job}"},),
    "Train": ({"data": STYLE}, {"show": "Queue"}, {"show": "Sweeps"}),
    "Vote": ({"ballot": "{ballot}"},),
}
PAGES = ["Home", *sorted(file.stem for file in (CHECKOUT / "pages").glob("*.py"))]
QUICK = ("Home", "Admin", "Registry", "Rate")  # as a viewer, whenever tests are run
pytestmark = pytest.mark.usefixtures("boxes")
MOST = 150  # controls of one address
# What the least of roles may type: words to look for.
LOOKS_FOR = re.compile(r"search|find|filter|looked for", re.IGNORECASE)


@pytest.fixture(scope="module")
def furnished(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """A studio with something on every page, and somebody's job that waits."""
    home = tmp_path_factory.mktemp("matrix") / "home"
    shutil.copytree(fresh, home)
    there = furnish(home)
    queue.submit(
        there.studio.engine,
        kind="evaluate",
        lane="work",
        asked_by="Bo",
        now=context.now(),
        payload={"style": STYLE, "version": 2},
    )
    there.studio.engine.dispose()
    return there


Enter = Callable[[str, str], context.Studio]


@pytest.fixture
def enter(furnished: Furnished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Enter]:
    """A copy of the studio, signed in to in a mode as somebody of a role."""
    opened: list[context.Studio] = []

    def entered(mode: str, role: str) -> context.Studio:
        home = tmp_path / f"{mode} {role}"
        shutil.copytree(furnished.studio.home, home)
        for name, value in {**MODES[mode], "STUDIO_HOME": str(home)}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
        _forget()
        studio = session.studio()
        opened.append(studio)
        named, now = role.replace(" ", "-"), context.now()
        if mode == "local":
            by = Actor("x", "admin")
            people.add(studio.engine, "Lea", "admin", by=by, now=now, password=SECRET)
            people.add(studio.engine, named, role, by=by, now=now, password=SECRET)
        elif mode == "oidc":
            people.provided(studio.engine, f"id|{named}", [named], role, now)
        monkeypatch.setattr(ui, "person", lambda: "ana" if mode == "none" else Actor(named, role))
        monkeypatch.setattr(ui, "clock", lambda: ZoneInfo("UTC"))
        return studio

    yield entered
    for studio in opened:
        studio.engine.dispose()
    rights.close_house(False)
    refusal_log.keep(None)
    _forget()


def _forget() -> None:
    session.forget()
    st.cache_resource.clear()
    st.cache_data.clear()


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
                    if f"{name}" not in self.touched:
                        yield name, touch

    def _look(self, at: AppTest, after: str) -> None:
        self.wrong += [f"{after}: raised {one.value}" for one in at.exception]
        said = " ".join(one.value for one in at.error).replace("\\", "")
        if "This is for" in said or "may not" in said or "Something went wrong" in said:
            self.wrong.append(f"{after}: {said[:120]}")
        self.wrong += [
            f"{after}: {name} is live beside what may not be pressed" for name in _in_vain(at)
        ]


def _shown(at: AppTest) -> list[Element]:
    """The elements of the page itself, of its dialogs too."""
    return [
        one for block in (at._tree[0], at._tree[2]) for one in block if isinstance(one, Element)
    ]


def _name(one: Widget) -> str:
    """Equal for those that stand once a row."""
    return f"{one.type} {re.sub(r'[0-9a-f]{6,}|[0-9]+', '#', one.proto.label or str(one.key))}"


Steps = list[tuple[str, Callable[[], object]]]


def _write(one: Widget) -> Steps:
    """Fields and boxes."""
    name = _name(one)
    if isinstance(one, (TextInput, TextArea)):
        return [(name, lambda: one.set_value(SECRET if "assword" in name else "x"))]
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
            (f"{_name(one)} {label}", lambda v=label: _chosen(one, [v] if several else v))
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
        if isinstance(one, fields) and one not in vain and not LOOKS_FOR.search(_name(one))
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


def _walked(page: str, there: Furnished, home: Path) -> dict[str, list[str]]:
    """What is wrong on each address of a page, once each."""
    found = {}
    for query in ({}, *MORE.get(page, ())):
        filled = {key: value.format(**vars(there)) for key, value in query.items()}
        walk = Walk(page, filled, home)
        walk.all_of_it()
        if walk.wrong:
            found[f"{page} {query}"] = list(dict.fromkeys(walk.wrong))
    return found


@pytest.mark.parametrize("page", QUICK)
def test_a_viewer_is_offered_nothing_that_is_refused(
    enter: Enter, furnished: Furnished, page: str
) -> None:
    home = enter("local", "viewer").home
    assert _walked(page, furnished, home) == {}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("mode", "role"),
    [("none", "admin"), *((mode, role) for mode in ("local", "oidc") for role in ROLES)],
)
def test_nothing_that_is_live_is_refused(
    enter: Enter, furnished: Furnished, mode: str, role: str, page: str
) -> None:
    home = enter(mode, role).home
    assert _walked(page, furnished, home) == {}
