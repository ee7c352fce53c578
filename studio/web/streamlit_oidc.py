"""Streamlit's own OpenID Connect sign-in (`st.login`): its settings, address and signed cookie.

The guard stands before everything of Streamlit's, so that no page can call `st.login`. This does
what the call does, and reads the cookie that comes of it. All that depends on how Streamlit
signs and cuts its cookies is here.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from streamlit.auth_util import encode_provider_token
from streamlit.web.server.starlette.starlette_server_config import (
    TOKENS_COOKIE_NAME,
    USER_COOKIE_NAME,
)
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from studio.accounts.sign_in_settings import SignIn

LOGIN, CALLBACK = "/auth/login", "/oauth2callback"


@dataclass(frozen=True)
class Ticket:
    """What a sign-in brought: the provider's claims, and a hash that names this one sign-in."""

    claims: Mapping[str, Any]
    hash: str


def settings_for(sign_in: SignIn) -> dict[str, Any]:
    """Streamlit's secrets for this provider. The key of its cookies is new with every start: such
    a cookie is needed for a moment only, until the studio has made a session of its own."""
    if sign_in.provider is None:
        return {}
    told = sign_in.provider
    return {
        "auth": {
            "redirect_uri": sign_in.address + CALLBACK,
            "cookie_secret": secrets.token_urlsafe(32),
            "client_id": told.client_id,
            "client_secret": told.client_secret,
            "server_metadata_url": told.metadata,
            # Streamlit would ask for "select_account", which not every provider knows.
            "client_kwargs": {"scope": told.scopes, "prompt": "login"},
        }
    }


def address() -> str:
    """Where `st.login()` would send the browser."""
    return f"{LOGIN}?provider={quote(encode_provider_token('default'))}"


def ticket(cookies: Mapping[str, str], origin: str) -> Ticket | None:
    """What Streamlit's cookie says, if Streamlit signed it for a sign-in at `origin`.

    None for no cookie, and for a forged, cut or foreign one. Whether it is new is not checked.
    """
    try:
        raw = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
        claims = json.loads(raw) if raw else None
    except (ValueError, UnicodeError):
        return None
    if raw is None or not isinstance(claims, dict):
        return None
    if claims.get("is_logged_in") is not True or claims.get("origin") != origin:
        return None
    return Ticket(claims, hashlib.sha256(raw).hexdigest())


def names(cookies: Iterable[str]) -> list[str]:
    """Those cookies that are Streamlit's sign-in, to be deleted."""
    mine = (USER_COOKIE_NAME, TOKENS_COOKIE_NAME)
    return [name for name in cookies if name.startswith(mine)]
