"""Small answers while large pictures are made smaller: `python benchmarks/guard.py [--json]`.

A studio with sign-in is served on ports of its own. One signed-in browser asks again and again for
a picture that it has, so that little but the guard is at work: first alone, then while another
wants six thumbnails of 24 million pixels each, none of them made before. Had the guard to wait for
the pictures, its slowest answer would take as long as they do; it may take a tenth of that. The
web process may hold MEMORY_MB at its fullest: one such picture decoded, not six.

Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
import numpy as np
import psutil
from PIL import Image

from benchmarks.table import share
from benchmarks.web import serving
from studio.accounts import people, sessions
from studio.context import now, open_studio
from studio.datasets import folder_import
from studio.settings import load_settings
from studio.web.session import COOKIE

SHARE = 0.1  # of the time that the thumbnails take
MEMORY_MB = 900.0
LARGE, SMALL = (6000, 4000), (64, 64)
COUNT, ALONE = 6, 200


def main(words: list[str] | None = None) -> int:
    """Measure, tell, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8797, help="of the studio (8797)")
    parser.add_argument("--json", action="store_true", help="print a record instead of lines")
    asked = parser.parse_args(words)
    os.environ |= {"STUDIO_SIGN_IN": "local", "STUDIO_ADDRESS": f"http://127.0.0.1:{asked.port}"}
    with tempfile.TemporaryDirectory(prefix="studio-guard-") as place:
        secret, small, large = fill(Path(place))
        with serving(Path(place), asked.port, asked.port + 1) as served:
            record = measured(served.url, served.web, secret, small, large)
    if asked.json:
        print(json.dumps({"schema": 1, **record}, indent=1))
    else:
        print(f"alone: {record['alone_ms']:.1f} ms in the median of {ALONE}")
        print(
            f"beside {COUNT} thumbnails, which took {record['thumbnails_s']:.1f} s: "
            f"{record['beside_ms']:.1f} ms in the median of {record['answers']}, "
            f"95 of 100 {record['beside_95_ms']:.1f} ms, slowest {record['slowest_ms']:.0f} ms"
        )
        print(f"slowest over all thumbnails: {record['share']:.3f} (limit {SHARE})")
        print(f"the web process held at most {record['memory_mb']:.0f} MB (limit {MEMORY_MB:.0f})")
    return 0 if record["within"] else 1


def fill(home: Path) -> tuple[str, str, list[str]]:
    """A studio with one person and a dataset of seven pictures: the secret of the person's
    session, the small picture's hash, and the large ones'."""
    studio = open_studio(load_settings({**os.environ, "STUDIO_HOME": str(home)}))
    ana = people.add(
        studio.engine, "Ana", "admin", by="benchmark", now=now(), password="three or four words"
    )
    secret = sessions.begin(studio.engine, ana.id, browser="benchmark", now=now())
    chosen = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as art:
        for number, (wide, high) in enumerate([SMALL, *[LARGE] * COUNT]):
            coarse = chosen.integers(0, 256, (high // 16, wide // 16, 3), dtype=np.uint8)
            Image.fromarray(coarse).resize((wide, high), Image.Resampling.BICUBIC).save(
                Path(art) / f"gem {number}.png", compress_level=1
            )
        version = folder_import.import_folder(
            home, "large", Path(art), now=now(), actor="benchmark"
        ).version
    studio.engine.dispose()
    hashes = {p.file_name: p.hash for p in version.pictures}
    return secret, hashes["gem 0.png"], [hashes[f"gem {n}.png"] for n in range(1, COUNT + 1)]


def measured(url: str, web: int, secret: str, small: str, large: list[str]) -> dict[str, Any]:
    """Milliseconds of small answers alone and beside the thumbnails."""
    with httpx.Client(base_url=url, cookies={COOKIE: secret}, timeout=300) as client:
        address = f"/picture/data/{small}?side=32"
        tag = client.get(address).raise_for_status().headers["etag"]

        def answered() -> float:
            began = time.perf_counter()
            status = client.get(address, headers={"if-none-match": tag}).status_code
            if status != 304:
                raise RuntimeError(f"the small picture was answered with {status}")
            return 1000 * (time.perf_counter() - began)

        alone = [answered() for _ in range(ALONE)]
        began = time.perf_counter()
        with ThreadPoolExecutor(COUNT) as others:
            made = [others.submit(_thumbnail, url, secret, one) for one in large]
            beside = _until(made, answered)
        took = time.perf_counter() - began
        for one in made:
            one.result()
    held = psutil.Process(web).memory_info()
    peak = _fullest(web) or held.rss
    slowest = max(beside)
    return {
        "alone_ms": statistics.median(alone),
        "beside_ms": statistics.median(beside),
        "beside_95_ms": share(beside, 0.95),
        "slowest_ms": slowest,
        "answers": len(beside),
        "thumbnails_s": took,
        "share": slowest / 1000 / took,
        "memory_mb": peak / 1024**2,
        "within": slowest / 1000 <= SHARE * took and peak / 1024**2 <= MEMORY_MB,
    }


def _until(made: list[Future[None]], answered: Any) -> list[float]:
    times = []
    while not all(one.done() for one in made):
        times.append(answered())
        time.sleep(0.01)
    return times


def _thumbnail(url: str, secret: str, digest: str) -> None:
    address = f"{url}/picture/data/{digest}?side=256"
    httpx.get(address, cookies={COOKIE: secret}, timeout=300).raise_for_status()


def _fullest(pid: int) -> int:
    """Bytes that a process held at its fullest; 0 where the machine does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return 0
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    sys.exit(main())
