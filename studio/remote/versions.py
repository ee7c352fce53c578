"""Which program this is: what computes must be the same on both sides, to the last line."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import metadata

from studio.settings import CHECKOUT

# What only shows, asks or looks after: it computes nothing.
BESIDE = ("api", "cli", "operations", "web")


@cache
def studio() -> str:
    """The studio's version with the first letters of its program's SHA-256: that of all modules but
    those that only show."""
    told = hashlib.sha256()
    root = CHECKOUT / "studio"
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root)
        if path.parts[0] not in BESIDE:
            told.update(f"{path.as_posix()}\n".encode() + file.read_bytes())
    return f"{_number()}+{told.hexdigest()[:12]}"


@cache
def torch() -> str:
    """Torch's version without what it was built for; "" where it is not installed."""
    try:
        return metadata.version("torch").partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""


def _number() -> str:
    try:
        told = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
        return str(told["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "0"
