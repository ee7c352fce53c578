"""Signatures as Standard Webhooks has them (version 1, https://www.standardwebhooks.com): the
HMAC-SHA256 of a message's id, its time and its body, under a secret that both sides share."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

BEGINS = "whsec_"
BYTES = 32  # of a secret; the standard asks for 24 to 64


def made_secret() -> str:
    """A new secret: whsec_ and base64."""
    return BEGINS + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signature(secret: str, message: str, time: str, body: bytes) -> str:
    """What a receiver computes itself and compares: v1, and base64. `time` is in Unix seconds."""
    key = base64.b64decode(secret.removeprefix(BEGINS))
    signed = f"{message}.{time}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def headers(keys: Sequence[str], message: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a message that is sent `now`: a signature for each secret, so that a
    receiver may hold the old one or the new one while it is changed."""
    time = str(int(now.timestamp()))
    return {
        "webhook-id": message,
        "webhook-timestamp": time,
        "webhook-signature": " ".join(signature(key, message, time, body) for key in keys),
    }
