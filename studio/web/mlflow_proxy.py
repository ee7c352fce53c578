"""MLflow's own pages and interface behind the guard, under /mlflow/.

MLflow knows no roles, so it listens where only the studio reaches it, and this hands on what a
person may ask of it. Let through is what its pages of experiments, runs and models need; nothing
else is, such as its assistant, gateway, webhooks and jobs, which would act on the server's behalf.
Scripts go the same way with a token: MLFLOW_TRACKING_URI=https://studio.example.com/mlflow and
MLFLOW_TRACKING_TOKEN.
"""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import UTC, datetime
from typing import Literal

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from studio.accounts import refusal_log, rights
from studio.errors import StudioError
from studio.operations.health import mlflow_server
from studio.tracking import audit
from studio.web import session

logger = logging.getLogger(__name__)

AT = "/mlflow"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
BODY = 8_000_000  # bytes that one request may bring
# What MLflow's interface is about, by the first part of the path.
READ = {
    "artifacts",
    "datasets",
    "experiments",
    "get-trace-artifact",
    "logged-models",
    "metrics",
    "model-versions",
    "registered-models",
    "runs",
    "server-info",
    "traces",
}
WRITE = {"experiments", "logged-models", "model-versions", "registered-models", "runs"}
# Asked by POST, and yet only looked for.
LOOKED_FOR = {"search", "search-datasets", "get-latest-versions", "batchGetInfos", "metrics"}
PLAIN = re.compile(r"/(static-files/.*|version|health|get-artifact|model-versions/get-artifact)?")
API = re.compile(r"/(?:ajax-)?api/[23]\.0/?mlflow/([a-z-]+)(?:/.*)?")
KEPT = {
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "if-none-match",
    "if-modified-since",
    "range",
    "user-agent",
}
# Belongs to the connection, or is MLflow's word on who may embed it, which is the studio's.
DROPPED = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "set-cookie",
    "server",
    "date",
    "access-control-allow-origin",
    "access-control-allow-credentials",
}

_clients: dict[asyncio.AbstractEventLoop, httpx.AsyncClient] = {}


def wanted(method: str, path: str) -> Literal["see MLflow", "change MLflow", ""]:
    """The right that a request needs; "" for what is let through for nobody."""
    reads = method in ("GET", "HEAD")
    if PLAIN.fullmatch(path):
        return "see MLflow" if reads else ""
    if path == "/graphql":  # it has queries, and no mutation that changes anything
        return "see MLflow" if method == "POST" else ""
    found = API.fullmatch(path)
    if found is None or "presigned" in path:
        return ""
    if reads or (method == "POST" and path.rsplit("/", 1)[-1] in LOOKED_FOR):
        return "see MLflow" if found[1] in READ else ""
    return "change MLflow" if found[1] in WRITE else ""


def allow(who: str, method: str, path: str) -> None:
    """Nothing where the person may ask this of MLflow, else StudioError and a log entry."""
    right = wanted(method, path)
    if not right:
        if method != "GET":  # its pages look for closed parts by themselves
            refusal_log.note(who, "a closed part of MLflow", asked=f"{method} {path}")
        raise StudioError("This part of MLflow is not open here.")
    rights.check(who, right)
    if right == "change MLflow":
        logger.warning("%s changes MLflow: %s %s", who, method, path)


async def hand_on(request: Request) -> Response:
    """Ask MLflow what the person may ask, and stream its answer."""
    studio = session.studio()
    who = session.sender(request, studio.settings.user)
    path = "/" + request.path_params["path"]
    try:
        allow(who, request.method, path)
    except StudioError as error:
        return PlainTextResponse(str(error), 403)
    body = await _body(request)
    if body is None:
        return PlainTextResponse(f"More than {BODY // 1_000_000} MB at once.", 413)
    server = httpx.URL(mlflow_server(studio.settings))
    asked = request.scope["raw_path"].partition(AT.encode())[2] or b"/"
    if query := request.scope["query_string"]:
        asked += b"?" + query
    client = _client()
    try:
        sent = client.build_request(
            request.method,
            server.copy_with(raw_path=server.raw_path.rstrip(b"/") + asked),
            headers=[(n, value) for n, value in request.headers.raw if n.decode("latin-1") in KEPT],
            content=body,
        )
        answer = await client.send(sent, stream=True)
    except httpx.InvalidURL:
        return PlainTextResponse("This is no address of MLflow's.", 400)
    except httpx.HTTPError as error:
        logger.warning("MLflow does not answer: %r", error)
        return PlainTextResponse("MLflow does not answer. Have it started again.", 503)
    if answer.is_success and (change := audit.asked(request.method, path, body)):
        try:
            now = datetime.now(UTC)
            await asyncio.to_thread(audit.note, studio.engine, who, change, now)
        except StudioError as error:  # it is done in MLflow; the log has who
            logger.error("not written down: %s %s (%s)", who, change.words, error)
    headers = {n: v for n, v in answer.headers.items() if n not in DROPPED}
    if to := headers.get("location"):
        headers["location"] = AT + (httpx.URL(to).raw_path.decode() or "/")
    if path.endswith("get-artifact") or path.endswith("get-trace-artifact"):
        # Files that a run brought must not act as the person who looks at them.
        headers["content-security-policy"] = "sandbox"
    return StreamingResponse(
        answer.aiter_raw(), answer.status_code, headers, background=BackgroundTask(answer.aclose)
    )


async def enter(request: Request) -> Response:
    """Its pages name their parts from their own folder, so the address must end in a slash."""
    return RedirectResponse(f"{AT}/", 307)


async def _body(request: Request) -> bytes | None:
    """What was sent, or None where it is too much."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > BODY:
            return None
    return bytes(found)


def _client() -> httpx.AsyncClient:
    """One for each event loop: its connections belong to that."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients.clear()
        _clients[loop] = httpx.AsyncClient(
            timeout=httpx.Timeout(120, connect=5), trust_env=False, follow_redirects=False
        )
    return _clients[loop]


ROUTES = [Route(AT, enter), Route(AT + "/{path:path}", hand_on, methods=METHODS)]
