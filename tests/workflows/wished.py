"""A studio with a style in production that learned from the bundled pictures, for wishes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from studio import context
from studio.context import Studio
from studio.datasets.folder_import import import_folder
from studio.datasets.versions import load
from studio.registry import stages
from studio.settings import CHECKOUT, load_settings
from tests.furnished import bare_files

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def studio_with_style(home: Path) -> Studio:
    """Its style `items` has the trigger word <I>."""
    studio = context.open_studio(load_settings({}, home=str(home)))
    import_folder(studio.home, "art", CHECKOUT / "sample" / "train", now=NOW, actor="ana")
    tags = {
        "base": "/pocket",
        "base_name": "pocket",
        "trigger_word": "<I>",
        "dataset": "art",
        "dataset_digest": load(studio.home, "art").digest,
    }
    studio.client.create_registered_model("items")
    studio.client.create_model_version("items", bare_files(home / "bare"), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="items",
        number=1,
        to="production",
        actor="cy",
        why="the first",
        now=NOW,
    )
    return studio
