"""The machine's questions over HTTP (`studio.remote.protocol`), each with a token but none without.

Whoever has a token may do all of it: begin runs, see and cancel those of others, put adapters.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from studio.errors import StudioError
from studio.remote import protocol
from studio.remote.protocol import BODY, CHUNK, WAIT_S
from studio.worker.machine import bill, capabilities, folders, tokens
from studio.worker.machine.contents import Changed, Full
from studio.worker.machine.keeper import Keeper

logger = logging.getLogger(__name__)
LOOK_S = 0.01  # between two looks for something to tell
ANSWERS = ("go on", "stop", "prune")
MOST_S = 30 * 24 * 3600.0  # that a run may compute, or wait
_NUMBER = re.compile(r"[0-9]{1,15}")

Handler = Callable[[Request], Awaitable[Response]]


class NotThere(StudioError):
    """There is no such run, or file."""


class TooLarge(StudioError):
    """More came than any question has."""


def app(keeper: Keeper) -> Starlette:
    """The machine as an ASGI app."""
    asks = _Questions(keeper)
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/health", asks.health),
        ("POST", "/missing", asks.missing),
        ("PUT", "/content/{hash}", asks.put),
        ("GET", "/content/{hash}", asks.content),
        ("POST", "/run", asks.run),
        ("GET", "/status/{id}", asks.status),
        ("GET", "/stream/{id}", asks.stream),
        ("POST", "/answer/{id}", asks.answer),
        ("POST", "/cancel/{id}", asks.cancel),
        ("POST", "/forget/{id}", asks.forget),
        ("GET", "/bill", asks.bill),
        ("GET", "/adapters", asks.adapters),
        ("PUT", "/adapters/{hash}", asks.put_adapter),
        ("POST", "/adapters/{hash}/verify", asks.verify),
        ("DELETE", "/adapters/{hash}", asks.delete_adapter),
    ]
    return Starlette(
        routes=[
            Route(path, _guarded(keeper.settings.home, handler), methods=[method])
            for method, path, handler in table
        ]
    )


def _guarded(home: Path, handler: Handler) -> Handler:
    """The handler for who has a token; what goes wrong in words."""

    async def answered(request: Request) -> Response:
        try:
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            try:
                known = await to_thread.run_sync(tokens.holds, home, token)
            except StudioError as error:  # whoever asks has shown no token: nothing of it is told
                logger.error("%s %s", error.message, error.remedy)
                said = "its tokens can't be read; its log says why."
                return _json({"error": said, "remedy": ""}, 503)
            if kind.lower() != "bearer" or not known:
                said = "this token is none of this machine's, or was withdrawn."
                return _json({"error": said, "remedy": ""}, 401)
            return await handler(request)
        except ClientDisconnect:
            raise
        except StudioError as error:
            status = next((code for kind, code in _CODES if isinstance(error, kind)), 422)
            return _json({"error": error.message, "remedy": error.remedy}, status)
        except FileNotFoundError:
            return _json({"error": "That is not here.", "remedy": ""}, 404)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _json({"error": f"What was asked is unclear ({error}).", "remedy": ""}, 400)

    return answered


_CODES: tuple[tuple[type[StudioError], int], ...] = (
    (NotThere, 404),
    (Changed, 409),
    (TooLarge, 413),
    (Full, 507),
)


class _Questions:
    """One method for each; what reads or writes files does so in a thread."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper, self.contents = keeper, keeper.contents

    async def health(self, request: Request) -> Response:
        return _json(await to_thread.run_sync(self._health))

    def _health(self) -> dict[str, Any]:
        keeper = self.keeper
        waiting, running = keeper.counts()
        found = capabilities.found(
            keeper.settings, keeper.kinds, keeper.at_once, keeper.idle_close
        ).as_json()
        kept = [one["hash"] for one in self.contents.adapters()]
        spare = max(0, keeper.at_once - running)
        return {
            **found,
            "adapters": kept,
            "waiting": waiting,
            "running": running,
            "jobs": {"inQueue": waiting, "inProgress": running},
            "workers": {"running": running, "idle": spare},
        }

    async def missing(self, request: Request) -> Response:
        asked = (await _body(request))["hashes"]
        if not isinstance(asked, list) or len(asked) > protocol.ASKED:
            raise StudioError("Too many files were asked for at once.", "Ask in parts.")
        return _json({"missing": await to_thread.run_sync(self._missing, asked)})

    def _missing(self, asked: list[Any]) -> dict[str, int]:
        return {
            hash: self.contents.begun(hash)
            for hash in map(protocol.checked_hash, asked)
            if not self.contents.has(hash)
        }

    async def put(self, request: Request) -> Response:
        at, of = _whole(request, "at"), _whole(request, "of")
        piece = await _bytes(request)
        self.keeper.touched()
        given = (request.path_params["hash"], at, of, piece)
        return _json({"whole": await to_thread.run_sync(self.contents.put, *given)})

    async def content(self, request: Request) -> Response:
        self.keeper.touched()
        at, most = _whole(request, "at"), min(_whole(request, "most", CHUNK), CHUNK)
        given = (request.path_params["hash"], at, most)
        found = await to_thread.run_sync(self.contents.read, *given)
        return Response(found, media_type="application/octet-stream")

    async def run(self, request: Request) -> Response:
        told = await _body(request)
        id, asked = str(told["id"]), protocol.checked_hash(told["input"]["asked"])
        if not protocol.ID.fullmatch(id):
            raise StudioError("The run has no id of ours.", "Bring both to the same version.")
        policy = told.get("policy") or {}
        seconds = _seconds(policy.get("executionTimeout", 1_000 * MOST_S), 1_000 * MOST_S) / 1_000
        waits = _seconds(policy.get("ttl", 1_000 * MOST_S), 1_000 * MOST_S) / 1_000
        idle = float(policy["idleClose"]) if "idleClose" in policy else None
        given = (id, asked, seconds, waits, idle)
        status = await to_thread.run_sync(self.keeper.begin, *given)
        return _json(status.as_json())

    async def status(self, request: Request) -> Response:
        return _json(await to_thread.run_sync(self._status, _id(request)))

    def _status(self, id: str) -> dict[str, Any]:
        status = self.keeper.status(id)
        if status is None:
            raise NotThere("There is no such run here.", "It was fetched, or never came.")
        with suppress(OSError):
            os.utime(self.keeper.folder(id) / folders.HEARD)
        return status.as_json()

    async def stream(self, request: Request) -> Response:
        """What a run told; held back until there is something, or the run has ended."""
        id, after, log = _id(request), _whole(request, "after", 0), _whole(request, "log", 0)
        end = time.monotonic() + _seconds(request.query_params.get("wait", "0"), WAIT_S)
        folder = self.keeper.folder(id)
        while True:
            before = _marks(folder)
            told = await to_thread.run_sync(self._heard, id, after, log)
            ended = told["status"] in protocol.ENDED
            if told["stream"] or told["log"] or ended or time.monotonic() > end:
                return _json(told)
            while time.monotonic() < end and _marks(folder) == before:
                await asyncio.sleep(LOOK_S)

    def _heard(self, id: str, after: int, log: int) -> dict[str, Any]:
        status = self._status(id)  # first: what is told once it has ended is all there is
        folder = self.keeper.folder(id)
        frames, behind = folders.lines(folder / folders.FRAMES, after)
        said, log_behind = folders.log(folder, log)
        if status["status"] in protocol.ENDED and (frames or said):
            more, _ = folders.lines(folder / folders.FRAMES, behind)
            if more or folders.log(folder, log_behind)[0]:  # it ends once all of it is told
                status = {**status, "status": "IN_PROGRESS"}
        return {**status, "stream": frames, "next": behind, "log": said, "logNext": log_behind}

    async def answer(self, request: Request) -> Response:
        told, id = await _body(request), _id(request)
        line = {"number": int(told["number"]), "answer": str(told["answer"])}
        if line["answer"] not in ANSWERS:
            raise StudioError("That is no answer to an event.", f"Answers: {', '.join(ANSWERS)}.")
        await to_thread.run_sync(self._status, id)
        file = self.keeper.folder(id) / folders.ANSWERS
        await to_thread.run_sync(folders.append, file, line)
        return _json({})

    async def cancel(self, request: Request) -> Response:
        status = await to_thread.run_sync(self.keeper.cancel, _id(request))
        if status is None:
            raise NotThere("There is no such run here.", "It was fetched, or never came.")
        return _json(status.as_json())

    async def forget(self, request: Request) -> Response:
        if not await to_thread.run_sync(self.keeper.forget, _id(request)):
            raise NotThere("There is no such run here.", "It was fetched, or never came.")
        return _json({})

    async def bill(self, request: Request) -> Response:
        return _json({"runs": await to_thread.run_sync(bill.read, self.keeper.root)})

    async def adapters(self, request: Request) -> Response:
        return _json({"adapters": await to_thread.run_sync(self.contents.adapters)})

    async def put_adapter(self, request: Request) -> Response:
        name, hash = str((await _body(request))["name"]), request.path_params["hash"]
        await to_thread.run_sync(self.contents.stay, hash, name)
        return _json({})

    async def verify(self, request: Request) -> Response:
        hash = request.path_params["hash"]
        return _json({"whole": await to_thread.run_sync(self.contents.whole, hash)})

    async def delete_adapter(self, request: Request) -> Response:
        await to_thread.run_sync(self.contents.away, request.path_params["hash"])
        return _json({})


async def _bytes(request: Request) -> bytes:
    """What was sent. TooLarge beyond what a question may have."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > BODY:
            raise TooLarge(f"More than {BODY:,} bytes came at once.", "Send it in pieces.")
    return bytes(found)


async def _body(request: Request) -> dict[str, Any]:
    told = json.loads(await _bytes(request) or b"{}")
    if not isinstance(told, dict):
        raise ValueError("no table")
    return told


def _json(told: Any, status: int = 200) -> Response:
    """Numbers that are none (NaN) are told, too: a loss may be one."""
    return Response(json.dumps(told), status, media_type="application/json")


def _id(request: Request) -> str:
    id = str(request.path_params["id"])
    if not protocol.ID.fullmatch(id):
        raise NotThere("There is no such run here.", "")
    return id


def _whole(request: Request, name: str, default: int | None = None) -> int:
    text = request.query_params.get(name, "" if default is None else str(default))
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{name} is {text[:20]!r}")
    return int(text)


def _seconds(told: Any, most: float) -> float:
    """A time that was said, `most` at most; ValueError for none, such as NaN."""
    found = float(told)
    if not found >= 0:
        raise ValueError(f"{found} is no time")
    return min(found, most)


def _marks(folder: Path) -> tuple[int, int]:
    """What is another once a run has told more, or stands otherwise."""
    return _size(folder / folders.FRAMES), _changed(folder / folders.STATE)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
