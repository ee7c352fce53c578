"""A dataset's pictures and masks by the hash of their content, and its versions as a zip."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from studio import context
from studio.accounts.rights import NotAllowed, allowed, check, who_may
from studio.datasets import exports, mask_edits, versions, withdrawals
from studio.datasets.versions import picture_path
from studio.errors import StudioError
from studio.web import session
from studio.web.picture_answers import packing_route, picture_route
from studio.web.responses import attached, refusal, route


def dataset_picture(request: Request) -> Path:
    """A dataset's picture."""
    return picture_path(_home_of(request), request.path_params["hash"])


def _kept(request: Request) -> Mapping[str, str]:
    return _asked_each_time(request, request.query_params.get("side", "")[:8])


def mask_picture(request: Request) -> Response:
    """A mask as a training sees it: PNG, 8 bit grey."""
    hash, home = request.path_params["hash"], _home_of(request)
    kept = _asked_each_time(request, "mask")
    if kept["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=kept)
    named = {"Content-Disposition": f'inline; filename="{hash[:12]}.mask.png"'}
    png = mask_edits.as_png(home, hash)
    return Response(png, media_type="image/png", headers={**named, **kept})


def _home_of(request: Request) -> Path:
    """The studio's folder; StudioError where the picture was withdrawn, but for those who may
    withdraw one."""
    studio = session.studio()
    if request.path_params["hash"] in withdrawals.hidden(studio.home):
        if not allowed(session.sender(request, studio.settings.user), "withdraw pictures"):
            raise StudioError(
                "It was withdrawn.", f"It is shown to {who_may('withdraw pictures')}."
            )
    return studio.home


def _asked_each_time(request: Request, form: str) -> dict[str, str]:
    """A browser may keep the picture but asks about it before it shows it, so that one that is
    withdrawn is gone at once."""
    tag = f'"{request.path_params["hash"][:32]}-{quote(form)}"'
    return {"Cache-Control": "private, no-cache", "ETag": tag}


def version_zip(request: Request) -> Response:
    """A version of a dataset as a zip, made while it is sent."""
    home, asked = session.studio().home, request.path_params
    version = versions.load(home, asked["name"], asked["version"])
    return StreamingResponse(
        exports.zipped(home, version),
        media_type="application/zip",
        headers=attached(exports.file_name(version)),
    )


async def save_mask(request: Request) -> Response:
    """PUT a mask of a dataset's picture into the draft: the bytes of a picture file.

    `?seen=` is the mask that the person began with, `?key=` stands for one sending, `?file=` is
    what errors call it. 409 where somebody else has saved another one since, with which and who.
    """
    studio, asked, query = session.studio(), request.path_params, request.query_params
    by = session.sender(request, studio.settings.user)
    try:
        check(by, "edit datasets")
        data = b""
        async for piece in request.stream():
            data += piece
            if len(data) > mask_edits.MOST_BYTES:
                break  # it is refused by its size
        saved = await asyncio.to_thread(
            mask_edits.save,
            studio.engine,
            studio.home,
            asked["name"],
            asked["hash"],
            data,
            seen=query.get("seen", ""),
            by=by,
            now=context.now(),
            key=query.get("key") or None,
            file=query.get("file", "")[:200] or "the mask",
        )
    except NotAllowed as error:
        return refusal(error, 403)
    except mask_edits.Overtaken as error:
        overtaken = {"message": error.message, "remedy": error.remedy, "by": error.by}
        return JSONResponse({**overtaken, "mask": error.mask}, 409)
    except StudioError as error:
        return refusal(error, 422)
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse({"mask": saved.mask})


ROUTES = [
    picture_route("/picture/data/{hash}", dataset_picture, _kept),
    packing_route("/picture/mask/{hash}", mask_picture),
    route("/download/data/{name}/{version}", version_zip),
    Route("/mask/{name}/{hash}", save_mask, methods=["PUT"]),
]
