"""The trigger word of a training that names none, so that stacked styles don't share one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from studio.registry.models import STYLE_NAME, Version
from studio.training.config import TrainConfig

SAMPLE = "sample"  # the bundled style, whose word its pictures and documents show
LONGEST = 40  # characters of a style's name in its word


def usual(home: Path, style: str, versions: Iterable[Version]) -> str:
    """The word that the style has already, by its newest version or its unfinished training, else
    one made from its name; `versions` are the style's, newest first."""
    if style == SAMPLE or not STYLE_NAME.fullmatch(style):
        return TrainConfig.trigger_word
    known = (v.trigger_word for v in versions if v.style == style and v.trigger_word)
    return next(known, "") or _unfinished(home, style) or made(style)


def made(style: str) -> str:
    """`<hero-props>` of "Hero props"."""
    name = re.sub(r"[^a-z0-9]+", "-", style.lower())[:LONGEST].strip("-")
    return f"<{name}>"


def _unfinished(home: Path, style: str) -> str:
    """That of the newest training of the style which can be gone on with."""
    records = (home / "runs" / style).glob("*/record.json")
    waiting = [file for file in records if not (file.parent / "done").is_file()]
    for file in sorted(waiting, key=lambda file: -file.stat().st_mtime):
        if word := json.loads(file.read_text("utf-8"))["config"].get("trigger_word"):
            return str(word)
    return ""
