"""The matrix of roles against actions: every route by a token of every role."""

import re

import pytest

from studio.accounts.rights import ROLES, may
from studio.api import rest
from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.jobs import queue
from studio.registry import requests
from tests.api.asked import NAMES, NOW, Programs, put_asset
from tests.api.test_door import problem

# What stands in an address: things that are there, so that nobody is refused for want of them.
FILLED = {"style": "art", "version": "2", "format": "gpl"}
ROUTES = [
    (method.upper(), path, operation["x-right"])
    for path, operations in rest.description()["paths"].items()
    for method, operation in operations.items()
]


@pytest.mark.parametrize("role", ROLES)
def test_a_route_is_for_those_who_have_its_right(styled: Programs, role: str):
    """Whoever may is refused for what they sent, if at all: bodies are empty."""
    for method, path, right in ROUTES:
        address = re.sub(r"\{(\w+)\}", lambda found: FILLED.get(found[1], "1"), path)
        answer = styled.ask(method, address, role)
        if may(role, right):
            assert answer.status_code not in (401, 403, 500, 503), (method, path, answer.text)
        else:
            problem(answer, 403, "not-allowed")


def test_every_changing_route_but_those_for_ones_own_needs_more_than_to_look():
    own = {
        ("POST", "/jobs/{job}/cancel"),
        ("POST", "/jobs/{job}/again"),
        ("POST", "/requests/{request}/withdraw"),
        ("POST", "/finishing/preview"),  # changes nothing
        ("POST", "/upscale/estimate"),  # nor does this
        ("POST", "/exports/plan"),  # nor this
    }
    assert {(m, path) for m, path, right in ROUTES if m != "GET" and right == "look"} == own


def test_others_jobs_are_cancelled_and_asked_for_again_by_whoever_may(plain: Programs):
    engine = plain.studio.engine

    def job(by: str) -> int:
        how = {"lane": "short", "payload": {"dataset": "x"}, "asked_by": NAMES[by], "now": NOW}
        return queue.submit(engine, kind="look", **how).id

    problem(plain.post(f"/jobs/{job('admin')}/cancel", "viewer"), 403, "not-allowed")
    problem(plain.post(f"/jobs/{job('admin')}/cancel", "artist"), 403, "not-allowed")
    mine, others = job("artist"), job("artist")
    assert plain.post(f"/jobs/{mine}/cancel", "artist").json()["state"] == "cancelled"
    assert plain.post(f"/jobs/{others}/cancel", "art lead").json()["state"] == "cancelled"
    problem(plain.post(f"/jobs/{mine}/again", "viewer"), 403, "not-allowed")
    problem(plain.post(f"/jobs/{mine}/again", "artist"), 422, "refused")  # its dataset is gone


def test_ones_own_request_is_taken_back_and_others_by_producers(plain: Programs):
    engine = plain.studio.engine

    def asked(version: int) -> int:
        how = {"actor": NAMES["artist"], "why": "It is better.", "now": NOW}
        return requests.ask(engine, style="art", number=version, **how).id

    first, second = asked(1), asked(2)
    problem(plain.post(f"/requests/{first}/withdraw", "art lead"), 403, "not-allowed")
    assert plain.post(f"/requests/{first}/withdraw", "artist").json()["state"] == "withdrawn"
    assert plain.post(f"/requests/{second}/withdraw", "producer").json()["state"] == "withdrawn"


def test_a_verdict_is_told_with_who_said_it(plain: Programs):
    id = put_asset(plain.studio, "a")
    said = {"verdict": "approved", "turn": 0}
    assert plain.put(f"/assets/{id}/verdict", "artist", json=said).json()["by"] == NAMES["artist"]
    with plain.studio.engine.connect() as connection:
        assert verdicts.standing(connection, id).said == Judgement("approved")
