"""Phaser's animations, as `load.animation` reads them, of a sheet that the game loads as an atlas
(TexturePacker's hash). A frame's `duration` is how long it is shown, as Phaser 3.80 to 3.87 and 4
take it; up to 3.70 it was added to that of the animation's rate, and 3.88 goes by the rate alone
(its issues 6712 and 7070)."""

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
    """Each frame says how long it is shown; the rate, which has to be given, is the shortest's."""
    shown = [layout.regions[number] for number in run.frames]
    least = min(one.duration_ms for one in shown)
    return {
        "key": f"{texture}_{run.name}",
        "type": "frame",
        "frames": [
            {"key": texture, "frame": one.name, "duration": one.duration_ms} for one in shown
        ],
        "frameRate": 1000 / least,
        "repeat": run.repeat - 1,  # how often again; -1: without end
    }
