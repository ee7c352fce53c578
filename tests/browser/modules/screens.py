"""Screens as tests give them data and hear them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
SETTLED_MS = 250  # keys that come sooner were meant for the picture before


def last_said(page: Page) -> Any:
    return page.evaluate("window.said.at(-1)")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.wait_for_timeout(SETTLED_MS)
        page.keyboard.press(key)


def view_of(**more: Any) -> dict[str, Any]:
    usual = {"url": DOT, "alt": "a gem", "width": 50, "height": 50, "pin": None, "pinning": True}
    return {**usual, "pasting": True, "copied": "/copied.png", "ways": {}, "around": 300, **more}


SCENE = {
    "url": DOT,
    "width": 64,
    "height": 64,
    "scale": 1,
    "x": 0.5,
    "ground": 0.75,
    "neighbours": [f"{DOT}#1", f"{DOT}#2"],
}
