"""The thread that empties the outbox: looks for new files, sends what is due, and says how the
bucket does. Where it doesn't answer it is asked again, seldomer each time."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.database.availability import DatabaseAway
from studio.database.engine import file_lock
from studio.errors import StudioError
from studio.outbox import eviction, looking, place, sending
from studio.outbox.large import Aside
from studio.store.bucket import Bucket
from studio.store.bucket_errors import Away, Refused

logger = logging.getLogger(__name__)
PAUSE_S = 1.0
LOOK_S = 5.0  # between two looks for files that nobody noted
WHOLE_S = 3600.0  # between two looks into every folder, as for what was written where it lay
ROOM_S = 600.0  # between two looks for room
LONGEST_S = 10.0  # until a bucket that didn't answer is asked again
FRESH_S = 60.0  # between two notes that it answers


class Sender:
    """One process's way to the bucket. Of several on a machine one sends at a time."""

    def __init__(self, engine: Engine, home: Path, bucket: Bucket) -> None:
        self.engine, self.home, self.bucket = engine, home, bucket
        self.seen = looking.Seen()
        self.aside = Aside(engine, home, self.seen)
        self.ended = threading.Event()
        self.claimed, self.troubled, self.error = False, True, ""
        self.looked = self.whole = self.made_room = self.said = float("-inf")

    def go(self) -> None:
        """Make rounds until `ended`."""
        pause = PAUSE_S
        while not self.ended.wait(pause):
            try:
                with file_lock(self.home / "outbox.lock", 0.0):
                    self.round()
                pause = PAUSE_S
            except (Away, Refused) as error:
                pause = min(2 * pause, LONGEST_S)
                self._tell(error)
            except DatabaseAway as error:
                logger.debug("the outbox waits: %s", error)
            except StudioError as error:  # another process's turn, or a full disk
                logger.debug("the outbox waits: %s", error)
            except sa.exc.SQLAlchemyError as error:  # a full disk under the database
                logger.warning("the outbox could not note what it sent: %s", error)
                pause = LONGEST_S
            except Exception:  # one bad round must not be the last
                logger.exception("a round of the outbox failed")
                pause = LONGEST_S

    def round(self) -> int:
        """Look for files, send all that is due, make room; how many are up now. Away or Refused
        where the bucket takes nothing."""
        now = time.monotonic()
        if now - self.looked > LOOK_S:
            if now - self.whole > WHOLE_S:
                self.seen.folders.clear()
                self.whole = now
            take = self.aside.take
            looking.take_up(self.engine, self.home, self.seen, _now(), self._goes_on, take)
            self.looked = time.monotonic()
        if not self.claimed:
            known = place.note(self.engine, self.bucket.place, _now())
            if known is None:
                return 0
            self.bucket.claim(known.id)
            self.claimed = True
        sent = 0
        while not self.ended.is_set():
            many = sending.send_due(self.engine, self.home, self.bucket, _now)
            self._answered(many)
            sent += many
            if not many:
                break
        if self.bucket.place.local and now - self.made_room > ROOM_S:
            eviction.bound(self.engine, self.home, self.bucket, self.bucket.place.local)
            self.made_room = now
        return sent

    def _answered(self, many: int) -> None:
        """Note that the bucket takes files, where that is news or was long ago."""
        now = time.monotonic()
        if self.troubled or (many and now - self.said > FRESH_S):
            place.say(self.engine, None, _now())
            self.troubled, self.said, self.error = False, now, ""

    def _goes_on(self) -> bool:
        return not self.ended.is_set()

    def _tell(self, error: StudioError) -> None:
        self.claimed, self.troubled = False, True  # it is claimed anew, which asks it something
        if error.message != self.error:
            logger.warning("the bucket takes nothing: %s", error)
            self.error = error.message
        try:
            place.say(self.engine, error, _now())
        except (DatabaseAway, sa.exc.SQLAlchemyError) as other:
            logger.warning("that could not be noted: %s", other)


def _now() -> datetime:
    return datetime.now(UTC)
