"""Props as files and as assets: a model with its poster, its normal map and its texture, each file
kept by its hash.

    props/<aa>/<sha256>.glb    the model, as it is given to engines
    props/<aa>/<sha256>.webp   its poster: what walls show, drawn once
    props/<aa>/<sha256>.png    its normal map, and its texture

A computation writes them into its folder (`write`) and tells of them in plain JSON (`Written`);
at home they are put away (`put_away`) and named by an asset (`new`). Both may be done again.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine

from studio.assets import files as asset_files
from studio.assets import listing, records
from studio.assets.files import Content, File
from studio.assets.records import Asset, New
from studio.errors import StudioError
from studio.generation.lists import as_png
from studio.props import checks, posters
from studio.props.model import Model
from studio.store.publish import publish, publishing, share
from studio.text.decoding import cleaned

KIND = "prop"  # of asset
FOLDER = "props"  # of the studio's folder
MODEL, POSTER, NORMAL, TEXTURE = "model", listing.POSTER, "normal", "texture"  # roles of files
ROLES = (MODEL, POSTER, NORMAL, TEXTURE)
POSTER_SIDE = 512  # pixels
NAME = 60  # characters of what a prop is called
REMARKS = 40  # that are kept of one prop
JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class About:
    """What a prop's asset says beside its files.

    `key` is its own for ever, such as "props/job-12/3": what is put in again under it is that
    asset. `method` is how its shape came about: a local method, or the model of a provider or of an
    own GPU. `made_by` is the kind of job, `settings` what that was asked, `edits` what was done to
    it since, in order. `of` tells the picture that it was made from, by hash, width and height, or
    is empty. `prompt` is what it is found by. `more` joins the recipe: `provider`, `cost` as
    {"micros", "currency"}, `model`, `wish`, `licence`.
    """

    key: str
    name: str
    method: str
    made_by: str
    settings: Mapping[str, Any]
    edits: Sequence[Mapping[str, Any]] = ()
    remarks: Sequence[str] = ()
    parents: tuple[str, ...] = ()
    style: str = ""
    version: int = 0
    seed: int | None = None
    prompt: str = ""
    of: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """A prop's files in a folder: by role the file's name there and what is in it; and the figures
    of its model (`figures_of`)."""

    files: dict[str, tuple[str, Content]]
    figures: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As a computation tells of it."""
        files = {role: [name, asdict(content)] for role, (name, content) in self.files.items()}
        return {"files": files, "figures": self.figures}

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file by its name."""
        return {name: content.hash for name, content in self.files.values()}


def of_json(told: Mapping[str, Any]) -> Written:
    """What `Written.as_json` said."""
    files = {role: (name, Content(**content)) for role, (name, content) in told["files"].items()}
    return Written(files, dict(told["figures"]))


def write(folder: Path, model: Model, data: bytes, normal: Image.Image | None = None) -> Written:
    """The files of a prop in a folder: `data` is the model as GLB, kept as it is; its poster is
    drawn here. Without `normal` the model's own normal map is its normal map, where it has one.
    StudioError for a model without a triangle, and where they can't be written."""
    if not model.parts or not model.triangle_count:
        raise StudioError("The model has no triangle.", "Choose another picture or method.")
    found = {MODEL: ("model.glb", data), POSTER: ("poster.webp", _poster(model))}
    first = model.parts[0].material
    if normal is not None:
        found[NORMAL] = ("normal.png", as_png(normal))
    elif first.normal is not None:
        found[NORMAL] = (f"normal{_suffix(first.normal.data)}", first.normal.data)
    if first.colour is not None:
        found[TEXTURE] = (f"texture{_suffix(first.colour.data)}", first.colour.data)
    files = {}
    for role, (name, content) in found.items():
        publish(folder / name, content, flush=False)
        files[role] = (name, asset_files.read(folder / name))
    return Written(files, figures_of(model, len(data)))


def figures_of(model: Model, size: int) -> dict[str, Any]:
    """What is measured of a model of `size` bytes: triangles, parts, width, height and depth in
    metres, and whether its surface is closed and 2-manifold after welding."""
    low, high = model.bounds()
    width, height, depth = (round(float(b) - float(a), 6) for a, b in zip(low, high, strict=True))
    surface = checks.closed_of(model)
    return {
        "triangles": model.triangle_count,
        "bytes": size,
        "width_m": width,
        "height_m": height,
        "depth_m": depth,
        "closed": surface.closed,
        "manifold": surface.manifold,
        "open_edges": surface.open_edges,
        "nonmanifold_edges": surface.nonmanifold_edges,
        "parts": surface.parts,
    }


def put_away(home: Path, folder: Path, written: Written) -> dict[str, tuple[Path, Content]]:
    """The files of a computation's folder in the studio's folder, by role: where they are for ever.
    What is there already stays. StudioError where they can't be written."""
    found = {}
    for role, (name, content) in written.files.items():
        place = place_of(home, content.hash, Path(name).suffix)
        if not place.is_file():
            with publishing(place, flush=False) as aside:
                share(folder / name, aside)
        found[role] = (place, content)
    return found


def place_of(home: Path, hash: str, suffix: str) -> Path:
    """Where a prop's file with this SHA-256 lies."""
    return home / FOLDER / hash[:2] / f"{hash}{suffix}"


def new(about: About, files: Mapping[str, tuple[Path, Content]], figures: Mapping[str, Any]) -> New:
    """The asset of a prop whose files lie in the studio's folder (`put_away`), with the figures of
    its model (`figures_of`)."""
    name = called(about.name)
    recipe = {
        "schema": 1,
        "made_by": about.made_by,
        "prompt": about.prompt,
        "method": about.method,
        "settings": dict(about.settings),
        "edits": [dict(one) for one in about.edits],
        "figures": dict(figures),
        "remarks": list(dict.fromkeys(about.remarks))[:REMARKS],
        "of": dict(about.of),
        **about.more,
    }
    return New(
        kind=KIND,
        key=about.key,
        files=dict(files),
        parents=tuple(dict.fromkeys(about.parents)),
        style=about.style,
        version=about.version,
        seed=about.seed,
        name=name,
        category=about.method,
        text=" ".join(filter(None, (about.prompt, about.style))),
        recipe=recipe,
    )


def key_of(job: int, number: int) -> str:
    """The key of prop `number`, from 1, of those that a job makes."""
    return f"{FOLDER}/job-{job}/{number}"


def called(name: str) -> str:
    """What a prop is called, on one line."""
    return " ".join(cleaned(name).split())[:NAME] or KIND


def get(engine: Engine, id: str) -> Asset:
    """The prop `id`; StudioError where there is none, or it is something else."""
    asset = records.get(engine, id)
    if asset.kind != KIND:
        raise StudioError(
            f"The asset {id[:40]!r} is no prop but a {asset.kind}.", "Choose one on Props."
        )
    return asset


def file_of(engine: Engine, id: str, role: str) -> File:
    """The file that a prop has in that role; StudioError where it has none."""
    found = next((one for one in asset_files.of(engine, id) if one.role == role), None)
    if found is None:
        raise StudioError(
            f"The prop {id[:40]!r} has no {role[:40]!r}.", f"Its files are of: {', '.join(ROLES)}."
        )
    return found


def _poster(model: Model) -> bytes:
    out = io.BytesIO()
    drawn = posters.poster(model, POSTER_SIDE)
    drawn.save(out, format="WEBP", lossless=True, method=4, exact=True)
    return out.getvalue()


def _suffix(data: bytes) -> str:
    return ".jpg" if data.startswith(JPEG) else ".png"
