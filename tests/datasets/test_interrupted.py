"""Ctrl-C and kill -9 during an import: what is listed is whole, and the next import completes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import versions
from studio.settings import CHECKOUT
from studio.store import partial_files

PICTURES = 300


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("art")
    for seed in range(PICTURES):
        pixels = np.random.default_rng(seed).integers(0, 256, (48, 48, 4), np.uint8)
        Image.fromarray(pixels, "RGBA").save(folder / f"sprite {seed}.png", compress_level=1)
    return folder


STOPPED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from datetime import UTC, datetime
from pathlib import Path
from studio.datasets import folder_import, intake
number, left, home, art = *map(int, sys.argv[1:3]), *map(Path, sys.argv[3:])
keep = intake.keep
def kept(*words, **more):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), number)
    return keep(*words, **more)
intake.keep = kept
folder_import.import_folder(home, "items", art, now=datetime.now(UTC), actor="ana")
"""


def begin(home: Path, art: Path, number: int = 0, at: int = 0) -> subprocess.Popen[str]:
    """An import; sent the signal `number` as it keeps its picture `at`, counted from 1."""
    words = ["-m", "studio", "dataset", "import", "items", str(art), "--json", "--home", str(home)]
    if number:
        words = ["-c", STOPPED, str(int(number)), str(at), str(home), str(art)]
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=CHECKOUT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stored(home: Path) -> list[Path]:
    return [p for p in (home / "datasets" / "pictures").rglob("*.png") if p.name[0] != "."]


def all_is_whole(home: Path) -> int:
    """How many versions are listed; every one, and every picture in the store, is whole."""
    for path in stored(home):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    listed = versions.list_versions(home)
    for version in listed:
        assert len(list(versions.open_version_pictures(home, version))) == PICTURES
    return len(listed)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.slow
def test_an_import_stopped_at_any_moment(number: signal.Signals, art: Path, tmp_path: Path) -> None:
    moments = random.Random(5)
    for _ in range(2):
        there = len(stored(tmp_path))
        moment = moments.randint(1, (PICTURES - there) // 2)
        process = begin(tmp_path, art, number, moment)
        _, wrong = process.communicate(timeout=250)
        assert all_is_whole(tmp_path) == 0
        assert there <= len(stored(tmp_path)) < PICTURES
        assert process.returncode == -number, wrong
        assert number == signal.SIGKILL or not list(tmp_path.rglob("*.part"))
    # What a kill leaves is hidden; a day later the next import sweeps it.
    left = tmp_path / "datasets" / "pictures" / "00" / ".0011223344556677.part"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half")
    for aside in tmp_path.rglob("*.part"):
        assert aside.name.startswith(".")
        os.utime(aside, (time.time() - partial_files.DAY_S - 60,) * 2)
    process = begin(tmp_path, art)
    said, wrong = process.communicate(timeout=250)
    assert process.returncode == 0, wrong
    answer = json.loads(said.splitlines()[-1])
    assert (answer["pictures"], answer["refused"]) == (PICTURES, [])
    assert all_is_whole(tmp_path) == 1 and len(stored(tmp_path)) == PICTURES
    assert not list(tmp_path.rglob("*.part"))


def test_a_file_that_this_person_may_not_read_is_left_out(art: Path, tmp_path: Path) -> None:
    """As root, who may read everything, in a process that has become nobody."""
    (tmp_path / "art" / "closed").mkdir(parents=True)
    for seed, name in enumerate(["a.png", "b.png", "closed/c.png"]):
        (tmp_path / "art" / name).write_bytes((art / f"sprite {seed}.png").read_bytes())
    (tmp_path / "art" / "a.txt").write_text("a gem")
    closed = [tmp_path / "art" / name for name in ("b.png", "a.txt", "closed")]
    program = (
        "import json, os, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from PIL import Image\n"
        "from studio.datasets import folder_import, near_duplicates\n"
        "Image.init()  # nobody may not be able to read the libraries' own files\n"
        "near_duplicates.fingerprint(Image.new('RGBA', (32, 32)))\n"
        "if os.geteuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "art, home = map(Path, sys.argv[1:])\n"
        "now = datetime.now(UTC)\n"
        "done = folder_import.import_folder(home, 'items', art, now=now, actor='ana')\n"
        "print(json.dumps([[p.file_name for p in done.version.pictures],"
        " {r.file: r.reason + r.remedy for r in done.refused}]))\n"
    )
    (tmp_path / "home").mkdir(mode=0o777)
    (tmp_path / "home").chmod(0o777)
    above = [p for p in (tmp_path, *tmp_path.parents) if p.stat().st_uid == os.getuid()]
    modes = {p: p.stat().st_mode for p in above if not p.stat().st_mode & 0o001}
    try:
        for folder in modes:
            folder.chmod(modes[folder] | 0o011)
        for path in closed:
            path.chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "art"), str(tmp_path / "home")],
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=250,
        )
    finally:
        for path in closed:
            path.chmod(0o700)
        for folder, mode in modes.items():
            folder.chmod(mode)
    assert done.returncode == 0, done.stderr
    kept, refused = json.loads(done.stdout.splitlines()[-1])
    assert kept == ["a.png"]
    assert sorted(refused) == ["a.txt", "b.png", "closed"]
    assert all("can't be read" in said and "permissions" in said for said in refused.values())
