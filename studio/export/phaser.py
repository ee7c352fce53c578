"""Phaser's animations, as `load.animation` reads them, of a sheet that the game loads as an atlas
(TexturePacker's hash). A frame's `duration` is what is added to that of the animation's rate."""

from __future__ import annotations

import json
from typing import Any

from studio.export.pieces import Layout, Run


def animations(layout: Layout, texture: str) -> bytes:
    """The animations of the texture that the game loads under the key `texture`; each is called
    after both, since a game has each key once."""
    told = {
        "anims": [_animation(run, layout, texture) for run in layout.played],
        "globalTimeScale": 1,
    }
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def _animation(run: Run, layout: Layout, texture: str) -> dict[str, Any]:
    """The rate is that of the shortest frame; a longer one says how much longer."""
    shown = [layout.regions[number] for number in run.frames]
    least = min(one.duration_ms for one in shown)
    return {
        "key": f"{texture}_{run.name}",
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
