"""What the local methods make of a folder of pictures: time, triangles, size, and whether it holds.

    python benchmarks/prop_methods.py PICTURES
    python benchmarks/prop_methods.py PICTURES --most 160 --methods card,voxels --json

For each method: CPU seconds a picture from its pixels to the model, triangles, kB of the GLB, the
share that is closed and 2-manifold, and the share of the drawn pixels that the front shows as they
are. Beside it a plain extrusion of the same pictures by trimesh in the same run (`--without-plain`
leaves it out). Exits with 1 where a bar is missed: solids all closed, LIMIT_S in the median of
pictures of at most SMALL pixels, LIMIT_TRIANGLES of voxels in 95 of 100, AGREES in the median.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images import formats
from studio.props import cameras, checks, glb, making, pictures, pixel_outlines, raster
from studio.props.model import Model
from studio.props.pictures import Cutout
from studio.props.settings import METHODS, Settings
from studio.props.triangulation import triangulated

LIMIT_S, SMALL = 0.15, 32
LIMIT_TRIANGLES = 4_000
AGREES = 0.99
LEVELS = 3  # by which a pixel may differ where the picture is sampled sharply
SOFT_LEVELS = 40  # and where it is sampled smoothly, between its pixels
THICK = 0.1  # of the height: the plain extrusion


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="pictures, in folders of any depth")
    parser.add_argument("--most", type=int, default=160, help="pictures, drawn by lot (160)")
    parser.add_argument("--seed", type=int, default=0, help="of that draw")
    parser.add_argument("--methods", default=",".join(METHODS), help="names with commas between")
    parser.add_argument("--without-plain", action="store_true", help="no extrusion by trimesh")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    found = _drawn(asked.folder, asked.most, asked.seed)
    if not found:
        print(f"There is no picture in {asked.folder}.", file=sys.stderr)
        return 2
    rows = {one: _measured(one, found) for one in asked.methods.split(",")}
    if not asked.without_plain:
        rows["plain extrusion"] = _plainly(found)
    record = {"pictures": len(found), "methods": rows, "missed": _missed(rows)}
    if asked.json:
        print(json.dumps({"schema": 1, **record}, indent=1))
    else:
        print("\n".join(_lines(record)))
    return 1 if record["missed"] else 0


def agreement(model: Model, cutout: Cutout) -> float:
    """The share of a picture's opaque pixels that the model shows from the front, at the picture's
    own size, in their colours."""
    size = cutout.width, cutout.height
    camera = cameras.front(model, size, _box(model, size))
    seen = np.asarray(raster.draw(model, camera, size))
    wanted = cutout.solid & ~cutout.glass
    if not wanted.any():
        return 1.0
    apart = np.abs(seen[..., :3].astype(int) - cutout.rgba[..., :3]).max(-1)
    same = (apart <= (SOFT_LEVELS if cutout.smooth else LEVELS)) & (seen[..., 3] >= 128)
    return float(same[wanted].mean())


def _box(model: Model, size: tuple[int, int]) -> tuple[float, float, float, float] | None:
    """Where the model's outline lies on the picture, in pixels, by its UV where the picture is all
    of its texture; None where it is as large as the picture."""
    colour = model.parts[0].material.colour
    assert colour is not None
    with formats.opened(io.BytesIO(colour.data)) as texture:
        if texture.size != size:
            return None
    places = np.concatenate([part.uv for part in model.parts]) * size
    (left, top), (right, bottom) = places.min(0).tolist(), places.max(0).tolist()
    return left, top, right, bottom


def _drawn(folder: Path, most: int, seed: int) -> list[tuple[Path, Image.Image]]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in (".png", ".webp"))
    if len(files) > most:
        chosen = np.random.default_rng(seed).choice(len(files), most, replace=False)
        files = [files[number] for number in sorted(chosen)]
    return [(file, images.open_picture(file)) for file in files]


def _measured(method: str, found: Sequence[tuple[Path, Image.Image]]) -> dict[str, Any]:
    """A method's figures over all pictures; those that nothing comes of are named."""
    settings = Settings(method=method)
    rows, refused = [], []
    for file, picture in found:
        begun = time.process_time()
        try:
            cutout = pictures.cut(picture, settings)
            model = making.MAKE[method](cutout, settings)
        except StudioError as error:
            refused.append(f"{file.name}: {error.message}")
            continue
        took = time.process_time() - begun
        surface = checks.closed_of(model)
        rows.append(
            {
                "s": took,
                "small": max(picture.size) <= SMALL,
                "triangles": model.triangle_count,
                "kb": len(glb.write(model)) / 1e3,
                "closed": surface.closed,
                "manifold": surface.manifold,
                "agreement": _agreement(method, model, cutout),
            }
        )
    return {"refused": refused, **_told(rows)}


def _agreement(method: str, model: Model, cutout: Cutout) -> float:
    small = {"voxels": 96, "card": 256}.get(method)
    return agreement(model, pictures.smaller(cutout, small) if small else cutout)


def _told(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if not rows:
        return {"props": 0}
    small = [row["s"] for row in rows if row["small"]]
    return {
        "props": len(rows),
        "s": statistics.median(row["s"] for row in rows),
        "s_small": statistics.median(small) if small else None,
        "triangles": statistics.median(row["triangles"] for row in rows),
        "triangles_p95": float(np.percentile([row["triangles"] for row in rows], 95)),
        "kb": statistics.median(row["kb"] for row in rows),
        "closed": _share(row["closed"] for row in rows),
        "manifold": _share(row["manifold"] for row in rows),
        "agreement": statistics.median(row["agreement"] for row in rows),
        "agreement_p5": float(np.percentile([row["agreement"] for row in rows], 5)),
    }


def _share(values: Iterable[bool]) -> float:
    told = list(values)
    return sum(told) / len(told)


def plain(cutout: Cutout) -> Any:
    """A picture's outline as trimesh extrudes it, a tenth of its height thick, with the picture on
    it: what everybody has without us."""
    import trimesh

    ways = pixel_outlines.traced(cutout.solid[::-1][None], joined=False)
    ways = pixel_outlines.kept(ways, ways.turns != pixel_outlines.STRAIGHT)
    corners = ways.at.astype(float)
    faces = triangulated(pixel_outlines.polygons(ways, corners))
    mesh = trimesh.creation.extrude_triangulation(corners, faces, THICK * cutout.height)
    uv = np.asarray(mesh.vertices)[:, :2] / (cutout.width, cutout.height)
    image = Image.fromarray(cutout.rgba, "RGBA")
    # As the picture is: trimesh's usual material would darken it to two fifths.
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=image,
        baseColorFactor=[255, 255, 255, 255],
        metallicFactor=0.0,
        roughnessFactor=1.0,
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=uv, material=material)
    return mesh


def _plainly(found: Sequence[tuple[Path, Image.Image]]) -> dict[str, Any]:
    """The same pictures as trimesh extrudes their outlines, with the picture on them."""
    settings, rows, refused = Settings(method="card"), [], []
    for file, picture in found:
        begun = time.process_time()
        try:
            cutout = pictures.smaller(pictures.cut(picture, settings), 256)
        except StudioError as error:
            refused.append(f"{file.name}: {error.message}")
            continue
        mesh = plain(cutout)
        took = time.process_time() - begun
        rows.append(
            {
                "s": took,
                "small": max(picture.size) <= SMALL,
                "triangles": len(mesh.faces),
                "kb": len(mesh.export(file_type="glb")) / 1e3,
                "closed": bool(mesh.is_watertight),
                "manifold": bool(mesh.is_watertight),
                "agreement": 1.0,
            }
        )
    return {"refused": refused, **_told(rows)}


def _missed(rows: dict[str, dict[str, Any]]) -> list[str]:
    missed = []
    for method, told in rows.items():
        if method not in METHODS or not told["props"]:
            continue
        if method != "planes" and told["closed"] < 1:
            missed.append(f"{method}: {told['closed']:.1%} are closed")
        if told["s_small"] is not None and told["s_small"] > LIMIT_S:
            missed.append(f"{method}: {told['s_small']:.3f} s")
        if method == "voxels" and told["triangles_p95"] > LIMIT_TRIANGLES:
            missed.append(f"{method}: {told['triangles_p95']:,.0f} triangles")
        if told["agreement"] < AGREES:
            missed.append(f"{method}: the front agrees on {told['agreement']:.1%}")
    return missed


def _lines(record: dict[str, Any]) -> list[str]:
    lines = [f"{record['pictures']} pictures"]
    for method, told in record["methods"].items():
        if not told["props"]:
            lines.append(f"{method}: none")
            continue
        lines.append(
            f"{method}: {told['s']:.3f} CPU s, {told['triangles']:,.0f} triangles "
            f"({told['triangles_p95']:,.0f} in 95 of 100), {told['kb']:.0f} kB, "
            f"{told['closed']:.0%} closed, {told['manifold']:.0%} manifold, "
            f"front {told['agreement']:.1%} ({told['agreement_p5']:.1%})"
        )
        lines += [f"  {one}" for one in told["refused"]]
    return [*lines, *(f"MISSED {one}" for one in record["missed"])]


if __name__ == "__main__":
    sys.exit(main())
