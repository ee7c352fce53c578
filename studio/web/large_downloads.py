"""Large files to keep: from the bucket by a link made at the click, where it has them and answers;
else through the studio."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse, RedirectResponse, Response

from studio import context
from studio.database.engine import writing
from studio.outbox import files, place
from studio.outbox.tables import UP
from studio.store import local
from studio.web.responses import ONCE

LARGE = 8 * 1024**2  # bytes; what is smaller is sent before another server was found
MEDIA_TYPE = "application/octet-stream"


def answer(studio: context.Studio, file: Path, name: str) -> Response:
    """The file, called `name` where it is kept. One that the bucket lacks goes there for the next
    who asks."""
    bucket = local.bucket_of(studio.home)
    if bucket is not None and file.is_relative_to(studio.home) and file.stat().st_size >= LARGE:
        path = file.relative_to(studio.home).as_posix()
        one = files.find(studio.engine, path)
        if one is None or one.bytes != file.stat().st_size:
            _note(studio, path)
        elif one.state == UP and _answers(studio):
            # The link is a secret: it stands in this answer and nowhere else.
            return RedirectResponse(bucket.link(one.key, name, MEDIA_TYPE), 302, headers=ONCE)
    return FileResponse(file, filename=name, headers=ONCE)


def _answers(studio: context.Studio) -> bool:
    """Whether the bucket answered when it was last asked."""
    noted = place.noted(studio.engine)
    return noted is not None and not noted.said


def _note(studio: context.Studio, path: str) -> None:
    found = files.read(studio.home, path)
    with writing(studio.engine) as connection:
        files.add(connection, [found], context.now())
