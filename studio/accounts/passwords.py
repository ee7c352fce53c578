"""Passwords: what will do as one, and its argon2id hash with the library's own costs."""

from __future__ import annotations

import functools
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from studio.errors import StudioError

SHORTEST, LONGEST = 10, 200
_HASHER = PasswordHasher()


def check(password: str, name: str) -> str:
    """The password, or StudioError where it is too easily guessed. Length counts, signs do not."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise StudioError(
            f"The password has {len(password)} signs.",
            f"Use {SHORTEST} to {LONGEST}; three or four words will do.",
        )
    if name.casefold() in password.casefold() and len(password) < len(name) + SHORTEST:
        raise StudioError("The password is little more than the name.", "Take other words.")
    if len(set(password)) < 5:
        raise StudioError("The password repeats a few signs.", "Take other words.")
    return password


def hashed(password: str) -> str:
    """An argon2id hash, salt and costs in it."""
    return _HASHER.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one's. Without one it takes as long and says no."""
    try:
        _HASHER.verify(stored or _nobodys(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@functools.cache
def _nobodys() -> str:
    return hashed(secrets.token_hex())
