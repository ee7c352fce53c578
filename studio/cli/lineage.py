"""What learned from pictures, as commands say it, answer with it and write it as a table."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from studio.cli.answer import Answer
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.datasets.pictures import Picture
    from studio.workflows.lineage import Learned

SOME = 20  # drawn pictures that are listed; the table has all


def tell_learned(
    studio: Studio,
    pictures: Sequence[Picture],
    arguments: argparse.Namespace,
    say: Callable[[str], None],
) -> Answer:
    """Say and write down everything that learned from the pictures."""
    from studio.registry import models
    from studio.workflows import lineage

    known = models.list_versions(studio.client)
    learned = lineage.learned_from(studio, [p.hash for p in pictures], known)
    for line in _lines(learned):
        say(line)
    if arguments.csv:
        try:
            # Excel takes a table without a byte order mark for Windows-1252.
            with open(arguments.csv, "w", encoding="utf-8-sig", newline="") as file:
                file.write(lineage.table(learned))
        except OSError as error:
            raise StudioError(
                f"{arguments.csv} can't be written: {error}", "Name another file."
            ) from error
    return {
        "pictures": [{"hash": p.hash, "file_name": p.file_name} for p in pictures],
        "datasets": [{"name": h.name, "version": h.version, "how": how} for h, how in learned.data],
        "trainings": [{**dataclasses.asdict(t), "how": how} for t, how in learned.trainings],
        "versions": [
            {"style": v.style, "version": v.number, "kind": v.kind, "stage": v.stage, "how": how}
            for v, how in learned.versions
        ],
        "drawn": [
            {"id": p.id, "style": p.style, "version": p.version, "how": how}
            for p, how in learned.drawn
        ],
    }


def _lines(learned: Learned) -> list[str]:
    """What learned, a line each; all datasets, trainings and versions, and some drawn pictures."""
    from studio.workflows.model_kinds import table

    if learned.nothing:
        return ["Nothing learned from them: they are in no frozen version."]
    lines = [
        f"dataset       {h.name}@{h.version}, {h.pictures:,} pictures ({how})"
        for h, how in learned.data
    ]
    for run, how in learned.trainings:
        became = f"became version {run.version}" if run.version else "never ended"
        lines.append(f"training       {run.style} on {run.named}, {became} ({how})")
    lines += [
        f"style version  {v.style} version {v.number}, {table.label(v)}, {v.stage} ({how})"
        for v, how in learned.versions
    ]
    lines += [
        f"drawn picture  {p.style} version {p.version}, {p.at[:10]} by {p.by}: {p.prompt} ({how})"
        for p, how in learned.drawn[-SOME:]
    ]
    if len(learned.drawn) > SOME:
        lines.append(f"... and {len(learned.drawn) - SOME:,} drawn pictures more; --csv has all.")
    return lines
