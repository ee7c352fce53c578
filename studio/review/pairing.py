"""The pairs of a ballot: every two sides on each prompt and seed, and pairs that check a voter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.review.pictures import Drawn, Kept, Side

Cell = tuple[str, int]


def common(drawn: Sequence[Drawn]) -> list[Cell]:
    """Prompts and seeds that all sides drew, or StudioError."""
    sides: set[Side] = {one.side for one in drawn}
    if len(sides) < 2 or len(sides) < len(drawn):
        raise StudioError("A ballot compares versions that differ.", "Choose two or more.")
    sets = {one.prompts for one in drawn if one.prompts}
    if len(sets) > 1:
        listed = ", ".join(f"{one.side.name} by {one.prompts}" for one in drawn)
        raise StudioError(
            f"The sheets were drawn from different prompt sets: {listed}.",
            "Evaluate the versions again, then open the ballot.",
        )
    cells = [cell for cell in drawn[0].files if all(cell in one.files for one in drawn)]
    if not cells:
        raise StudioError(
            "The sheets have no prompt with the same seed.", "Evaluate the versions again."
        )
    return cells


def real(
    drawn: Sequence[Drawn], cells: Sequence[Cell], kept: Kept, categories: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Every two sides on each prompt and seed; pairs of equal pictures are left out."""
    return [
        {
            "prompt": prompt,
            "seed": seed,
            "a": a,
            "b": b,
            "a_picture": kept.names[drawn[a].files[prompt, seed]],
            "b_picture": kept.names[drawn[b].files[prompt, seed]],
            "kind": "real",
            "category": categories.get(prompt) or kind_of(prompt),
        }
        for prompt, seed in cells
        for a, b in combinations(range(len(drawn)), 2)
        if kept.names[drawn[a].files[prompt, seed]] != kept.names[drawn[b].files[prompt, seed]]
    ]


def to_spoil(drawn: Sequence[Drawn], cells: Sequence[Cell], golds: int) -> list[Path]:
    """Pictures of all sides in turn, `golds` of them, for pairs with their own spoilt copies."""
    return [drawn[n % len(drawn)].files[cells[n % len(cells)]] for n in range(golds)]


def gold(
    drawn: Sequence[Drawn], cells: Sequence[Cell], kept: Kept, golds: int
) -> list[dict[str, Any]]:
    """Pairs of a picture (`a`) and its spoilt copy (`b`), of the pictures that `to_spoil` gave."""
    return [
        {
            "prompt": cells[n % len(cells)][0],
            "seed": cells[n % len(cells)][1],
            "a": n % len(drawn),
            "b": n % len(drawn),
            "a_picture": kept.names[file],
            "b_picture": kept.spoilt[file],
            "kind": "gold",
            "category": "",
        }
        for n, file in enumerate(to_spoil(drawn, cells, golds))
    ]


def kind_of(prompt: str) -> str:
    """What a prompt asks for, as far as its last word tells: a category to count votes by."""
    words = prompt.casefold().strip(" .!?").split()
    return words[-1] if words else ""
