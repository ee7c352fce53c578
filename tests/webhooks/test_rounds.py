"""Webhooks from a job's end to a real receiver, several at once, by `operations.webhook_rounds`."""

import json
import socket
import threading
import time

import pytest

from studio import context
from studio.operations import webhook_rounds
from studio.settings import load_settings
from studio.webhooks import deliveries, receivers, signing
from tests.webhooks.conftest import NOW

ADDRESS = "https://studio.example.com"


@pytest.fixture
def settings(tmp_path):
    told = {"STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8", "STUDIO_ADDRESS": ADDRESS}
    return load_settings(told, home=str(tmp_path))


def test_a_receiver_gets_what_the_job_came_to_signed(
    engine, settings, hook, ask, end, receiver, caplog
):
    made, secret = hook(receiver.url)
    asked = ask()
    end(pictures=["a.png"])
    receiver.answers += [503]
    assert not webhook_rounds.tell(engine, settings, made.id, NOW)
    later = NOW + deliveries.RETRIES[0]
    assert webhook_rounds.tell(engine, settings, made.id, later)
    assert not webhook_rounds.tell(engine, settings, made.id, later)  # nothing is left
    (first, body), (second, same) = receiver.came
    assert first["webhook-id"] == second["webhook-id"] and body == same
    for headers, now in ((first, NOW), (second, later)):
        sent_at = headers["webhook-timestamp"]
        assert sent_at == str(int(now.timestamp()))
        wanted = signing.signature(secret, headers["webhook-id"], sent_at, body)
        assert headers["webhook-signature"] == wanted
    told = json.loads(body)
    assert (told["type"], told["data"]["id"]) == ("job.done", asked.id)
    assert told["data"]["result"] == {"pictures": ["a.png"]}
    assert told["data"]["address"] == f"{ADDRESS}/api/v1/jobs/{asked.id}"
    assert told["data"]["request_id"] == asked.request_id
    assert any("It answered 503" in row.getMessage() for row in caplog.records)


def test_a_long_result_is_left_out(engine, settings, hook, ask, end, receiver):
    made, _ = hook(receiver.url)
    ask()
    end(pictures=["x" * 100] * 200)
    assert webhook_rounds.tell(engine, settings, made.id, NOW)
    told = json.loads(receiver.came[0][1])["data"]
    assert told["result"] is None and told["result_left_out"] is True
    assert len(receiver.came[0][1]) < 2000


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_called(
    engine, settings, hook, ask, end, receiver, monkeypatch
):
    """At every other look the name leads elsewhere, as with DNS rebinding."""
    asked_for, real = [], socket.getaddrinfo

    def look(host, *given, **more):
        if host != "build.test":
            return real(host, *given, **more)
        asked_for.append(host)
        return real("127.0.0.1" if len(asked_for) % 2 else "127.0.0.9", *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    url = receiver.url.replace("127.0.0.1", "build.test")
    receivers.looked_up(url, settings.private_networks)
    assert receivers.looked_up(url, settings.private_networks).machines == ("127.0.0.9",)
    hook("")
    (made,) = [one.webhook for one in deliveries.listing(engine, job=ask(url=url).id)]
    end()
    assert webhook_rounds.tell(engine, settings, made, NOW)
    assert len(receiver.came) == 1 and len(asked_for) == 3


def test_an_address_that_came_to_be_private_is_refused_and_says_so(
    engine, hook, ask, end, receiver, tmp_path
):
    made, _ = hook(receiver.url)
    ask()
    end()
    assert not webhook_rounds.tell(engine, load_settings({}, home=str(tmp_path)), made.id, NOW)
    (told,) = deliveries.listing(engine)
    assert "in no public network" in told.error and told.due and receiver.came == []


def test_who_hangs_holds_up_nobody_else(
    engine, settings, hook, ask, end, receivers_made, monkeypatch
):
    monkeypatch.setattr(context, "now", lambda: NOW)
    slow, quick = receivers_made(), receivers_made()
    slow.answers += ["hang"]
    hook(slow.url)
    hook(quick.url, by="bo")
    for by in ("ana", "bo", "bo", "bo"):
        ask(by=by)
    for _ in range(4):
        end()
    nothing = None  # no MLflow: nobody asks for it here
    studio = context.Studio(settings, engine, nothing, nothing)
    ended = threading.Event()
    sender = threading.Thread(target=webhook_rounds.go, args=(studio, ended), daemon=True)
    sender.start()
    _until(lambda: set(_states(engine, "bo")) == {"delivered"} and slow.came)
    assert len(quick.came) == 3 and len(slow.came) == 1 and _states(engine, "ana") == ["due"]
    slow.enough.set()
    _until(lambda: _states(engine, "ana") == ["tried again"])
    ended.set()
    sender.join(10)
    assert not sender.is_alive()


def _states(engine, owner):
    return [one.state for one in deliveries.listing(engine, owner=owner)]


def _until(true):
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
