"""Prompts: the style token filled in, and prompt files read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.errors import StudioError

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
    """One prompt a line; empty lines and lines that begin with # are passed over."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise StudioError(f"{file} can't be read: {error}", "Give a text file in UTF-8.") from error
    found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not found:
        raise StudioError(f"{file} holds no prompt.", "Write one prompt a line.")
    return found
