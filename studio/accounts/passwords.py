"""Passwords: what will do as one, and its argon2id hash with the library's own costs."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from studio.errors import StudioError

SHORTEST, LONGEST = 10, 200
_HASHER = PasswordHasher()
# Of a random password that nobody knows, at the same costs: looking at it takes as long.
NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$h1FspbGDdFAYuYg8xViBhA$"
    "ojSYAl3bw/B2+N6USrlxqUa9yONA0cwfX5YQ0YZqKeQ"
)


def check(password: str, name: str) -> str:
    """The password, or StudioError where it is too easily guessed. Its length counts, not its kinds
    of characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise StudioError(
            f"The password has {len(password)} characters.",
            f"Use {SHORTEST} to {LONGEST}; three or four words will do.",
        )
    if name.casefold() in password.casefold() and len(password) < len(name) + SHORTEST:
        raise StudioError("The password is little more than the name.", "Take other words.")
    if len(set(password)) < 5:
        raise StudioError("The password repeats a few characters.", "Take other words.")
    return password


def hashed(password: str) -> str:
    """An argon2id hash, salt and costs in it."""
    return _HASHER.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one's. Without one it takes as long and says no."""
    try:
        _HASHER.verify(stored or NOBODYS, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
