"""What a GAN's training shows on its way, and the sprites of a wall."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request

from studio.web import session
from studio.web.picture_answers import picture_route
from studio.web.responses import counted
from studio.worker.kinds import variations
from studio.workflows import gan_progress


def grid(request: Request) -> Path:
    """The pictures of the fixed seeds after an epoch, or the first batch."""
    style, run, name = (request.path_params[part] for part in ("style", "run", "file"))
    return gan_progress.file(session.studio().home, style, run, name)


def variation(request: Request) -> Path:
    """A sprite of a wall, by the job that drew it and its seed."""
    home = session.studio().home
    return variations.file(home, counted(request, "job"), counted(request, "seed"))


ROUTES = [
    picture_route("/picture/gan/{style}/{run}/{file}", grid),
    picture_route("/picture/variation/{job}/{seed}", variation),
]
