"""What becomes of a prompt, told while it is typed: what is sent, its tokens, what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from studio.context import Studio
from studio.diffusion import bundled_bases, prompt_tokens, prompt_weights, vocabulary
from studio.errors import StudioError
from studio.generation import prompt_templates, prompts
from studio.registry import models
from studio.registry.models import Version
from studio.workflows import prompt_adapters
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import base_of

MOST = 2_000  # characters, of each prompt


@dataclass(frozen=True)
class Note:
    """A sentence about a prompt. "error": it is not drawn so; "warning": not as it was meant."""

    kind: Literal["error", "warning", "info"]
    text: str


@dataclass(frozen=True)
class Reading:
    """How a style takes a prompt and a negative one: what the base is sent, their lengths in words
    ("12 of 75 tokens", "" where texts are taken as they stand), and what there is to say."""

    sent: str
    tokens: str
    negative_tokens: str
    notes: tuple[Note, ...]

    def as_json(self) -> dict[str, Any]:
        """As a browser gets it."""
        return asdict(self)


def read(
    studio: Studio,
    version: Version,
    prompt: str,
    negative: str = "",
    adapters: Sequence[Mapping[str, Any]] = (),
    values: Mapping[str, str] | None = None,
    known: Sequence[Version] = (),
) -> Reading:
    """Read both prompts as `version` will, beside `adapters`; `values` fill the prompt's fields,
    those without one stay in braces. `known`: all versions, where somebody has read them."""
    notes = [*_too_long("prompt", prompt), *_too_long("negative prompt", negative)]
    told = {name: value for name, value in (values or {}).items() if value.strip()}
    both = [_filled(text, told) for text in (prompt, negative)]
    acting = [dict(one) for one in adapters]
    if table.is_adapter(version):
        try:
            of_style = (lambda style: [v for v in known if v.style == style]) if known else None
            both[0], acting = prompt_adapters.taken(studio, version, both[0], acting, of_style)
        except StudioError as error:
            notes.append(_error(error))
    words = [version.trigger_word, *_trigger_words(studio, acting, known)]
    sent = prompts.with_triggers(both[0], words) if both[0].strip() else ""
    tokens = ["", ""]
    if table.is_adapter(version):
        reader = prompt_tokens.of_base(base_of(studio, version))
        for place, (name, text) in enumerate((("prompt", sent), ("negative prompt", both[1]))):
            tokens[place] = prompt_tokens.counted(reader, text)
            said = prompt_tokens.said(reader, text, f"The {name}")
            notes += [Note("info", sentence) for sentence in said]
            try:
                prompt_weights.check(text)
            except StudioError as error:
                if (again := _error(error)) not in notes:
                    notes.append(again)
    notes += _unknown(version, " ".join(both))
    return Reading(sent, tokens[0], tokens[1], tuple(notes))


def _filled(text: str, values: Mapping[str, str]) -> str:
    own = {name: f"{{{name}}}" for name in prompt_templates.fields(text)}
    try:
        return prompt_templates.filled(text, {**own, **values})
    except StudioError:  # a value is too long; it is told where it is typed
        return text


def _trigger_words(
    studio: Studio, adapters: Sequence[Mapping[str, Any]], known: Sequence[Version]
) -> list[str]:
    there = {(one.style, one.number): one for one in known}
    found = []
    for one in adapters:
        if one["strength"]:
            named = (str(one["style"]), int(one["version"]))
            version = there.get(named) or models.get(studio.client, *named)
            found.append(version.trigger_word)
    return [word for word in found if word]


def _too_long(name: str, text: str) -> list[Note]:
    if len(text) <= MOST:
        return []
    says = f"The {name} has {len(text):,} characters, {len(text) - MOST:,} too many."
    return [Note("error", f"{says} Nothing is drawn until it has {MOST:,}.")]


def _unknown(version: Version, text: str) -> list[Note]:
    plain = prompts.without_trigger(text, version.trigger_word)
    base = version.tags.get("base_name", "")
    if bundled_bases.find(base) in bundled_bases.present():
        return [Note("warning", sentence) for sentence in vocabulary.said(base, plain)]
    if symbols := vocabulary.symbols_of(plain):
        says = f"{' '.join(symbols)}: bases learned from words, and draw little of emoji."
        return [Note("warning", says)]
    return []


def _error(error: StudioError) -> Note:
    return Note("error", f"{error.message} {error.remedy}")
