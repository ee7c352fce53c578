"""Large files, a backup of gigabytes say: read to their ends in a thread of their own, one after
the other, so that nothing else that is to go up waits for that."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.outbox import looking, sending
from studio.outbox.looking import Seen

logger = logging.getLogger(__name__)


class Aside:
    """The thread, which is there while a file waits for it. It ends with the process."""

    def __init__(self, engine: Engine, home: Path, seen: Seen) -> None:
        self.engine, self.home, self.seen = engine, home, seen
        self.waiting: dict[Path, datetime] = {}  # for their turn, with when they were found
        self.reads = False
        self.lock = threading.Lock()

    def take(self, file: Path, found: datetime) -> None:
        """Have a file noted as one that was found then, so that it keeps its place among those that
        wait to be sent. One that is being read is looked at once more after that: it may be another
        by now."""
        with self.lock:
            self.waiting.setdefault(file, found)
            if not self.reads:
                self.reads = True
                threading.Thread(target=self._read_all, name="outbox-large", daemon=True).start()

    def _read_all(self) -> None:
        sending.give_way()
        while True:
            with self.lock:
                if not self.waiting:
                    self.reads = False
                    return
                file = next(iter(self.waiting))
                found = self.waiting.pop(file)
            try:
                looking.note(self.engine, self.home, [file], found)
            except Exception as error:  # the database is away, or the disk under it is full
                logger.warning("%s could not be noted, and is looked for again: %s", file, error)
                self.seen.folders.clear()
