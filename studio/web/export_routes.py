"""An exported zip by address."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from studio.store import local
from studio.web import session
from studio.web.responses import ONCE, attached, route
from studio.workflows import exports


def export_zip(request: Request) -> Response:
    """The zip of an export, by the id of the asset that it is."""
    file = local.present(exports.archive(session.studio(), request.path_params["id"]))
    headers = {**ONCE, **attached(file.name)}
    return FileResponse(file, media_type="application/zip", headers=headers)


ROUTES = [route("/download/export/{id}", export_zip)]
