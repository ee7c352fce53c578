"""The web process: Streamlit's pages with our own routes, and the guard before all of them.

`studio.operations.supervisor` runs it as `uvicorn studio.web:app`. Neither torch nor diffusers
is imported here.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from mlflow.exceptions import MlflowException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from studio import images
from studio.accounts import refusal_log
from studio.accounts.sign_in_settings import check_listening
from studio.datasets.versions import picture_path
from studio.errors import StudioError
from studio.evaluation import contact_sheet
from studio.generation import gallery_table
from studio.operations import health, maintenance
from studio.settings import CHECKOUT, load_settings
from studio.training import training_folders
from studio.web import (
    download_routes,
    mlflow_proxy,
    session,
    sign_in,
    streamlit_oidc,
    ui,
    upload_routes,
)
from studio.web.guard import Guard
from studio.web.index_html import Shell
from studio.web.name_cookie import Door, hello
from studio.workflows import review_sources

logger = logging.getLogger(__name__)
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


async def healthz(request: Request) -> Response:
    """200 with what is up when the studio can be used, else 503 with the same JSON."""
    if not app.state.get("warm"):
        return JSONResponse({"web": False}, 503)
    studio = session.studio()
    found = await health.look_aside(studio.settings, studio.engine)
    state = {"web": True, **{name: part.ok for name, part in found.items()}}
    return JSONResponse(state, 200 if all(state.values()) else 503)


async def dataset_picture(request: Request) -> Response:
    """A dataset's picture by the hash of its content; `?side=N` for a smaller copy."""
    try:
        file = picture_path(session.studio().home, request.path_params["hash"])
        return await _picture(file, request)
    except (StudioError, OSError):
        return Response(status_code=404)


async def sheet_picture(request: Request) -> Response:
    """A picture of a version's sheet. A sheet may be drawn anew: its pages add `?at=`."""
    style, number, name = (request.path_params[part] for part in ("style", "number", "file"))
    try:
        return await _picture(
            contact_sheet.picture_file(session.studio().home, style, number, name), request
        )
    except (StudioError, OSError):
        return Response(status_code=404)


async def preview_picture(request: Request) -> Response:
    """A picture that a training drew on its way."""
    style, run, name = (request.path_params[part] for part in ("style", "run", "file"))
    try:
        return await _picture(
            training_folders.preview_file(session.studio().home, style, run, name), request
        )
    except (StudioError, OSError):
        return Response(status_code=404)


async def judged_picture(request: Request) -> Response:
    """A picture of a vote or a rating, for the one person whom its address was made for.

    All of a ballot are equal but for their pixels: same length, same headers, nothing kept.
    """
    who = session.sender(request, session.studio().settings.user)
    try:
        data = await asyncio.to_thread(
            review_sources.picture, session.studio(), who, request.path_params["of"]
        )
    except StudioError:
        refusal_log.note(
            who, "a picture to judge that was not made for them", asked=request.url.path
        )
        return Response(status_code=404)
    # Both pictures of a pair, one after the other, are sent as an image too: whatever else would
    # be compressed on its way, to a length of its own.
    return Response(data, media_type="image/png", headers={"Cache-Control": "no-store"})


async def _picture(file: Path, request: Request) -> Response:
    """The file itself, or as WebP with at most `side` pixels where it is larger than that."""
    side = request.query_params.get("side", "")
    if side.isdigit() and 16 <= int(side) <= 2048:
        data = await asyncio.to_thread(images.thumbnail, file, int(side))
        return Response(data, media_type="image/webp", headers=FOR_EVER)
    return FileResponse(file, headers=FOR_EVER)


@asynccontextmanager
async def lifespan(started: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the databases and MLflow's client before the first visitor waits for them."""

    settings = load_settings()
    check_listening(settings.sign_in, settings.host)

    ended = threading.Event()

    def warm() -> None:
        while not ended.is_set():
            try:
                ui.versions()
                break
            except MlflowException as error:  # pages say so where they need it
                logger.warning("MLflow does not answer: %s", error)
                break
            except StudioError as error:  # what is away may come back
                logger.warning("the studio can't be opened yet: %s", error)
                ended.wait(2)
        studio = session.studio()  # pictures that commands drew meanwhile
        gallery_table.take_up(studio.engine, studio.home, by=studio.settings.user)
        # What was imported stays for good; garbage collections that walk it hold everybody up.
        gc.collect()
        gc.freeze()
        started.state["warm"] = True
        maintenance.go(studio, ended)

    task = asyncio.create_task(asyncio.to_thread(warm))
    yield {}
    ended.set()
    task.cancel()


app = st.App(
    CHECKOUT / "Home.py",
    routes=[
        Route("/healthz", healthz),
        Route("/hello", hello, methods=["GET", "POST"]),
        *sign_in.ROUTES,
        Route("/picture/data/{hash}", dataset_picture),
        Route("/picture/sheet/{style}/{number:int}/{file}", sheet_picture),
        Route("/picture/side/{of}", judged_picture),
        Route("/picture/preview/{style}/{run}/{file}", preview_picture),
        *download_routes.ROUTES,
        *upload_routes.ROUTES,
        *mlflow_proxy.ROUTES,
    ],
    middleware=[Middleware(Guard, studio=session.studio), Middleware(Door), Middleware(Shell)],
    secrets=streamlit_oidc.settings_for(load_settings().sign_in) or None,
    lifespan=lifespan,
)
