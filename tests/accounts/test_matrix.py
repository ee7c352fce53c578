"""Every role against every right, through the functions that change something.

A call that is allowed may still fail, since most ask for what is not there: only who is refused
for their role is counted, and that this is logged.
"""

import json

import pytest
from starlette.routing import Router
from starlette.testclient import TestClient

from studio import context
from studio.accounts import refusal_log
from studio.accounts.rights import RIGHTS, ROLES, NotAllowed, may
from studio.errors import StudioError
from studio.jobs import queue
from studio.settings import load_settings
from studio.web import dataset_routes, prompt_routes, session, upload_routes
from studio.workflows import (
    evaluate,
    train,
)
from tests.accounts.calls import CALLS, ELSEWHERE, SENT
from tests.accounts.conftest import NOW


class NoModels:
    """Stands for MLflow: the roles are checked before it is asked anything."""

    def __getattr__(self, name: str) -> object:
        raise StudioError("There is no such version.")


@pytest.fixture
def studio(engine, tmp_path, team):
    return context.Studio(load_settings({}, home=str(tmp_path)), engine, NoModels(), None)


def test_every_right_has_its_row():
    assert set(CALLS) | ELSEWHERE == {right.name for right in RIGHTS}


@pytest.mark.parametrize("right", CALLS)
def test_a_function_refuses_who_may_not_and_nobody_else(studio, team, right, tmp_path):
    refused = 0
    for role in reversed(ROLES):
        for number, call in enumerate(CALLS[right]):
            try:
                call(studio, team[role])
                was_refused = False
            except NotAllowed:
                was_refused = True
            except (StudioError, OSError, KeyError):
                was_refused = False
            assert was_refused is not may(role, right), (role, right, number)
            refused += was_refused
    logged = [
        json.loads(line) for line in (tmp_path / "logs" / "refused.jsonl").read_text().splitlines()
    ]
    assert len(logged) == refused and all(row["who"].startswith("the ") for row in logged)
    assert all(row["at"] and row["what"].startswith("may not ") for row in logged)


@pytest.mark.parametrize("right", SENT)
def test_a_route_refuses_who_may_not_and_nobody_else(studio, team, right, monkeypatch):
    monkeypatch.setattr(session, "studio", lambda: studio)
    for role in (*reversed(ROLES), None):
        person = team[role] if role else "the admin"  # a plain name is nobody

        async def app(scope, receive, send, person=person):
            await Router([*upload_routes.ROUTES, *dataset_routes.ROUTES, *prompt_routes.ROUTES])(
                {**scope, "person": person}, receive, send
            )

        for method, address in SENT[right]:
            answer = TestClient(app).request(
                method, address, headers={"x-housestyle": "1"}, content=b"x"
            )
            may_not = role is None or not may(role, right)
            assert (answer.status_code == 403) is may_not, (role, address, answer.status_code)
            assert not may_not or "may not" in answer.json()["message"]


def test_a_plain_name_is_nobody(studio):
    for calls in CALLS.values():
        for call in calls:
            with pytest.raises(NotAllowed):
                call(studio, "the admin")


def test_ones_own_job_is_ones_own(studio, team):
    for role in ROLES:
        job = queue.submit(
            studio.engine, kind="train", lane="work", payload={}, asked_by=str(team[role]), now=NOW
        )
        assert queue.cancel(studio.engine, job.id, team[role], NOW).state == "cancelled"


def test_commands_that_train_or_measure_ask_who_acts(studio, team):
    import dataclasses

    settings = dataclasses.replace(studio.settings, user=team["viewer"])
    acting = dataclasses.replace(studio, settings=settings)
    with pytest.raises(NotAllowed):
        train.train_style(acting, "x", "y", None, print)
    with pytest.raises(NotAllowed):
        evaluate.evaluate_version(acting, "x", 1, print)
    assert refusal_log.newest(studio.home, 1)[0]["who"] == "the viewer"
