"""What a character is, kept under a name in revisions, each with who and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row

from studio import numbers
from studio.accounts.rights import check
from studio.characters.poses import HEADS
from studio.characters.tables import characters
from studio.database import ledger
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.errors import ChangedMeanwhile, StudioError, nearest
from studio.pixels.hex_colours import hex_of, rgb_of

RIGHT = "generate"
CHANGE = "change character"  # in the ledger
VIEWS = ("front", "side", "back")
HEIGHTS = (8, 256)  # pixels
LORA_STRENGTHS = (-2.0, 2.0)
MOST_WORDS = 1_000  # characters of its description
MOST_COLOURS = 256


@dataclass(frozen=True)
class Character:
    """One character. `style` draws it, in `version` (0: the one in production); without a style the
    bare `base` does. `lora` is its own LoRA, a style of the registry with `lora_version`, "" for
    none. `prompt` says what it looks like. `front`, `side` (facing right) and `back` are the
    pictures of its reference sheet, by the hashes of pictures to begin from. `colours` are its
    palette's, by which `palette` names them ("" where they are its own; no colours: any). `height`
    is in pixels, `heads` how many heads tall the figure is."""

    style: str = ""
    version: int = 0
    base: str = ""
    lora: str = ""
    lora_version: int = 0
    lora_strength: float = 1.0
    prompt: str = ""
    negative: str = ""
    front: str = ""
    side: str = ""
    back: str = ""
    palette: str = ""
    colours: tuple[str, ...] = ()
    height: int = 32
    heads: float = 4.0
    seed: int = 1

    @property
    def views(self) -> dict[str, str]:
        """The pictures of the reference sheet that are there, by their view."""
        return {view: hash for view in VIEWS if (hash := str(getattr(self, view)))}


NAMES = tuple(one.name for one in fields(Character))


@dataclass(frozen=True)
class Revision:
    """A character as somebody saved it; `at` is ISO UTC, revisions count from 1."""

    name: str
    revision: int
    character: Character
    by: str
    at: str


def of_json(told: Mapping[str, Any], before: Character | None = None) -> Character:
    """A character of plain values; what is missing is as `before`, else as usual. StudioError names
    what is wrong."""
    if (unknown := next((name for name in told if name not in NAMES), None)) is not None:
        raise StudioError(
            f"A character has no {numbers.shown(unknown)}.",
            f"{nearest(unknown, NAMES)}Known: {', '.join(NAMES)}.",
        )
    given = dict(told)
    for name, value in given.items():
        usual = getattr(Character, name)
        if isinstance(usual, str) and not isinstance(value, str):
            raise StudioError(f"{name} is {numbers.shown(value)}.", "Give a text.")
    if "colours" in given:
        if not isinstance(given["colours"], list | tuple):
            raise StudioError(
                f"colours is {numbers.shown(given['colours'])}.", "Give a list of #rrggbb."
            )
        given["colours"] = tuple(given["colours"])
    return checked(replace(before or Character(), **given))


def to_json(character: Character) -> dict[str, Any]:
    """The same as plain JSON."""
    return {**asdict(character), "colours": list(character.colours)}


def checked(character: Character) -> Character:
    """The character with numbers as numbers, or StudioError naming what it can't be."""
    if not character.prompt.strip():
        raise StudioError("The character's prompt is empty.", "Say what it looks like.")
    for name in ("prompt", "negative"):
        if len(getattr(character, name)) > MOST_WORDS:
            raise StudioError(
                f"The character's {name} has {len(getattr(character, name)):,} characters.",
                f"Use at most {MOST_WORDS:,}.",
            )
    for view in VIEWS:
        hash = getattr(character, view)
        if hash and not re.fullmatch("[0-9a-f]{64}", hash):
            raise StudioError(
                f"{view} is {numbers.shown(hash)}.", "Choose a picture of the gallery, or a file."
            )
    if character.lora and not character.style:
        raise StudioError(
            f"The LoRA {character.lora} has no style to act beside.",
            "Name the style; where the character's LoRA is all that draws, that is the style.",
        )
    if character.lora and character.lora_version < 1:
        raise StudioError(f"The LoRA {character.lora} has no version.", "Name one, as hero@3.")
    if len(character.colours) > MOST_COLOURS:
        raise StudioError(
            f"The palette has {len(character.colours):,} colours.", f"Use at most {MOST_COLOURS}."
        )
    return replace(
        character,
        version=numbers.whole("version", character.version, 0, numbers.HIGHEST_ID),
        lora_version=numbers.whole("lora_version", character.lora_version, 0, numbers.HIGHEST_ID),
        lora_strength=numbers.number("lora_strength", character.lora_strength, *LORA_STRENGTHS),
        colours=hex_of(rgb_of(character.colours)) if character.colours else (),
        height=numbers.whole("height", character.height, *HEIGHTS),
        heads=numbers.number("heads", character.heads, *HEADS),
        seed=numbers.seed(character.seed),
    )


def current(engine: Engine, name: str) -> Revision:
    """The newest revision of a character. StudioError names those that there are."""
    with engine.connect() as connection:
        found = _newest(connection, name)
    if found is None:
        known = [one.name for one in listing(engine)]
        raise StudioError(
            f"There is no character {numbers.shown(name)}.",
            f"{nearest(name, known)}Known: {', '.join(known[:20]) or 'none'}.",
        )
    return found


def get(engine: Engine, name: str, revision: int) -> Revision:
    """A revision of a character. StudioError where there is none."""
    c = characters.c
    query = sa.select(characters).where((c.name == name) & (c.revision == revision))
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None:
        newest = current(engine, name).revision
        raise StudioError(
            f"The character {name} has no revision {revision}.", f"The newest is {newest}."
        )
    return _revision(row)


def listing(engine: Engine) -> list[Revision]:
    """The newest revision of each character, by name."""
    c = characters.c
    newest = sa.select(c.name, sa.func.max(c.revision).label("revision")).group_by(c.name)
    last = newest.subquery()
    query = sa.select(characters).join(
        last, (c.name == last.c.name) & (c.revision == last.c.revision)
    )
    with engine.connect() as connection:
        return [_revision(row) for row in connection.execute(query.order_by(c.name))]


def revisions(engine: Engine, name: str) -> list[Revision]:
    """All revisions of a character, the newest first."""
    c = characters.c
    query = sa.select(characters).where(c.name == name).order_by(c.revision.desc())
    with engine.connect() as connection:
        return [_revision(row) for row in connection.execute(query)]


def save(
    engine: Engine, name: str, character: Character, *, after: int, by: str, now: datetime
) -> Revision:
    """Save a character. `after` is the revision that the person saw, 0 for none: ChangedMeanwhile
    where another is there by now. The same again makes no new revision."""
    check(by, RIGHT)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", name):
        raise StudioError(
            f"{numbers.shown(name)} is no name for a character.",
            "Use a-z, 0-9, - and _, at most 40.",
        )
    character = checked(character)
    with writing(engine) as connection:
        before = _newest(connection, name)
        if before is not None and before.character == character:
            return before
        number = before.revision if before else 0
        if number != after:
            who = f"{before.by} changed it on {before.at[:10]}" if before else "it is new"
            raise ChangedMeanwhile(
                f"The character {name} is revision {number or 'none'} by now, not "
                f"{after or 'none'}: {who}.",
                "Look at it again, and make your change to what is there now.",
            )
        new = Revision(name, number + 1, character, str(by), stamp(now))
        connection.execute(characters.insert().values(**{**vars(new), "character": told(new)}))
        ledger.record(
            connection,
            at=now,
            actor=by,
            action=CHANGE,
            reason=f"{name}, revision {new.revision}: {_difference(before, character)}",
        )
    return new


def told(one: Revision) -> dict[str, Any]:
    """A revision's character as JSON has it."""
    return to_json(one.character)


def _newest(connection: Connection, name: str) -> Revision | None:
    c = characters.c
    query = sa.select(characters).where(c.name == name).order_by(c.revision.desc()).limit(1)
    row = connection.execute(query).first()
    return _revision(row) if row else None


def _revision(row: Row[Any]) -> Revision:
    """Of a newer program's character what this one knows is read."""
    kept = {name: value for name, value in row.character.items() if name in NAMES}
    kept["colours"] = tuple(kept.get("colours", ()))
    return Revision(row.name, row.revision, Character(**kept), row.by, row.at)


def _difference(before: Revision | None, character: Character) -> str:
    if before is None:
        return "saved for the first time"
    old = before.character
    changed = [name for name in NAMES if getattr(old, name) != getattr(character, name)]
    return ", ".join(name.replace("_", " ") for name in changed)
