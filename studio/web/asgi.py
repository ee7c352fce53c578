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
from typing import Any

import streamlit as st
from mlflow.exceptions import MlflowException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit import config

from studio.accounts import people, refusal_log
from studio.accounts.sign_in_settings import check_listening
from studio.api import door, rest
from studio.api.mcp.over_http import Endpoint
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.operations import health
from studio.settings import CHECKOUT, load_settings
from studio.web import (
    character_routes,
    dataset_routes,
    export_routes,
    finishing_routes,
    gallery_routes,
    gan_routes,
    guide_routes,
    indexed_downloads,
    javascript,
    metrics_route,
    missing_pages,
    mlflow_proxy,
    open_groups,
    page_errors,
    prompt_routes,
    prop_previews,
    prop_routes,
    record_cache,
    review_routes,
    session,
    sheet_routes,
    sign_in,
    streamlit_oidc,
    streamlit_sessions,
    tile_routes,
    upload_routes,
    upscale_routes,
    version_routes,
)
from studio.web.failures import Failures
from studio.web.guard import Guard
from studio.web.headers import Policy
from studio.web.index_html import Shell
from studio.web.name_cookie import Door, hello
from studio.web.patience import Patience
from studio.web.request_id_header import RequestIds
from studio.web.upload_budget import UploadBudget

logger = logging.getLogger(__name__)
# Its lines hold whole addresses: codes of sign-ins, keys of uploads, what people search for.
# Streamlit gives it back the handler that --no-access-log takes away.
logging.getLogger("uvicorn.access").disabled = True


async def healthz(request: Request) -> Response:
    """200 with what is up when the studio can be used, else 503 with the same JSON."""
    if not app.state.get("warm"):
        return JSONResponse({"web": False}, 503)
    studio = session.studio()
    parts = await health.look_aside(studio.settings, studio.engine)
    state = {"web": True, **{name: part.ok for name, part in parts.items()}}
    return JSONResponse(state, 200 if all(state.values()) else 503)


@asynccontextmanager
async def lifespan(started: st.App) -> AsyncIterator[dict[str, Any]]:
    """Open the databases and MLflow's client before the first visitor waits for them."""

    settings = load_settings()
    check_listening(settings.sign_in, settings.host)

    ended = threading.Event()

    def warm() -> None:
        while not ended.is_set():
            try:
                record_cache.versions()
                break
            except MlflowException as error:  # pages say so where they need it
                logger.warning("MLflow does not answer: %s", error)
                break
            except StudioError as error:  # what is away may come back
                logger.warning("the studio can't be opened yet: %s", error)
                ended.wait(2)
        studio = session.studio()  # pictures that commands drew meanwhile
        gallery_table.take_up(studio.engine, studio.home, by=studio.settings.user)
        refusal_log.forget_names(studio.home, [one.name for one in people.listing(studio.engine)])
        # What was imported stays for good; garbage collections that walk it hold everybody up.
        gc.collect()
        gc.freeze()
        started.state["warm"] = True

    task = asyncio.create_task(asyncio.to_thread(warm))
    async with mcp.open():
        yield {}
    ended.set()
    task.cancel()


mcp = Endpoint(lambda: session.studio())
assistants = door.Door(mcp, lambda: session.studio())
# Whatever a person's own settings of Streamlit say.
config.set_option("client.showErrorDetails", "none")
app = st.App(
    CHECKOUT / "Home.py",
    routes=[
        Route("/healthz", healthz),
        *rest.routes(lambda: session.studio()),
        Route("/hello", hello, methods=["GET", "POST"]),
        *(Route(path, assistants) for path in ("/mcp", "/mcp/")),
        *sign_in.ROUTES,
        *character_routes.ROUTES,
        *dataset_routes.ROUTES,
        *export_routes.ROUTES,
        *finishing_routes.ROUTES,
        *gallery_routes.ROUTES,
        *gan_routes.ROUTES,
        *guide_routes.ROUTES,
        *indexed_downloads.ROUTES,
        *prompt_routes.ROUTES,
        *prop_previews.ROUTES,
        *prop_routes.ROUTES,
        *javascript.ROUTES,
        *review_routes.ROUTES,
        *sheet_routes.ROUTES,
        *tile_routes.ROUTES,
        *upload_routes.ROUTES,
        *upscale_routes.ROUTES,
        *version_routes.ROUTES,
        *metrics_route.ROUTES,
        *mlflow_proxy.ROUTES,
        *missing_pages.routes(),
        *open_groups.ROUTES,
    ],
    middleware=[
        Middleware(RequestIds),
        Middleware(Policy),
        Middleware(Failures),
        Middleware(Patience),
        Middleware(Guard, studio=session.studio),
        Middleware(
            UploadBudget, person_of=streamlit_sessions.person_of, held=streamlit_sessions.held
        ),
        Middleware(Door),
        Middleware(Shell),
    ],
    secrets=streamlit_oidc.settings_for(load_settings().sign_in) or None,
    lifespan=lifespan,
    on_script_error=page_errors.show,
)
