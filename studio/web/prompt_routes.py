"""What the page Generate asks and sends by itself: how a prompt is read while somebody types it,
their draft, pictures that they paste or drop, and masks that they paint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio import context
from studio.accounts.rights import NotAllowed, check
from studio.diffusion import bundled_bases, prompt_tokens
from studio.errors import StudioError
from studio.generation import prompt_drafts, start_pictures, start_room
from studio.images import decode
from studio.registry import models
from studio.web import session
from studio.web.responses import ONCE, refusal, route
from studio.worker.kinds.drawing import ADAPTERS, Adapter
from studio.worker.payload import Counted, Payload, Text, Words, read
from studio.workflows import prompt_reading

MOST_BYTES = 200_000
PICTURE_BYTES = 32 * 1024 * 1024


class Asked(Payload):
    """Prompts to be read as a version of a style will, beside others, or as a practice base alone
    will; `values` fill fields."""

    style: Text = ""
    version: Counted = 0
    base: Text = ""
    prompt: Words
    negative: Words = ""
    adapters: list[Adapter] = []
    values: dict[str, str] = {}


class Typed(Payload):
    """What stands in the two fields of a tab, and what it kept or found there before."""

    prompt: Words
    negative: Words = ""
    tab: Words = ""
    was: Words = ""
    was_negative: Words = ""


async def read_prompt(request: Request) -> Response:
    """POST prompts as JSON: how the style takes them (`prompt_reading.Reading`); of a base alone
    their lengths."""

    def answer(asked: dict[str, Any]) -> Response:
        studio, one = session.studio(), read(Asked, asked)
        if one.base:
            return JSONResponse(_lengths(one), headers=ONCE)
        version = models.get(studio.client, one.style, one.version)
        beside = [adapter.model_dump() for adapter in one.adapters[:ADAPTERS]]
        found = prompt_reading.read(
            studio, version, one.prompt, one.negative, beside, one.values
        ).as_json()
        return JSONResponse(found, headers=ONCE)

    return await _answered(request, answer)


def _lengths(one: Asked) -> dict[str, str]:
    """How long prompts are for a practice base; other places on this machine are not looked at."""
    if bundled_bases.find(one.base) is None:
        raise StudioError(f"There is no practice base {one.base[:40]!r}.", "Load the page again.")
    reader = prompt_tokens.of_base(one.base)
    texts = {"tokens": one.prompt, "negative_tokens": one.negative}
    return {name: prompt_tokens.counted(reader, text) for name, text in texts.items()}


async def keep_draft(request: Request) -> Response:
    """PUT what somebody has typed, as JSON, into their draft."""
    by = session.sender(request, session.studio().settings.user)

    def answer(asked: dict[str, Any]) -> Response:
        one, engine = read(Typed, asked), session.studio().engine
        now = {"prompt": one.prompt, "negative": one.negative}
        was = {"prompt": one.was, "negative": one.was_negative}
        if new := prompt_drafts.changed(now, was):
            prompt_drafts.keep(engine, new, tab=one.tab, was=was, by=by, now=context.now())
        return Response(status_code=204)

    return await _answered(request, answer)


async def _answered(request: Request, answer: Callable[[dict[str, Any]], Response]) -> Response:
    if "x-housestyle" not in request.headers:  # another site's form can't send it
        return refusal(StudioError("This was not sent by a page of the studio.", "Load it."), 403)
    body = await _body(request, MOST_BYTES)
    try:
        asked = json.loads(body or b"")
        return await asyncio.to_thread(answer, asked if isinstance(asked, dict) else {})
    except NotAllowed as error:
        return refusal(error, 403)
    except StudioError as error:
        return refusal(error, 422)
    except (ValueError, RecursionError):
        return refusal(StudioError("That is no prompt.", "Load the page again."), 400)


async def save_mask(request: Request) -> Response:
    """PUT a mask of a kept picture to begin from: the bytes of a picture file of its size, white
    where it is drawn anew. The answer names it; `mask` is "" where nothing is white."""
    start = request.path_params["hash"]

    def kept(data: bytes, name: str, by: str) -> Response:
        mask = decode(data, name or "The mask")
        if start_pictures.is_black(mask):
            return JSONResponse({"mask": ""})
        studio = session.studio()
        start_room.check(studio, by)
        return JSONResponse({"mask": start_pictures.keep_mask(studio.home, mask, start, by=by)})

    return await _picture(request, kept)


async def keep_start(request: Request) -> Response:
    """PUT a picture to begin from, pasted or dropped: its file's bytes. The answer names it."""

    def kept(data: bytes, name: str, by: str) -> Response:
        studio = session.studio()
        start_room.check(studio, by)
        start = start_pictures.keep(studio.home, data, name or "The picture", by=by)
        return JSONResponse({"start": start})

    return await _picture(request, kept)


async def _picture(request: Request, kept: Callable[[bytes, str, str], Response]) -> Response:
    by = session.sender(request, session.studio().settings.user)
    name = request.query_params.get("file", "")[:200]
    try:
        check(by, "generate")
        body = await _body(request, PICTURE_BYTES)
        if body is None:
            most = f"{PICTURE_BYTES // 1024**2} MB"
            raise StudioError(f"{name or 'The picture'} has more than {most}.", "Take a smaller.")
        return await asyncio.to_thread(kept, body, name, by)
    except NotAllowed as error:
        return refusal(error, 403)
    except StudioError as error:
        return refusal(error, 422)
    except ClientDisconnect:
        return Response(status_code=400)


async def _body(request: Request, most: int) -> bytes | None:
    """What was sent; None where it is more than `most` bytes, which are not read to their end."""
    found = b""
    async for piece in request.stream():
        found += piece
        if len(found) > most:
            return None
    return found


def kept_mask(request: Request) -> Response:
    """A kept mask as it is: PNG, 8 bit grey."""
    file = start_pictures.path(session.studio().home, request.path_params["hash"])
    return Response(file.read_bytes(), media_type="image/png", headers=ONCE)


ROUTES = [
    Route("/prompt/read", read_prompt, methods=["POST"]),
    Route("/prompt/draft", keep_draft, methods=["PUT"]),
    Route("/part/{hash}", save_mask, methods=["PUT"]),
    Route("/start", keep_start, methods=["PUT"]),
    route("/picture/part/{hash}", kept_mask),
]
