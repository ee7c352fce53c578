"""Odd numbers in the addresses of routes: answered, never 500 and never a traceback."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

import studio.web
from studio import context
from studio.evaluation import contact_sheet
from studio.settings import load_settings
from studio.web import navigation, session
from tests.odd_numbers import ODD, TELLING

# What routes read of the address behind the path: numbers, and texts that must bear them, too.
NUMBERS = ("side", "size", "factor")
ASKED = (*NUMBERS, "name", "next", "over", "at", "seen", "key", "file", "layout", "all", "drawn")
USUAL = {"style": "items", "version": "2", "file": "version-000.png", "path": "version"}


def _routes() -> list[Route]:
    """Those of every module of the web that has some."""
    names = [module.name for module in pkgutil.iter_modules(studio.web.__path__)]
    modules = [importlib.import_module(f"studio.web.{name}") for name in names if name != "asgi"]
    return [route for module in modules for route in getattr(module, "ROUTES", ())]


ROUTES = _routes()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Before a studio with a sheet of version 2 of "items", and no MLflow's pages: port 9 discards.
    What a route raises, the test does."""
    home = tmp_path_factory.mktemp("odd") / "home"
    opened = context.open_studio(load_settings({"STUDIO_MLFLOW_PORT": "9"}, home=str(home)))
    picture = Image.new("RGBA", (32, 32), (9, 8, 7, 255))
    folder = contact_sheet.folder_of(home, "items", 2)
    contact_sheet.write_sheet(folder, "items", 2, "c" * 12, [("a gem", 1)], [picture], [picture])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "studio", lambda: opened)
        yield TestClient(Starlette(routes=ROUTES), follow_redirects=False)
    opened.engine.dispose()


def _addresses(route: Route, value: str, asked: Sequence[str]) -> Iterator[str]:
    """The route's address with the value in each part of the path, and in each thing asked."""
    parts = re.findall(r"{(\w+)(?::\w+)?}", route.path)

    def filled(odd: str = "") -> str:
        said = {part: USUAL.get(part, "1") for part in parts}
        said |= {odd: value} if odd else {}
        return re.sub(r"{(\w+)(?::\w+)?}", lambda m: quote(said[m[1]], safe=""), route.path)

    yield from (filled(part) for part in parts)
    yield from (f"{filled()}?{name}={quote(value, safe='')}" for name in asked)


def _asked(browser: TestClient, route: Route, turn: int, address: str) -> None:
    """The address with the route's methods in turn."""
    methods = sorted((route.methods or {"GET"}) - {"HEAD", "DELETE", "PATCH"})
    method = methods[turn % len(methods)]
    answer = browser.request(method, address, headers={"x-housestyle": "1"})
    assert answer.status_code < 500 or answer.status_code in (503, 507), (method, address)
    assert "Traceback" not in answer.text, (method, address)


def test_the_routes_are_all_of_them() -> None:
    from studio.web.asgi import app

    ours = {route.path for route in app._user_routes if isinstance(route, Route)}
    led_on = {f"/{name}" for name in navigation.MOVED}
    no_numbers = {"/healthz", "/hello", "/mcp", "/mcp/"}
    assert {route.path for route in ROUTES} == ours - no_numbers - led_on


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_telling_numbers_are_answered(browser: TestClient, route: Route) -> None:
    for place, value in enumerate(TELLING[:4]):
        for turn, address in enumerate(_addresses(route, value, NUMBERS), place):
            _asked(browser, route, turn, address)


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_thousand_odd_numbers_are_answered(browser: TestClient, route: Route) -> None:
    """Each number once, in one of the path's parts or in something asked, by turns."""
    assert len(ODD) == 1000
    for place, value in enumerate(ODD):
        turn, which = divmod(place, len(ASKED))
        addresses = [*_addresses(route, value, [ASKED[which]])]
        _asked(browser, route, place, addresses[turn % len(addresses)])
