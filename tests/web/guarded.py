"""A guarded app with people of two roles, and browsers before it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from studio import context
from studio.accounts import refusal_log
from studio.database import engine as db
from studio.settings import load_settings
from studio.web import sign_in
from studio.web.failures import Failures
from studio.web.guard import Guard
from studio.web.headers import Policy
from studio.web.name_cookie import Door
from studio.web.session import sender

AT = "https://studio.test"
STREAM = "wss://studio.test/_stcore/stream"
HTML = {"accept": "text/html,*/*"}
HERE = {"origin": AT}
SECRET = "three or four words"


async def _told(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"in: {sender(request, 'nobody')}")


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


def studio_in(home: Path, **settings: str) -> context.Studio:
    given = {f"STUDIO_{name.upper()}": value for name, value in settings.items()}
    found = load_settings(given, home=str(home))
    nothing: Any = None  # no MLflow: nobody asks for it here
    return context.Studio(found, db.open_database(home), nothing, nothing)


def browser_of(studio: context.Studio, **more: Any) -> TestClient:
    every = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]
    routes = [
        *sign_in.ROUTES,
        Route("/healthz", _told),
        WebSocketRoute("/_stcore/stream", _echo),
        Route("/{any:path}", _told, methods=every),
    ]
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Policy),
            Middleware(Failures),
            Middleware(Guard, studio=lambda: studio),
            Middleware(Door),
        ],
    )
    return TestClient(app, **{"base_url": AT, "follow_redirects": False, **more})


def now() -> datetime:
    return datetime.now(UTC)


def signed_in(browser: TestClient, name: str = "ana", password: str = SECRET, **more: str) -> Any:
    return browser.post(
        "/sign-in", data={"name": name, "password": password}, headers={**HERE, **more}
    )


def logged(studio: context.Studio) -> dict[str, str]:
    return refusal_log.newest(studio.home, 1)[0]
