"""Props in a real browser: the viewer under its policy, by keys, with sharp pixels; from a picture
to a prop with one click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect

from studio.assets import family, files
from studio.generation import start_pictures
from studio.workflows import prop_history
from studio.workflows.prop_history import Filters
from tests.browser.conftest import Running, drawn_all, somebody
from tests.browser.furnished import Furnished
from tests.prop_pictures import sprite

Visit = Callable[..., Page]
pytestmark = pytest.mark.slow
LONG_MS = 120_000
NEAREST = 1003  # three.js' NearestFilter
# The three.js scene within model-viewer, as the viewer itself finds it.
SCENE = """(() => {
  const viewer = document.querySelector("model-viewer");
  const key = Object.getOwnPropertySymbols(viewer).find((one) => one.description === "scene");
  return viewer[key];
})()"""
MATERIALS = f"""() => {{
  const found = [];
  {SCENE}.models[0].traverse((mesh) => {{
    for (const one of [mesh.material ?? []].flat()) found.push({{
      filter: one.map?.magFilter, wire: one.wireframe, alphaTest: one.alphaTest,
      patched: Object.hasOwn(one, "onBeforeCompile") && /gl_FragColor|shownNormal/.test(
        one.onBeforeCompile.toString())}});
  }});
  return found;
}}"""
VIEWER = "document.querySelector('model-viewer')"
LOADED = """() => document.querySelector("model-viewer")?.loaded === true"""


def opened(browser: Browser, running: Running, there: Furnished, query: str = "") -> Page:
    """The viewer by itself, loaded; whatever its policy bars fails the test (conftest)."""
    context = somebody(browser, running, "Petra")
    page = context.new_page()
    page.goto(f"{running.url}/props/viewer/{there.prop}{query}")
    page.wait_for_function(LOADED)
    expect(page.locator("[data-part=told]")).to_contain_text("high")
    return page


def materials(page: Page | Frame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(MATERIALS)
    assert found
    return found


def test_the_viewer_is_live_sharp_and_led_by_keys(
    browser: Browser, running: Running, there: Furnished
) -> None:
    asked: list[str] = []
    page = opened(browser, running, there)
    page.on("request", lambda request: asked.append(request.url))
    assert all(one["filter"] == NEAREST for one in materials(page))
    for key, name in (("l", "wire"), ("m", "normals")):
        page.keyboard.press(key)
        expect(page.locator(f"[data-do={name}]")).to_have_attribute("aria-pressed", "true")
        assert all(one["patched"] for one in materials(page))
        assert all(one["wire"] == (name == "wire") for one in materials(page))
        page.wait_for_timeout(500)  # it is drawn so: programs that do not compile are told
    page.keyboard.press("m")
    assert not any(one["patched"] or one["wire"] for one in materials(page))
    page.keyboard.press("t")
    page.wait_for_function(f"() => {VIEWER}.turntableRotation > 0.05")
    page.keyboard.press("t")
    before = page.evaluate(f"{VIEWER}.getDimensions().y")
    page.keyboard.press("h")
    expect(page.locator("[data-part=told]")).to_contain_text("beside a person")
    page.wait_for_function(f"() => {VIEWER}.getDimensions().y >= 1.749")
    assert before == pytest.approx(1.5, abs=1e-3)
    for ground in ("light", "engine", "dark"):
        page.keyboard.press("g")
        expect(page.locator("[data-part=ground]")).to_have_text(ground)
    page.reload()
    page.wait_for_function(LOADED)
    expect(page.locator("[data-do=person]")).to_have_attribute("aria-pressed", "true")
    assert all(url.startswith((running.url, "blob:", "data:")) for url in asked)
    page.context.close()


def test_shaders_of_wires_and_normals_compile(
    browser: Browser, running: Running, there: Furnished
) -> None:
    page = opened(browser, running, there)
    told: list[str] = []
    page.on("console", lambda line: told.append(line.text) if line.type == "error" else None)
    for key in "lmlm":
        page.keyboard.press(key)
        page.wait_for_timeout(800)
    assert [line for line in told if "Shader" in line or "program" in line.lower()] == []
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_viewer(
    browser: Browser, running: Running, there: Furnished, theme: str
) -> None:
    page = opened(browser, running, there, f"?theme={theme}")
    for width in (1200, 400):
        page.set_viewport_size({"width": width, "height": 700})
        found = Axe().run(page).response["violations"]
        assert [(one["id"], len(one["nodes"])) for one in found] == [], width
        wider = page.evaluate("document.body.scrollWidth - document.body.clientWidth")
        assert wider <= 0
    page.context.close()


def test_one_click_leads_from_a_picture_to_a_live_card(visit: Visit, there: Furnished) -> None:
    studio = there.studio
    hash = start_pictures.keep_picture(studio.home, sprite(24), by="Pia")
    before = {one.id for one in prop_history.found(studio.engine, Filters(kind="prop")).items}
    page = visit(f"/Props?id={hash}", person="Pia")
    drawn_all(page)
    posters = page.locator(".wall img")
    expect(posters).to_have_count(3)
    page.wait_for_function(
        """() => [...document.querySelectorAll("*")].flatMap((one) =>
          [...(one.shadowRoot?.querySelectorAll(".wall img") ?? [])])
          .every((one) => one.naturalWidth === 256)"""
    )
    page.get_by_role("button", name="Make the prop").click()
    expect(page.locator("iframe[src*='/props/viewer/']")).to_be_visible(timeout=LONG_MS)
    new = {one.id for one in prop_history.found(studio.engine, Filters(kind="prop")).items}
    (id,) = new - before
    assert f"prop={id}" in page.url
    assert {one.role for one in files.of(studio.engine, id)} >= {"model", "poster", "normal"}
    frame = page.frame(url=lambda url: "/props/viewer/" in url)
    assert frame is not None
    frame.wait_for_function(LOADED)
    assert all(one["filter"] == NEAREST for one in materials(frame))
    page.get_by_text("Edit", exact=True).click()
    height = page.get_by_label("Height, m", exact=True)
    height.fill("3")
    height.press("Tab")
    page.get_by_role("button", name="Make this version").click()
    expect(page.get_by_role("link", name="Undo: the version before")).to_be_visible(timeout=LONG_MS)
    (child,) = family.children(studio.engine, id)
    assert child.recipe["figures"]["height_m"] == pytest.approx(3.0, abs=1e-4)
    page.get_by_role("link", name="Undo: the version before").click()
    page.wait_for_url(f"**prop={id}**", timeout=LONG_MS)


def test_the_history_leads_from_its_wall_to_a_prop(visit: Visit, there: Furnished) -> None:
    page = visit("/Props?show=History&kind=prop", person="Pia")
    drawn_all(page)
    page.locator(f'.wall a[href="/Props?prop={there.prop}"]').click()
    expect(page.locator("iframe[src*='/props/viewer/']")).to_be_visible()
    assert f"prop={there.prop}" in page.url
