"""What browsers send as files, one by one: pictures, captions, archives, adapters.

Streamlit's own uploader keeps files in memory and slows down with their number (500 files take
8 s, 1,250 take 71 s), so pages that take many files have the browser send each one here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from studio import numbers
from studio.accounts.rights import NotAllowed, check
from studio.api.thread_contexts import in_threads
from studio.datasets import archives, uploads
from studio.diffusion.lora_scales import CONFIG
from studio.errors import StudioError
from studio.web import session
from studio.web.responses import refusal
from studio.web.threads import UPLOADS

MOST = 2**53 - 1  # bytes; browsers count no further exactly


async def begin_upload(request: Request) -> Response:
    """POST: a token for the files that follow. The header keeps other sites' forms out."""
    if "x-housestyle" not in request.headers:
        return refusal(StudioError("This was not sent by a page of the studio.", "Load it."), 403)
    home, by = session.studio().home, session.sender(request, "")
    try:
        token = await asyncio.to_thread(lambda: uploads.begin(home, by=by))
    except NotAllowed as error:
        return refusal(error, 403)
    except StudioError as error:
        return refusal(error, 507)
    return JSONResponse({"token": token})


async def upload_file(request: Request) -> Response:
    """PUT a file of an upload, `?name=` and `?size=` as the browser has them; its bytes follow.

    A file that can't be used is answered with a reason before its bytes are read.
    """
    return await _received(request, archives.kind, "edit datasets")


async def _received(request: Request, kind: Callable[[str], str], right: str) -> Response:
    size = numbers.counted(request.query_params.get("size"), MOST)
    if size is None:
        return refusal(StudioError("The size is missing.", "Send it again."), 400)
    studio, token = session.studio(), request.path_params["token"]
    try:
        check(session.sender(request, ""), right)
        name = request.query_params.get("name", "")
        most = studio.settings.most_uploads
        receiving = uploads.receiving(studio.home, token, name, size, kind, most=most)
        async with in_threads(receiving, UPLOADS) as put:
            async for piece in request.stream():
                put(piece)
    except NotAllowed as error:
        return refusal(error, 403)
    except StudioError as error:
        return refusal(error, 404 if error is uploads.GONE else 422)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it; the part is gone already
    return Response(status_code=204)


async def upload_adapter(request: Request) -> Response:
    """PUT a LoRA file of an upload, as `upload_file`; anything but safetensors is refused."""
    return await _received(request, adapter_kind, "manage adapters")


def adapter_kind(name: str) -> str:
    """ "adapter" for a name that ends in .safetensors, and for peft's settings that lie beside
    one; StudioError else."""
    if not name.lower().endswith(".safetensors") and name.rpartition("/")[2] != CONFIG:
        raise StudioError(
            "it is not .safetensors.",
            "Pickles (.pt, .ckpt, .bin) run what their maker wrote when they are opened; ask for "
            "a safetensors file.",
        )
    return "adapter"


ROUTES = [
    Route("/upload", begin_upload, methods=["POST"]),
    Route("/upload/{token}", upload_file, methods=["PUT"]),
    Route("/upload/adapter/{token}", upload_adapter, methods=["PUT"]),
]
