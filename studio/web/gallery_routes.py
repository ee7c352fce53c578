"""What was made, by address: a picture, its painted-over version, and files to keep."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from studio import images
from studio.assets import boards, listing
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.generation import forming, gallery_table, lists, start_pictures
from studio.generation.gallery_table import Picture
from studio.jobs import queue
from studio.store import local
from studio.web import chosen_pictures, indexed_downloads, session
from studio.web.picture_answers import packing_route, picture_route
from studio.web.responses import ONCE, attached, counted, route
from studio.workflows import labelling


def drawn_picture(request: Request) -> Path:
    """A picture of the gallery as it was drawn."""
    studio = session.studio()
    record = gallery_table.get(studio.engine, request.path_params["id"])
    return studio.home / record.file


def raw_picture(request: Request) -> Path:
    """The same picture as the model drew it, before it was finished."""
    studio = session.studio()
    record = gallery_table.get(studio.engine, request.path_params["id"])
    if record.raw is None:
        raise StudioError("There is no raw picture of it.", "It is as the model drew it, or older.")
    return studio.home / record.raw


def asset_picture(request: Request) -> Path:
    """The picture that shows an asset of any kind."""
    studio = session.studio()
    return studio.home / listing.picture_path(studio.engine, request.path_params["id"])


def painted_picture(request: Request) -> Path:
    """Its painted-over version; the address names the file, so that a newer one is fetched."""
    studio = session.studio()
    record = gallery_table.get(studio.engine, request.path_params["id"])
    if record.painted is None or Path(record.painted).stem != request.path_params["name"]:
        raise StudioError("There is no such painted-over version.", "Load the page again.")
    return studio.home / record.painted


def start_picture(request: Request) -> Path:
    """A picture to begin from."""
    return start_pictures.path(session.studio().home, request.path_params["hash"])


def forming_picture(request: Request) -> Response:
    """The picture that a job is drawing, as far as it is."""
    studio = session.studio()
    job = queue.get(studio.engine, counted(request, "job"))
    style, version = job.payload.get("style") or "", job.payload.get("version") or 0
    file = forming.of_job(studio.home, style, version, job.id)
    return Response(file.read_bytes(), media_type="image/png", headers=ONCE)


def picture_file(request: Request) -> Response:
    """A picture as a file to keep: `?factor=4` at game size, painted over where it is;
    `?indexed=PALETTE@3` as indexed PNG (`indexed_downloads`)."""
    studio = session.studio()
    record = gallery_table.get(studio.engine, request.path_params["id"])
    as_drawn = "drawn" in request.query_params
    factor = request.query_params.get("factor", "1")
    name = lists.file_name(record) + ("" if factor == "1" else f"_x{factor.replace('/', '-')}")
    headers = {**ONCE, **attached(f"{name}.png")}
    as_it_is = lists.as_it_is(record, factor, painted=not as_drawn)
    if as_it_is and not request.query_params.get("indexed"):
        file = local.present(studio.home / as_it_is)
        return FileResponse(file, media_type="image/png", headers=headers)
    lists.check_factor(record.width, record.height, factor)
    if as_drawn:
        image = images.open_result(studio.home / record.file)
    else:
        image = lists.open_picture(studio.home, record)
    png = indexed_downloads.encoder(request)(lists.at_factor(image, factor))
    if as_drawn:
        record = replace(record, painted=None)
    return Response(labelling.labelled(record, png), media_type="image/png", headers=headers)


def assets_zip(request: Request) -> Response:
    """A job's pictures by their names in its list: those approved, or with `?all` every one."""
    studio, job = session.studio(), counted(request, "job")
    verdict = "" if "all" in request.query_params else "approved"
    records = gallery_table.all_of(studio.engine, Wanted(job=job, verdict=verdict))
    return _zip(request, records, f"assets-{job}")


def chosen_zip(request: Request) -> Response:
    """The pictures that somebody chose on the page Gallery."""
    ids = chosen_pictures.offered(request.path_params["word"])
    return _zip(request, gallery_table.of_ids(session.studio().engine, ids), "pictures")


def board_zip(request: Request) -> Response:
    """The pictures on a board."""
    engine = session.studio().engine
    board = boards.get(engine, request.path_params["id"])
    records = gallery_table.all_of(engine, Wanted(board=board.id))
    return _zip(request, records, f"board-{boards.file_name(board)}")


def _zip(request: Request, records: Sequence[Picture], name: str) -> Response:
    """Pictures as a file to keep, `?factor=4` at game size, `?indexed=PALETTE@3` as indexed PNG."""
    if not records:
        raise StudioError("There is no picture to pack.", "Approve some first.")
    encoded = indexed_downloads.encoder(request)
    handle = tempfile.NamedTemporaryFile(suffix=".zip", delete=False)
    handle.close()
    file = Path(handle.name)
    try:
        factor = request.query_params.get("factor", "1")
        lists.pack(session.studio().home, records, factor, file, encoded, labelling.labelled)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return FileResponse(
        file,
        media_type="application/zip",
        filename=f"{name}.zip",
        headers=ONCE,
        background=BackgroundTask(file.unlink, missing_ok=True),
    )


ROUTES = [
    picture_route("/picture/made/{id}", drawn_picture),
    picture_route("/picture/made/{id}/raw", raw_picture),
    picture_route("/picture/asset/{id}", asset_picture),
    picture_route("/picture/painted/{id}/{name}", painted_picture),
    picture_route("/picture/start/{hash}", start_picture),
    route("/picture/forming/{job}", forming_picture),
    packing_route("/download/picture/{id}", picture_file),
    packing_route("/download/assets/{job}", assets_zip),
    packing_route("/download/chosen/{word}", chosen_zip),
    packing_route("/download/board/{id}", board_zip),
]
