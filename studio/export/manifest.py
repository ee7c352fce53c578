"""The manifest beside what was exported: where each file comes from, for whoever has to account for
it: licence, style, version, seed, recipe, who, when, and IPTC's DigitalSourceType.

There is one in each place that is exported to. What is exported there later is added to it, and a
file's entry is replaced by its newer one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from studio import numbers
from studio.errors import StudioError

NAME = "housestyle.json"
SCHEMA = 1


def with_entries(
    entries: Mapping[str, Mapping[str, Any]], gone: Collection[str] = ()
) -> Callable[[bytes | None], bytes]:
    """Gives the manifest with these entries by their files' paths, and without those of files that
    are gone, from the one that is there.
    StudioError where that is none."""

    def merged(before: bytes | None) -> bytes:
        try:
            held = {path: told for path, told in _read(before).items() if path not in gone}
            kept = {**held, **{path: dict(told) for path, told in entries.items()}}
            told = {"schema": SCHEMA, "files": dict(sorted(kept.items()))}
            text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StudioError(
                f"{NAME} is no manifest of the studio's.",
                "Mend it or move it away, then export again.",
            ) from error
        return text.encode("utf-8", "backslashreplace")  # half of a surrogate pair, as JSON has it

    return merged


def _read(before: bytes | None) -> dict[str, Any]:
    if before is None:
        return {}
    told = json.loads(before)
    if told["schema"] != SCHEMA:
        raise StudioError(
            f"{NAME} has schema {numbers.shown(told['schema'])}, which this program does not know.",
            "Update the studio, or move the file away.",
        )
    files = told["files"]
    if not isinstance(files, dict):
        raise TypeError("its files are no table")
    return files
