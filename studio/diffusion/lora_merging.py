"""LoRAs weighed against each other and laid together: exact arithmetic on small matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studio.diffusion.lora_files import Lora, Pair
from studio.diffusion.stored_tensors import Array
from studio.errors import StudioError

MOST_RANK = 512


@dataclass(frozen=True)
class Likeness:
    """Two LoRAs in one block: the Frobenius norm of what each adds, and the cosine between both;
    0 where one of them adds nothing."""

    block: str
    left: float
    right: float
    cosine: float


def merged(loras: Sequence[Lora], weights: Sequence[float], rank: int | None = None) -> Lora:
    """The weighted sum of LoRAs of one base.

    Without `rank` their matrices are laid side by side: exact, and the ranks add up. With it each
    module's sum is cut to that rank by singular values: the nearest there is, not exact.
    """
    if len(loras) < 2 or len(loras) != len(weights):
        raise StudioError("A merge takes two or more adapters.", "Choose two, each with a weight.")
    for weight in weights:
        if not math.isfinite(weight) or not -2 <= weight <= 2 or not weight:
            raise StudioError(f"A weight is {weight}.", "Give -2 to 2, but not 0.")
    if rank is not None and not 1 <= rank <= MOST_RANK:
        raise StudioError(f"The rank is {rank}.", f"Give 1 to {MOST_RANK}.")
    _no_dora(loras)
    pairs = {}
    for module in dict.fromkeys(module for lora in loras for module in lora.pairs):
        held = [
            (one.pairs[module], w)
            for one, w in zip(loras, weights, strict=True)
            if module in one.pairs
        ]
        shapes = {(p.up.shape[0], *p.down.shape[1:]) for p, _ in held}
        if len(shapes) > 1:
            raise StudioError(
                f"The adapters differ at {module}: {' and '.join(map(str, sorted(shapes)))}.",
                "Merge adapters of the same base.",
            )
        pair = Pair(
            np.concatenate([p.down for p, _ in held]),
            np.concatenate([p.up * np.float32(p.scale * w) for p, w in held], axis=1),
            1.0,
        )
        pairs[module] = pair if rank is None or pair.rank <= rank else _cut(pair, rank)
    return Lora(pairs, {})


def compare(left: Lora, right: Lora) -> list[Likeness]:
    """How alike two LoRAs act, block by block, and "all" at the end."""
    _no_dora((left, right))
    sums: dict[str, list[float]] = {}
    for module in dict.fromkeys([*left.pairs, *right.pairs]):
        one, other = left.pairs.get(module), right.pairs.get(module)
        found = (
            _inner(one, one) if one else 0.0,
            _inner(other, other) if other else 0.0,
            _inner(one, other) if one and other else 0.0,
        )
        for block in (block_of(module), "all"):
            held = sums.setdefault(block, [0.0, 0.0, 0.0])
            for place, value in enumerate(found):
                held[place] += value
    rows = [
        Likeness(
            block,
            math.sqrt(max(a, 0)),
            math.sqrt(max(b, 0)),
            max(-1.0, min(1.0, c / math.sqrt(a * b))) if a > 0 and b > 0 else 0.0,
        )
        for block, (a, b, c) in sums.items()
    ]
    return sorted(rows, key=lambda row: _order(row.block))


def _no_dora(loras: Sequence[Lora]) -> None:
    if any(lora.dora for lora in loras):
        raise StudioError(
            "A DoRA also holds how long weights are, which can't be added up.",
            "Merge and compare LoRAs and rsLoRAs.",
        )


def block_of(module: str) -> str:
    """The block of a module, in words: "down 1", "middle", "up 0", "text"; "ends" for the rest."""
    words = module.split(".")
    if words[0] != "unet":
        return "text 2" if words[0] == "text_encoder_2" else "text"
    if words[1] in ("down_blocks", "up_blocks"):
        return f"{words[1].removesuffix('_blocks')} {words[2]}"
    return "middle" if words[1] == "mid_block" else "ends"


def _order(block: str) -> tuple[int, str]:
    return ("ends", "down", "middle", "up", "text", "all").index(block.split(" ")[0]), block


def _flat(pair: Pair) -> tuple[Array, Array]:
    """Down [rank, inputs] and up [out, rank] in double precision."""
    return (
        pair.down.reshape(pair.rank, -1).astype(np.float64),
        pair.up.reshape(-1, pair.rank).astype(np.float64),
    )


def _inner(one: Pair, other: Pair) -> float:
    """The inner product of what two pairs add, without ever making it."""
    (a, b), (c, d) = _flat(one), _flat(other)
    if a.shape[1] != c.shape[1] or b.shape[0] != d.shape[0]:
        raise StudioError("The adapters have different bases.", "Compare two of the same base.")
    # <B A, D C> = tr(A^T B^T D C) = the sum of (B^T D) * (A C^T), both rank x rank.
    return float(((b.T @ d) * (a @ c.T)).sum() * one.scale * other.scale)


def _cut(pair: Pair, rank: int) -> Pair:
    down, up = _flat(pair)
    # The nearest of that rank by Frobenius norm: Eckart and Young, 1936. QR first: the
    # decomposition is then of a matrix of rank x rank.
    left, a = np.linalg.qr(up)
    right, b = np.linalg.qr(down.T)
    u, s, v = np.linalg.svd(a @ b.T)
    root = np.sqrt(s[:rank])
    return Pair(
        ((v[:rank].T * root).T @ right.T).astype(np.float32).reshape(-1, *pair.down.shape[1:]),
        (left @ u[:, :rank] * root)
        .astype(np.float32)
        .reshape(pair.up.shape[0], -1, *pair.up.shape[2:]),
        pair.scale,
    )
