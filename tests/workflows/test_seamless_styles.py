"""A style that was taught by a tileable dataset proposes its way."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio import context
from studio.datasets.folder_import import import_folder
from studio.datasets.manifests import Look
from studio.datasets.versions import load
from studio.registry.models import Version
from studio.settings import CHECKOUT, load_settings
from studio.workflows import seamless_styles


def version(dataset: str = "", digest: str = "") -> Version:
    """One of which nothing else is known."""
    return Version("gems", 1, "candidate", "", dataset, digest, {}, {}, {}, "2026-01-02T00:00:00")


@pytest.mark.parametrize(("tileable", "way"), [("", ""), ("xy", "both"), ("x", "x")])
def test_the_dataset_s_way_is_proposed(tmp_path: Path, tileable: str, way: str) -> None:
    studio = context.open_studio(load_settings({}, home=str(tmp_path)))
    gems, now = CHECKOUT / "sample" / "train" / "gem", context.now()
    import_folder(tmp_path, "gems", gems, look=Look(tileable=tileable), now=now, actor="ana")
    taught = version("gems", load(tmp_path, "gems").digest)
    assert seamless_styles.proposed(studio, taught) == way
    assert seamless_styles.proposed(studio, version("gone", "ab" * 32)) == ""
    assert seamless_styles.proposed(studio, version()) == ""
    studio.engine.dispose()
