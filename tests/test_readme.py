"""The README's own style, command by command, in a fresh home: each works, in that order."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio import context
from studio.generation.gallery_table import Wanted, search
from studio.registry import models, stages
from studio.settings import CHECKOUT, load_settings

# Steps of a proof that the commands work, not of a style that anybody would use.
BRIEF = {
    "TRAIN_MAX_TRAIN_STEPS": "4",
    "TRAIN_BATCH_SIZE": "2",
    "TRAIN_RANK": "2",
    "TRAIN_ALPHA": "2",
}


def commands() -> list[str]:
    """The commands under the README's heading "Your own style"."""
    text = (CHECKOUT / "README.md").read_text("utf-8").partition("## Your own style")[2]
    return re.findall(r"^    (python -m studio .+)$", text.partition("\n## ")[0], re.MULTILINE)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_of_the_readmes_own_style_works_in_its_order(tmp_path: Path) -> None:
    for category in ("axe", "book", "crown", "gem"):
        shutil.copytree(CHECKOUT / "sample" / "train" / category, tmp_path / "art/tiles" / category)
    surroundings = {
        **{name: os.environ[name] for name in ("LANG", "TZ") if name in os.environ},
        **BRIEF,
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "STUDIO_HOME": str(tmp_path / "home"),
        "STUDIO_USER": "ana",
    }
    lines = commands()
    assert len(lines) == 9 and lines[-1].split()[3] == "rollback"
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line], cwd=CHECKOUT, env=surroundings, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        assert "never learned" not in done.stdout
    studio = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    rows = [row for row in stages.history(studio.engine, "tiles") if row.to_stage]
    assert [(row.action, row.version) for row in rows] == [
        ("promote", 1),
        ("promote", 2),
        ("rollback", 1),
    ]
    assert {v.trigger_word for v in models.list_versions(studio.client, "tiles")} == {"<tiles>"}
    assert search(studio.engine, Wanted(style="tiles", version=1), size=1).total == 8
