"""The bars of a walk on walks that people drew, and on what is spoilt of them:

    python benchmarks/walks.py BROWSERQUEST/client [--figures NAME ...] [--json]

Takes the walking figures of a checkout of mozilla/BrowserQuest (its pictures are CC-BY-SA 3.0):
each `walk_...` of at least four frames in `sprites/*.json`, rows of `img/1/*.png`. Tells how many
meet each bar of `studio.sheets.checks`, and the figures' median and 90th percentile; and how many
are found that were spoilt: frames that are all the first, a frame that is lifted by four pixels,
the frames of another figure from the half on. Nothing is drawn, and nothing is kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from studio import images
from studio.sheets import checks
from studio.sheets.formats import cut
from studio.sheets.sheet import of_pictures

LEAST = 4  # frames of a cycle: contact, passing, contact, passing
LIFT = 4  # pixels
Frames = list[Image.Image]


def walks(client: Path) -> Iterator[tuple[str, Frames]]:
    """Each walk by the figure's name and direction."""
    for file in sorted((client / "sprites").glob("*.json")):
        told: dict[str, Any] = json.loads(file.read_text("utf-8"))
        sheet = client / "img" / "1" / f"{told['id']}.png"
        if not sheet.is_file():
            continue
        picture = images.open_picture(sheet)
        width, height = told["width"], told["height"]
        for name, one in told.get("animations", {}).items():
            if not name.startswith("walk") or one["length"] < LEAST:
                continue
            boxes = [(k * width, one["row"] * height, width, height) for k in range(one["length"])]
            frames = cut.frames(picture, boxes)
            if all(frame.getchannel("A").getbbox() for frame in frames):
                yield f"{told['id']} {name}", frames


def met(frames: Frames) -> tuple[checks.Figures, dict[str, bool]]:
    """The figures, and which bars they meet."""
    found = checks.figures(of_pictures("walk", frames))
    return found, {one.name: one.met for one in checks.verdicts(found)}


def still(frames: Frames, other: Frames) -> Frames:
    """All are the first."""
    return [frames[0]] * len(frames)


def lifted(frames: Frames, other: Frames) -> Frames:
    """The second is in the air."""
    raised = Image.new("RGBA", frames[1].size)
    raised.paste(frames[1], (0, -LIFT))  # what goes over the upper edge is gone
    return [frames[0], raised, *frames[2:]]


def swapped(frames: Frames, other: Frames) -> Frames:
    """From the half on it is somebody else."""
    half = len(frames) // 2
    return [*frames[:half], *other[: len(frames) - half]]


SPOILT: dict[str, tuple[Callable[[Frames, Frames], Frames], str]] = {
    "all frames alike": (still, "frames"),
    "a frame in the air": (lifted, "ground line"),
    "another figure": (swapped, "head and torso"),
}


def measured(found: Sequence[tuple[str, Frames]]) -> dict[str, Any]:
    """All of it, as plain JSON."""
    each = [met(frames) for _, frames in found]
    figures = {
        name: np.array([getattr(one, name) for one, _ in each])
        for name in ("head", "torso", "limbs", "ground_off", "loop_step", "largest_step")
    }
    spoilt = {}
    for name, (spoil, bar) in SPOILT.items():
        caught = asked = 0
        for number, (figure, frames) in enumerate(found):
            others = [
                one
                for named, one in found
                if named.split()[0] != figure.split()[0] and one[0].size == frames[0].size
            ]
            if not others:
                continue
            _, bars = met(spoil(frames, others[number % len(others)]))
            asked += 1
            caught += not bars[bar]
        spoilt[name] = {"caught": caught, "of": asked}
    return {
        "schema": 1,
        "walks": len(found),
        "bars": {bar: sum(bars[bar] for _, bars in each) for bar in each[0][1]},
        "all": sum(all(bars.values()) for _, bars in each),
        "figures": {
            name: {"median": float(np.median(some)), "p90": float(np.quantile(some, 0.9))}
            for name, some in figures.items()
        },
        "spoilt": spoilt,
        "names": {name: bars for (name, _), (_, bars) in zip(found, each, strict=True)},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", type=Path, help="the folder client/ of a checkout")
    parser.add_argument("--figures", nargs="+", help="these alone, such as clotharmor goblin")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    only = arguments.figures
    found = [one for one in walks(arguments.client) if not only or one[0].split()[0] in only]
    if not found:
        print(f"There is no walk in {arguments.client}.", file=sys.stderr)
        return 2
    told = measured(found)
    if arguments.json:
        print(json.dumps(told))
        return 0
    print(f"{told['walks']} walks, {told['all']} meet all bars")
    for bar, count in told["bars"].items():
        print(f"  {bar:16} {count}")
    for name, one in told["figures"].items():
        print(f"  {name:16} median {one['median']:.3f}, 90th percentile {one['p90']:.3f}")
    for name, one in told["spoilt"].items():
        print(f"  {name:20} caught {one['caught']} of {one['of']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
