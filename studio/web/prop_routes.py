"""Props by address: the viewer, a page of its own that stands in a frame; a prop's files, its
poster, and all of it as files to keep."""

from __future__ import annotations

import functools
import hashlib
import html
import math
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.store import local
from studio.web import javascript, prop_person, session
from studio.web.headers import VIEWER
from studio.web.picture_answers import packing_route, picture_route
from studio.web.responses import FOR_EVER, ONCE, attached, route
from studio.workflows import prop_exports, prop_files

MODEL_VIEWER = CHECKOUT / "static" / "model-viewer" / "model-viewer.min.js"
ENTRY = "viewer.js"
# What may run and be fetched in the viewer's page: model-viewer decodes by WebAssembly, and has its
# pictures and workers in blobs; it fetches from this address alone.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src 'self' blob: data:; connect-src 'self' blob: data:; worker-src blob:; "
    "base-uri 'none'; frame-ancestors 'self'"
)
MEDIA = {
    ".glb": "model/gltf-binary",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}
FARTHEST_M = 10_000.0  # from the origin to the person


def viewer(request: Request) -> Response:
    """The viewer of one prop, `?theme=dark` in the dark."""
    prop = prop_files.get(session.studio().engine, request.path_params["id"])
    dark = request.query_params.get("theme") == "dark"
    page = Template((javascript.FOLDER / "prop_viewer.html").read_text("utf-8")).substitute(
        theme="dark" if dark else "light",
        named=html.escape(prop.name or prop_files.KIND, quote=True),
        css=(javascript.FOLDER / "prop_viewer.css").read_text("utf-8"),
        viewer=f"/props/parts/{digest()}/{MODEL_VIEWER.name}",
        entry=f"/props/parts/{digest()}/{ENTRY}",
        model=f"/props/file/{prop.id}/{prop_files.MODEL}",
        poster=f"/props/poster/{prop.id}",
    )
    return HTMLResponse(page, headers={**ONCE, "Content-Security-Policy": POLICY})


@functools.cache
def digest() -> str:
    """Names the scripts of the viewer: others of another version of the studio have another."""
    parts = MODEL_VIEWER.read_bytes() + _entry().encode()
    return hashlib.sha256(parts).hexdigest()[:16]


def script(request: Request) -> Response:
    """model-viewer, or the few words that begin our own part of the viewer."""
    asked = request.path_params
    if asked["digest"] != digest() or asked["name"] not in (ENTRY, MODEL_VIEWER.name):
        return Response(status_code=404, headers=ONCE)
    if asked["name"] == ENTRY:
        return Response(_entry(), media_type="text/javascript", headers=FOR_EVER)
    return FileResponse(MODEL_VIEWER, media_type="text/javascript", headers=FOR_EVER)


def _entry() -> str:
    return f'import {{ mount }} from "{javascript.address("prop_viewer.js")}";\nmount(document);\n'


def prop_file(request: Request) -> Response:
    """A file of a prop by its role: its model, poster, normal map or texture."""
    studio, asked = session.studio(), request.path_params
    kept = prop_files.file_of(studio.engine, asked["id"], asked["role"])
    file = local.present(studio.home / kept.path)
    kind = MEDIA.get(file.suffix, "application/octet-stream")
    return FileResponse(file, media_type=kind, headers=FOR_EVER)


def poster(request: Request) -> Path:
    """A prop's poster."""
    studio = session.studio()
    id = request.path_params["id"]
    return studio.home / prop_files.file_of(studio.engine, id, prop_files.POSTER).path


def person(request: Request) -> Response:
    """A person whose feet are at `?x=&y=&z=`, in metres."""
    x, y, z = (_metres(request, name) for name in "xyz")
    return Response(_person(x, y, z), media_type=MEDIA[".glb"], headers=FOR_EVER)


@functools.lru_cache(maxsize=32)
def _person(x: float, y: float, z: float) -> bytes:
    return prop_person.person(x, y, z)


def _metres(request: Request, name: str) -> float:
    asked = request.query_params.get(name, "0")[:20]
    try:
        metres = float(asked)
    except ValueError:
        metres = math.nan
    if not abs(metres) <= FARTHEST_M:
        raise StudioError(f"There is no place {name} = {asked!r}.", "Give it in metres.")
    return round(metres, 3)


def download(request: Request) -> Response:
    """A prop as a file to keep, in one of the forms that it has (`prop_exports.FORMS`)."""
    asked = request.path_params
    made = prop_exports.download(session.studio(), asked["id"], asked["form"])
    headers = {**ONCE, **attached(made.name)}
    return Response(made.data, media_type=made.media_type, headers=headers)


ROUTES = [
    route(f"{VIEWER}{{id}}", viewer),
    Route("/props/parts/{digest}/{name}", script),
    route("/props/file/{id}/{role}", prop_file),
    picture_route("/props/poster/{id}", poster),
    route("/props/person.glb", person),
    packing_route("/download/prop/{id}/{form}", download),
]
