"""An animation sheet by address: its normal sheet, and all of it as files to keep; and a picture in
motion before it is one."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from studio import images, numbers
from studio.assets import files
from studio.errors import StudioError
from studio.sheets import motion
from studio.sheets.formats import cut, moving
from studio.web import session
from studio.web.picture_answers import packing_route, picture_route
from studio.web.responses import FOR_EVER, ONCE, attached
from studio.workflows import animation_files, labelling, upscale_sources

MOST_PREVIEWED = 512 * 512  # pixels


def normal_sheet(request: Request) -> Path:
    """The normal sheet of a sheet. StudioError where it has none."""
    studio, id = session.studio(), request.path_params["id"]
    there = {one.role: one.path for one in files.of(studio.engine, id)}
    if animation_files.NORMAL not in there:
        raise StudioError(f"The sheet {id[:40]!r} has no normal maps.", "Load the page again.")
    return studio.home / there[animation_files.NORMAL]


def sheet_zip(request: Request) -> Response:
    """The sheet in these formats: `?format=sheet,aseprite&name=hero`."""
    studio, asked = session.studio(), request.query_params
    kept = animation_files.get(studio.engine, studio.home, request.path_params["id"])
    formats = [one for one in asked.get("format", "sheet,aseprite").split(",") if one]
    name = asked.get("name", "")[:60] or kept.asset.name
    found, _ = animation_files.exported(kept, formats, name)
    data = animation_files.packed(labelling.labelled_files(studio.engine, kept.asset.id, found))
    headers = {**ONCE, **attached(f"{animation_files.file_name(name)}.zip")}
    return Response(data, media_type="application/zip", headers=headers)


def motion_preview(request: Request) -> Response:
    """A picture in motion as an APNG, which browsers play: `?frames=8&height=3&box=0,0,32,32`."""
    asked = dict(request.query_params)
    box = asked.pop("box", "")
    asked.pop("v", None)  # says only that the picture is another one
    source = upscale_sources.source(session.studio(), request.path_params["picture"])
    if source.width * source.height > MOST_PREVIEWED:
        raise StudioError(
            f"The picture is {source.width:,} x {source.height:,}, too large to be previewed.",
            "Make the sheet to see it move.",
        )
    picture = images.open_result(source.path)
    if box:
        sides = [numbers.counted(word) for word in box.split(",", 4)]
        left, top, width, height = (side or 0 for side in (*sides, 0, 0, 0, 0)[:4])
        picture = cut.frames(picture, [(left, top, width, height)])[0]
    made = motion.make(picture, request.path_params["motion"], asked)
    return Response(moving.apng(made).data, media_type="image/png", headers=FOR_EVER)


ROUTES = [
    picture_route("/picture/sheet/{id}/normal", normal_sheet),
    packing_route("/picture/motion/{picture}/{motion}", motion_preview),
    packing_route("/download/sheet/{id}", sheet_zip),
]
