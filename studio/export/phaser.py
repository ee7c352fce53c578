"""Phaser and Pixi: a sheet as TexturePacker's JSON hash, and Phaser's animations.

The hash is as https://www.codeandweb.com/texturepacker/documentation describes it: a trimmed frame
says its place in the canvas (`spriteSourceSize`), and the pivot is a share of the canvas. Pixi
plays `animations` and reads `duration`; Phaser takes its animations from a file of their own, in
which a frame's `duration` is what is added to that of the animation's rate.
"""

from __future__ import annotations

import json
from typing import Any

from studio.export.pieces import Layout, Run


def sheet(
    layout: Layout, image: str, size: tuple[int, int], pivot: tuple[float, float], normals: str = ""
) -> bytes:
    """The hash of a sheet of this size whose picture is the file `image` beside it."""
    x, y = pivot[0] / layout.width, pivot[1] / layout.height
    frames = {
        one.name: {
            "frame": {"x": one.x, "y": one.y, "w": one.width, "h": one.height},
            "rotated": False,
            "trimmed": (one.width, one.height) != (layout.width, layout.height),
            "spriteSourceSize": {"x": one.left, "y": one.top, "w": one.width, "h": one.height},
            "sourceSize": {"w": layout.width, "h": layout.height},
            "pivot": {"x": x, "y": y},
            "anchor": {"x": x, "y": y},  # as Pixi calls it
            "duration": one.duration_ms,
        }
        for one in layout.regions
    }
    meta = {
        "app": "Housestyle",
        "version": "1.0",
        "image": image,
        **({"normalMap": normals} if normals else {}),
        "format": "RGBA8888",
        "size": {"w": size[0], "h": size[1]},
        "scale": "1",
    }
    names = [one.name for one in layout.regions]
    played = {run.name: [names[number] for number in run.frames] for run in layout.played}
    return _json({"frames": frames, "animations": played, "meta": meta})


def animations(layout: Layout, texture: str) -> bytes:
    """Phaser's animations of the texture that the game loads under the key `texture`."""
    return _json(
        {
            "anims": [_animation(run, layout, texture) for run in layout.played],
            "globalTimeScale": 1,
        }
    )


def _animation(run: Run, layout: Layout, texture: str) -> dict[str, Any]:
    """The rate is that of the shortest frame; a longer one says how much longer."""
    shown = [layout.regions[number] for number in run.frames]
    least = min(one.duration_ms for one in shown)
    return {
        "key": run.name,
        "type": "frame",
        "frames": [
            {
                "key": texture,
                "frame": one.name,
                **({"duration": more} if (more := one.duration_ms - least) else {}),
            }
            for one in shown
        ],
        "frameRate": 1000 / least,
        "repeat": run.repeat - 1,  # how often again; -1: without end
    }


def _json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
