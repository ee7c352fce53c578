"""Notices go to a receiver that may be slow, wrong or away; the receiver here is a real one."""

import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from studio import notifications
from studio.database.engine import open_database, writing
from studio.settings import CHECKOUT

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    return open_database(tmp_path)


@pytest.fixture
def receiver():
    """Answers with `receiver.answers` in turn, 200 after them; keeps what came."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.came.append((dict(self.headers), body))
            code = self.server.answers.pop(0) if self.server.answers else 200
            if code == "hang":
                self.server.enough.wait()
                return
            if code == "drip":  # a line of its answer that does not end until it is enough
                self.wfile.write(b"HTTP/1.1 200 ")
                while not self.server.enough.wait(0.05):
                    self.wfile.write(b"o")
                return
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.came, server.answers, server.enough = [], [], threading.Event()
    server.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.enough.set()
    server.shutdown()


def tell(engine, text="version 2 is in production"):
    with writing(engine) as connection:
        notifications.tell(connection, "promote", text, NOW, "items", version=2)


def test_a_notice_is_signed_and_reads_in_slack(engine, receiver):
    tell(engine)
    assert notifications.deliver(engine, receiver.url, "secret", NOW) == 1
    ((headers, body),) = receiver.came
    told = json.loads(body)
    assert told["text"] == "version 2 is in production"
    assert (told["event"], told["style"], told["version"]) == ("promote", "items", 2)
    assert headers["X-Housestyle-Signature"] == notifications.signature(
        "secret", headers["X-Housestyle-Time"], body
    )
    assert notifications.deliver(engine, receiver.url, "secret", NOW) == 0
    assert len(receiver.came) == 1 and notifications.newest(engine)[0].sent_at


def test_a_receiver_that_fails_is_asked_again_ever_later(engine, receiver, monkeypatch):
    monkeypatch.setattr(notifications, "PATIENCE_S", 0.3)
    tell(engine)
    receiver.answers += [500, "hang", 302]
    waits, now = [], NOW
    for _ in range(3):
        assert notifications.deliver(engine, receiver.url, None, now) == 0
        due = datetime.fromisoformat(notifications.newest(engine)[0].due)
        waits.append(due - now)
        assert notifications.deliver(engine, receiver.url, None, now) == 0  # not yet
        now = due
    assert waits == [timedelta(seconds=s) for s in (10, 20, 40)]
    assert "302" in notifications.unsent(engine)[0].error
    assert notifications.deliver(engine, receiver.url, None, now) == 1
    assert len(receiver.came) == 4 and notifications.unsent(engine) == []


def test_after_a_day_it_is_given_up_and_shown(engine, monkeypatch):
    monkeypatch.setattr(notifications, "TRIES", 2)
    tell(engine)
    now = NOW
    for _ in range(2):
        notifications.deliver(engine, "http://127.0.0.1:9/", None, now)
        now += timedelta(hours=3)
    (late,) = notifications.unsent(engine)
    assert late.due is None and late.attempts == 2 and "could not be reached" in late.error


def test_without_a_webhook_nothing_waits(engine):
    tell(engine)
    assert notifications.deliver(engine, None, None, NOW) == 0
    assert notifications.newest(engine)[0].due is None


def test_a_change_that_fails_leaves_no_notice(engine):
    with pytest.raises(RuntimeError):
        with writing(engine) as connection:
            notifications.tell(connection, "promote", "it is in", NOW)
            raise RuntimeError("half way")
    assert notifications.newest(engine) == []


def test_a_reason_can_not_call_a_channel_nor_hide_a_link(engine, receiver):
    tell(engine, "<!channel> <https://a.example|here> & more")
    notifications.deliver(engine, receiver.url, None, NOW)
    assert json.loads(receiver.came[0][1])["text"] == (
        "&lt;!channel&gt; &lt;https://a.example|here&gt; &amp; more"
    )


def test_a_receiver_that_hangs_holds_up_one_notice_a_round(engine, receiver, monkeypatch):
    monkeypatch.setattr(notifications, "PATIENCE_S", 0.3)
    for _ in range(3):
        tell(engine)
    receiver.answers += ["hang"] * 9
    assert notifications.deliver(engine, receiver.url, None, NOW) == 0
    assert len(receiver.came) == 1
    receiver.answers.clear()
    assert (
        notifications.deliver(engine, receiver.url, None, NOW) == 2
    )  # the first waits its 10 seconds


SENDER = """
import sys
from datetime import datetime
from pathlib import Path
from studio import notifications
from studio.database import engine as db
engine = db.open_database(Path(sys.argv[1]))
notifications.deliver(engine, sys.argv[2], None, datetime.fromisoformat(sys.argv[3]))
"""


def test_of_two_who_send_at_once_one_sends_and_a_dead_ones_is_sent_by_the_other(
    engine, receiver, tmp_path
):
    tell(engine)
    receiver.answers += ["drip"]
    words = [sys.executable, "-c", SENDER, str(tmp_path), receiver.url, str(NOW)]
    other = subprocess.Popen(words, cwd=CHECKOUT)
    while not receiver.came:
        assert other.poll() is None
        time.sleep(0.02)
    assert notifications.deliver(engine, receiver.url, None, NOW) == 0
    assert len(receiver.came) == 1 and notifications.newest(engine)[0].attempts == 0
    other.kill()
    other.wait()
    assert notifications.deliver(engine, receiver.url, None, NOW) == 0  # it may have been taken
    assert notifications.deliver(engine, receiver.url, None, NOW + notifications.TAKEN) == 1
    assert len(receiver.came) == 2 and notifications.newest(engine)[0].attempts == 1


def test_a_receiver_that_drips_holds_a_round_up_no_longer_than_is_given(
    engine, receiver, monkeypatch
):
    monkeypatch.setattr(notifications, "PATIENCE_S", 0.3)
    monkeypatch.setattr(notifications, "IN_ALL_S", 0.5)
    tell(engine)
    receiver.answers += ["drip"]
    assert notifications.deliver(engine, receiver.url, None, NOW) == 0
    assert "to the end" in notifications.unsent(engine)[0].error
    assert notifications.deliver(engine, receiver.url, None, NOW + timedelta(minutes=1)) == 0
    assert "still busy" in notifications.unsent(engine)[0].error
    receiver.enough.set()
    notifications._slow.join(60)
    assert notifications.deliver(engine, receiver.url, None, NOW + timedelta(minutes=3)) == 1
