"""Prompts: the style token filled in, and prompt files read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.errors import StudioError
from studio.text import decoding

TOKEN = "{style_token}"


def with_trigger(prompt: str, trigger_word: str) -> str:
    """The prompt with `{style_token}` filled, or the trigger word before it where it has none."""
    text = prompt.strip()
    if TOKEN in text:
        return text.replace(TOKEN, trigger_word).strip()
    return text if trigger_word in text else f"{trigger_word} {text}".strip()


def with_triggers(prompt: str, trigger_words: Sequence[str]) -> str:
    """As `with_trigger` for the first; those of further adapters are put before it."""
    for word in trigger_words:
        prompt = with_trigger(prompt, word)
    return prompt


def without_trigger(prompt: str, trigger_word: str) -> str:
    """The prompt as a person means it: no token, no trigger word."""
    text = prompt.replace(TOKEN, " ")
    return " ".join((text.replace(trigger_word, " ") if trigger_word else text).split())


def read_prompts(file: Path) -> list[str]:
    """One prompt a line; empty lines and lines that begin with # are passed over.

    StudioError where it can't be read, or its encoding not be told.
    """
    lines = decoding.read_text(file).text.splitlines()
    found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not found:
        raise StudioError(f"{file} holds no prompt.", "Write one prompt a line.")
    return found
