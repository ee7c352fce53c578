"""The held-out part of a dataset: which pictures it is, and how wrong the guesses on it are.

A picture's own bytes decide, so that the part stays the same when a training is resumed, and
nearly the same when the dataset grows. What looks like a held-out picture is not learned from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from studio.training.batches import Batch, Chosen, batch, seed
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    from studio.training.encoded_dataset import Encoded
    from studio.training.noising import Noising

FEWEST = 20  # pictures below which every one is needed for learning
LEAST, MOST = 3, 256  # pictures held out, whatever the share: fewer tell nothing, more no more
MEASURED = 64  # of them that the loss is measured on
DRAWS = 128  # guesses for one loss
AT_ONCE = 4  # of them: without gradients that needs less memory than learning from one
SEED = 7_340_033  # of the fixed noise and timesteps; not the training's, so that runs compare


@dataclass(frozen=True)
class Parts:
    """Positions of the pictures that teach and of those held out, and a sentence about it."""

    taught: tuple[int, ...]
    held: tuple[int, ...]
    says: str


def part(
    hashes: Sequence[str],
    share: float,
    alike: Sequence[Collection[str]] = (),
    added: Collection[str] = (),
) -> Parts:
    """Hold `share` of the pictures out; those that look `alike` are held out together or not.

    `added` are hashes of what the studio itself made, drawn or varied from another picture: never
    held out, and in neither part where they look like a held-out picture.
    """
    everybody = tuple(range(len(hashes)))
    if not share:
        return Parts(everybody, (), "No picture is held out.")
    groups: dict[str, frozenset[str]] = {hash: frozenset([hash]) for hash in hashes}
    for group in alike:
        here = frozenset(hash for hash in group if hash in groups)
        together = here.union(*(groups[hash] for hash in here))
        groups |= dict.fromkeys(together, together)
    made = frozenset(added)
    own = [hash for hash in hashes if hash not in made]
    if len(own) < FEWEST:
        return Parts(
            everybody,
            (),
            f"No picture is held out: of {len(own)} every one is needed for learning.",
        )
    wanted = min(MOST, max(LEAST, round(share * len(own))))
    held: set[str] = set()
    for group in sorted({groups[hash] - made for hash in own}, key=_place):
        if len(held) + len(group) <= wanted:
            held |= group
    if not held:
        return Parts(everybody, (), "No picture is held out: too many of them look alike.")
    apart = {hash for hash in held for hash in groups[hash]}
    taught = tuple(k for k in everybody if hashes[k] not in apart)
    kept = tuple(k for k in everybody if hashes[k] in held)
    says = f"{len(kept)} of {len(hashes)} pictures are held out"
    if left := len(hashes) - len(taught) - len(kept):
        says += f"; {left} made from them or much like them are left out"
    return Parts(taught, kept, f"{says}.")


def _place(group: frozenset[str]) -> str:
    """Where a group stands in the order of holding out; a new member seldom changes it."""
    return hashlib.sha256(f"held out {min(group)}".encode()).hexdigest()


def loss(
    unet: Any,
    encoded: Encoded,
    noising: Noising,
    config: TrainConfig,
    accelerator: Any,
    told: Callable[[Batch], Batch] = lambda seen: seen,
) -> float:
    """The loss on held-out pictures with fixed noise and timesteps: comparable between steps, and
    between trainings with the same base and min-SNR. `told` words a batch anew, where words learn.
    """
    import torch

    plain = replace(config, caption_dropout=0.0, noise_offset=0.0, flip=False)
    size, share = AT_ONCE, min(1.0, MEASURED / len(encoded))
    total, guesses = 0.0, 0
    with torch.no_grad():
        for number, group in enumerate(encoded.groups):
            count = max(1, round(share * len(group.pictures)))
            wanted = max(count, round(DRAWS * len(group.pictures) / len(encoded)))
            for part in range(-(-wanted // size)):  # all batches are full: one shape to compile
                places = torch.arange(part * size, (part + 1) * size) % count
                draws = torch.Generator().manual_seed(seed(SEED, number, part))
                seen = told(batch(encoded, Chosen(number, places), plain, draws))
                lost = noising.loss(unet, seen, plain, draws, accelerator)
                total, guesses = total + size * float(lost), guesses + size
    return total / guesses
