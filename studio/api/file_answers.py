"""Files as answers: streamed, a part where one is asked for, nothing where the caller has them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from studio.api import problems
from studio.api.calls import beside
from studio.api.problems import NotThere
from studio.assets.files import File
from studio.store import local

FROM_BUCKET = CapacityLimiter(4)  # a bucket that is slow keeps no other call waiting
KEPT = {"Cache-Control": "private, no-cache"}


async def whole(request: Request, path: Path, file: File) -> Response:
    """The file at `path` as it is kept, or 304 where the caller has it."""
    headers = {**KEPT, "ETag": f'"{file.content.hash}"'} if file.content else KEPT
    if is_had(request, headers):
        return Response(status_code=304, headers=headers)
    return _Sent(path, headers=headers, stat_result=await found(path))


async def found(path: Path) -> os.stat_result:
    """What is known of a file, brought back where it was in the bucket alone. NotThere where it is
    gone, as `local.present` where the bucket does not answer."""
    try:
        return await beside(path.stat)
    except (FileNotFoundError, NotADirectoryError):
        there = await to_thread.run_sync(local.present, path, limiter=FROM_BUCKET)
    try:
        return await beside(there.stat)
    except (FileNotFoundError, NotADirectoryError):
        raise NotThere("The file is gone.", "Whoever looks after the studio has backups.") from None


def made_of(file: File, *how: str) -> dict[str, str]:
    """The headers of what is made of a file, the same for the same file and the same `how`."""
    if file.content is None:
        return KEPT
    told = "\n".join((file.content.hash, *how))
    return {**KEPT, "ETag": f'"{hashlib.sha256(told.encode()).hexdigest()}"'}


def is_had(request: Request, headers: dict[str, str]) -> bool:
    """Whether the caller has what these headers are of."""
    tag = headers.get("ETag")
    return tag is not None and tag in request.headers.get("if-none-match", "")


class _Sent(FileResponse):
    """A file whose Range, where it is none of the file's, is answered as every error is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused: list[Message] = []

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                refused.append(message)
            if not refused:
                await send(message)

        await super().__call__(scope, receive, told)
        if refused:
            size = self.headers["content-length"]
            answer = problems.answer(
                scope["path"],
                416,
                "The Range names no part of the file.",
                f"It has {size} bytes; without Range all of them come.",
                headers={"Content-Range": f"bytes */{size}"},
            )
            await answer(scope, receive, send)
