"""How people sign in to this studio, from its settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urlsplit

from studio.accounts.oidc_claims import Provider, provider_of
from studio.errors import StudioError

Kind = Literal["none", "local", "oidc"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class SignIn:
    """`kind` of sign-in; `address` that people type where a proxy stands before the studio;
    `anyone`: without sign-in everybody who can reach it may come in; the `token` that commands
    act with; the provider of oidc."""

    kind: Kind = "none"
    address: str = ""
    anyone: bool = False
    token: str = field(default="", repr=False)
    provider: Provider | None = field(default=None, repr=False, compare=False)

    @property
    def needed(self) -> bool:
        """Whether anybody has to sign in at all."""
        return self.kind != "none"

    @property
    def secure(self) -> bool:
        """Whether cookies may go over https only."""
        return self.address.startswith("https://")


def sign_in_of(values: Mapping[str, str]) -> SignIn:
    """From the settings' values by name; StudioError for one that can't be."""
    kind = values["STUDIO_SIGN_IN"]
    if kind not in ("none", "local", "oidc"):
        raise StudioError(f"STUDIO_SIGN_IN is {kind!r}.", "Use none, local or oidc.")
    anyone = values["STUDIO_ANYONE"]
    if anyone not in ("yes", "no"):
        raise StudioError(f"STUDIO_ANYONE is {anyone!r}.", "Use yes or no.")
    address = values["STUDIO_ADDRESS"].rstrip("/")
    if address and not re.fullmatch(r"https?://[^/@?#\s]+", address):
        raise StudioError(
            f"STUDIO_ADDRESS is {address!r}.", "Give it like https://studio.example.com"
        )
    if kind == "oidc" and not address:
        raise StudioError(
            "STUDIO_SIGN_IN is oidc, and STUDIO_ADDRESS is not set.",
            "Set it to the address that people type; the provider sends them back there.",
        )
    return SignIn(
        kind=cast(Kind, kind),
        address=address,
        anyone=anyone == "yes",
        token=values["STUDIO_TOKEN"],
        provider=provider_of(values) if kind == "oidc" else None,
    )


def check_listening(sign_in: SignIn, host: str) -> None:
    """StudioError where everybody in the network could come in and do everything."""
    if sign_in.needed or sign_in.anyone or host in LOOPBACK:
        return
    raise StudioError(
        f"STUDIO_HOST is {host}, and without sign-in everybody who reaches it could do everything.",
        "Set STUDIO_SIGN_IN to local or oidc, or STUDIO_HOST to 127.0.0.1; "
        "STUDIO_ANYONE=yes says that nobody else can reach it.",
    )


def own_hosts(sign_in: SignIn, host: str) -> set[str]:
    """Names by which a browser may call the studio, beside any address such as 192.168.0.7."""
    return {*LOOPBACK, host.lower(), urlsplit(sign_in.address.lower()).hostname or "localhost"}
