"""Files on their way into a dataset: sent one by one, then added all together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from studio import numbers
from studio.api import bearer
from studio.api.calls import IN_THREADS, Asking, Call, beside, needs
from studio.api.parts import Name
from studio.api.problems import NotThere, looked_up
from studio.api.thread_contexts import in_threads
from studio.datasets import uploads
from studio.errors import StudioError
from studio.worker.payload import Text

router = APIRouter(tags=["datasets"], route_class=Call)

MOST = 2**53 - 1  # bytes; JSON counts no further exactly
BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class RefusedFile(BaseModel):
    """A file that was not kept, and why."""

    file: str
    reason: str
    remedy: str


class Upload(BaseModel):
    """What lies in an upload that nobody has added yet: its files' names by kind."""

    upload: str
    pictures: list[str]
    zips: list[str]
    layered: list[str]
    tables: list[str]
    others: list[str]
    bytes: int
    refused: list[RefusedFile]


@router.post("/uploads", status_code=201, **needs("edit datasets"))
def begin_upload(asking: Asking) -> Upload:
    """Begin an upload; what nobody adds within a day is gone."""
    return _told(
        uploads.waiting(asking.studio.home, uploads.begin(asking.studio.home, by=asking.by))
    )


@router.get("/uploads/{upload}", **needs("edit datasets"))
def upload(asking: Asking, upload: Name) -> Upload:
    """What came so far."""
    with looked_up():
        return _told(uploads.waiting(asking.studio.home, upload))


@router.put("/uploads/{upload}/files", status_code=204, **needs("edit datasets", **BYTES))
async def upload_file(
    asking: Asking,
    request: Request,
    upload: Name,
    name: Annotated[Text, Query(min_length=1, max_length=2000)],
) -> Response:
    """Send one file: its bytes, with Content-Length. A name may have folders, which are categories;
    captions lie beside their pictures as text files of their names."""
    studio = asking.studio
    with looked_up():
        await beside(uploads.folder_of, studio.home, upload)
    size = numbers.counted(request.headers.get("content-length"), MOST)
    if size is None:
        raise StudioError("The file's size is missing.", "Send Content-Length.")
    try:
        most = studio.settings.most_uploads
        receiving = uploads.receiving(studio.home, upload, name, size, most=most)
        async with in_threads(receiving, IN_THREADS) as put:
            async for piece in request.stream():
                put(piece)
            await beside(bearer.check_holds, studio, request.headers)
    except StudioError as error:
        if error is uploads.GONE:
            raise NotThere(error.message, error.remedy) from error
        raise
    return Response(status_code=204)


@router.delete("/uploads/{upload}", status_code=204, **needs("edit datasets"))
def discard_upload(asking: Asking, upload: Name) -> Response:
    """Throw an upload away; one that is gone is no error."""
    uploads.discard(asking.studio.home, upload, by=asking.by)
    return Response(status_code=204)


def _told(found: uploads.Waiting) -> Upload:
    return Upload(
        upload=found.token,
        pictures=list(found.pictures),
        zips=list(found.zips),
        layered=list(found.layered),
        tables=list(found.tables),
        others=list(found.others),
        bytes=found.bytes,
        refused=[
            RefusedFile(file=one.file, reason=one.reason, remedy=one.remedy)
            for one in found.refused
        ],
    )
