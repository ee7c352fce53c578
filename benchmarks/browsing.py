"""Pages in a real chromium: until their content is there, and from a click to the last frame.

All is measured by the page's own clock, so that what the measuring costs is not in it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as OverTime

PATIENCE_MS = 30_000
QUIET_MS = 400  # without a frame, after which a rerun is taken to be over

# Notes when the first input, the last frame and the end of a run were, and looks into components.
NOTES = """
window.hs = {input: 0, sent: 0, frame: 0, ended: 0, state: ''};
window.WebSocket = class extends window.WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', () => { hs.frame = performance.now(); });
  }
  send(data) {
    if (hs.input) hs.sent ||= performance.now();
    super.send(data);
  }
};
for (const kind of ['click', 'keydown', 'input']) {
  document.addEventListener(kind, (event) => { hs.input ||= event.timeStamp; }, true);
}
hs.all = (wanted, root = document) => [
  ...root.querySelectorAll(wanted),
  ...[...root.querySelectorAll('*')].filter((e) => e.shadowRoot)
    .flatMap((e) => hs.all(wanted, e.shadowRoot)),
];
hs.shown = (wanted) => hs.all(wanted).some((e) =>
  e.getBoundingClientRect().height > 0 && (e.tagName !== 'IMG' || (e.complete && e.naturalWidth)));
hs.lacks = (texts, wanted) => {
  const main = document.querySelector('[data-testid=stMain]')?.textContent ?? '';
  const absent = texts.filter((text) => !main.includes(text));
  return !wanted || hs.shown(wanted) ? absent : [...absent, wanted];
};
hs.there = (texts, wanted) => !hs.lacks(texts, wanted).length && performance.now();
new MutationObserver(() => {
  const state = document.querySelector('[data-testid=stApp]')?.dataset.testScriptState ?? '';
  if (hs.state === state) return;
  hs.state = state;
  if (state === 'notRunning') requestAnimationFrame(() => { hs.ended = performance.now(); });
}).observe(document, {subtree: true, childList: true, attributeFilter: ['data-test-script-state']});
hs.settled = (quiet, typed) => {
  const now = performance.now(), last = Math.max(hs.frame, hs.ended);
  return hs.sent && hs.frame > hs.sent && hs.ended > hs.frame && now - last > quiet
    && hs.ended - (typed ? hs.sent : hs.input);
};
"""


class NotThere(RuntimeError):
    """What is waited for on a page has not come: says which page, and what."""


@dataclass(frozen=True)
class Place:
    """A page: its address, texts of its own that must stand there, and what must be seen."""

    name: str
    path: str
    texts: tuple[str, ...]
    wanted: str = ""


@dataclass(frozen=True)
class Act:
    """Something that a person does on a page again and again; `do` is given the open page and how
    often it was done before. Its last input is what the time is counted from, or where it is
    `typed`, which waits for a pause, the moment when the words are sent."""

    name: str
    path: str
    wanted: str
    do: Callable[[Page, int], None]
    typed: bool = False


@contextmanager
def visitor(url: str, person: str) -> Iterator[BrowserContext]:
    """A browser, headless, of one person, with a profile as an ordinary one has: from the third
    visit on it keeps scripts compiled, which it does not do in a private window."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            viewport={"width": 1400, "height": 1000},
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": "housestyle_name", "value": person, "url": url}])
        context.add_init_script(NOTES)
        yield context
        context.close()


@dataclass(frozen=True)
class Took:
    """Milliseconds on the wall, and those that the page's own thread and the web process were
    computing, what the page does just after its last frame included."""

    wall: float
    computed: float


def paint(context: BrowserContext, url: str, place: Place, web: int) -> Took:
    """From navigation until the page's own content is there."""
    page = context.new_page()
    try:
        computed = _computing(context, page, web)
        before = computed()
        page.goto(url + place.path, wait_until="commit")
        asked = [list(place.texts), place.wanted]
        try:
            found = page.wait_for_function("([t, w]) => hs.there(t, w)", arg=asked, polling="raf")
        except OverTime:
            lacks = page.evaluate("([t, w]) => hs.lacks(t, w)", asked)
            raise _not_there(place.path, lacks) from None
        return Took(float(found.json_value()), computed() - before)
    finally:
        page.close()


def rerun(context: BrowserContext, url: str, act: Act, web: int, times: int) -> list[Took]:
    """From the input to the first painting after the last frame, `times` times, the very first
    not counted."""
    with opened(context, url, act, web) as once:
        return [once(number) for number in range(times + 1)][1:]


@contextmanager
def opened(
    context: BrowserContext, url: str, act: Act, web: int
) -> Iterator[Callable[[int], Took]]:
    """The page on which something is done, ready; calling what is handed out does it once."""
    page = context.new_page()
    try:
        computed = _computing(context, page, web)
        page.goto(url + act.path)
        try:
            page.wait_for_function(
                "(w) => hs.shown(w) && hs.state === 'notRunning'", arg=act.wanted, polling=100
            )
        except OverTime:
            raise _not_there(act.path, [act.wanted]) from None
        page.wait_for_timeout(1000)

        def once(number: int) -> Took:
            page.bring_to_front()  # one behind another is drawn once a second
            return _once(page, act, number, computed)

        yield once
    finally:
        page.close()


def _not_there(path: str, lacks: list[str]) -> NotThere:
    return NotThere(f"{path} has no {', '.join(lacks)} after {PATIENCE_MS // 1000} s")


def _computing(context: BrowserContext, page: Page, web: int) -> Callable[[], float]:
    """Milliseconds of processor time so far, of the page's main thread and the process `web`."""
    session, server = context.new_cdp_session(page), psutil.Process(web)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read() -> float:
        told = session.send("Performance.getMetrics")["metrics"]
        here = float(next(one["value"] for one in told if one["name"] == "TaskDuration"))
        return 1000 * (here + sum(server.cpu_times()[:2]))

    return read


def forget(page: Page) -> None:
    """The next input is the one that counts."""
    page.evaluate("() => { hs.input = hs.sent = 0; }")


def _once(page: Page, act: Act, number: int, computed: Callable[[], float]) -> Took:
    forget(page)
    before = computed()
    act.do(page, number)
    found = page.wait_for_function(
        "([q, typed]) => hs.settled(q, typed)", arg=[QUIET_MS, act.typed], polling=200
    )
    return Took(float(found.json_value()), computed() - before)


def keys(context: BrowserContext, url: str, ballot: int, votes: int) -> tuple[list[float], int]:
    """Milliseconds from a key to the next pair on the screen; and how many votes are stored by
    the server's own count."""
    page = context.new_page()
    page.goto(f"{url}/Vote?ballot={ballot}")
    page.wait_for_function("() => hs.shown('[data-part=right] img')")
    found = []
    for number in range(votes):
        page.wait_for_timeout(2000 + 400 * (number % 5))
        before = page.evaluate(
            "() => { hs.input = 0; return hs.all('[data-part=left] img')[0].src; }"
        )
        page.keyboard.press("ArrowLeft" if number % 2 else "ArrowRight")
        shown = page.wait_for_function(
            """(before) => {
              const [left, right] = ['left', 'right'].map((p) => hs.all(`[data-part=${p}] img`)[0]);
              return left && right && left.src !== before && left.complete && right.complete
                && performance.now() - hs.input;
            }""",
            arg=before,
            polling="raf",
        )
        found.append(float(shown.json_value()))
    page.wait_for_timeout(1500)
    said: Any = page.evaluate("() => hs.all('[data-part=count]')[0].textContent")
    page.close()
    return found, int(str(said).split()[0])


def picture(page: Page) -> float:
    """Milliseconds from a click on Draw until a picture is there that was not there before."""
    before = page.evaluate("() => { hs.input = 0; return hs.all('img').map((i) => i.src); }")
    page.get_by_role("button", name="Draw", exact=False).first.click()
    found = page.wait_for_function(
        """(before) => hs.input && hs.all('img').some((i) =>
             i.src.includes('/picture/made/') && !before.includes(i.src) && i.complete
             && i.naturalWidth) && performance.now() - hs.input""",
        arg=before,
        polling="raf",
    )
    return float(found.json_value())
