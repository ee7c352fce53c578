"""Edits of pictures' captions and the like, as plain values: cleaned, applied, made for many.

Nothing here is stored; `drafts` keeps edits, `versions` what they lead to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

from studio.datasets.pictures import CONSENT, Picture
from studio.datasets.words import one_line
from studio.errors import StudioError

Field = Literal[
    "caption",
    "caption_by",
    "category",
    "tags",
    "source",
    "author",
    "licence",
    "consent_by",
    "consent_on",
    "consent_for",
    "consent_note",
    "mask",
    "removed",
]
Value = str | tuple[str, ...] | bool | None
LONGEST = {
    "caption": 1000,
    "category": 60,
    "source": 300,
    "author": 100,
    "licence": 100,
    "consent_by": 100,
    "consent_on": 10,
    "consent_for": 200,
    "consent_note": 500,
}
MOST_TAGS, LONGEST_TAG = 30, 40
Kind = Literal[
    "front",
    "token",
    "behind",
    "replace",
    "caption",
    "category",
    "add tags",
    "remove tags",
    "source",
    "author",
    "licence",
    "consent",
    "remove",
    "bring back",
    "reset",
]


@dataclass(frozen=True)
class Change:
    """One field of one picture gets a value; None: what the frozen version has."""

    hash: str
    field: Field
    value: Value


@dataclass(frozen=True)
class Edit:
    """A change somebody made; `step` is the step of the draft it belongs to."""

    hash: str
    field: Field
    value: Value
    by: str
    at: str
    step: int


@dataclass(frozen=True)
class Row:
    """A picture as the next version would have it, and as the newest one has it.

    `changed` names the fields that differ; `by` and `at` tell the last edit that made a difference.
    One that is `withdrawn` is removed for good, whatever a draft says.
    """

    picture: Picture
    frozen: Picture
    removed: bool = False
    changed: tuple[str, ...] = ()
    by: str = ""
    at: str = ""
    withdrawn: bool = False


@dataclass(frozen=True)
class Bulk:
    """What is done to many pictures: `text` is what to write or look for, `instead` its
    replacement; `inside`: also where `text` is a part of a longer word. `consent` holds who, when,
    for what and a note, in the order of checks.CONSENT; what is empty stays as it is."""

    kind: Kind
    text: str = ""
    instead: str = ""
    inside: bool = False
    consent: tuple[str, str, str, str] = ("", "", "", "")


def applied(
    pictures: Sequence[Picture],
    edits: Iterable[Edit],
    withdrawn: Callable[[Picture], tuple[str, str] | None] = lambda picture: None,
) -> tuple[Row, ...]:
    """The pictures with the newest edit of each field; edits of other pictures pass by.

    `withdrawn` tells who withdrew a picture and when, None for one that may stay.
    """
    of: dict[str, list[Edit]] = {}
    for edit in sorted(edits, key=lambda e: e.step):
        of.setdefault(edit.hash, []).append(edit)
    found = (_row(p, of[p.hash]) if p.hash in of else Row(p, p) for p in pictures)
    return tuple(_gone(row, *by) if (by := withdrawn(row.frozen)) else row for row in found)


def _gone(row: Row, by: str, at: str) -> Row:
    changed = tuple(dict.fromkeys((*row.changed, "removed")))
    return replace(row, removed=True, changed=changed, by=by, at=at, withdrawn=True)


def _row(picture: Picture, edits: Sequence[Edit]) -> Row:
    newest = {e.field: e.value for e in edits}
    values: dict[str, Any] = {field: value for field, value in newest.items() if value is not None}
    removed = values.pop("removed", False) is True
    if values.get("caption", picture.caption) == picture.caption:
        values.pop("caption", None)
    if "caption" in values:
        steps = {e.field: e.step for e in edits}
        if steps.get("caption_by", -1) < steps["caption"] or "caption_by" not in values:
            values["caption_by"] = "hand"  # a later import leaves it alone
    else:
        values.pop("caption_by", None)
    if "mask" in values:  # also when it is the same: somebody says that it fits this drawing
        values |= {"mask_by": "hand", "mask_of": ""}
    made = replace(picture, **values)
    changed = tuple(
        name for name in (*LONGEST, "tags") if getattr(made, name) != getattr(picture, name)
    )
    if (made.mask, made.mask_of) != (picture.mask, picture.mask_of):
        changed += ("mask",)
    if removed:
        changed += ("removed",)
    if not changed:
        return Row(picture, picture)
    last = [edit for edit in edits if edit.field in changed][-1]
    return Row(made, picture, removed, changed, last.by, last.at)


def cleaned(field: Field, value: Value) -> Value:
    """The value as it is stored; StudioError for one that is empty where it must not be, too
    long, or of another kind."""
    if value is None or (field == "removed" and isinstance(value, bool)):
        return value
    if field == "tags" and isinstance(value, (tuple, list)):
        return _tags(value)
    if field == "mask" and isinstance(value, str) and re.fullmatch(r"([0-9a-f]{64})?", value):
        return value
    if field == "caption_by" and isinstance(value, str):
        return one_line(value)[:200]
    if not isinstance(value, str) or field not in LONGEST:
        raise StudioError(f"{str(value)[:80]!r} can't be the {field}.", "Write a line of text.")
    text = one_line(value)
    if field == "consent_on" and text:
        return _day(text)
    if field == "caption" and not text:
        raise StudioError("The caption is empty.", "Write what the picture shows.")
    if len(text) > LONGEST[field]:
        raise StudioError(
            f"A {field} of {len(text):,} characters is too long.",
            f"Use at most {LONGEST[field]:,}.",
        )
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise StudioError(
            f"{text[:40]!r} is no day.", "Write year, month and day, such as 2026-03-31."
        ) from None


def tags_in(text: str) -> tuple[str, ...]:
    """Tags from a line with commas: trimmed, each once, in order. StudioError as `cleaned`."""
    return _tags(text.split(","))


def _tags(words: Iterable[str]) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(tag for word in words if (tag := one_line(word))))
    long = [tag for tag in tags if len(tag) > LONGEST_TAG or "," in tag]
    if long:
        raise StudioError(f"{long[0][:80]!r} can't be a tag.", "Use a few words; commas part tags.")
    if len(tags) > MOST_TAGS:
        raise StudioError(f"{len(tags)} tags are too many.", f"Use at most {MOST_TAGS}.")
    return tags


def check_bulk(bulk: Bulk) -> None:
    """StudioError when nothing could come of it, whatever the pictures."""
    if bulk.kind not in get_args(Kind):
        raise StudioError(f"There is no change {bulk.kind!r}.", "Choose one of the list.")
    needs = ("front", "token", "behind", "replace", "caption", "add tags", "remove tags")
    if bulk.kind in needs and not one_line(bulk.text):
        raise StudioError("There is no text to do this with.", "Write it into the field.")
    if bulk.kind == "consent" and not any(one_line(text) for text in bulk.consent):
        raise StudioError("Nothing is said of a consent.", "Say who gave it, when, and for what.")


def changes(rows: Iterable[Row], bulk: Bulk) -> list[Change]:
    """What `bulk` changes; pictures that stay as they are or would lose their caption are left
    out. StudioError as `check_bulk` and `cleaned`."""
    check_bulk(bulk)
    made: list[Change] = []
    for row in rows:
        if bulk.kind == "reset":
            made += [Change(row.picture.hash, field, None) for field in row.changed]  # type: ignore[arg-type]
            continue
        if bulk.kind == "consent":
            made += _consent(row, bulk.consent)
            continue
        if row.withdrawn and bulk.kind in ("remove", "bring back"):
            continue
        field, value = _aim(row, bulk)
        if field == "caption" and not one_line(str(value)):
            continue
        value = cleaned(field, value)
        now = row.removed if field == "removed" else getattr(row.picture, field)
        if value != now:
            made.append(Change(row.picture.hash, field, value))
    return made


def _consent(row: Row, said: Sequence[str]) -> list[Change]:
    given = {
        field: cleaned(field, text)  # type: ignore[arg-type]
        for field, text in zip(CONSENT, said, strict=True)
        if one_line(text)
    }
    return [
        Change(row.picture.hash, field, value)  # type: ignore[arg-type]
        for field, value in given.items()
        if value != getattr(row.picture, field)
    ]


def _aim(row: Row, bulk: Bulk) -> tuple[Field, Value]:
    caption, text = row.picture.caption, one_line(bulk.text)
    if bulk.kind == "front":
        return "caption", f"{text} {caption}"
    if bulk.kind == "token":
        there = re.search(rf"(?<!\w){re.escape(text)}(?!\w)", caption)
        return "caption", caption if there else f"{text} {caption}"
    if bulk.kind == "behind":
        return "caption", f"{caption}{'' if text[0] in ',.;:!?' else ' '}{text}"
    if bulk.kind == "replace":
        return "caption", _replaced(caption, text, bulk)
    if bulk.kind == "add tags":
        return "tags", (*row.picture.tags, *tags_in(text))
    if bulk.kind == "remove tags":
        return "tags", tuple(t for t in row.picture.tags if t not in tags_in(text))
    if bulk.kind in ("remove", "bring back"):
        return "removed", bulk.kind == "remove"
    assert bulk.kind in ("caption", "category", "source", "author", "licence")
    return bulk.kind, text


def _replaced(caption: str, text: str, bulk: Bulk) -> str:
    before = "" if bulk.inside or not text[0].isalnum() else r"(?<!\w)"
    behind = "" if bulk.inside or not text[-1].isalnum() else r"(?!\w)"
    # The replacement is text: a backslash in it means nothing.
    return one_line(re.sub(f"{before}{re.escape(text)}{behind}", lambda _: bulk.instead, caption))


WORDS = {
    "caption": ("caption", "captions"),
    "category": ("category", "categories"),
    "tags": ("picture's tags", "pictures' tags"),
    "source": ("source", "sources"),
    "author": ("author", "authors"),
    "licence": ("licence", "licences"),
    "consent": ("consent", "consents"),
    "mask": ("mask", "masks"),
}


def summary(rows: Iterable[Row]) -> str:
    """A line of what the rows change, such as "12 captions changed, 2 pictures removed"; empty
    when nothing does."""
    counts = Counter(
        field for row in rows for field in {name.partition("_")[0] for name in row.changed}
    )
    removed = counts.pop("removed", 0)
    told = [f"{n:,} {WORDS[field][n > 1]}" for field in WORDS if (n := counts[field])]
    said = [f"{', '.join(told)} changed"] if told else []
    if removed:
        said.append(f"{removed:,} picture{'s' * (removed > 1)} removed")
    return ", ".join(said)
