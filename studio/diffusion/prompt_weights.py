r"""Weights in prompts: `(red:1.3)` counts more, `(red:0.7)` less.

Only parentheses that end in a colon and a number are a weight; all others, and brackets, are drawn
as they stand, as they were before weights were read. `\(`, `\)`, `\[` and `\]` are the plain signs.
`(16:9)` and `(12:30)` are a ratio and a time, and a number beyond HIGHEST is none of ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.errors import StudioError

HIGHEST = 4.0  # a weight; beyond it pictures are noise
SHOWN = 60  # characters of what a sentence quotes
# One sign after the other: an escaped one, a weight's end, a parenthesis, anything else.
_SIGNS = re.compile(
    r"\\(?P<escaped>[()\[\]])"
    r"|(?P<end>:\s*(?P<weight>[0-9]{1,3}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})\s*\))"
    r"|(?P<open>\()|(?P<close>\))|(?P<other>.)",
    re.DOTALL,
)
_RATIO = re.compile(r"[0-9]:[0-9]+\)")
_NETWORK = re.compile(
    r"<(?P<kind>lora|lyco|hypernet):\s*(?P<name>[^<>:]*)(?P<rest>[^<>]*)>", re.IGNORECASE
)
_COMMAS = re.compile(r"(?:\s*,)+\s*(?=,)|^[\s,]+|[\s,]+$")
_LEFT = re.compile(r"[(\[]+[^()\[\]]*[)\]]+")


@dataclass(frozen=True)
class Lora:
    """A LoRA that a prompt asks for as in A1111, `<lora:name:0.8>`: its sign as it stands, its
    name, a version of that where one is named (`<lora:name:2:0.8>`), and its weight."""

    sign: str
    name: str
    version: int | None
    weight: float


@dataclass(frozen=True)
class Piece:
    """A stretch of a prompt's text and its weight; 1 is as the text stands."""

    text: str
    weight: float


def pieces(prompt: str) -> tuple[Piece, ...]:
    """The prompt without the signs of its weights, in pieces of one weight each, at least one.
    What stands in two weights has their product."""
    joined: list[Piece] = []
    for text, weight, _ in _signs(prompt):
        if joined and joined[-1].weight == weight:
            joined[-1] = Piece(joined[-1].text + text, weight)
        else:
            joined.append(Piece(text, weight))
    return tuple(joined) or (Piece("", 1.0),)


def spoken(prompt: str) -> str:
    """The words of the prompt as a base or CLIP reads them: without weights and escapes."""
    return "".join(piece.text for piece in pieces(prompt))


def weights(prompt: str) -> list[list[str | float]]:
    """The texts that are weighted, each with its weight, as a picture's metadata keeps them."""
    return [[piece.text, round(piece.weight, 6)] for piece in pieces(prompt) if piece.weight != 1]


def left(prompt: str) -> str:
    """A sentence about parentheses and brackets that are drawn as they stand, "" without any."""
    found = _LEFT.search("".join("" if plain else text for text, _, plain in _signs(prompt)))
    if not found:
        return ""
    return (
        f"{_brief(found[0])!r} is drawn as it stands: parentheses and brackets alone are no "
        f"weight. Write (word:1.1) for more, (word:0.9) for less, 0 to {HIGHEST:g}."
    )


def check(prompt: str) -> None:
    """StudioError where the prompt asks for a LoRA by the sign of other programs, which would be
    drawn as a text."""
    if found := _NETWORK.search(prompt):
        raise refusal(found[0], found["name"])


def refusal(sign: str, name: str) -> StudioError:
    """Why the sign of a LoRA that is none of the studio's for this base is not drawn."""
    return StudioError(
        f"{_brief(sign)!r} in a prompt loads nothing here; it would be drawn as words.",
        f"Take it out, and choose {name.strip() or 'it'} under Further LoRAs of the page Generate, "
        "with its strength; a file that the studio does not have yet is brought in under LoRA "
        "files.",
    )


def loras(prompt: str) -> tuple[str, tuple[Lora, ...]]:
    """The prompt without the signs of LoRAs, and those; what is none is left for `check`."""
    found: list[Lora] = []

    def taken(sign: re.Match[str]) -> str:
        numbers = [part.strip() for part in sign["rest"].split(":")[1:]]
        version = numbers.pop(0) if len(numbers) == 2 else ""
        weight = numbers[0] if numbers else "1"
        is_one = (
            sign["kind"].lower() == "lora"
            and sign["name"].strip()
            and len(numbers) < 2
            and re.fullmatch(r"[0-9]{0,9}", version)
            and re.fullmatch(r"-?(?:[0-9]{1,3}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})", weight)
        )
        if not is_one:
            return sign[0]
        number = int(version) if version else None
        found.append(Lora(sign[0], sign["name"].strip(), number, float(weight)))
        return ""

    text = _NETWORK.sub(taken, prompt)
    return (_COMMAS.sub("", re.sub(r"\s{2,}", " ", text)) if found else prompt), tuple(found)


def _is_weight(prompt: str, found: re.Match[str]) -> bool:
    ratio = found.start() > 0 and _RATIO.match(prompt, found.start() - 1)
    return not ratio and float(found["weight"]) <= HIGHEST


def _signs(prompt: str) -> list[tuple[str, float, bool]]:
    """What is read, sign by sign: its text, its weight, and whether it was escaped."""
    signs: list[tuple[str, float, bool]] = []
    opened: list[int] = []  # the places of parentheses that are not closed yet
    for found in _SIGNS.finditer(prompt):
        kind, text = found.lastgroup, found[0]
        if kind == "end" and opened and _is_weight(prompt, found):
            first, weight = opened.pop(), float(found["weight"])
            signs[first:] = [(t, before * weight, e) for t, before, e in signs[first + 1 :]]
            continue
        if kind == "open":
            opened.append(len(signs))
        elif opened and kind in ("end", "close"):
            opened.pop()
        signs.append((found["escaped"] or text, 1.0, kind == "escaped"))
    return signs


def _brief(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
