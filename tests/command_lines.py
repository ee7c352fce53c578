"""Command lines as documents and messages write them, held against the parser."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from functools import cache

from studio.cli.main import parser
from studio.cli.renamed import renamed

# Up to a quote, or to the next command.
WRITTEN = re.compile(r"python -m studio((?:[ \n]+(?!\S*python )[^\s`\"')]+)+)")


@cache
def commands() -> dict[tuple[str, ...], frozenset[str]]:
    """The flags of every command, by its words: ("people", "add") -> {"--role", ...}."""
    return dict(_below(parser(), ()))


def _below(
    top: argparse.ArgumentParser, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    inner = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield words, frozenset(top._option_string_actions)
    for action in inner:
        for name, below in action.choices.items():
            yield from _below(below, (*words, name))


def command_of(words: list[str]) -> tuple[str, ...] | None:
    """The command that a line begins with; None where it begins with none."""
    for length in (3, 2, 1):
        if (command := tuple(words[:length])) in commands():
            return command
    return None


def wrong(line: str) -> str:
    """What is not right with a command line without `python -m studio`: a command that is none, a
    flag that it does not take, a name of before. Empty where all is right."""
    words = line.split()
    if warnings := renamed(words)[1]:
        return warnings[0]
    command = command_of(words)
    if command is None:
        return f"there is no command {' '.join(words[:2])}"
    flags = {word.partition("=")[0].rstrip(".,:") for word in words if word.startswith("--")}
    unknown = flags - commands()[command] - {"--"}
    return f"{' '.join(command)} does not take {', '.join(sorted(unknown))}" if unknown else ""


def written(text: str) -> list[str]:
    """Every `python -m studio ...` in a text, without these words; a sentence may follow it."""
    return [" ".join(line.split()) for line in WRITTEN.findall(text)]
