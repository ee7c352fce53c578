"""Which pictures a step sees, and what the UNet is given of them.

Every draw comes from a generator seeded by what it is for, so that a resumed training draws the
same again. A batch is of one shape. Pictures and epochs may be as many as you like: a step costs
the same, since an epoch's order is made once and kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.errors import StudioError
from studio.training.config import TrainConfig
from studio.training.encoded_dataset import Encoded, Group

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Chosen:
    """Places [b] int64, on the CPU, in the group with this number."""

    group: int
    places: torch.Tensor


@dataclass(frozen=True)
class Batch:
    """What a step is given: latents [b, c, h, w] sampled from mean and deviation, texts [b, t, d],
    of SDXL pooled texts [b, p] and sizes [b, 6], the loss's weight [b, 1, h, w] where places
    differ in it, and the captions in words, empty where one was left out."""

    latents: torch.Tensor
    text: torch.Tensor
    pooled: torch.Tensor | None = None
    time_ids: torch.Tensor | None = None
    weight: torch.Tensor | None = None
    captions: tuple[str, ...] = ()


class Order:
    """Which pictures each batch sees. Every epoch shows each as often as it should be seen, in an
    order of its own; what is left at its end begins the next one, so all batches are full.

    It holds the order of the epoch that it was asked last. Raises StudioError where no picture is
    to be seen at all.
    """

    def __init__(self, encoded: Encoded, config: TrainConfig) -> None:
        self._config = config
        rows = [
            _Row(encoded, group, number, config.seed) for number, group in enumerate(encoded.groups)
        ]
        self._rows = [row for row in rows if row.a_pass > 0]
        if not self._rows:
            raise StudioError(
                "None of the pictures is to be seen.", "Give a category more than 0 in repeats."
            )
        self._first = 0
        self._plan: list[tuple[int, int]] = []

    def at(self, step: int, part: int) -> Chosen:
        """The pictures of one of a step's batches; steps count from 1, parts from 0."""
        size = self._config.batch_size
        number = (step - 1) * self._config.gradient_accumulation_steps + part
        if len(self._rows) == 1:
            row = self._rows[0]
            return Chosen(row.number, row.take(number * size, size))
        if not self._first <= number < self._first + len(self._plan):
            self._turn_to(number)
        which, earlier = self._plan[number - self._first]
        row = self._rows[which]
        return Chosen(row.number, row.take(earlier * size, size))

    def _turn_to(self, number: int) -> None:
        """Plan the epoch of batch `number`: of which row each batch is, and which one of it."""
        size = self._config.batch_size

        def before(epoch: int) -> list[int]:
            return [row.before(epoch) // size for row in self._rows]

        epoch = int(number * size / sum(row.a_pass for row in self._rows))
        while epoch and sum(before(epoch)) > number:
            epoch -= 1
        while sum(before(epoch + 1)) <= number:
            epoch += 1
        begin, end = before(epoch), before(epoch + 1)
        batches = [
            (which, earlier)
            for which in range(len(self._rows))
            for earlier in range(begin[which], end[which])
        ]
        # Which row's turn it is is shuffled; within a row its batches stay in their order.
        turns = [batches[place][0] for place in _shuffle(len(batches), self._config.seed, epoch, 0)]
        coming = list(begin)
        plan = []
        for which in turns:
            plan.append((which, coming[which]))
            coming[which] += 1
        self._first, self._plan = sum(begin), plan


class _Row:
    """The pictures of one group in a row without end, epoch after epoch."""

    def __init__(self, encoded: Encoded, group: Group, number: int, chance: int) -> None:
        self.number, self._chance = number, chance
        self._often = encoded.often[group.pictures]
        self._whole = bool((self._often == self._often.round()).all())
        self._begun = self._spread()
        self.a_pass = float(self._often.sum())
        self._from, self._to = 0, 0
        self._places: torch.Tensor = group.pictures[:0]

    def before(self, epoch: int) -> int:
        """How many entries the epochs before `epoch` have together."""
        return int(self._times(epoch).sum())

    def take(self, first: int, count: int) -> torch.Tensor:
        """The places of `count` entries from `first` on."""
        import torch

        taken: list[torch.Tensor] = []
        while count:
            if not self._from <= first < self._to:
                self._turn_to(first)
            found = self._places[first - self._from : first - self._from + count]
            taken.append(found)
            first, count = first + len(found), count - len(found)
        return taken[0] if len(taken) == 1 else torch.cat(taken)

    def _turn_to(self, first: int) -> None:
        import torch

        epoch = int(first / self.a_pass)
        while epoch and self.before(epoch) > first:
            epoch -= 1
        while self.before(epoch + 1) <= first:
            epoch += 1
        times = self._times(epoch + 1) - self._times(epoch)
        entries = torch.arange(len(times)).repeat_interleave(times)
        # The first row's seed is that of a set of one shape, with which trainings began once.
        salt = (self.number,) if self.number else ()
        order = torch.randperm(len(entries), generator=_generator(self._chance, epoch, -1, *salt))
        self._places, self._from = entries[order], self.before(epoch)
        self._to = self._from + len(entries)

    def _times(self, epoch: int) -> torch.Tensor:
        """How often each was seen before `epoch`; parts of a time come round evenly."""
        return (self._often * epoch + self._begun).floor().long()

    def _spread(self) -> torch.Tensor:
        """Where each picture's parts of a time begin, evenly between 0 and 1, so that an epoch
        shows the right share of those that are not seen in each."""
        import torch

        if self._whole:
            return torch.zeros_like(self._often)
        order = torch.randperm(len(self._often), generator=_generator(self._chance, -3))
        begun = torch.zeros_like(self._often)
        for value in self._often.unique():
            alike = order[self._often[order] == value]
            begun[alike] = torch.arange(len(alike), dtype=begun.dtype) / len(alike)
        return begun


def batch(encoded: Encoded, chosen: Chosen, config: TrainConfig, draws: torch.Generator) -> Batch:
    """The pictures `chosen`, their latents drawn anew and some of their captions left out.

    `draws` is a generator on the CPU; nothing here waits for the device.
    """
    import torch

    group, device, places = encoded.groups[chosen.group], encoded.device, chosen.places
    count, pictures = len(places), group.pictures[places]
    rows = places
    if group.views > 1:
        rows = places * group.views + torch.randint(group.views, (count,), generator=draws)
    mean, deviation = (_taken(store, rows, device) for store in (group.mean, group.deviation))
    drawn = normal(mean.shape, draws, device).to(mean.dtype)
    dropped = torch.rand(count, generator=draws) < config.caption_dropout
    wording = encoded.wordings[pictures]
    if wording.shape[1] > 1:
        which = torch.randint(wording.shape[1], (count, 1), generator=draws)
        wording = wording.gather(1, which)
    texts = torch.where(dropped, len(encoded.text) - 1, wording[:, 0])
    latents = mean + deviation * drawn
    weight = None if group.weight is None else _taken(group.weight, rows, device)
    if config.flip:
        turned = over(torch.rand(count, generator=draws) < 0.5, device)[:, None, None, None]
        latents = torch.where(turned, latents.flip(-1), latents)
        weight = None if weight is None else torch.where(turned, weight.flip(-1), weight)
    return Batch(
        latents,
        _taken(encoded.text, texts, device),
        None if encoded.pooled is None else _taken(encoded.pooled, texts, device),
        None if group.sizes is None else _taken(group.sizes, places, device),
        weight,
        tuple(encoded.captions[text] for text in texts.tolist()),
    )


def normal(shape: torch.Size, draws: torch.Generator, device: torch.device) -> torch.Tensor:
    """Normal numbers fp32 on `device`: drawn there, from a seed that `draws` gives, but on the
    CPU from `draws` itself."""
    import torch

    if device.type == "cpu":
        return torch.randn(shape, generator=draws)
    seeded = int(torch.randint(2**62, (), generator=draws))
    return torch.randn(shape, generator=torch.Generator(device).manual_seed(seeded), device=device)


def over(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A tensor of the CPU on `device`, without waiting for what that is doing."""
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def _taken(store: torch.Tensor, rows: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Rows of a store that lies on the device, or else on the CPU: then through pinned memory."""
    import torch

    if store.device.type == device.type:
        return store[over(rows, device)]
    if device.type != "cuda":
        return store[rows].to(device)
    aside = torch.empty((len(rows), *store.shape[1:]), dtype=store.dtype, pin_memory=True)
    return torch.index_select(store, 0, rows, out=aside).to(device, non_blocking=True)


def _shuffle(count: int, *parts: int) -> list[int]:
    import torch

    return [int(place) for place in torch.randperm(count, generator=_generator(*parts))]


def _generator(*parts: int) -> torch.Generator:
    import torch

    return torch.Generator().manual_seed(seed(*parts))


def seed(*parts: int) -> int:
    """A 63-bit seed from several numbers, the same on every machine."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") >> 1
