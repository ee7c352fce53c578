"""An opened studio's bucket: noted in its database, and known to this process."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.outbox import files, place
from studio.outbox.tables import UP
from studio.store import local
from studio.store.bucket import Bucket
from studio.store.local import Attached, Known
from studio.store.place import Place


def opened(engine: Engine, home: Path, where: Place, now: datetime) -> Bucket | None:
    """The bucket of the settings, which from now on holds what is not in the folder; None where
    there is none. Nothing is asked of it yet.

    StudioError where the studio's files are in another one.
    """
    os.environ.update(where.environment)
    noted = place.note(engine, where, now)
    if noted is None:
        local.detach(home)
        return None

    def find(path: str) -> Known | None:
        one = files.find(engine, path)
        if one is None or one.state != UP:
            return None
        return Known(one.key, one.hash, datetime.fromisoformat(one.at).timestamp())

    known = local.bucket_of(home)
    bucket = known if known and known.place == where else Bucket(where)
    attached = Attached(bucket, noted.id, find, lambda digest: files.paths_of(engine, digest))
    local.attach(home, attached)
    return bucket
