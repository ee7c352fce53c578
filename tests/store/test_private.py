"""Nobody else on the machine reads what the studio writes, now or from before."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from studio.settings import CHECKOUT
from studio.store import private


def open_to_others(home: Path) -> list[str]:
    return [
        str(path.relative_to(home))
        for path in (home, *home.rglob("*"))
        if not path.is_symlink() and path.stat().st_mode & 0o077
    ]


@pytest.mark.slow
def test_a_command_writes_for_its_own_user_alone(tmp_path):
    home = tmp_path / "home"
    words = [sys.executable, "-m", "studio", "people", "add", "Ana", "--home", str(home)]
    before = os.umask(0o022)
    try:
        done = subprocess.run(words, cwd=CHECKOUT, input="three words here\n", text=True)
    finally:
        os.umask(before)
    assert done.returncode == 0 and (home / "studio.db").is_file()
    assert open_to_others(home) == []


def test_a_folder_of_before_is_taken_away_from_others(tmp_path):
    home = tmp_path / "home"
    (home / "logs").mkdir(parents=True)
    (home / "logs" / "a.jsonl").write_text("x")
    run = home / "run.sh"
    run.write_text("x")
    run.chmod(0o755)
    (tmp_path / "elsewhere").write_text("x")
    (home / "link").symlink_to(tmp_path / "elsewhere")
    for path in (home, home / "logs", home / "logs" / "a.jsonl", tmp_path / "elsewhere"):
        path.chmod(path.stat().st_mode | 0o044)
    private.tighten(home)
    assert open_to_others(home) == []
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert (tmp_path / "elsewhere").stat().st_mode & 0o044 == 0o044  # not the studio's
    (home / "later").write_text("x")
    (home / "later").chmod(0o644)
    private.tighten(home)  # seen by the folder itself: it is not walked each time
    assert open_to_others(home) == ["later"]
