"""Blindness: which side stands left, in which order pictures come, and addresses that tell neither.

All three are HMACs under one secret that never leaves the database. So a reload or a second tab
shows the same sides, nothing needs storing before somebody votes, and nobody can work them out.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.review.tables import secrets

Kind = Literal["b", "p", "r"]  # both of a ballot's pair, one of them, a round's picture
LEAN = 4  # how much more often one side may have stood left than the other
ADDRESS = re.compile(r"([bpr])([0-9]{1,15})([lr])-([A-Za-z0-9_-]{24})")


@functools.lru_cache(maxsize=16)
def secret(engine: Engine) -> bytes:
    """The studio's secret, made with its database."""
    with engine.connect() as connection:
        return bytes.fromhex(connection.execute(sa.select(secrets.c.value)).scalar_one())


def address(key: bytes, voter: str, kind: Kind, id: int, side: Literal["l", "r"]) -> str:
    """The name of one picture for one person: good for nobody else, and silent on its version."""
    what = f"{kind}{id}{side}"
    sealed = _digest(key, "address", what, voter)[:18]
    return f"{what}-{base64.urlsafe_b64encode(sealed).decode()}"


def opened(key: bytes, voter: str, given: str) -> tuple[Kind, int, Literal["l", "r"]] | None:
    """What an address names, or None where it was not made for this person."""
    found = ADDRESS.fullmatch(given)
    if not found:
        return None
    kind: Kind = "b" if found[1] == "b" else "p" if found[1] == "p" else "r"
    side: Literal["l", "r"] = "l" if found[3] == "l" else "r"
    if not hmac.compare_digest(address(key, voter, kind, int(found[2]), side), given):
        return None
    return kind, int(found[2]), side


def order(key: bytes, purpose: str, ids: Iterable[int]) -> list[int]:
    """The ids in an order that is fixed for the purpose and looks random."""
    return sorted(ids, key=lambda id: _digest(key, "order", purpose, str(id)))


@functools.lru_cache(maxsize=2048)
def swapped(
    key: bytes, ballot: int, voter: str, strata: tuple[tuple[int, ...], ...]
) -> frozenset[int]:
    """The pairs that this voter sees with b on the left: a coin each, held near balance.

    A stratum is pairs of the same two sides in about the order in which they are shown. Each is a
    coin of its own; only where one side has stood left `LEAN` times more often, the other one does
    next. So sides are balanced wherever the voter stops, and yet whoever knew which side stood
    where on every earlier pair would name the next one in 56 of 100: nobody is told that. With
    one of every two on each side it would be 75.
    """
    found: list[int] = []
    for stratum in strata:
        lead = 0  # of a on the left
        for pair in stratum:
            coin = _digest(key, "side", str(ballot), voter, str(pair))[0] % 2
            b_left = lead > 0 if abs(lead) == LEAN else bool(coin)
            lead += -1 if b_left else 1
            found += [pair] if b_left else []
    return frozenset(found)


def _digest(key: bytes, *words: str) -> bytes:
    # Each word with its length, so that no two lists of words give the same text.
    text = "".join(f"{len(word)}:{word}" for word in words)
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
