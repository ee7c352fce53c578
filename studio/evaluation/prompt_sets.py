"""The prompt set of a style: one fixed sheet for previews, evaluations and ballots, versioned.

A version is named by its content. Figures of different versions measure different things and are
never set side by side.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StudioError
from studio.store.publish import publish

NEUTRAL = (
    "a red potion",
    "a blue gem",
    "a green slime",
    "a golden ring",
    "a brown staff",
    "a red apple",
    "a golden sword",
    "a purple potion",
    "a green tree",
    "a silver ring",
)
COLOURS = frozenset(
    "red orange yellow brown green cyan blue purple pink grey gray white black silver golden gold "
    "teal violet coral mustard cream crimson turquoise beige indigo magenta".split()
)
SCHEMA = 1


@dataclass(frozen=True)
class PromptSet:
    """Prompts in the order of the sheet, without trigger words; each is drawn with every seed.

    `unseen` are those of `prompts` that no training caption held; `version` is 12 hex digits.
    """

    style: str
    version: str
    prompts: tuple[str, ...]
    seeds: tuple[int, ...]
    unseen: tuple[str, ...]


def build_prompt_set(
    style: str, captions: Sequence[str], *, count: int = 12, seeds: Sequence[int] = (11, 12)
) -> PromptSet:
    """Half captions of the training, half prompts that it never saw; the same for any order.

    Unseen prompts put a colour that the captions use on a kind that they never show in it; where
    that yields too few, neutral prompts fill up. Few captions give fewer prompts than `count`.
    """
    if count < 2 or not seeds or len(set(seeds)) != len(seeds):
        raise StudioError(
            f"A prompt set of {count} prompts with seeds {list(seeds)}.",
            "Ask for at least 2 prompts and for seeds that differ.",
        )
    known = sorted({_plain(caption) for caption in captions} - {""})
    # Choices hang on the captions alone, so the same data gives the same sheet.
    rng = random.Random("\n".join(known))
    seen = _spread(known, count // 2, rng)
    unseen = _spread(_recombined(known), count - len(seen), rng)
    for prompt in NEUTRAL:
        if len(seen) + len(unseen) < count and prompt not in known and prompt not in unseen:
            unseen.append(prompt)
    prompts = (*seen, *unseen)
    version = _version(style, prompts, tuple(seeds), tuple(unseen))
    return PromptSet(style, version, prompts, tuple(seeds), tuple(unseen))


def comparable(a_version: str, b_version: str) -> None:
    """Raises StudioError unless figures of the two prompt-set versions may stand side by side."""
    if a_version != b_version:
        raise StudioError(
            f"Figures of prompt sets {a_version} and {b_version} can't be compared.",
            "Evaluate both versions with the same prompt set.",
        )


def save(home: Path, prompt_set: PromptSet) -> Path:
    """Writes home/prompts/<style>/<version>.json and makes it the style's current one."""
    folder = _folder(home, prompt_set.style)
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "schema": SCHEMA,
        "style": prompt_set.style,
        "prompts": prompt_set.prompts,
        "seeds": prompt_set.seeds,
        "unseen": prompt_set.unseen,
    }
    path = folder / f"{prompt_set.version}.json"
    publish(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    publish(folder / "current", prompt_set.version + "\n")
    return path


def load(home: Path, style: str, version: str | None = None) -> PromptSet:
    """The prompt set of `style`, current unless `version` names another.

    Raises StudioError where there is none, or where the file is not what its name says.
    """
    folder = _folder(home, style)
    try:
        wanted = version or (folder / "current").read_text("utf-8").strip()
    except FileNotFoundError:
        raise StudioError(
            f"Style {style} has no prompt set.", "Train the style first, or save a prompt set."
        ) from None
    if not re.fullmatch(r"[0-9a-f]{12}", wanted):
        raise StudioError(f"{wanted!r} is no prompt set version.", "It is 12 hex digits.")
    path = folder / f"{wanted}.json"
    try:
        found = json.loads(path.read_text("utf-8"))
        prompts, unseen = tuple(found["prompts"]), tuple(found["unseen"])
        seeds = tuple(int(seed) for seed in found["seeds"])
    except FileNotFoundError:
        known = sorted(file.stem for file in folder.glob("*.json"))
        raise StudioError(
            f"Style {style} has no prompt set {wanted}.", f"It has: {', '.join(known) or 'none'}."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise StudioError(f"{path} is damaged.", "Put the file back from a backup.") from error
    if _version(style, prompts, seeds, unseen) != wanted:
        raise StudioError(
            f"{path} was changed after it was saved.", "Save changed prompts as a new prompt set."
        )
    return PromptSet(style, wanted, prompts, seeds, unseen)


def _plain(caption: str) -> str:
    """The caption without <trigger> words and needless space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^<>]*>", " ", caption)).strip(" ,.").strip()


def _parts(caption: str) -> tuple[str, str] | None:
    """Colour and what it colours, for captions such as "a teal potion"; None for others."""
    words = re.fullmatch(r"(?:an?\s+)?(\w+)\s+(\w+(?:\s\w+)?)", caption.lower())
    if not words or words[1] not in COLOURS:
        return None
    return words[1], words[2]


def _recombined(known: list[str]) -> list[str]:
    """Colour and kind pairs that are absent from the captions, sorted."""
    pairs = {part for caption in known if (part := _parts(caption))}
    colours, kinds = {colour for colour, _ in pairs}, {kind for _, kind in pairs}
    absent = {(colour, kind) for colour in colours for kind in kinds} - pairs
    return sorted(
        f"{'an' if colour[0] in 'aeiou' else 'a'} {colour} {kind}" for colour, kind in absent
    )


def _spread(captions: list[str], count: int, rng: random.Random) -> list[str]:
    """Up to `count` captions, each kind (last word) once before any comes again."""
    pool = list(captions)
    rng.shuffle(pool)
    rounds: dict[str, int] = {}
    ranked = []
    for caption in pool:
        kind = caption.split()[-1]
        rounds[kind] = rounds.get(kind, 0) + 1
        ranked.append((rounds[kind], caption))
    ranked.sort(key=lambda pair: pair[0])
    return [caption for _, caption in ranked[:count]]


def _version(
    style: str, prompts: tuple[str, ...], seeds: tuple[int, ...], unseen: tuple[str, ...]
) -> str:
    content = json.dumps([style, prompts, seeds, unseen], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _folder(home: Path, style: str) -> Path:
    if not re.fullmatch(r"[\w][\w.-]*", style):
        raise StudioError(
            f"{style!r} is no name of a style.", "Use letters, digits, dots, dashes, underscores."
        )
    return home / "prompts" / style
