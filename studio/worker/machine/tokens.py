"""Tokens that a machine lets studios in by: made here, shown once, kept as their SHA-256.

They are read anew for each question, so that one that is withdrawn opens nothing from then on.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import datetime
from pathlib import Path

from studio.errors import StudioError
from studio.remote.protocol import NAME
from studio.store.publish import publish

FILE = "machine/tokens.json"  # in the machine's folder
MOST = 50


def make(home: Path, name: str, now: datetime) -> str:
    """A new token, told here only. StudioError for a name that is none, or taken."""
    if not NAME.fullmatch(name):
        raise StudioError(
            f"{name[:60]!r} is no name for a token.", "Use letters, digits, dots, - and _."
        )
    held = _read(home)
    if name in held:
        raise StudioError(f"There is a token {name} already.", "Withdraw it, or name another.")
    if len(held) >= MOST:
        raise StudioError(f"There are {MOST} tokens.", "Withdraw some first.")
    token = f"hs_{secrets.token_urlsafe(32)}"
    _write(home, {**held, name: [_digest(token), now.isoformat(timespec="seconds")]})
    return token


def withdraw(home: Path, name: str) -> None:
    """It opens nothing any more; what it began goes on until its studio ends it."""
    held = _read(home)
    if name not in held:
        raise StudioError(f"There is no token {name[:60]!r}.", f"There are: {', '.join(held)}.")
    _write(home, {one: told for one, told in held.items() if one != name})


def listing(home: Path) -> dict[str, str]:
    """When each was made (ISO UTC), by its name."""
    return {name: told[1] for name, told in _read(home).items()}


def holds(home: Path, token: str) -> bool:
    """Whether it is one of them."""
    digest = _digest(token)
    return any([hmac.compare_digest(digest, told[0]) for told in _read(home).values()])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read(home: Path) -> dict[str, list[str]]:
    try:
        told = json.loads((home / FILE).read_text("utf-8"))
        return {str(name): [str(one) for one in kept] for name, kept in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise StudioError(
            f"{home / FILE} can't be read: {error}.", "Remove it, then make tokens anew."
        ) from error


def _write(home: Path, held: dict[str, list[str]]) -> None:
    publish(home / FILE, json.dumps(held, indent=1))
