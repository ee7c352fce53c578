"""First paints and reruns of a studio whose files are in S3 against the same one in its folder.

    python benchmarks/store.py --home FOLDER
    python benchmarks/store.py --pairs 7 --most 1.10

The studio of benchmarks/web.py is filled in FOLDER once. Two copies of it are served side by side;
the files of one are moved into a bucket of a real server (tests/services/radosgw.py) first. Each
place is painted by one and the other in turn. A line tells both medians and their ratio; exit code
0 when no ratio is above the bar, which defaults to 1.10, 1 when one is, 2 where there is no server.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import against, on_pages, web
from studio.context import now, open_records
from studio.operations import store_move
from studio.settings import Settings, load_settings
from studio.store.place import Place
from tests.services import radosgw


def main(words: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--home", type=Path, help="folder to keep the filled studio in")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", action="append", help="what begins so; may be repeated")
    parser.add_argument("--most", type=float, default=1.10, help="the bar of every ratio")
    asked = parser.parse_args(words)
    if lacking := radosgw.lacks():
        _say(lacking)
        return 2
    with tempfile.TemporaryDirectory(prefix="studio-store-") as scratch, radosgw.running() as s3:
        filled = (asked.home or Path(scratch) / "filled").resolve()
        filled.mkdir(parents=True, exist_ok=True)
        web.full(load_settings({**os.environ, "STUDIO_HOME": str(filled)}), _say)
        homes = [Path(scratch) / name for name in ("folder", "bucket")]
        for home in homes:
            shutil.copytree(filled, home, symlinks=True)
        keys = s3.user("studio")
        os.environ.update(keys.environment)
        place = Place("s3", "art", "studio/", s3.address, region="us-east-1")
        radosgw.client(s3, keys).create_bucket(Bucket=place.bucket)
        moved(load_settings({**os.environ, "STUDIO_HOME": str(homes[1])}), place)
        with (
            web.serving(homes[0], 8771, 5771) as folder,
            web.serving(homes[1], 8772, 5772, settings=settings_of(place)) as bucket,
        ):
            for served in (folder, bucket):
                against.calm(served)
            return 1 if against.compare(folder, bucket, on_pages, asked) else 0


def moved(settings: Settings, place: Place) -> None:
    """Bring a studio that is stopped into this place; how long it took is told."""
    engine, _ = open_records(settings)  # the records of a copy name its own files from here on
    engine.dispose()
    began = time.monotonic()
    found = store_move.into_bucket(replace(settings, store=place), now(), _say, stopped=True)
    took = time.monotonic() - began
    _say(f"{found.files:,} files, {found.bytes / 1e6:,.0f} MB, moved in {took:.0f} s.")
    assert not found.flaws, found.flaws[:3]


def settings_of(place: Place) -> dict[str, str]:
    """By which a studio is in this place."""
    return {
        "STUDIO_STORE": place.kind,
        "STUDIO_STORE_BUCKET": place.bucket,
        "STUDIO_STORE_PREFIX": place.prefix,
        "STUDIO_STORE_ENDPOINT": place.endpoint,
        "STUDIO_STORE_REGION": place.region,
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
