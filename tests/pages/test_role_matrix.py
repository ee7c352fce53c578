"""Every role before every control of every page, in each way of signing in: what is live is never
refused, nothing raises, and who may not write is given nothing to write in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import streamlit as st
from argon2 import PasswordHasher

from studio import context
from studio.accounts import passwords, people, refusal_log, rights
from studio.accounts.rights import ROLES, Actor
from studio.jobs import queue
from studio.settings import CHECKOUT
from studio.web import session, ui
from tests.browser.furnished import STYLE, Furnished, furnish
from tests.pages.role_walk import Walk

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
    "Admin": tuple(
        {"show": show} for show in ("Jobs", "People", "Webhooks", "Log", "Settings", "Backups")
    ),
    "Costs": tuple(
        {"show": show} for show in ("Charges", "Unconfirmed", "One-time costs", "Limits", "Prices")
    ),
    "Datasets": (
        {"set": STYLE},
        *({"set": STYLE, "tab": tab} for tab in ("Add", "Captions", "Masks", "Look", "Grow")),
        *({"set": STYLE, "tab": tab} for tab in ("Compare", "Consent", "Statistics", "Versions")),
    ),
    "Evaluate": ({"style": STYLE, "versions": "1,2"},),
    "Export": ({"id": "{picture}"}, {"show": "Profiles"}, {"show": "History"}),
    "Finish": ({"id": "{picture}"}, {"job": "{job}"}),
    "Generate": ({"style": STYLE},),
    "Characters": ({"show": "New character"},),
    "Animate": ({"id": "{picture}"}, {"show": "Motion"}, {"show": "Sheets"}),
    "Picture": ({"id": "{picture}"},),
    "Props": (
        {"id": "{picture}"},
        {"id": "{picture}", "way": "By a provider"},
        {"id": "{picture}", "way": "On your own GPU"},
        {"prop": "{prop}"},
        {"wish": "{wish}"},
        {"show": "History"},
    ),
    "Rate": ({"round": "{round}"},),
    "Report": ({"show": "Used"}, {"show": "Minutes by hand"}),
    "Registry": (
        {"style": STYLE, "version": "2"},
        {"style": STYLE, "show": "Release"},
        {"style": STYLE, "show": "Recipe"},
    ),
    "Sort": ({"job": "{job}"},),
    "Train": ({"data": STYLE}, {"show": "Queue"}, {"show": "Sweeps"}),
    "Upscale": (
        {"id": "{picture}"},
        {"id": "{picture}", "method": "diffusion"},
        {"show": "Models"},
    ),
    "Vote": ({"ballot": "{ballot}"},),
}
PAGES = ["Home", *sorted(file.stem for file in (CHECKOUT / "pages").glob("*.py"))]
QUICK = ("Home", "Vote", "You")  # as a viewer, whenever tests are run


def _asks_how(page: str) -> bool:
    """Whether a page's own code asks how people sign in, or draws the whole menu."""
    files = [CHECKOUT / "pages" / f"{page}.py", *(CHECKOUT / "pages" / page.lower()).glob("*.py")]
    said = [file.read_text("utf-8") for file in files if file.is_file()]
    return page == "Home" or any("sign_in" in text for text in said)


# Rights go by the role alone, so what does not ask is walked once for each role.
MATRIX = [
    ("none", "admin", PAGES),
    *(("local", role, PAGES) for role in ROLES),
    *(("oidc", role, [page for page in PAGES if _asks_how(page)]) for role in ROLES),
]
pytestmark = pytest.mark.usefixtures("boxes")


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
        home = tmp_path / f"{mode}-{role.replace(' ', '-')}"
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


def _wrong(page: str, there: Furnished, home: Path) -> str:
    """What is wrong on the addresses of a page, a line each."""
    found = []
    for query in ({}, *MORE.get(page, ())):
        filled = {key: value.format(**vars(there)) for key, value in query.items()}
        walk = Walk(page, filled, home)
        walk.all_of_it()
        found += [f"{page} {query}: {one}" for one in dict.fromkeys(walk.wrong)]
    return "\n".join(found)


def test_what_asks_how_people_sign_in_is_walked_in_each_way() -> None:
    asking = {page for mode, _, some in MATRIX if mode == "oidc" for page in some}
    assert asking == {"Admin", "Home", "You"}


@pytest.mark.parametrize("page", QUICK)
def test_a_viewer_is_offered_nothing_that_is_refused(
    enter: Enter, furnished: Furnished, page: str
) -> None:
    home = enter("local", "viewer").home
    if wrong := _wrong(page, furnished, home):
        pytest.fail(wrong, pytrace=False)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("mode", "role", "page"), [(mode, role, page) for mode, role, some in MATRIX for page in some]
)
def test_nothing_that_is_live_is_refused(
    enter: Enter, furnished: Furnished, mode: str, role: str, page: str
) -> None:
    home = enter(mode, role).home
    if wrong := _wrong(page, furnished, home):
        pytest.fail(wrong, pytrace=False)
