"""The page Generate as tests read it, and pictures for it."""

import json
from datetime import UTC, datetime
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest

from studio import context
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made

NOW = datetime.now(UTC)


def address(at: AppTest, name: str) -> str:
    """What the address says, which AppTest gives as it was set."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def keep(
    studio: context.Studio,
    seed: int = 3,
    by: str = "ana",
    job: int | None = None,
    size: tuple[int, int] = (32, 32),
    **changes: Any,
) -> str:
    told: dict[str, Any] = {
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


def said(at: AppTest) -> str:
    return " ".join(e.value for e in [*at.markdown, *at.caption, *at.warning, *at.info, *at.error])


def reading(at: AppTest) -> dict[str, Any]:
    """What the counter below the prompt is told."""
    (screen,) = [e for e in at.get("bidi_component") if "_prompt" in e.proto.component_name]
    told: dict[str, Any] = json.loads(screen.proto.json)
    return told


def notes(at: AppTest, kind: str = "") -> str:
    """What is said of the prompts, one after another."""
    found = reading(at)["read"]["notes"]
    return " ".join(note["text"] for note in found if kind in ("", note["kind"]))


def draw(at: AppTest) -> AppTest:
    return next(b for b in at.button if b.label == "Draw").click().run()


def unfolded(at: AppTest, key: str) -> AppTest:
    """What is folded away is not drawn."""
    at.session_state[key] = True
    return at.run()


def plain(at: AppTest) -> str:
    return said(at).replace("\\", "").replace("\u2060", "")
