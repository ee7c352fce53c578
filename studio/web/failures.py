"""What goes wrong while a request is answered: said plainly, never as a traceback.

A database that can't be used for now, or a full disk, is 503 with what can be done. What nobody
thought of is 500 with a number, which stands in the log beside the traceback.
"""

from __future__ import annotations

import errno
import html
import logging
import secrets
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.accounts.rights import NotAllowed
from studio.errors import StudioError
from studio.tracking import client
from studio.web import forms

logger = logging.getLogger(__name__)

CARD = """<form><h1>Housestyle</h1><p class="wrong" role="alert">{message}</p>
<p>{remedy}</p><p><a href="">Try again</a></p>{asked}</form>"""
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
INTERNAL_ERROR = 1011  # of a WebSocket


class Refused(Exception):
    """A request that is ended while it arrives: the status of the answer, and what it says."""

    def __init__(self, status: int, message: str, remedy: str) -> None:
        super().__init__(status, message, remedy)
        self.status, self.said = status, StudioError(message, remedy)


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
                await _answer(scope, said, status)(scope, receive, send)


def explained(error: Exception, asked: str) -> tuple[int, StudioError]:
    """The status and the words for an error, which is logged as one of what was `asked`."""
    if isinstance(error, Refused):
        return error.status, error.said
    if isinstance(error, NotAllowed):
        return 403, error
    told = error if isinstance(error, StudioError) else client.away(error)
    if told is not None:
        logger.warning("%s: %s", asked, told)
        return 503, told
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return 404, StudioError("Nothing can have so long a name.", "Look at the address again.")
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        logger.warning("%s: %s", asked, error)
        return 503, StudioError(
            "Nothing can be written where the studio keeps its things.",
            "Make room on its disk, or look at the rights of its folder, then send it again.",
        )
    if isinstance(error, SQLAlchemyError):
        logger.error("%s", asked, exc_info=error)
        return 503, StudioError("The database does not answer.", "Wait a moment, then try again.")
    return 500, unforeseen(error, asked)


def unforeseen(error: Exception, asked: str) -> StudioError:
    """What people are told of an error that nobody thought of; the log has it under its number."""
    number = secrets.token_hex(4)
    logger.error("Error %s: %s", number, asked, exc_info=error)
    return StudioError(
        f"Something went wrong in the studio (error {number}).",
        "Try again; if that does not help, give this number to who looks after the studio: it "
        "stands in its log.",
    )


def _answer(scope: Scope, said: StudioError, status: int) -> Response:
    if "text/html" in Headers(scope=scope).get("accept", ""):
        message, remedy = html.escape(said.message), html.escape(said.remedy)
        asked = forms.request_line()
        answer = forms.answer(CARD.format(message=message, remedy=remedy, asked=asked), status)
    else:
        answer = PlainTextResponse(str(said), status, headers={"Cache-Control": "no-store"})
    if status in (429, 503):
        answer.headers["Retry-After"] = "10"
    return answer
