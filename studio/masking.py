"""The one function that stars secrets out of texts: errors, logs, and what pages and commands show.

A secret is known by its shape (a password in an address, a key in a query, a token) or by its
value, which whoever reads it from the settings tells (`hide`). Not covered: a secret that stands
in a sentence without either.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

STARS = "***"
SHORTEST = 8  # characters of a value that is hidden wherever it stands

_NAMES = (
    r"(?:[\w.-]*"
    r"(?:token(?!s)|secret|passw(?:or)?d|passfile|api[_-]?key|signature|credential)[\w.-]*)"
)
_SHAPES = tuple(
    (re.compile(shape, re.IGNORECASE), kept)
    for shape, kept in (
        (r"(\bpostgres[\w+]*://[^\s/:@]*:)\S*@", rf"\1{STARS}@"),  # a password may hold any sign
        (r"(\b[a-z][\w+.-]*://[^\s/:@]*:)[^\s/]*@", rf"\1{STARS}@"),
        (r"(\bhttps?://)[^\s/:@]+@", rf"\1{STARS}@"),
        (rf"([?&](?:{_NAMES}|code|key|state|session|sig|auth)=)[^&\s\"'#]*", rf"\1{STARS}"),
        (
            rf"((?:^|(?<=[\s,;{{(\"']))(?:{_NAMES}|[\w.-]*_key)[\"']?\s*=\s*[\"']?)[^\s\"'&,;]+",
            rf"\1{STARS}",
        ),
        (rf"([\"']{_NAMES}[\"']\s*:\s*[\"'])[^\"']*", rf"\1{STARS}"),
        (r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?)[^\s\"',]+", rf"\1{STARS}"),
        (r"(\bbearer\s+)[\w.~+/=-]{16,}", rf"\1{STARS}"),
        (r"\bhs_[\w-]{20,}", f"hs_{STARS}"),
        (r"\bwhsec_[\w+/=-]{20,}", f"whsec_{STARS}"),
        (r"\b(sk-|hf_|gh[pousr]_|xox[abp]-)[\w-]{16,}", rf"\1{STARS}"),
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]*", STARS),
        (r"(\bhooks\.slack\.com/(?:services|workflows)/)[^\s\"']+", rf"\1{STARS}"),
        (r"(\bdiscord(?:app)?\.com/api/webhooks/)[^\s\"']+", rf"\1{STARS}"),
    )
)
_values: list[str] = []  # the longest first, so that none is left in halves


def hide(*values: str) -> None:
    """Star these out of every text from now on, wherever they stand. Those below SHORTEST
    characters, and plain words, are left: starred out they would tear up innocent texts."""
    for value in values:
        for form in {value, unquote(value)}:
            if len(form) >= SHORTEST and not form.isalpha() and form not in _values:
                _values.append(form)
    _values.sort(key=len, reverse=True)


def hide_address(address: str) -> None:
    """`hide` for the password in an address."""
    try:
        hide(urlsplit(address).password or "")
    except ValueError:
        hide(address)


def masked(text: str) -> str:
    """The text without what looks like a secret, or is known as one."""
    for value in _values:
        text = text.replace(value, STARS)
    for shape, kept in _SHAPES:
        text = shape.sub(kept, text)
    return text


def in_logs() -> None:
    """From here on this process logs, and dies, without secrets in its last words."""
    logging.setLogRecordFactory(record)
    sys.excepthook = _last_words
    threading.excepthook = lambda told: _last_words(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )


def told(error: BaseException) -> str:
    """An exception with where it came from, masked."""
    return masked("".join(traceback.format_exception(error)))


def record(*given: Any, **more: Any) -> logging.LogRecord:
    """What logging makes of a line, without secrets."""
    made = logging.LogRecord(*given, **more)
    try:
        said = made.getMessage()
    except (TypeError, ValueError):  # logging itself tells of arguments that do not fit
        return made
    if (clean := masked(said)) != said:
        made.msg, made.args = clean, ()
    if made.exc_info and made.exc_info[1] is not None:
        made.exc_text = told(made.exc_info[1]).rstrip()
    return made


def _last_words(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, where)
        return
    sys.stderr.write(told(error))
