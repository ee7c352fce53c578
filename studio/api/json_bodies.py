"""JSON that programs send: said to be some, and without what no database and no file takes."""

from __future__ import annotations

import email.message
import json
from typing import Any

from studio.api.problems import Told
from studio.errors import StudioError

# Without these no half of a pair is in it: an escape, the first byte of one in UTF-8 (which Python
# lets pass), and what UTF-16 and UTF-32 are full of.
SIGNS = (b"\\u", b"\xed", b"\0")
MOST_KEPT = 100_000  # characters


def check(content_type: str, body: bytes) -> None:
    """Told (415) for another type, StudioError for a text that is none; what is no JSON at all is
    left to whoever reads it."""
    written = email.message.Message()
    written["content-type"] = content_type
    kind = written.get_content_type()
    if kind != "application/json" and not (
        written.get_content_maintype() == "application" and kind.endswith("+json")
    ):
        said = "The body's Content-Type is no JSON."
        raise Told("wrong-type", 415, said, "Send Content-Type: application/json.")
    if not any(sign in body for sign in SIGNS):
        return
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return
    check_text(found)


def check_text(value: Any) -> None:
    """StudioError for half of a surrogate pair or a NUL in any text of it, however deep."""
    try:
        whole = is_text(value)
    except RecursionError as error:
        raise StudioError("What is sent is nested too deeply.", "Send it flatter.") from error
    if not whole:
        raise StudioError(
            "What is sent holds characters that are no text.",
            "Leave out NUL (\\u0000) and halves of surrogate pairs (\\ud800 to \\udfff).",
        )


def is_text(value: Any) -> bool:
    """Whether every text of it is one."""
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in value)
    if isinstance(value, dict):
        return all(is_text(part) for pair in value.items() for part in pair)
    return all(map(is_text, value)) if isinstance(value, list) else True


def check_kept(name: str, value: Any) -> None:
    """StudioError, which calls it `name`, where what is kept with each picture is longer, as JSON,
    than any of its kind."""
    size = len(json.dumps(value))
    if size > MOST_KEPT:
        raise StudioError(f"{name} has {size:,} characters.", f"Give at most {MOST_KEPT:,}.")
