"""A version's adapter, the pictures of its sheet, and those that a training drew on its way."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from studio.errors import StudioError
from studio.evaluation import contact_sheet
from studio.registry import models
from studio.training import training_folders
from studio.web import large_downloads, session
from studio.web.picture_answers import picture_route
from studio.web.responses import counted, route
from studio.workflows import adapters
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import adapter_file


def sheet_picture(request: Request) -> Path:
    """A picture of a version's sheet. A sheet may be drawn anew: its pages add `?at=`."""
    style, name = (request.path_params[part] for part in ("style", "file"))
    number = counted(request, "version")
    return contact_sheet.picture_file(session.studio().home, style, number, name)


def preview_picture(request: Request) -> Path:
    """A picture that a training drew on its way."""
    style, run, name = (request.path_params[part] for part in ("style", "run", "file"))
    return training_folders.preview_file(session.studio().home, style, run, name)


def adapter(request: Request) -> Response:
    """A version's LoRA as safetensors: diffusers' layout, or with `?layout=kohya` kohya's."""
    studio, params = session.studio(), request.path_params
    version = models.get(studio.client, params["style"], counted(request, "version"))
    table.check_adapter(version)
    kohya = request.query_params.get("layout") == "kohya"
    if not adapter_file(studio, version).is_file():
        raise StudioError("This version has no adapter file.", "Train the version again.")
    made = adapters.in_kohya if kohya else adapters.in_diffusers
    file = made(studio, version)
    name = f"{version.style}-v{version.number}{'-kohya' * kohya}.safetensors"
    return large_downloads.answer(studio, file, name)


ROUTES = [
    picture_route("/picture/sheet/{style}/{version}/{file}", sheet_picture),
    picture_route("/picture/preview/{style}/{run}/{file}", preview_picture),
    route("/download/adapter/{style}/{version}", adapter),
]
