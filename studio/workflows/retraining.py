"""What a dataset lacks: why its styles' pictures are rejected; whether it grew enough to train.

home/remedies.yaml   what to do about each reason, where somebody changed the usual ones
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import yaml
from sqlalchemy import Engine

from studio import yaml_files
from studio.accounts.rights import check
from studio.context import Studio
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.datasets import manifests, withdrawals
from studio.datasets.pictures import listed as named
from studio.errors import StudioError
from studio.generation import reasons as listed
from studio.generation.gallery_table import pictures
from studio.registry.models import Version
from studio.text import decoding

GROWN, GROWN_SHARE = 10, 0.20  # either is enough to train again
LONGEST = 300
USUAL = {
    "wrong colours": "Name colours in captions; look the set over for stray colours; add pictures "
    "in the colours that are missing.",
    "blurry": "Look the set over for smoothed pixels and odd scaling; choose nearest as the set's "
    "filter for pixel art; train longer.",
    "off style": "Leave out what looks unlike the others; add more pictures of the style; train "
    "longer, or draw with more strength.",
    "ignores the prompt": "Write captions that say what is seen, in the words of prompts; add "
    "pictures of what was asked for.",
    "composition": "Add pictures with the composition that is wanted; cut pictures with several "
    "things into single ones.",
    "off model": "Add pictures of that character or thing from several sides, with one name in "
    "their captions.",
}
OTHER = "Say in captions what should be different, and add pictures that show it right."


@dataclass(frozen=True)
class Because:
    """A reason, how many pictures were sent back for it, and what to do about it."""

    reason: str
    count: int
    remedy: str


@dataclass(frozen=True)
class Grown:
    """A style whose dataset has `new` pictures that version `since` has not learned from."""

    style: str
    dataset: str
    since: int
    learned: int
    new: int


def styles_of(known: Sequence[Version], dataset: str) -> list[str]:
    """The styles with a version that learned from a dataset."""
    return sorted({v.style for v in known if v.dataset == dataset})


def reasons(studio: Studio, styles: Sequence[str]) -> tuple[list[Because], int, int]:
    """Why pictures of these styles were rejected or need an edit, the most frequent first; how
    many those are, and of how many that were judged."""
    c = pictures.c
    query = sa.select(c.verdict, c.reasons).where(c.style.in_(styles), c.verdict.is_not(None))
    counts: Counter[str] = Counter()
    sent_back = judged = 0
    with studio.engine.connect() as connection:
        for verdict, said in connection.execute(query):
            judged += 1
            if verdict != "approved":
                sent_back += 1
                counts.update(set(said))
    known = remedies(studio.home)
    found = [Because(reason, n, known.get(reason, OTHER)) for reason, n in counts.most_common()]
    return found, sent_back, judged


def remedies(home: Path) -> dict[str, str]:
    """What to do about each reason that people can choose; StudioError for a file that is none."""
    return {
        reason: _written(home).get(reason) or USUAL.get(reason, OTHER)
        for reason in listed.read(home)
    }


def set_remedies(
    engine: Engine, new: Mapping[str, str], before: Mapping[str, str], *, by: str, now: datetime
) -> dict[str, str]:
    """Write remedies; `before` is what the person saw, so that nobody's is lost. An empty one is
    the usual one again."""
    check(by, "edit datasets")
    home = home_of(engine)
    cleaned = {reason: " ".join(text.split()) for reason, text in new.items()}
    long = next((text for text in cleaned.values() if len(text) > LONGEST), "")
    if long:
        raise StudioError(f"{long[:60]!r}... is too long.", f"Use at most {LONGEST} characters.")
    with file_lock(home / "remedies.lock"):
        held = remedies(home)
        if all(held.get(reason) == text for reason, text in cleaned.items()):
            return held  # nothing changed, or the same was sent twice
        if any(held.get(reason) != text for reason, text in before.items()):
            raise StudioError(
                "Somebody changed the remedies meanwhile.", "Load the page again, then write yours."
            )
        kept = _written(home) | cleaned
        told = {r: text for r, text in kept.items() if text and text != USUAL.get(r)}
        said = yaml.safe_dump({"remedies": told}, allow_unicode=True)
        text = f"# What to do about pictures sent back, by reason.\n{said}"
        changed = [reason for reason, text in cleaned.items() if held.get(reason) != text]
        recorded_files.publish(
            engine,
            home / "remedies.yaml",
            text,
            at=now,
            actor=by,
            action="change remedies",
            reason=f"for {named(changed)}",
        )
    return remedies(home)


def _written(home: Path) -> dict[str, str]:
    file = home / "remedies.yaml"
    if not file.is_file():
        return {}
    remedy = "Mend it, or delete it: the usual ones hold then."
    try:
        found = yaml_files.read(decoding.read_text(file).text, str(file), remedy)
        return {str(reason): str(text) for reason, text in found["remedies"].items()}
    except (KeyError, TypeError, AttributeError):
        raise StudioError(f"{file} holds no table of remedies.", remedy) from None


def grown(studio: Studio, known: Sequence[Version]) -> list[Grown]:
    """The styles in production whose dataset has grown enough since, unless a newer version has
    learned from it."""
    found = []
    for live in (v for v in known if v.stage == "production" and v.dataset):
        heads = manifests.heads(studio.home, live.dataset)
        if not heads:
            continue
        # Variants are no new material.
        there = manifests.hashes(studio.home, live.dataset, heads[0].digest, varied=False)
        there -= withdrawals.active(studio.home).keys()
        since = [
            v
            for v in known
            if v.style == live.style
            and v.number >= live.number
            and v.dataset == live.dataset
            and v.stage != "archived"
        ]
        learned = [
            manifests.hashes(studio.home, v.dataset, v.dataset_digest)
            for v in since
            if any(h.digest == v.dataset_digest for h in heads)
        ]
        if not learned:
            continue  # what it learned from is gone: nothing to compare with
        new, had = min(((len(there - one), len(one)) for one in learned), key=lambda c: c[0])
        if new >= GROWN or (new and new >= GROWN_SHARE * had):
            found.append(Grown(live.style, live.dataset, live.number, had, new))
    return found
