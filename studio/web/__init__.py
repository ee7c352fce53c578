"""The web process. `studio.web:app` is what start commands name."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """`app` alone, and only when it is asked for: it opens the settings and loads Streamlit."""
    if name == "app":
        from studio.web import asgi

        return asgi.app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
