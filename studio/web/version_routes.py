"""A version's adapter, the pictures of its sheet, and those that a training drew on its way."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from studio.errors import StudioError
from studio.evaluation import contact_sheet
from studio.registry import models
from studio.training import training_folders
from studio.web import session
from studio.web.responses import ONCE, counted, picture, route
from studio.workflows import adapters
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import adapter_file


def sheet_picture(request: Request) -> Response:
    """A picture of a version's sheet. A sheet may be drawn anew: its pages add `?at=`."""
    number = counted(request, "version")
    style, name = (request.path_params[part] for part in ("style", "file"))
    return picture(contact_sheet.picture_file(session.studio().home, style, number, name), request)


def preview_picture(request: Request) -> Response:
    """A picture that a training drew on its way."""
    style, run, name = (request.path_params[part] for part in ("style", "run", "file"))
    return picture(training_folders.preview_file(session.studio().home, style, run, name), request)


def adapter(request: Request) -> Response:
    """A version's LoRA as safetensors: diffusers' layout, or with `?layout=kohya` kohya's."""
    studio, params = session.studio(), request.path_params
    version = models.get(studio.client, params["style"], counted(request, "version"))
    table.check_adapter(version)
    kohya = request.query_params.get("layout") == "kohya"
    file = adapters.in_kohya(studio, version) if kohya else adapter_file(studio, version)
    if not file.is_file():
        raise StudioError("This version has no adapter file.", "Train the version again.")
    name = f"{version.style}-v{version.number}{'-kohya' * kohya}.safetensors"
    return FileResponse(file, filename=name, headers=ONCE)


ROUTES = [
    route("/picture/sheet/{style}/{version}/{file}", sheet_picture),
    route("/picture/preview/{style}/{run}/{file}", preview_picture),
    route("/download/adapter/{style}/{version}", adapter),
]
