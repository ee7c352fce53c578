"""The page Generate as tests read it, and pictures for it."""

import json
from datetime import UTC, datetime

from PIL import Image

from studio.generation import (
    gallery_table,
    picture_files,
)
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

NOW = datetime.now(UTC)


def address(at, name) -> str:
    """What the address says, which AppTest gives as it was set."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def keep(studio, seed=3, by="ana", job=None, size=(32, 32), **changes):
    told = {
        "style": "props",
        "version": 1,
        "base": "pocket",
        "run": "",
        "dataset": "",
        "prompt": "a <b>red</b> potion",
        "full_prompt": "",
        "negative": "blue",
        "seed": seed,
        "steps": 9,
        "guidance": 2.5,
        "strength": 0.7,
        **changes,
    }
    made = Made(**told)
    folder = studio.home / "generated" / "props"
    file = picture_files.keep(folder, f"p{seed}", Image.new("RGBA", size, "red"), made)
    return gallery_table.record(
        studio.engine, studio.home, [Kept(file, made)], by=by, now=NOW, job=job
    )[0]


def said(at) -> str:
    return " ".join(e.value for e in [*at.markdown, *at.caption, *at.warning, *at.info, *at.error])


def reading(at) -> dict:
    """What the counter below the prompt is told."""
    (screen,) = [e for e in at.get("bidi_component") if "_prompt" in e.proto.component_name]
    return json.loads(screen.proto.json)


def notes(at, kind="") -> str:
    """What is said of the prompts, one after another."""
    found = reading(at)["read"]["notes"]
    return " ".join(note["text"] for note in found if kind in ("", note["kind"]))


def draw(at):
    return next(b for b in at.button if b.label == "Draw").click().run()


def unfolded(at, key):
    """What is folded away is not drawn."""
    at.session_state[key] = True
    return at.run()


def plain(at) -> str:
    return said(at).replace("\\", "").replace("\u2060", "")
