"""A kind of job in one file: it spells a word letter by letter, and stops where home says so.

A test knows it once it stands in the table: `monkeypatch.setitem(KINDS, TOY.name, TOY)`. Each
letter is an event "row", a row of a table at home; after each comes an event "check".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from studio.context import Progress, Studio
from studio.database.engine import bump, writing
from studio.errors import StudioError
from studio.jobs.emit import Answer, Emit, Event
from studio.store.publish import publish
from studio.worker.context import Context, Models
from studio.worker.kind import Input, Kind, Needs, Outcome, Work
from studio.worker.payload import Payload, Text
from studio.worker.steps import digest

SPELLED, ALPHABET = "spelled.json", "alphabet.txt"
tables = sa.MetaData()
# No key forbids a row to come twice: that it does not is what is proved.
letters = sa.Table(
    "toy_letters",
    tables,
    sa.Column("job", sa.Integer, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("letter", sa.String, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
)
words = sa.Table(
    "toy_words",
    tables,
    sa.Column("job", sa.Integer, nullable=False),
    sa.Column("word", sa.String, nullable=False),
)


class Toy(Payload):
    """Spell `word`, at most `most` letters of it. Schema 1 called the word `name` and knew no
    `most`."""

    word: Text
    most: int = 99


def lift(before: dict[str, Any]) -> dict[str, Any]:
    """A payload of schema 1 as one of schema 2."""
    return {"word": before["name"], "most": 2}


def check(studio: Studio, ask: Toy) -> Toy:
    if not ask.word.isalpha():
        raise StudioError(f"{ask.word!r} can't be spelled.", "Give a word.")
    return ask


def prepare(context: Context, ask: Toy) -> Work:
    studio = context.studio
    alphabet = studio.home / "toy" / ALPHABET
    publish(alphabet, "abcdefghijklmnopqrstuvwxyz")
    tables.create_all(studio.engine)
    file = Input(digest(alphabet), alphabet)
    params = {"word": ask.word, "attempt": context.job.attempt}
    return Work(alphabet.parent / str(context.job.id), params, {"alphabet": file})


def compute(
    inputs: Mapping[str, Input], params: Any, workdir: Path, models: Models, emit: Emit
) -> Outcome:
    alphabet, word = inputs["alphabet"].path.read_text(), params["word"]
    spelled = ""
    for place, letter in enumerate(word):
        spelled += alphabet[alphabet.index(letter)]
        emit.say(Progress(f"{letter} of {word}", place + 1, len(word), "letters", "spelling"))
        row = {"place": place, "letter": letter, "attempt": params["attempt"]}
        emit("row", f"row {place}", row)
        if emit("check", f"check {place}", {"letters": place + 1}) == "stop":
            break
    publish(workdir / SPELLED, json.dumps(spelled))
    return Outcome({"letters": len(spelled)}, {SPELLED: digest(workdir / SPELLED)})


def apply(context: Context, ask: Toy, workdir: Path, event: Event) -> Answer:
    if event.kind == "check":
        return "stop" if event.body["letters"] >= ask.most else "go on"
    place = (letters.c.job == context.job.id) & (letters.c.place == event.body["place"])
    with context.visible(), writing(context.studio.engine) as connection:
        if connection.execute(sa.select(letters).where(place)).first() is None:
            connection.execute(letters.insert().values(job=context.job.id, **event.body))
    return "go on"


def commit(context: Context, ask: Toy, outcome: Outcome) -> dict[str, Any]:
    studio, id = context.studio, context.job.id
    [(name, hash)] = outcome.files.items()
    text = (studio.home / "toy" / str(id) / name).read_text()
    made = studio.home / "toy" / f"{hash}.json"
    publish(made, text)
    with context.visible(), writing(context.studio.engine) as connection:
        if connection.execute(sa.select(words).where(words.c.job == id)).first() is None:
            connection.execute(words.insert().values(job=id, word=json.loads(text)))
            bump(connection)
    return {**outcome.figures, "file": made.relative_to(studio.home).as_posix()}


TOY = Kind(
    name="toy",
    label="Spelling {word}",
    payload=Toy,
    right="train",
    lane="work",
    check=check,
    prepare=prepare,
    compute=compute,
    apply=apply,
    commit=commit,
    needs=Needs(device=True),
    exclusive=True,
    resumable=True,
    lifts=(lift,),
)
