"""A specification: what a wish becomes before it is drawn, six fields of words.

It is of whoever expanded the wish, a language model, rules or a person, and whatever stands in it
is text: an answer can ask for nothing, name no file and change no setting. What a model invents
beside the six fields is dropped, and the wish stays the person's own words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from studio.chat.answers import AGAIN, NoUse
from studio.errors import StudioError, nearest
from studio.text.decoding import cleaned

WISH, EXPANDED, WORDS = 500, 1_000, 60  # characters: of a wish, of its expansion, of one item
ITEMS = 12  # of one list
PROMPT = 2_000  # characters that a drawing's prompt may have
VARIANTS = 8  # of one wish
LISTS = ("style_keywords", "primary_colors", "materials", "key_features")
OWN = "original_prompt"  # the person's, which nobody else writes
# Of prompts, what would be read as a LoRA, a token to fill in, or alternatives of a list.
_SIGNS = re.compile(r"[<>{}\\]")
_BRACKETS = re.compile(r"([()\[\]])")


@dataclass(frozen=True)
class Specification:
    """The wish in the person's own words, what is to be drawn in one paragraph, and words for its
    style, colours, materials and features."""

    original_prompt: str
    expanded_prompt: str
    style_keywords: tuple[str, ...] = ()
    primary_colors: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    key_features: tuple[str, ...] = ()


FIELDS = tuple(field.name for field in fields(Specification))


def wish_of(written: str) -> str:
    """A wish as it is kept, in one line; StudioError for none, and for a book."""
    wish = line(written)
    if not wish:
        raise StudioError("The wish is empty.", "Say what you want, such as: a healing potion.")
    if len(wish) > WISH:
        raise StudioError(
            f"The wish has {len(wish):,} characters: {wish[:40]!r}...",
            f"Say it in at most {WISH}; several wishes are several lines.",
        )
    return wish


def schema(count: int) -> dict[str, Any]:
    """What an answer with `count` variants looks like, as JSON Schema that servers can enforce."""
    texts = {"type": "array", "items": {"type": "string"}}
    shape = {"expanded_prompt": {"type": "string"}, **dict.fromkeys(LISTS, texts)}
    variant = _table(shape)
    many = {"type": "array", "items": variant, "description": f"{count} variants"}
    return _table({"variants": many})


def checked(answer: object, wish: str) -> Specification:
    """One variant of an answer as a specification; NoUse (StudioError) names what is wrong. Lists
    may also be texts with commas, and are empty where they are left out; what is too long is cut
    behind a word, and other keys are dropped."""
    if not isinstance(answer, Mapping):
        raise NoUse(f"The answer is a {type(answer).__name__}, no specification.", AGAIN)
    expanded = answer.get("expanded_prompt")
    if not isinstance(expanded, str) or not line(expanded):
        raise NoUse("The answer has no text as expanded_prompt.", AGAIN)
    lists = {name: _items(name, answer.get(name)) for name in LISTS}
    return Specification(wish, _cut(line(expanded), EXPANDED), **lists)


def variants(answer: object, wish: str, count: int) -> tuple[Specification, ...]:
    """The specifications of a whole answer, `count` at most and each once: its list `variants`, a
    list alone, or one specification alone. NoUse (StudioError) where none of them is one."""
    found = answer.get("variants", answer) if isinstance(answer, Mapping) else answer
    given = found if isinstance(found, list) else [found]
    if not given:
        raise NoUse("The answer holds no variant.", AGAIN)
    made: list[Specification] = []
    wrong: NoUse | None = None
    for one in given[: 4 * VARIANTS]:
        try:
            made.append(checked(one, wish))
        except NoUse as error:
            wrong = wrong or error
    if not made and wrong is not None:
        raise wrong
    return tuple(dict.fromkeys(made))[:count]


def edited(before: Specification, changes: Mapping[str, Any]) -> Specification:
    """The same with fields that a person wrote, lists as lists or as texts with commas.
    StudioError for an unknown field, the wish itself, and for what is empty or too long."""
    for name in changes:
        if name not in FIELDS:
            raise StudioError(
                f"There is no field {name[:40]!r}.",
                f"{nearest(name, FIELDS)}Known: {', '.join(FIELDS[1:])}.",
            )
    if changes.get(OWN, before.original_prompt) != before.original_prompt:
        raise StudioError("The wish itself is not edited.", "Expand the new words as a new wish.")
    told: dict[str, Any] = {}
    for name, value in changes.items():
        if name in LISTS:
            told[name] = _written(name, value)
        elif name != OWN:
            text = line(value) if isinstance(value, str) else ""
            if not 1 <= len(text) <= EXPANDED:
                raise StudioError(
                    f"{name} has {len(text):,} characters.", f"Write 1 to {EXPANDED:,} of them."
                )
            told[name] = text
    return replace(before, **told)


def prompt(of: Specification, trigger_word: str = "") -> str:
    """What is drawn: the style's trigger word, as the registry has it, what is to be seen, and of
    the lists what was not said yet. Nothing in it is a weight, a LoRA or a token."""
    said = _cut(_plain(of.expanded_prompt), PROMPT - len(trigger_word) - 1)
    parts = [f"{trigger_word} {said}".strip()]
    for item in (*of.key_features, *of.materials, *of.primary_colors, *of.style_keywords):
        text = _plain(item)
        if text and text.casefold() not in ", ".join(parts).casefold():
            if len(", ".join([*parts, text])) > PROMPT:
                break
            parts.append(text)
    return ", ".join(parts)


def as_json(of: Specification) -> dict[str, Any]:
    """As records keep it."""
    return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(of).items()}


def of_json(told: Mapping[str, Any]) -> Specification:
    """What `as_json` kept."""
    lists = {name: tuple(told.get(name, ())) for name in LISTS}
    return Specification(told[OWN], told["expanded_prompt"], **lists)


def line(text: str) -> str:
    """A text in one line, without control characters, halves of surrogate pairs and what nobody
    sees."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return " ".join(cleaned(spaced).split())


def _items(name: str, value: object) -> tuple[str, ...]:
    """A list of an answer; NoUse where it is none."""
    if value is None:
        return ()
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise NoUse(f"The answer's {name} is no list of texts.", AGAIN)
    return tuple(_distinct(_cut(line(one), WORDS) for one in given))[:ITEMS]


def _written(name: str, value: object) -> tuple[str, ...]:
    """A list that a person wrote, whole or refused."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, Sequence) or not all(isinstance(one, str) for one in given):
        raise StudioError(f"{name} is no list of words.", "Write them with commas between.")
    items = tuple(_distinct(map(line, given)))
    long = next((one for one in items if len(one) > WORDS), "")
    if long or len(items) > ITEMS:
        what = f"{long[:40]!r} has {len(long)} characters" if long else f"{len(items)} are given"
        raise StudioError(
            f"{name}: {what}.", f"Write at most {ITEMS}, of at most {WORDS} characters each."
        )
    return items


def _distinct(texts: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for text in texts:
        if text:
            found.setdefault(text.casefold(), text)
    return list(found.values())


def _cut(text: str, most: int) -> str:
    """The text, behind its last word that fits whole."""
    if len(text) <= most:
        return text
    head = text[:most]
    return (head[: head.rfind(" ")] if " " in head and text[most] != " " else head).rstrip()


def _plain(text: str) -> str:
    """A text that no prompt reads anything else into than its words."""
    bare = " ".join(_SIGNS.sub(" ", text).split())
    return _BRACKETS.sub(r"\\\1", bare)


def _table(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(shape),
        "required": list(shape),
        "additionalProperties": False,
    }
