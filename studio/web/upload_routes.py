"""What browsers send and fetch as files: uploads in pieces, masks, datasets as a zip.

Streamlit's own uploader keeps files in memory and slows down with their number (500 files take
8 s, 1,250 take 71 s), so pages that take many files have the browser send each one here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from studio import context
from studio.accounts.rights import NotAllowed, check
from studio.datasets import archives, exports, mask_edits, uploads, versions
from studio.errors import StudioError
from studio.web import session


async def begin_upload(request: Request) -> Response:
    """POST: a token for the files that follow. The header keeps other sites' forms out."""
    if "x-housestyle" not in request.headers:
        return _refusal(StudioError("This was not sent by a page of the studio.", "Load it."), 403)
    home, by = session.studio().home, session.sender(request, "")
    try:
        token = await asyncio.to_thread(lambda: uploads.begin(home, by=by))
    except NotAllowed as error:
        return _refusal(error, 403)
    except StudioError as error:
        return _refusal(error, 507)
    return JSONResponse({"token": token})


async def upload_file(request: Request) -> Response:
    """PUT a file of an upload, `?name=` and `?size=` as the browser has them; its bytes follow.

    A file that can't be used is answered with a reason before its bytes are read.
    """
    return await _received(request, archives.kind, "edit datasets")


async def _received(request: Request, kind: Callable[[str], str], right: str) -> Response:
    size = request.query_params.get("size", "")
    if not size.isdigit():
        return _refusal(StudioError("The size is missing.", "Send it again."), 400)
    home, token = session.studio().home, request.path_params["token"]
    try:
        check(session.sender(request, ""), right)
        name = request.query_params.get("name", "")
        with uploads.receiving(home, token, name, int(size), kind) as put:
            async for piece in request.stream():
                put(piece)
    except NotAllowed as error:
        return _refusal(error, 403)
    except StudioError as error:
        return _refusal(error, 404 if error is uploads.GONE else 422)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it; the part is gone already
    return Response(status_code=204)


async def upload_adapter(request: Request) -> Response:
    """PUT a LoRA file of an upload, as `upload_file`; anything but safetensors is refused."""
    return await _received(request, adapter_kind, "manage adapters")


def adapter_kind(name: str) -> str:
    """ "adapter" for a name that ends in .safetensors; StudioError else."""
    if not name.lower().endswith(".safetensors"):
        raise StudioError(
            "it is not .safetensors.",
            "Pickles (.pt, .ckpt, .bin) run what their maker wrote when they are opened; ask for "
            "a safetensors file.",
        )
    return "adapter"


async def download_version(request: Request) -> Response:
    """GET a version of a dataset as a zip, made while it is sent."""
    home, asked = session.studio().home, request.path_params
    try:
        version = await asyncio.to_thread(versions.load, home, asked["name"], asked["version"])
    except StudioError:
        return Response("There is no such version any more.", 404)
    pieces: Iterator[bytes] = exports.zipped(home, version)
    named = f'attachment; filename="{exports.file_name(version)}"'
    return StreamingResponse(
        pieces, media_type="application/zip", headers={"Content-Disposition": named}
    )


async def mask_picture(request: Request) -> Response:
    """GET a mask by the hash of its content, as a training sees it: PNG, 8 bit grey."""
    home, hash = session.studio().home, request.path_params["hash"]
    try:
        data = await asyncio.to_thread(mask_edits.as_png, home, hash)
    except StudioError:
        return Response(status_code=404)
    return Response(
        data,
        media_type="image/png",
        headers={
            "Cache-Control": "private, max-age=31536000, immutable",
            "Content-Disposition": f'inline; filename="{hash[:12]}.mask.png"',
        },
    )


async def save_mask(request: Request) -> Response:
    """PUT a mask of a dataset's picture into the draft: the bytes of a picture file.

    `?seen=` is the mask that the person began with, `?key=` stands for one sending, `?file=` is
    what errors call it. 409 where somebody else has saved another one since, with which and who.
    """
    studio, asked, said = session.studio(), request.path_params, request.query_params
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
            seen=said.get("seen", ""),
            by=by,
            now=context.now(),
            key=said.get("key") or None,
            file=said.get("file", "")[:200] or "the mask",
        )
    except NotAllowed as error:
        return _refusal(error, 403)
    except mask_edits.Overtaken as error:
        told = {"message": error.message, "remedy": error.remedy, "by": error.by}
        return JSONResponse({**told, "mask": error.mask}, 409)
    except StudioError as error:
        return _refusal(error, 422)
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse({"mask": saved.mask})


ROUTES = [
    Route("/upload", begin_upload, methods=["POST"]),
    Route("/upload/{token}", upload_file, methods=["PUT"]),
    Route("/upload/adapter/{token}", upload_adapter, methods=["PUT"]),
    Route("/download/data/{name}/{version}", download_version),
    Route("/picture/mask/{hash}", mask_picture),
    Route("/mask/{name}/{hash}", save_mask, methods=["PUT"]),
]


def _refusal(error: StudioError, status: int) -> Response:
    return JSONResponse({"message": error.message, "remedy": error.remedy}, status)
