"""Webhooks are sent by the watcher's process, beside its rounds: a caller waits for them.

One receiver is told one thing after the other; what it refuses holds up nobody else, and several
are told at once.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from sqlalchemy import Engine

from studio import context, request_ids
from studio.database.availability import DatabaseAway
from studio.errors import StudioError
from studio.settings import Settings
from studio.webhooks import deliveries, messages, receivers, sending, signing
from studio.webhooks.deliveries import Outgoing
from studio.webhooks.sending import Answer

logger = logging.getLogger(__name__)
PAUSE_S = 0.5
AT_ONCE = 8  # webhooks


def go(studio: context.Studio, ended: threading.Event) -> None:
    """Send what is due until `ended`. What is being sent then is left to another sender."""
    at_work: dict[int, threading.Thread] = {}
    while not ended.wait(PAUSE_S):
        at_work = {id: thread for id, thread in at_work.items() if thread.is_alive()}
        try:
            due = deliveries.due(studio.engine, context.now())
        except DatabaseAway as error:
            logger.debug("no webhook was sent: %s", error)
            continue
        except Exception:  # one bad look must not be the last
            logger.exception("webhooks could not be looked for")
            continue
        for id in due:
            if id not in at_work and len(at_work) < AT_ONCE:
                at_work[id] = threading.Thread(target=_tell, args=(studio, id, ended), daemon=True)
                at_work[id].start()


def tell(engine: Engine, settings: Settings, webhook: int, now: datetime) -> bool:
    """Send the webhook's first message that is due; whether its receiver took it. False also where
    there is none."""
    outgoing = deliveries.take(engine, webhook, now)
    if outgoing is None:
        return False
    with request_ids.within(outgoing.job.request_id):
        answer = sent(outgoing, settings, now)
        if answer.error:
            logger.warning("webhook %d, job %d: %s", webhook, outgoing.job.id, answer.error)
    deliveries.note(engine, outgoing, answer, now)
    return not answer.error


def sent(outgoing: Outgoing, settings: Settings, now: datetime) -> Answer:
    """How one try went. The receiver's name is looked up here, once."""
    delivery = outgoing.delivery
    try:
        receiver = receivers.looked_up(delivery.url, settings.private_networks)
    except StudioError as error:
        return Answer(None, error.message[:300])
    body = messages.body(outgoing.job, settings.sign_in.address)
    return sending.post(receiver, signing.headers(outgoing.keys, delivery.message, body, now), body)


def _tell(studio: context.Studio, webhook: int, ended: threading.Event) -> None:
    """All that is due for one webhook, until its receiver refuses something."""
    try:
        while not ended.is_set() and tell(studio.engine, studio.settings, webhook, context.now()):
            pass
    except DatabaseAway as error:
        logger.debug("a webhook was not sent: %s", error)
    except Exception:
        logger.exception("webhook %d could not be sent", webhook)
