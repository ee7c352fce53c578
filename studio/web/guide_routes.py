"""The pictures of style guides."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request

from studio.registry import style_guides
from studio.web import session
from studio.web.picture_answers import picture_route


def guide_picture(request: Request) -> Path:
    """An example of a style's guide, or its scene."""
    asked = request.path_params
    return style_guides.picture_path(session.studio().home, asked["style"], asked["hash"])


ROUTES = [picture_route("/picture/guide/{style}/{hash}", guide_picture)]
