"""What an identity provider says of somebody, and what role the studio gives them for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from studio.accounts.name_rules import LONGEST
from studio.accounts.rights import ROLES, check_role
from studio.errors import StudioError

FRESH = timedelta(minutes=10)  # a sign-in older than this is no sign-in but something kept
AHEAD = timedelta(minutes=2)  # by which the provider's clock may be ahead of ours

OLD = StudioError("This sign-in is too old, or was used already.", "Sign in again.")


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider: its metadata's address, how the studio is known there, which
    claim holds a person's groups, and what role each group gives."""

    metadata: str
    client_id: str
    client_secret: str
    scopes: str
    claim: str
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Arrival:
    """Somebody who comes from the provider: known there as, called, and their role here."""

    subject: str
    names: list[str]
    role: str


def provider_of(values: Mapping[str, str]) -> Provider:
    """The provider from the settings STUDIO_OIDC_*; StudioError names what is missing or wrong."""
    for name in ("STUDIO_OIDC_METADATA", "STUDIO_OIDC_CLIENT", "STUDIO_OIDC_SECRET"):
        if not values[name]:
            raise StudioError(
                f"STUDIO_SIGN_IN is oidc, and {name} is not set.",
                "Set it to what the identity provider gave you.",
            )
    address = values["STUDIO_OIDC_METADATA"]
    if not re.match(r"https://|http://(localhost|127\.0\.0\.1|\[::1\])[:/]", address):
        raise StudioError(
            f"STUDIO_OIDC_METADATA is {address!r}.",
            "Give an https address that ends in /.well-known/openid-configuration.",
        )
    return Provider(
        metadata=address,
        client_id=values["STUDIO_OIDC_CLIENT"],
        client_secret=values["STUDIO_OIDC_SECRET"],
        scopes=values["STUDIO_OIDC_SCOPES"],
        claim=values["STUDIO_OIDC_CLAIM"],
        roles=roles_of(values["STUDIO_OIDC_ROLES"]),
    )


def roles_of(text: str) -> dict[str, str]:
    """`group=role, group=role` as a table; StudioError for anything else, or an unknown role."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        group, equals, role = (word.strip() for word in part.rpartition("="))
        if not equals or not group:
            raise StudioError(
                f"STUDIO_OIDC_ROLES holds {part!r}.", "Write GROUP=ROLE, parted by commas."
            )
        found[group] = check_role(role)
    if not found:
        raise StudioError(
            "STUDIO_OIDC_ROLES is empty, so that nobody could come in.",
            "Write for example: artists=artist, leads=art lead, producers=producer",
        )
    return found


def arrival(claims: Mapping[str, Any], provider: Provider, now: datetime) -> Arrival:
    """Who these claims are of. They were signed; that is not checked here.

    The role is the highest that one of the groups gives. StudioError, for people, where no group
    gives any, where something is missing, or where the sign-in was not just now.
    """
    subject, issued = claims.get("sub"), claims.get("iat")
    if not isinstance(subject, str) or not subject or not isinstance(issued, (int, float)):
        raise StudioError("The identity provider did not say who you are.", "Ask its admin.")
    if not -AHEAD.total_seconds() <= now.timestamp() - issued <= FRESH.total_seconds():
        raise OLD
    groups = claims.get(provider.claim, [])
    given = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    roles = [provider.roles[one] for one in map(str, given) if one in provider.roles]
    if not roles:
        raise StudioError(
            "Your account is known, but is in no group that may come in here.",
            "Ask whoever looks after the studio which group that is.",
        )
    issuer = str(claims.get("iss", provider.metadata))
    return Arrival(f"{issuer} {subject}", _names(claims), max(roles, key=ROLES.index))


def _names(claims: Mapping[str, Any]) -> list[str]:
    """What to call them, the best first, as characters that a name may have."""
    mail = str(claims.get("email") or "")
    said = [
        claims.get("name"),
        claims.get("preferred_username"),
        mail.partition("@")[0],
        mail.replace("@", " at "),
        claims["sub"],
    ]
    clean = [" ".join(re.sub(r"[^\w .'-]", " ", str(one or "")).split()) for one in said]
    return [one[:LONGEST].strip(" .'-") for one in clean if one.strip(" .'-")] or ["somebody"]
