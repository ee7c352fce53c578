"""Prompts that people keep under a name, with fields in braces: `a {material} sword, front view`.

A template is of one style or of all; of two with one name the style's own is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.accounts.rights import check, check_own
from studio.database.engine import bump, writing
from studio.database.ledger import stamp
from studio.errors import StudioError
from studio.generation.prompts import TOKEN
from studio.generation.tables import templates
from studio.text.decoding import cleaned

NAME = 60  # characters of a name
PROMPT = 2_000  # characters of a prompt, with its fields' names in it
VALUE = 200  # characters of what a field is filled with
OTHERS = "change others' templates"  # the right
# No comma: {wood,iron} is no field.
_FIELD = re.compile(r"\{([^\W\d_][\w -]{0,39})\}")


@dataclass(frozen=True)
class Template:
    """A prompt with fields, and what should not be there. `style` "": of all styles; `at` ISO."""

    id: int
    name: str
    style: str
    prompt: str
    negative: str
    by: str
    at: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, each once, in order."""
        return fields(f"{self.prompt}\n{self.negative}")


def fields(prompt: str) -> tuple[str, ...]:
    """The names of the fields in a prompt, each once, in order."""
    return tuple(dict.fromkeys(_FIELD.findall(prompt.replace(TOKEN, " "))))


def filled(prompt: str, values: Mapping[str, str]) -> str:
    """The prompt with a value in place of each field. StudioError names the first without one."""
    told = {name: " ".join(value.split()) for name, value in values.items()}
    for name in fields(prompt):
        if not told.get(name):
            raise StudioError(f"The prompt's field {{{name}}} is empty.", "Fill it in.")
        if len(told[name]) > VALUE:
            raise StudioError(
                f"The field {{{name}}} has {len(told[name]):,} characters.", f"Use at most {VALUE}."
            )
    mark = "\0"  # {style_token} is filled in later, with the style's word
    text = _FIELD.sub(lambda found: told[found[1]], prompt.replace(TOKEN, mark))
    return text.replace(mark, TOKEN)


def listing(engine: Engine, style: str | None = None) -> list[Template]:
    """The templates that can be used with a style, None: all there are; by name, each style's own
    before one of the same name for all."""
    query = sa.select(templates).order_by(sa.func.lower(templates.c.name), templates.c.style.desc())
    if style is not None:
        query = query.where(templates.c.style.in_((style, "")))
    with engine.connect() as connection:
        return [Template(**row._mapping) for row in connection.execute(query)]


def find(engine: Engine, name: str, style: str) -> Template:
    """The template `name` for a style. StudioError names those that there are."""
    usable = listing(engine, style)
    found = next((one for one in usable if one.name == name), None)
    if found is None:
        known = ", ".join(dict.fromkeys(one.name for one in usable)) or "none"
        raise StudioError(
            f"There is no template {name[:NAME]!r} for {style}.",
            f"Known: {known}. Templates are saved on the page Generate.",
        )
    return found


def save(
    engine: Engine,
    name: str,
    prompt: str,
    negative: str = "",
    *,
    style: str = "",
    by: str,
    now: datetime,
) -> Template:
    """Keep a prompt under a name; whoever saves again under their name writes it anew. StudioError
    for a name or prompt that can't be kept, NotAllowed where the name is another person's."""
    check(by, "generate")
    name, prompt, negative = " ".join(name.split()), cleaned(prompt), cleaned(negative)
    if not 1 <= len(name) <= NAME:
        raise StudioError(f"The name has {len(name)} characters.", f"Give it 1 to {NAME}.")
    if not prompt.strip():
        raise StudioError("The prompt is empty.", "Write one, with fields in {braces}.")
    for text in (prompt, negative):
        if len(text) > PROMPT:
            raise StudioError(
                f"The prompt has {len(text):,} characters.", f"Use at most {PROMPT:,}."
            )
    row = {"prompt": prompt, "negative": negative, "by": str(by), "at": stamp(now)}
    same = (templates.c.style == style) & (templates.c.name == name)
    with writing(engine) as connection:
        owner = connection.execute(sa.select(templates.c.by).where(same)).scalar()
        if owner is None:
            connection.execute(templates.insert().values(name=name, style=style, **row))
        else:
            check_own(by, owner, OTHERS)
            connection.execute(templates.update().where(same).values(**{**row, "by": owner}))
        bump(connection)
        kept = connection.execute(sa.select(templates).where(same)).one()
    return Template(**kept._mapping)


def delete(engine: Engine, id: int, *, by: str) -> None:
    """Delete a template of one's own, or with the right another's; one that is gone stays gone."""
    check(by, "generate")
    with writing(engine) as connection:
        owner = connection.execute(sa.select(templates.c.by).where(templates.c.id == id)).scalar()
        if owner is not None:
            check_own(by, owner, OTHERS)
            connection.execute(templates.delete().where(templates.c.id == id))
            bump(connection)
