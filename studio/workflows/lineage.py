"""What learned from a picture: dataset versions, trainings, style versions, drawn pictures.

Followed as far as it goes: a style's pictures that were handed into a dataset teach the next
one. What only looks like the picture (a copy saved anew) is not found.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from studio.context import Studio
from studio.datasets import manifests
from studio.datasets.manifests import Head
from studio.generation.gallery_table import MIXED, Picture, as_picture, pictures
from studio.registry.models import Version
from studio.text.cells import tame

DIRECTLY, THROUGH = "directly", "through drawn pictures"
Of = tuple[str, int]  # a style and the number of its version


@dataclass(frozen=True)
class Training:
    """A training's run of a style; `version` is what it became, None for one that never ended."""

    style: str
    run: str
    named: str
    version: int | None


@dataclass(frozen=True)
class Learned:
    """All that learned from some pictures; each with how: directly, or through drawn ones."""

    data: tuple[tuple[Head, str], ...] = ()
    trainings: tuple[tuple[Training, str], ...] = ()
    versions: tuple[tuple[Version, str], ...] = ()
    drawn: tuple[tuple[Picture, str], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether nothing holds it or learned from it."""
        return not self.data and not self.trainings and not self.versions and not self.drawn


@dataclass
class _Found:
    data: dict[str, tuple[Head, str]] = field(default_factory=dict)
    trainings: dict[str, tuple[Training, str]] = field(default_factory=dict)
    versions: dict[Of, tuple[Version, str]] = field(default_factory=dict)


def learned_from(studio: Studio, hashes: Collection[str], known: Sequence[Version]) -> Learned:
    """What learned from pictures with these hashes; `known` are all style versions there are."""
    found = _Found()
    heads = [h for name in manifests.names(studio.home) for h in manifests.heads(studio.home, name)]
    trainings = list(_trainings(studio.home))
    wanted = frozenset(hash.encode() for hash in hashes)
    for head in heads:
        if wanted & _hashes(*_stamp(manifests.path_of(studio.home, head.name, head.digest))):
            found.data[head.digest] = (head, DIRECTLY)
    how, before = DIRECTLY, (-1, -1)
    while before != (len(found.data), len(found.versions)):
        before = (len(found.data), len(found.versions))
        _follow(found, trainings, known, how)
        how = THROUGH
        taught = [f"generated with {s} version {n},".encode() for s, n in found.versions]
        for head in heads:
            if head.digest in found.data or not taught:
                continue
            data = manifests.path_of(studio.home, head.name, head.digest).read_bytes()
            if any(said in data for said in taught):
                found.data[head.digest] = (head, THROUGH)
    return Learned(
        tuple(found.data.values()),
        tuple(found.trainings.values()),
        tuple(found.versions.values()),
        tuple(_drawn(studio, found.versions)),
    )


def _follow(
    found: _Found, trainings: Sequence[tuple[str, Training]], known: Sequence[Version], how: str
) -> None:
    """From datasets to trainings and versions, and on to versions that were merged of those."""
    for digest, training in trainings:
        if digest in found.data:
            found.trainings.setdefault(training.run, (training, how))
    more = True
    while more:
        more = False
        for version in known:
            of = (version.style, version.number)
            taught = version.dataset_digest in found.data or version.run_id in found.trainings
            if of not in found.versions and (taught or _parts(version) & set(found.versions)):
                found.versions[of] = (version, how)
                more = True


def _parts(version: Version) -> set[Of]:
    try:
        return {(str(style), int(n)) for style, n, _ in json.loads(version.tags.get("merged", ""))}
    except (ValueError, TypeError):
        return set()


def _drawn(studio: Studio, of: dict[Of, tuple[Version, str]]) -> Iterator[tuple[Picture, str]]:
    if not of:
        return
    c = pictures.c
    styles = {style for style, _ in of}
    query = sa.select(pictures).where(sa.or_(c.style.in_(styles), MIXED)).order_by(c.number)
    with studio.engine.connect() as connection:
        for row in connection.execute(query):
            one = as_picture(row)
            used = [(one.style, one.version)]
            used += [(str(a.get("style")), int(a.get("version", 0))) for a in one.adapters]
            how = [of[u][1] for u in used if u in of]
            if how:
                yield one, DIRECTLY if DIRECTLY in how else THROUGH


def table(learned: Learned) -> str:
    """All of it as CSV."""
    made = io.StringIO()
    rows = csv.writer(made)
    rows.writerow(["kind", "name", "made", "by", "how", "address"])
    for head, how in learned.data:
        name = f"{head.name}@{head.version}"
        link = f"/Datasets?set={head.name}&version={head.version}"
        rows.writerow(["dataset version", name, head.created, tame(head.actor), how, link])
    for run, how in learned.trainings:
        became = f"became version {run.version}" if run.version else "never ended"
        rows.writerow(["training", f"{run.style} {run.run} on {run.named}", became, "", how, ""])
    for version, how in learned.versions:
        name = f"{version.style} version {version.number}, {version.stage}"
        link = f"/Registry?style={version.style}&version={version.number}"
        rows.writerow(["style version", name, version.created, "", how, link])
    for one, how in learned.drawn:
        name = tame(f"{one.style} version {one.version}, seed {one.seed}: {one.prompt}")
        rows.writerow(["drawn picture", name, one.at, tame(one.by), how, f"/Picture?id={one.id}"])
    return made.getvalue()


def _trainings(home: Path) -> Iterator[tuple[str, Training]]:
    """The digest that each training learns from, and the training."""
    for file in sorted((home / "runs").glob("*/*/record.json")):
        try:
            said = json.loads(file.read_text("utf-8"))
            done = file.parent / "done"
            number = int(done.read_text()) if done.is_file() else None
            named = str(said.get("named", ""))
            yield said["dataset"], Training(file.parent.parent.name, said["run"], named, number)
        except (OSError, ValueError, KeyError):
            continue  # cut off while it was written: it learned nothing


def _stamp(path: Path) -> tuple[Path, int, int]:
    stat = path.stat()
    return path, stat.st_mtime_ns, stat.st_size


@functools.lru_cache(maxsize=64)
def _hashes(path: Path, changed_ns: int, size: int) -> frozenset[bytes]:
    """The pictures of a manifest, and those that its varied ones were made from."""
    return frozenset(re.findall(rb'"(?:hash|parent)": "([0-9a-f]{64})"', path.read_bytes()))
