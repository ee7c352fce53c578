"""What the base is asked and measured by: kinds, colours, copies, speed. Each gives plain values.

A record has `bars`, a list of what, measured, bar and met; all else in it explains them.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from studio.colours import colour_shares
from studio.diffusion.pocket_clip import load_clip
from studio.pocket.copying import compared, feature_distances, pixel_distances
from studio.pocket.corpus import Sprite
from studio.pocket.namer import confusion, named_by_others, share_right, stacked, train_namer
from studio.pocket.sheet import draw

Record = dict[str, Any]

# What people would type for a kind, where they would not type its name alone.
NOUNS: dict[str, tuple[str, ...]] = {
    "weapon": ("weapon", "sword", "axe", "mace", "spear", "dagger", "bow"),
    "armour": ("armour", "helmet", "robe", "shield", "boots", "gloves"),
    "undead": ("undead", "skeleton", "zombie", "ghost"),
    "animal": ("animal", "snake", "spider", "bear", "wolf"),
    "plant": ("plant", "mushroom"),
}
KIND_COLOURS = ("red", "blue", "green", "golden", "grey", "brown", "purple")
COLOURS = (
    *("red", "orange", "golden", "green", "blue"),
    *("purple", "pink", "brown", "grey", "white"),
)
THINGS = (
    *("potion", "book", "slime", "ring", "gem"),
    *("amulet", "sword", "dragon", "tree", "helmet"),
)
LEAST_SPRITES = 40
LEAST_TELLABLE = 0.75


def bar(what: str, measured: float, wanted: str, met: bool, better: str = "") -> Record:
    """One line of the report. `better` is "more" or "less"; by itself the side of the bar."""
    better = better or ("less" if wanted.startswith("<") else "more")
    return {"what": what, "measured": measured, "bar": wanted, "met": bool(met), "better": better}


def kind_prompts(kinds: Sequence[str], count: int) -> list[tuple[str, str]]:
    """`count` prompts evenly over the kinds, as (kind, prompt); every second one names a colour."""
    asked = []
    for index in range(count):
        kind, turn = kinds[index % len(kinds)], index // len(kinds)
        nouns = NOUNS.get(kind, (kind,))
        noun = nouns[turn // 2 % len(nouns)]
        if turn % 2:
            noun = f"{KIND_COLOURS[turn // 2 % len(KIND_COLOURS)]} {noun}"
        plural = noun.endswith("s") and noun.split()[-1] in ("boots", "gloves")
        article = "" if plural else "an " if noun[0] in "aeiou" else "a "
        asked.append((kind, article + noun))
    return asked


def large_kinds(sprites: Sequence[Sprite], least: int = LEAST_SPRITES) -> list[str]:
    """Kinds with at least `least` sprites, the largest first."""
    counts = Counter(sprite.subject.kind for sprite in sprites)
    return [kind for kind, count in counts.most_common() if count >= least]


def try_kinds(
    pipeline: Any,
    sprites: Sequence[Sprite],
    *,
    seed: int,
    count: int = 200,
    least: int = LEAST_SPRITES,
    epochs: int = 16,
) -> Record:
    """Whether a namer that learned from real training sprites names what the base was asked for.

    The rule for the kinds looks at real sprites only: all with at least `least` sprites that a
    namer of all such kinds names right three times in four, in sprites that it did not learn from.
    """
    large = large_kinds(sprites, least)
    taught, unseen = _parts(sprites, large)
    pixels, kinds = _pixels(taught), [sprite.subject.kind for sprite in taught]
    named = named_by_others(pixels, kinds, seed=seed, epochs=epochs)
    tellable = {
        kind: named_as.get(kind, 0) / sum(named_as.values())
        for kind, named_as in confusion(kinds, named).items()
    }
    chosen = [kind for kind in large if tellable.get(kind, 0) >= LEAST_TELLABLE]
    found: Record = {
        "kinds": chosen,
        "rule": f"at least {least} sprites, and named right in {LEAST_TELLABLE:.0%} of the real "
        "training sprites that a namer of all such kinds did not learn from",
        "named_right_among_all_large_kinds": tellable,
    }
    if len(chosen) >= 2:
        found |= _named(pipeline, sprites, chosen, seed, count, epochs)
    everything: list[Record] = []
    if len(large) >= 2:
        # No bar, but nothing hidden either: the same over every large kind.
        wide = _named(pipeline, sprites, large, seed, count, epochs)
        found["all_large_kinds"] = wide
        everything = [
            bar("all large kinds: unseen real sprites named right", wide["real"], "reported", True),
            bar("all large kinds: generated named right", wide["drawn"], "reported", True),
        ]
    real, drawn = found.get("real", 0.0), found.get("drawn", 0.0)
    found["bars"] = [
        bar("kinds asked for", len(chosen), ">= 5", len(chosen) >= 5),
        bar("unseen real sprites named right", real, ">= 0.75", real >= 0.75),
        bar("generated pictures named right", drawn, ">= 0.70", drawn >= 0.70),
        *everything,
    ]
    return found


def _named(
    pipeline: Any, sprites: Sequence[Sprite], kinds: list[str], seed: int, count: int, epochs: int
) -> Record:
    """Real held-out sprites and `count` generated ones named by a namer of `kinds`."""
    taught, unseen = _parts(sprites, kinds)
    namer = train_namer(
        _pixels(taught), [sprite.subject.kind for sprite in taught], seed=seed, epochs=epochs
    )
    true = [sprite.subject.kind for sprite in unseen]
    named = namer.name_kinds(_pixels(unseen)) if unseen else []
    asked = kind_prompts(kinds, count)
    pictures = draw(pipeline, [prompt for _, prompt in asked], seed)
    wanted, got = [kind for kind, _ in asked], namer.name_kinds(stacked(pictures))
    return {
        "real": share_right(true, named),
        "real_pictures": len(true),
        "real_named": confusion(true, named),
        "drawn": share_right(wanted, got),
        "drawn_pictures": len(pictures),
        "drawn_named": confusion(wanted, got),
    }


def try_colours(pipeline: Any, *, seed: int, count: int = 100) -> Record:
    """Whether a colour that the prompt names is one of the two strongest colours drawn."""
    asked = list(itertools.product(COLOURS, THINGS))[:count]
    article = {colour: "an" if colour[0] in "aeiou" else "a" for colour in COLOURS}
    prompts = [f"{article[colour]} {colour} {thing}" for colour, thing in asked]
    shown: dict[str, list[bool]] = {}
    for (colour, _), picture in zip(asked, draw(pipeline, prompts, seed), strict=True):
        shares = colour_shares(np.asarray(picture.convert("RGBA")))
        strongest = sorted(shares, key=lambda word: -shares[word])[:2]
        wanted = "yellow" if colour == "golden" else colour
        shown.setdefault(colour, []).append(wanted in strongest)
    share = float(np.mean([hit for hits in shown.values() for hit in hits]))
    return {
        "prompts": len(prompts),
        "by_colour": {colour: float(np.mean(hits)) for colour, hits in shown.items()},
        "bars": [bar("colour named is dominant", share, ">= 0.80", share >= 0.80)],
    }


def try_copying(
    pipeline: Any, clip: Path, sprites: Sequence[Sprite], *, seed: int, count: int = 200
) -> Record:
    """Distance to the nearest training sprite, of pictures drawn and of held-out real sprites.

    Prompts name the kinds of the held-out sprites in turn, so that both sides show like things.
    """
    taught = [sprite for sprite in sprites if not sprite.held_out]
    unseen = [sprite for sprite in sprites if sprite.held_out]
    kinds = [sprite.subject.kind for sprite in unseen]
    prompts = [f"a {kinds[index % len(kinds)]}" for index in range(count)]
    drawn = stacked(draw(pipeline, prompts, seed))
    known, real = _pixels(taught), _pixels(unseen)
    judge = load_clip(clip)

    def encode(pixels: Any) -> Any:
        return judge.encode_pictures([Image.fromarray(one, "RGBA") for one in pixels])

    found: Record = {
        "pixels": compared(pixel_distances(drawn, known), pixel_distances(real, known)),
        "lightness": compared(
            pixel_distances(drawn, known, grey=True), pixel_distances(real, known, grey=True)
        ),
        judge.name: compared(
            feature_distances(encode, drawn, known), feature_distances(encode, real, known)
        ),
    }
    nearer = {name: values["share_nearer_than_real_1st"] for name, values in found.items()}
    worst = max(nearer, key=lambda name: nearer[name])
    what = "generated nearer than the nearest 1 % of held-out"
    return {
        **found,
        "nearest_by": worst,
        "generated": count,
        "held_out": len(real),
        "bars": [bar(what, nearer[worst], "reported", True, "less")],
    }


def try_speed(pipeline: Any, folder: Path, *, seed: int, rounds: int = 3) -> Record:
    """Seconds for 16 pictures at 20 steps, size on disk, and whether equal seeds draw equally."""
    prompts = ["a red potion", "a blue sword", "a green slime", "a golden ring"] * 4
    seconds: list[float] = []
    draws: list[list[Image.Image]] = []
    for _ in range(max(2, rounds)):
        began = time.perf_counter()
        draws.append(draw(pipeline, prompts, seed))
        seconds.append(time.perf_counter() - began)
    equal = all(_same(one, draws[0]) for one in draws[1:])
    # Picture k belongs to seed + k: moved to another place of a batch it stays the same.
    turned = draw(pipeline, prompts[4:] + prompts[:4], seed + 4)
    apart = max(_apart(a, b) for a, b in zip(draws[0][4:], turned, strict=False))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    best = min(seconds)
    return {
        "seconds": seconds,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "moved_pictures_differ_by": apart,
        "bars": [
            bar("seconds for 16 pictures, 20 steps", best, "<= 12", best <= 12),
            bar("megabytes on disk", size, "<= 40", size <= 40),
            bar("the same draw twice is bit-equal", float(equal), "== 1", equal),
            bar("picture k from seed + k, largest byte apart", apart, "<= 2", apart <= 2),
        ],
    }


def _same(first: list[Image.Image], second: list[Image.Image]) -> bool:
    return all(_apart(a, b) == 0 for a, b in zip(first, second, strict=True))


def _apart(a: Image.Image, b: Image.Image) -> int:
    return int(np.abs(np.asarray(a, np.int16) - np.asarray(b, np.int16)).max())


def _parts(sprites: Sequence[Sprite], kinds: Sequence[str]) -> tuple[list[Sprite], list[Sprite]]:
    """Sprites of `kinds`: trained on, and held out."""
    mine = [sprite for sprite in sprites if sprite.subject.kind in kinds]
    return [s for s in mine if not s.held_out], [s for s in mine if s.held_out]


def _pixels(sprites: Sequence[Sprite]) -> Any:
    return np.stack([sprite.pixels for sprite in sprites])
