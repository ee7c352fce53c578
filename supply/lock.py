"""Writes the locks: every version, and the hash of every file that the index has of it.

    python -m supply.lock

What is in a lock already keeps its version as long as the requirements allow it. Indexes are those
that pip is set to; no address is written. `requirements.lock` is what the studio runs on,
`checks.lock` the rest that tests and checks need. torch's family stands apart, since the same
version comes in two makes: with CUDA, which brings a driver's libraries, and for the CPU alone.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
RUNTIME = CHECKOUT / "requirements.lock"
CHECKS = CHECKOUT / "supply" / "checks.lock"
CUDA = CHECKOUT / "supply" / "torch-cuda.lock"
CPU = CHECKOUT / "supply" / "torch-cpu.lock"
LOCKS = (RUNTIME, CHECKS, CUDA, CPU)
LEADS = ("torch", "torchvision")  # of the family; the others are there for Linux alone

Pins = dict[str, str]  # version by normalised name
Hashes = dict[str, set[str]]  # sha256 of its files by normalised name


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> Pins:
    """Version by normalised name, as a list has them; nothing where there is no such file."""
    text = lock.read_text() if lock.is_file() else ""
    pinned = r"^([\w.-]+)(?:\[\w+\])?={2,3}([\w.+!-]+)"
    return {normal(name): version for name, version in re.findall(pinned, text, re.MULTILINE)}


def hashes(lock: Path) -> dict[str, list[str]]:
    """The sha256 of its files by normalised name, as a lock has them."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.read_text().splitlines():
        if started := re.match(r"([\w.-]+)==", line):
            name = normal(started[1])
        if name:
            found.setdefault(name, []).extend(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    return found


def _resolved(words: Iterable[str], kept: Mapping[str, str]) -> tuple[Pins, Hashes]:
    """What pip would install for these words beside what is kept, without installing it."""
    with tempfile.TemporaryDirectory() as folder:
        report, constraints = Path(folder, "report.json"), Path(folder, "kept.txt")
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in kept.items()))
        asked = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
        asked += ["--quiet", "--only-binary", ":all:", "--report", str(report)]
        subprocess.run([*asked, *words, "-c", str(constraints)], check=True, cwd=CHECKOUT)
        items = json.loads(report.read_text())["install"]
    versions = {normal(i["metadata"]["name"]): i["metadata"]["version"] for i in items}
    found = {
        normal(i["metadata"]["name"]): {i["download_info"]["archive_info"]["hashes"]["sha256"]}
        for i in items
    }
    return versions, found


def _index() -> str:
    """The address of the index that pip is set to."""
    from pip._internal.models.index import PyPI

    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    told = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    return os.environ.get("PIP_INDEX_URL") or told or PyPI.simple_url


def _wheels(name: str, version: str) -> set[str]:
    """The sha256 of every wheel of this version at the index (PEP 691), none where it has none."""
    request = urllib.request.Request(
        f"{_index().rstrip('/')}/{name}/",
        headers={"Accept": "application/vnd.pypi.simple.v1+json"},
    )
    with urllib.request.urlopen(request, timeout=180) as answer:
        files = json.load(answer)["files"]
    return {
        file["hashes"]["sha256"]
        for file in files
        if file["filename"].endswith(".whl")
        and file["filename"].split("-")[1] == version
        and "sha256" in file["hashes"]
    }


def _written(lock: Path, says: str, found: Mapping[str, str], known: Hashes) -> None:
    """One lock: a comment, then each package with its hashes."""
    lines = [f"# {says} Written by supply/lock.py."]
    for name, version in sorted(found.items()):
        family = lock in (CUDA, CPU)
        # `===`: ordinary wheels of exactly this version, not those that add +cpu to it.
        equal = "===" if name in LEADS and "+" not in version else "=="
        only = "" if not family or name in LEADS else ' ; sys_platform == "linux"'
        every = sorted(known.get(name, set()) | _wheels(name, version.split("+")[0]))
        if lock == CPU and name == "torch":
            every = sorted(known[name])
        lines.append(f"{name}{equal}{version}{only} \\")
        lines += [f"    --hash=sha256:{value} \\" for value in every[:-1]]
        lines.append(f"    --hash=sha256:{every[-1]}")
    lock.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Writes all four locks."""
    kept = {name: v for lock in (CHECKS, RUNTIME) for name, v in pins(lock).items()}
    direct = pins(CHECKOUT / "requirements.txt") | pins(CHECKOUT / "supply" / "checks.txt")
    family = {name: direct[name] for name in LEADS}
    kept = {n: v for n, v in kept.items() if n not in direct}
    runtime, known = _resolved(["-r", "requirements.txt"], kept)
    everything, more = _resolved(["-r", "requirements.txt", "-r", "supply/checks.txt"], kept)
    known = more | known
    beside = {n: v for n, v in pins(CUDA).items() if n not in LEADS}
    cuda, cuda_known = _resolved([f"{n}==={v}" for n, v in family.items()], kept | beside)
    apart = {n for n in cuda if n not in everything} | set(LEADS)
    _written(
        RUNTIME,
        "What the studio runs on, but for torch's family (supply/torch-*.lock).",
        {n: v for n, v in runtime.items() if n not in apart},
        known,
    )
    _written(
        CHECKS,
        "What tests and checks need beside it.",
        {n: v for n, v in everything.items() if n not in runtime and n not in apart},
        known,
    )
    _written(CUDA, "torch's family with CUDA.", {n: cuda[n] for n in apart}, cuda_known)
    if "+cpu" in runtime["torch"]:
        _written(CPU, "torch's family for the CPU.", {n: runtime[n] for n in LEADS}, known)
    else:
        print(f"No index at hand has torch's CPU build: {CPU.name} stays as it was.")


if __name__ == "__main__":
    main()
