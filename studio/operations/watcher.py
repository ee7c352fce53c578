"""The watcher: one process that does what the studio does by itself
(`studio.operations.maintenance`, `studio.operations.webhook_rounds`,
`studio.operations.provider_rounds`, `studio.operations.machine_rounds`).

Of several the one that holds the lease does it; the others wait, and one takes it within seconds of
the holder's death. What a holder is at when it loses the lease may be done once more by the next,
which harms nothing: what is done is noted with the deed, or is to be seen.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import Engine

from studio import context
from studio.context import Report, Studio
from studio.database.availability import DatabaseAway
from studio.jobs import named_leases
from studio.jobs.named_leases import WATCHER
from studio.operations import machine_rounds, maintenance, provider_rounds, webhook_rounds
from studio.outbox.sender import Sender
from studio.settings import Settings
from studio.store import local

LENGTH = timedelta(seconds=6)
RENEW_S = 2.0
LOOK_S = 0.5
PATIENCE_S = 3.0  # for what is at work when the watcher is to end


def watch(settings: Settings, report: Report) -> int:
    """Wait for the lease, then make rounds until SIGTERM or Ctrl-C. 1 where rounds were no longer
    made, which is told above."""
    # A shell that starts this in the background ignores SIGINT, and so would we.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _as_interrupt)
    studio = _opened(settings, report)
    # The process's number alone may be that of another container's, or of a later process.
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    ended = threading.Event()
    rounds = threading.Thread(target=maintenance.go, args=(studio, ended), daemon=True)
    outbox = _sender(studio)
    sender = threading.Thread(target=webhook_rounds.go, args=(studio, ended), daemon=True)
    poller = threading.Thread(target=provider_rounds.go, args=(studio, ended), daemon=True)
    closer = threading.Thread(target=machine_rounds.go, args=(studio, ended), daemon=True)
    try:
        report(f"Watcher {holder} waits for its turn.")
        _take(studio.engine, holder)
        report(f"Watcher {holder} watches.")
        rounds.start()
        if outbox:
            threading.Thread(target=outbox.go, name="outbox", daemon=True).start()
        sender.start()
        poller.start()
        closer.start()
        _hold(studio.engine, holder, rounds)
        if not rounds.is_alive():
            return 1
        report(f"Watcher {holder} lost its lease and begins anew.")
        _begin_anew()
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        ended.set()
        if outbox:
            outbox.ended.set()
        if rounds.is_alive():
            rounds.join(PATIENCE_S)
        with suppress(DatabaseAway):  # it runs out then, which says the same
            named_leases.release(studio.engine, WATCHER, holder)
        report(f"Watcher {holder} has stopped.")
    return 0


def _opened(settings: Settings, report: Report) -> Studio:
    """The studio; waited for while its database is away."""
    while True:
        try:
            return context.open_studio(settings)
        except DatabaseAway as error:
            report(f"{error.message} Trying again.")
            time.sleep(2)


def _sender(studio: Studio) -> Sender | None:
    """What brings files into the bucket, where there is one."""
    bucket = local.bucket_of(studio.home)
    return Sender(studio.engine, studio.home, bucket) if bucket else None


def _take(engine: Engine, holder: str) -> None:
    """Return when the lease is ours."""
    silence = named_leases.Silence()
    while True:
        with suppress(DatabaseAway):  # the engine's own log tells
            if named_leases.take(engine, WATCHER, holder, context.now(), LENGTH, silence):
                return
        time.sleep(LOOK_S)


def _hold(engine: Engine, holder: str, rounds: threading.Thread) -> None:
    """Return when the lease is another's, or may be: the database was away for its whole length;
    or when no rounds are made any more."""
    renewed = time.monotonic()
    while rounds.is_alive():
        time.sleep(RENEW_S)
        try:
            if not named_leases.renew(engine, WATCHER, holder, context.now(), LENGTH):
                return
            renewed = time.monotonic()
        except DatabaseAway:
            if time.monotonic() - renewed > LENGTH.total_seconds():
                return


def _begin_anew() -> None:
    """Become a process that waits: whatever this one is at ends here, with its locks."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _as_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
