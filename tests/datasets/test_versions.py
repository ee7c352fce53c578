"""Versions never change, are named by content, and exist whole or not at all."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.datasets import intake, manifests, versions
from studio.datasets.folder_import import ImportResult, import_folder
from studio.datasets.manifests import Look
from studio.errors import StudioError
from tests.hand_captions import write_caption

NOW = datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
Take = Callable[..., ImportResult]


def sprite(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (16, 16, 4), np.uint8)
    Image.fromarray(pixels, "RGBA").save(path)
    path.with_suffix(".txt").write_text(f"sprite {seed}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def art(tmp_path: Path) -> Path:
    for seed, name in enumerate(["a.png", "b.png", "c.png"]):
        sprite(tmp_path / "art" / name, seed)
    return tmp_path / "art"


@pytest.fixture
def take(home: Path, art: Path) -> Take:
    def again(name: str = "items", later: int = 0, **options: object) -> ImportResult:
        moment = NOW + timedelta(minutes=later)
        return import_folder(home, name, art, now=moment, actor="ana", **options)  # type: ignore[arg-type]

    return again


def test_equal_content_is_the_same_version(home: Path, take: Take) -> None:
    first = take()
    manifest = home / "datasets" / "items" / f"{first.version.version}.json"
    before = manifest.read_bytes(), manifest.stat().st_mtime_ns
    second = take(later=5)
    assert second.version == first.version
    assert (second.new, second.changed, second.gone) == ((), (), ())
    assert (manifest.read_bytes(), manifest.stat().st_mtime_ns) == before
    assert take("other").version.digest == first.version.digest
    assert take(later=6, look=Look(matte="white")).version.digest != first.version.digest
    assert take(later=7).version.look.matte == "white"  # without a word the look stays


def test_new_changed_and_gone(home: Path, art: Path, take: Take) -> None:
    first = take().version
    sprite(art / "a.png", 10)
    (art / "b.txt").write_text("another caption")
    (art / "c.png").unlink()
    (art / "c.txt").unlink()
    sprite(art / "d.png", 11)
    second = take(later=1)
    assert (second.new, second.changed, second.gone) == (("d.png",), ("a.png", "b.png"), ("c.png",))
    assert second.version.parent == first.digest
    assert versions.load(home, "items") == second.version
    assert versions.load(home, "items", first.version) == first
    assert [v.digest for v in versions.list_versions(home)] == [second.version.digest, first.digest]
    assert len(list(versions.open_version_pictures(home, first))) == 3
    assert set(take(later=2, licence="CC0").changed) == {"a.png", "b.png", "d.png"}


def test_going_back_makes_the_earlier_version_the_newest(home: Path, art: Path, take: Take) -> None:
    first = take().version
    (art / "a.txt").write_text("changed")
    second = take(later=1).version
    (art / "a.txt").write_text("sprite 0")
    assert take(later=2).version == first == versions.load(home, "items")
    assert versions.load(home, "items", second.version) == second


def test_the_clock_may_go_backwards(home: Path, art: Path, take: Take) -> None:
    take()
    (art / "a.txt").write_text("changed")
    assert take(later=-60).version == versions.load(home, "items")


def test_hand_written_captions_stay(home: Path, art: Path, take: Take) -> None:
    first = take().version
    a = first.pictures[0]
    written = write_caption(home, "items", a.hash, "a gem", now=NOW)
    assert written.parent == first.digest and written.version != first.version
    assert versions.load(home, "items", first.version) == first
    (art / "a.txt").write_text("what the file says now")
    again = take(later=2)
    assert again.version == written and again.changed == ()
    sprite(art / "a.png", 20)
    redrawn = take(later=3)
    assert redrawn.changed == ("a.png",)
    assert (redrawn.version.pictures[0].caption, redrawn.version.pictures[0].caption_by) == (
        "a gem",
        "hand",
    )
    (art / "a.png").rename(art / "z.png")
    assert take(later=4).version.pictures[-1].caption == "a gem"


def test_unknown_names_say_what_there_is(home: Path, take: Take) -> None:
    with pytest.raises(StudioError, match="Import a folder"):
        versions.load(home, "items")
    version = take().version
    assert versions.load(home, "items", version.digest[:4]) == version
    with pytest.raises(StudioError, match="There is: items"):
        versions.load(home, "other")
    for bad in ("zzz", ""):
        with pytest.raises(StudioError, match=version.version):
            versions.load(home, "items", bad)
    with pytest.raises(StudioError, match="not in the store"):
        versions.picture_path(home, "0" * 64)
    with pytest.raises(StudioError, match="no picture's hash"):
        versions.picture_path(home, "../../etc/passwd")


@pytest.mark.parametrize("name", ["", "Items", "../up", "-x", "a b", "x" * 64, "pictures", "a\n"])
def test_bad_names_are_refused(take: Take, name: str) -> None:
    with pytest.raises(StudioError, match="can't name a dataset"):
        take(name)


@pytest.mark.parametrize("look", [Look(matte="mud?"), Look(filter="cubic"), Look(size=2)])
def test_bad_looks_are_refused(take: Take, look: Look) -> None:
    with pytest.raises(StudioError):
        take(look=look)


def test_records_are_frozen_and_pictures_open_as_rgba(home: Path, art: Path, take: Take) -> None:
    version = take().version
    with pytest.raises(FrozenInstanceError):
        version.name = "x"  # type: ignore[misc]
    for record, picture in versions.open_version_pictures(home, version):
        with Image.open(art / record.file_name) as original:
            assert picture.tobytes() == original.tobytes()


def test_damage_is_seen(home: Path, take: Take) -> None:
    version = take().version
    path = versions.picture_path(home, version.pictures[0].hash)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(StudioError, match="damaged"):
        list(versions.open_version_pictures(home, version))
    take()
    assert path.read_bytes() == whole  # importing again mends the store
    manifest = home / "datasets" / "items" / f"{version.version}.json"
    manifest.write_text(manifest.read_text().replace("sprite 1", "sprite 9"))
    with pytest.raises(StudioError, match="changed by hand"):
        versions.load(home, "items")
    manifest.write_text("{")
    with pytest.raises(StudioError, match=manifest.name):
        versions.load(home, "items")


def test_pictures_without_manifest_are_no_version(home: Path, art: Path, take: Take) -> None:
    intake.take_in(home, art, source="", author="", licence="")
    assert versions.list_versions(home) == []
    assert len(take().new) == 3


def test_a_full_disk_leaves_nothing_half_written(home: Path, art: Path, take: Take) -> None:
    """A limit on file size stands for the full disk: pictures fit under it, the manifest not."""
    for seed in range(10, 20):
        sprite(art / f"{seed}.png", seed)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
        with pytest.raises(StudioError, match=r"\.json could not be written"):
            take()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert versions.list_versions(home) == []
    assert not list(home.rglob("*.part"))
    assert len(take().new) == 13


def test_killed_before_the_manifest_nothing_is_listed(home: Path, art: Path, take: Take) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from studio.datasets import folder_import\n"
        "folder_import.freeze = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "folder_import.import_folder(Path(sys.argv[1]), 'items', Path(sys.argv[2]),"
        " now=datetime.now(UTC), actor='ana')\n"
    )
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", script, str(home), str(art)],
        env={**os.environ, "PYTHONPATH": root},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert len(list((home / "datasets" / "pictures").rglob("*.png"))) == 3
    assert versions.list_versions(home) == []
    assert len(take().new) == 3


@pytest.mark.slow
def test_two_writers_keep_an_order(home: Path, art: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from studio.datasets import folder_import\n"
        "for i in range(8): folder_import.import_folder(Path(sys.argv[1]), 'items',"
        " Path(sys.argv[2]), source=f'{sys.argv[3]}{i}', now=datetime.now(UTC), actor='ana')\n"
    )
    root = str(Path(__file__).parents[2])
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(home), str(art), who],
            env={**os.environ, "PYTHONPATH": root},
        )
        for who in "xy"
    ]
    assert [one.wait() for one in both] == [0, 0]
    there = versions.list_versions(home, "items")
    assert len(there) == 16
    assert [v.parent for v in there[:-1]] == [v.digest for v in there[1:]]


def test_versions_are_counted_as_people_count_them(home: Path, art: Path, take: Take) -> None:
    first = take().version
    sprite(art / "d.png", 9)
    second = take(later=1).version
    found = [manifests.ordinal(home, v.name, v.digest) for v in (first, second)]
    assert found == [1, 2]
    assert manifests.ordinal(home, second.name, second.digest[:12]) == 2
    assert manifests.ordinal(home, first.name, "f" * 64) is None
    assert manifests.ordinal(home, "nothing", first.digest) is None
