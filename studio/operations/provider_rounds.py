"""Calls of providers are looked at by the watcher's process, all open ones by this one thread and a
few helpers, beside its rounds: a model is fetched within seconds of being made, since the addresses
that providers give hold for minutes.

No call is posted here, and all that is done may be done once more by the next watcher.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress

from studio import context
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.props.providers import calls
from studio.props.providers.calls import Call
from studio.worker import submit
from studio.worker.kinds.prop_received import KIND
from studio.workflows import provider_results

logger = logging.getLogger(__name__)
PAUSE_S = 1.0
AT_ONCE = 8  # calls
SETTLE_EVERY = 20  # turns: what nothing is heard of


def go(studio: context.Studio, ended: threading.Event) -> None:
    """Look at what is due until `ended`."""
    at_work: dict[int, threading.Thread] = {}
    settling: threading.Thread | None = None
    turn = 0
    while not ended.wait(PAUSE_S):
        at_work = {id: thread for id, thread in at_work.items() if thread.is_alive()}
        try:
            for call in calls.due(studio.engine, context.now()):
                if call.id not in at_work and len(at_work) < AT_ONCE:
                    thread = threading.Thread(target=_look, args=(studio, call), daemon=True)
                    at_work[call.id] = thread
                    thread.start()
            # Beside the looks: a provider that does not answer holds up nobody's model.
            if turn % SETTLE_EVERY == 0 and (settling is None or not settling.is_alive()):
                settling = threading.Thread(target=_settle, args=(studio,), daemon=True)
                settling.start()
            receive(studio)
        except DatabaseAway as error:
            logger.debug("no call was looked at: %s", error)
        except Exception:  # one bad turn must not be the last
            logger.exception("calls of providers could not be looked at")
        turn += 1


def receive(studio: context.Studio) -> int:
    """Ask for a prop of each model that came and has none yet; how many were asked for."""
    count, now = 0, context.now()
    for call in calls.unreceived(studio.engine, now):
        try:
            job = submit.ask(
                studio,
                KIND.name,
                {"call": call.id, "name": call.what, "style": call.style},
                asked_by=call.person,
                now=now,
                key=f"{call.charge_key}, {call.tries}",
            )
        except DatabaseAway:
            raise
        except StudioError as error:  # too many jobs of theirs wait, or their room is full
            note = f"What came is kept, and no prop is made of it yet: {error.message}"
            calls.put_off(studio.engine, call.id, note, now=now)
            continue
        calls.receiving(studio.engine, call.id, job.id)
        count += 1
    return count


def _settle(studio: context.Studio) -> None:
    try:
        provider_results.settle_begun(studio)
        provider_results.find_lost(studio)
    except DatabaseAway as error:
        logger.debug("no lost call was looked for: %s", error)
    except Exception:
        logger.exception("lost calls could not be looked for")


def _look(studio: context.Studio, call: Call) -> None:
    try:
        after = provider_results.look(studio, call)
    except DatabaseAway as error:
        logger.debug("call %d was not looked at: %s", call.id, error)
    except Exception as error:
        logger.exception("call %d could not be looked at", call.id)
        with suppress(DatabaseAway):
            calls.wait(studio.engine, call, now=context.now(), note=type(error).__name__)
    else:
        if after.state != call.state:
            logger.info("call %d of %s is %s", call.id, call.provider, after.state)
