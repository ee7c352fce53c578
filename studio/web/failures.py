"""What goes wrong while a request is answered: said plainly, never as a traceback, to programs as
a problem (`studio.api.problems`)."""

from __future__ import annotations

import html
import logging
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.accounts.rights import NotAllowed
from studio.api import problems, trouble
from studio.errors import StudioError
from studio.web import forms

logger = logging.getLogger(__name__)

CARD = """<form><h1>Housestyle</h1><p class="wrong" role="alert">{message}</p>
<p>{remedy}</p><p><a href="">Try again</a></p>{asked}</form>"""
INTERNAL_ERROR = 1011  # of a WebSocket


class Failures:
    """Answers in place of an app that raised, where no answer has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except ClientDisconnect:
            return  # nobody is there to be told
        except Exception as error:
            status, said = explained(error, f"{scope.get('method', 'WebSocket')} {scope['path']}")
            if scope["type"] == "websocket":
                with suppress(Exception):  # it may be closed already
                    await send({"type": "websocket.close", "code": INTERNAL_ERROR})
            elif begun:
                raise
            else:
                await answer(scope, said, status)(scope, receive, send)


def explained(error: Exception, asked: str) -> tuple[int, StudioError]:
    """The status and the words for an error, which is logged as one of what was `asked`."""
    if isinstance(error, NotAllowed):
        return 403, error
    if isinstance(error, StudioError):
        logger.warning("%s: %s", asked, error)
        return 503, error
    return trouble.explained(error, asked)


def answer(scope: Scope, said: StudioError, status: int) -> Response:
    """An error in place of what was asked for: a problem for programs, a card where a page or a
    file to keep was, else plain text. 429 and 503 say when to come again."""
    if problems.is_for_programs(scope["path"]):
        return problems.answer(scope["path"], status, said.message, said.remedy)
    if "text/html" in Headers(scope=scope).get("accept", ""):
        message, remedy = html.escape(said.message), html.escape(said.remedy)
        asked = forms.request_line()
        told = forms.answer(CARD.format(message=message, remedy=remedy, asked=asked), status)
    else:
        told = PlainTextResponse(str(said), status, headers={"Cache-Control": "no-store"})
    if status in (429, 503):
        told.headers["Retry-After"] = "10"
    return told
