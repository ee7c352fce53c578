"""Latents and text embeddings, encoded once and kept by content and settings.

What is kept is found by a hash of the picture's bytes, its size and what lies behind it and the
autoencoder's weights, or of the caption, the tokenizers and the text encoders' weights, so that an
edited picture or another base never meets stale ones. The folder is kept under MOST_BYTES: packs
that were used longest ago go first.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.diffusion import conditioning
from studio.errors import StudioError
from studio.store import partial_files
from studio.training import buckets, caption_shuffling, encoding, picture_fitting, repeats, rolling
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded, Group
from studio.training.encoding import Example, Wish, embed, fingerprint
from studio.training.picture_fitting import Fit
from studio.training.rolling import Shift
from studio.training.tensor_packs import Packs

if TYPE_CHECKING:
    import torch

__all__ = ["Encoded", "Example", "embed", "encode", "fingerprint"]

MOST_BYTES = 20 * 10**9  # 50,000 pictures and captions of Stable Diffusion 1.5 at 512 px
RESIDENT = 0.1  # of a GPU's memory, which latents and texts may fill


def encode(
    pipeline: Any,
    examples: Sequence[Example],
    captions: Sequence[str],
    *,
    size: int,
    filter: str,
    matte: str,
    folder: Path,
    report: Callable[[int, int], None] | None = None,
    behind: str = "solid",
    tileable: str = "",
    config: TrainConfig | None = None,
) -> Encoded:
    """Encode every example, reading what the cache has. Interrupted, it goes on where it was.

    `size` is a square's side in pixels, `behind` a dataset's choice of what lies behind alpha,
    `tileable` of `rolling.WAYS` how its pictures are rolled; `config` says what else is asked:
    buckets, weights, repeats, shuffled tags. Raises StudioError where a picture can't be opened,
    nothing is to be seen on any, or the cache can't be written.
    """
    import torch

    config = config or TrainConfig()
    partial_files.sweep(folder)
    packs = Packs(folder)
    fits = fits_of(pipeline, examples, size, filter, config.aspect_buckets)
    wishes, masks = wishes_of(pipeline, examples, fits, matte, behind, tileable)
    orders = [
        caption_shuffling.orders(c, config.keep_tags, config.seed) if config.tag_shuffle else [c]
        for c in captions
    ]
    texts = list(dict.fromkeys(text for one in orders for text in one))
    try:
        encoding.add_latents(pipeline, packs, wishes, report)
        encoding.add_masks(pipeline, packs, masks)
        keys = encoding.add_texts(pipeline, packs, [*texts, ""])
    finally:
        packs.flush()  # what is encoded is kept, whatever went wrong with the next
    check_seen(packs, wishes, masks)
    place = _place(pipeline.device)
    groups = tuple(
        _group(pipeline, packs, members, examples, fits, wishes, masks, config, place)
        for members in _alike(fits)
    )
    numbered = {text: number for number, text in enumerate(texts)}
    most = max(map(len, orders), default=1)
    rows = [[numbered[one[k % len(one)]] for k in range(most)] for one in orders]
    categories, names = ([getattr(e, what) for e in examples] for what in ("category", "name"))
    often = repeats.often(categories, names, config)
    encoded = Encoded(
        groups=groups,
        text=place(packs.read(keys, "text")),
        wordings=torch.tensor(rows),
        captions=(*texts, ""),
        often=torch.tensor(often, dtype=torch.float64),
        device=pipeline.device,
        pooled=place(packs.read(keys, "pooled")) if conditioning.is_sdxl(pipeline) else None,
    )
    packs.merge()
    bound(folder, packs.used(), MOST_BYTES)
    return encoded


def fits_of(
    pipeline: Any, examples: Sequence[Example], side: int, filter: str, wide: bool
) -> list[Fit]:
    """How each picture comes to a size: to the square, or with `wide` to the best of several."""
    least = int(pipeline.vae_scale_factor)
    if side % least:
        raise StudioError(
            f"Pictures of {side} pixels can't be encoded by this base.",
            f"Give a multiple of {least}: {side // least * least or least} or "
            f"{(side // least + 1) * least}.",
        )
    if not wide:
        return [Fit((side, side), filter)] * len(examples)
    among = buckets.sizes(side, buckets.unit_of(pipeline))
    choose = buckets.whole if filter == "nearest" else buckets.nearest
    return [
        Fit(choose(_size(example), among), filter, filter != "nearest" and not example.has_alpha)
        for example in examples
    ]


def wishes_of(
    pipeline: Any,
    examples: Sequence[Example],
    fits: Sequence[Fit],
    matte: str,
    behind: str,
    tileable: str = "",
) -> tuple[list[list[Wish]], dict[int, list[Wish]]]:
    """Each picture's views, and the masks of those that have one: one, or one for each roll."""
    weights = encoding.fingerprint(pipeline.vae)
    alpha = int(pipeline.vae.config.in_channels) == 4
    wishes: list[list[Wish]] = []
    masks: dict[int, list[Wish]] = {}
    for number, (example, fit) in enumerate(zip(examples, fits, strict=True)):
        how = [picture_fitting.EDITION, *fit.size, fit.filter, fit.covers]
        views = [None] if alpha else picture_fitting.behind(behind, matte, example.hash)
        rolls = rolling.shifts(tileable, example.hash)
        if len(rolls) > 1:  # each with a colour of its own, where those are several
            views = [views[place % len(views)] for place in range(len(rolls))]
        both = zip(views, rolls * (len(views) // len(rolls)), strict=True)
        wishes.append(
            [
                Wish(_key([example.hash, *how, b, weights, *_rolled(r)]), example, fit, b, r)
                for b, r in both
            ]
        )
        if example.mask_hash:
            least = int(pipeline.vae_scale_factor)
            of = [example.mask_hash, *how, least]
            # How a mask is rolled depends on its picture's grid too.
            masks[number] = [
                Wish(
                    _key([*of, *_rolled(r), *([example.hash] if r else [])]), example, fit, None, r
                )
                for r in rolls
            ]
    return wishes, masks


def _rolled(shift: Shift | None) -> list[object]:
    """What a key says of a roll; nothing where there is none, as before there were any."""
    return [] if shift is None else ["rolled", rolling.EDITION, *shift]


def check_seen(
    packs: Packs, wishes: Sequence[Sequence[Wish]], masks: Mapping[int, Sequence[Wish]]
) -> None:
    """StudioError where no picture shows anything that its mask lets count."""
    if not wishes:
        return
    for number, views in enumerate(wishes):
        counts = packs.read([views[0].key], "cover") > 0
        if number in masks:
            counts &= packs.read([masks[number][0].key], "mask") > 0
        if counts.any():
            return
    raise StudioError(
        f"Nothing is to be seen on any of the {len(wishes):,} pictures: they are transparent or "
        "masked everywhere.",
        "Look at them on the page Datasets.",
    )


def _alike(fits: Sequence[Fit]) -> list[list[int]]:
    """Positions of the pictures of each size."""
    found: dict[tuple[int, int], list[int]] = {}
    for place, fit in enumerate(fits):
        found.setdefault(fit.size, []).append(place)
    return list(found.values())


def _group(
    pipeline: Any,
    packs: Packs,
    members: Sequence[int],
    examples: Sequence[Example],
    fits: Sequence[Fit],
    wishes: Sequence[Sequence[Wish]],
    masks: dict[int, list[Wish]],
    config: TrainConfig,
    place: Callable[[torch.Tensor], torch.Tensor],
) -> Group:
    """The pictures `members`, which are of one size, read from the packs."""
    import torch

    keys = [wish.key for member in members for wish in wishes[member]]
    views = len(wishes[members[0]])
    weight = None
    masked = [(row, masks[m]) for row, m in enumerate(members) if m in masks]
    if config.transparent_weight < 1 or masked:
        least = config.transparent_weight
        weight = least + (1 - least) * packs.read(keys, "cover").float()[:, None] / 255
        if masked:
            flat = [wish.key for _, rolls in masked for wish in rolls]
            read = packs.read(flat, "mask").float()[:, None] / 255
            for row, rolls in masked:  # one for all views, or one for each
                weight[row * views : (row + 1) * views] *= read[: len(rolls)]
                read = read[len(rolls) :]
        weight = place(weight)
    sizes = None
    if conditioning.is_sdxl(pipeline):
        sizes = place(torch.stack([_told_size(examples[m], fits[m]) for m in members]))
    return Group(
        mean=place(packs.read(keys, "mean")),
        deviation=place(packs.read(keys, "deviation")),
        pictures=torch.tensor(members),
        views=views,
        weight=weight,
        sizes=sizes,
    )


def _told_size(example: Example, fit: Fit) -> torch.Tensor:
    """SDXL's numbers of a picture. Pixel art is told to be as large as it is learned: enlarged by
    whole factors nothing of it is blurred, which a small size would mean."""
    target = fit.size[1], fit.size[0]
    width, height = fit.size if fit.filter == "nearest" else _size(example)
    return conditioning.time_ids(
        (height, width), picture_fitting.cut_of((width, height), fit), target
    )


def _size(example: Example) -> tuple[int, int]:
    return example.size if all(example.size) else example.open().size


def _place(device: torch.device) -> Callable[[torch.Tensor], torch.Tensor]:
    """Where tensors are kept for the steps: on the device while they fill no more than a tenth of
    its memory, from then on the CPU's, from where batches come through pinned memory."""
    if device.type != "cuda":
        return lambda tensor: tensor.to(device)
    import torch

    left = RESIDENT * torch.cuda.get_device_properties(device).total_memory

    def placed(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal left
        bytes = tensor.numel() * tensor.element_size()
        if bytes > left:
            return tensor
        left -= bytes
        return tensor.to(device)

    return placed


def _key(parts: list[Any]) -> bytes:
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def bound(folder: Path, used: Sequence[Path], most: int) -> None:
    """Mark `used` as just used, then drop the files used longest ago until `most` bytes hold.

    Those just used stay, also where they alone are more. Files of others may go at any moment:
    who finds none encodes again.
    """
    now = time.time()
    for file in used:
        try:
            os.utime(file, (now, now))
        except OSError:
            continue
    found = []
    for file in folder.glob("*.safetensors"):
        try:
            about = file.stat()
        except OSError:
            continue
        found.append((about.st_mtime, about.st_size, file))
    total, keep = sum(size for _, size, _ in found), set(used)
    for _, size, file in sorted(found):
        if total <= most:
            break
        if file not in keep:
            try:
                file.unlink(missing_ok=True)
            except OSError:
                continue
            total -= size


def cut_off(pipeline: Any, named: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Sentences about pictures, by name, whose caption is longer than the base reads."""
    tokenizer = pipeline.tokenizer
    return caption_shuffling.too_long(
        named, tokenizer.backend_tokenizer, int(tokenizer.model_max_length)
    )
