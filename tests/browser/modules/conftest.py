"""A blank page of chromium with the screens' modules within reach: no studio is behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from studio.web import javascript
from tests.browser import conftest

SITE = "http://localhost"


def _answer(route: Route) -> None:
    name = PurePosixPath(urlsplit(route.request.url).path).name
    if name.endswith(".js"):
        source = javascript.modules()[name]
        route.fulfill(body=source, content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html")


@pytest.fixture
def blank(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page on which `import("./NAME.js")` is a module of ours."""
    if conftest.CHROMIUM is None:
        pytest.skip("chromium is not here: apt-get install chromium libatomic1")
    browser: Browser = request.getfixturevalue("browser")
    with browser.new_context() as context:
        page = context.new_page()
        page.route(f"{SITE}/**", _answer)
        page.goto(f"{SITE}/")
        yield page


@pytest.fixture
def run(blank: Page) -> Callable[..., Any]:
    """`run("module", "a, b", "body", value)`: what the body returns; `given` is the value."""

    def evaluate(module: str, names: str, body: str, given: Any = None) -> Any:
        program = f"""async (given) => {{
            const {{ {names} }} = await import("{SITE}/{module}.js");
            {body}
        }}"""
        return blank.evaluate(program, given)

    return evaluate


@pytest.fixture
def mount(blank: Page) -> Callable[[str, dict[str, Any]], None]:
    """Draws a screen with its data as Streamlit does, first and again; what it says is put into
    `window.said`, newest last."""

    def draw(screen: str, data: dict[str, Any]) -> None:
        html = (javascript.FOLDER / f"{screen}.html").read_text("utf-8")
        program = """async ([screen, html, data]) => {
            const { mount } = await import(`/${screen}.js`);
            window.said ??= [];
            if (!document.body.childElementCount) document.body.innerHTML = html;
            const setTriggerValue = (name, value) => window.said.push(structuredClone(value));
            mount({ parentElement: document.body, data, setTriggerValue });
        }"""
        blank.evaluate(program, [screen, html, data])

    return draw
