"""docs/tutorial.md as a newcomer follows it: each of its commands, in order, in a fresh home."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from studio import context
from studio.assets.search import Wanted
from studio.datasets import versions
from studio.generation.gallery_table import search
from studio.registry import models, stages
from studio.settings import CHECKOUT, load_settings

# Steps of a proof that the commands work, not of a style that anybody would use.
BRIEF = {
    "TRAIN_MAX_TRAIN_STEPS": "4",
    "TRAIN_BATCH_SIZE": "2",
    "TRAIN_RANK": "2",
    "TRAIN_ALPHA": "2",
}
TEXT = (CHECKOUT / "docs" / "tutorial.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_its_pictures_are_there_and_its_steps_are_in_order() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT)
    assert shown and all((CHECKOUT / "docs" / name).is_file() for name in shown)
    steps = re.findall(r"^## (\d+)\. ", TEXT, re.MULTILINE)
    assert steps == [str(number) for number in range(1, len(steps) + 1)] and len(steps) >= 9
    assert len(BLOCKS) == 11


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_command_works_in_its_order(tmp_path: Path) -> None:
    surroundings = {
        **{name: os.environ[name] for name in ("LANG", "TZ") if name in os.environ},
        **BRIEF,
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "STUDIO_USER": "ana",
    }
    first, *rest = BLOCKS
    assert first.startswith("source .venv/bin/activate\n")
    begun = first.removeprefix("source .venv/bin/activate\n")
    script = "\n".join(["set -eux", begun, *rest])
    done = subprocess.run(
        ["bash", "-c", script], cwd=CHECKOUT, env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "never learned" not in done.stdout + done.stderr
    home = tmp_path / "lantern" / "studio"
    studio = context.open_studio(load_settings({}, home=str(home)))
    rows = [row for row in stages.history(studio.engine, "lanterns") if row.to_stage]
    assert [(row.version, row.to_stage) for row in rows if row.to_stage == "production"] == [
        (1, "production"),
        (2, "production"),
        (1, "production"),
    ]
    known = {v.number: v.trigger_word for v in models.list_versions(studio.client, "lanterns")}
    assert known == {1: "<lanterns>", 2: "<lanterns>"}
    assert {p.licence for p in versions.load(home, "lanterns").pictures} == {"CC0-1.0"}
    assert search(studio.engine, Wanted(style="lanterns", version=1), size=1).total == 8
    assert (tmp_path / "lantern" / "backup.tar").stat().st_size > 1_000_000
    studio.engine.dispose()
