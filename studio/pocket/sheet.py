"""A contact sheet: what a base draws for a list of prompts, enlarged, each over its prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw

SHEET_PROMPTS: tuple[str, ...] = (
    *("a red potion", "a blue potion", "a green potion", "a golden potion"),
    *("a blue sword", "a red sword", "a golden sword", "a grey dagger"),
    *("a green slime", "a blue slime", "a red slime", "a purple slime"),
    *("a golden ring", "a silver ring", "a red ring", "a green ring"),
    *("a purple book", "a red book", "a blue book", "a brown book"),
    *("a brown tree", "a green tree", "a tree", "a mushroom"),
    *("a skeleton", "a zombie", "a ghost", "a mummy"),
    *("a dragon", "a red dragon", "a green dragon", "a blue dragon"),
    *("a grey axe", "a brown bow", "a mace", "a spear"),
    *("a golden amulet", "a red gem", "a blue gem", "a green gem"),
    *("a brown door", "a grey statue", "an altar", "a gateway"),
    *("a brown staff", "a wand", "a scroll", "golden coins"),
    *("a red apple", "a yellow banana", "a grey helmet", "brown boots"),
    *("a purple robe", "a silver armour", "a brown shield", "a red shield"),
    *("a green snake", "a black spider", "a brown bear", "a grey wolf"),
    *("a red demon", "a green orc", "a wizard", "a yellow butterfly"),
)


def draw(
    pipeline: Any, prompts: list[str], seed: int, steps: int = 20, guidance: float = 4.0
) -> list[Image.Image]:
    """One RGBA picture a prompt; picture k has its own generator, seed + k."""
    pictures: list[Image.Image] = []
    for start in range(0, len(prompts), 16):
        part = prompts[start : start + 16]
        generators = [
            torch.Generator("cpu").manual_seed(seed + start + k) for k in range(len(part))
        ]
        pictures += pipeline(
            part, num_inference_steps=steps, guidance_scale=guidance, generator=generators
        ).images
    return pictures


def checkerboard(size: int, square: int = 8) -> Image.Image:
    """RGB squares of two light greys, on which transparency can be seen."""
    board = Image.new("RGB", (size, size), (225, 225, 225))
    pen = ImageDraw.Draw(board)
    for y in range(0, size, square):
        for x in range(0, size, square):
            if (x + y) // square % 2:
                pen.rectangle((x, y, x + square - 1, y + square - 1), (200, 200, 200))
    return board


def contact_sheet(
    pictures: list[Image.Image], prompts: list[str], columns: int = 8, zoom: int = 4
) -> Image.Image:
    """All pictures enlarged by `zoom`, each on a checkerboard with its prompt beneath."""
    edge = pictures[0].width * zoom
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (edge + 8), rows * (edge + 22)), "white")
    pen = ImageDraw.Draw(sheet)
    for k, (picture, prompt) in enumerate(zip(pictures, prompts, strict=True)):
        x, y = k % columns * (edge + 8) + 4, k // columns * (edge + 22) + 4
        board = checkerboard(edge)
        large = picture.convert("RGBA").resize((edge, edge), Image.Resampling.NEAREST)
        board.paste(large, (0, 0), large)
        sheet.paste(board, (x, y))
        pen.text((x, y + edge + 2), prompt, fill="black")
    return sheet


def before_and_after(
    prompts: list[str], before: list[Image.Image], after: list[Image.Image], zoom: int = 3
) -> Image.Image:
    """Twelve columns: each prompt with the picture before above the one after, enlarged."""
    columns = min(12, len(prompts))
    pictures: list[Image.Image] = []
    texts: list[str] = []
    for start in range(0, len(prompts), columns):
        for side in (before, after):
            row = side[start : start + columns]
            blank = Image.new("RGBA", before[0].size)
            pictures += row + [blank] * (columns - len(row))
        named = prompts[start : start + columns]
        rest = [""] * (columns - len(named))
        texts += [*named, *rest, *["with the style"] * len(named), *rest]
    return contact_sheet(pictures, texts, columns, zoom)


def draw_sheet(pipeline: Any, place: Path, seed: int = 7) -> None:
    """Draws SHEET_PROMPTS and saves the sheet as PNG at `place`."""
    prompts = list(SHEET_PROMPTS)
    place.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(draw(pipeline, prompts, seed), prompts).save(place, optimize=True)
