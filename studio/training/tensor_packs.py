"""Tensors kept by key, many in one file, so that 50,000 of them are read in seconds.

A pack is a safetensors file whose tensors are stacked, with their keys as one more tensor. It is
written aside and renamed, so a kill loses only what was not written yet, a few seconds' work.
Small packs are merged. Several processes may share a folder: who misses a file makes it again.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.errors import StudioError
from studio.store.publish import publishing

if TYPE_CHECKING:
    import torch

NAME = "pack-*.safetensors"
LARGE = 64 * 2**20  # bytes of a pack
FEW = 8  # small packs of one shape that are left alone
EVERY_S = 5.0  # between two writes of what is not written yet
KEY = 32  # bytes
REMEDY = "Make room or check the folder's rights, then train again: what was encoded is kept."


@dataclass(frozen=True)
class _Pack:
    """An opened pack: its keys [n, KEY] and where its tensors lie in the mapped file."""

    file: Path
    mapped: mmap.mmap
    tensors: dict[str, tuple[str, list[int], int]]  # kind, shape, first byte
    keys: np.ndarray

    def tensor(self, name: str) -> torch.Tensor:
        """A view into the file; reading it reads the disk."""
        import torch

        kind, shape, first = self.tensors[name]
        flat = torch.frombuffer(
            self.mapped, dtype=_kinds()[kind], count=int(np.prod(shape)), offset=first
        )
        return flat.reshape(shape)

    @property
    def shape(self) -> str:
        """What packs must have in common to be one."""
        return _shape({name: (kind, shape[1:]) for name, (kind, shape, _) in self.tensors.items()})


class Packs:
    """The packs of a folder. What is found stays readable here, whoever deletes its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._packs: list[_Pack] = []
        self._known: set[Path] = set()
        self._at: dict[bytes, tuple[int, int]] = {}
        self._waiting: dict[str, dict[bytes, dict[str, torch.Tensor]]] = {}
        self._bytes, self._wrote = 0, time.monotonic()

    def missing(self, keys: Sequence[bytes]) -> list[int]:
        """The positions of those keys that no pack has, the first of each where one comes twice."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._at]
        for file in sorted(self.folder.glob(NAME)):
            if file not in self._known and (pack := _opened(file)):
                self._known.add(file)
                self._packs.append(pack)
        self._find(wanted, range(len(self._packs)))
        first = {key: place for place, key in reversed(list(enumerate(keys)))}
        return sorted(place for key, place in first.items() if key not in self._at)

    def add(self, key: bytes, tensors: dict[str, torch.Tensor]) -> None:
        """Keep tensors of the CPU under a key of KEY bytes; written at the latest by `flush`.

        Raises StudioError where it can't be written.
        """
        like = _shape({name: (str(t.dtype), list(t.shape)) for name, t in tensors.items()})
        self._waiting.setdefault(like, {})[key] = tensors
        self._bytes += sum(t.numel() * t.element_size() for t in tensors.values())
        if self._bytes >= LARGE or time.monotonic() - self._wrote > EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Write what waits. Raises StudioError where it can't be written."""
        import torch

        while self._waiting:
            like, items = next(iter(self._waiting.items()))
            names = next(iter(items.values()))
            self._write(
                list(items), {n: torch.stack([kept[n] for kept in items.values()]) for n in names}
            )
            del self._waiting[like]
        self._bytes, self._wrote = 0, time.monotonic()

    def read(self, keys: Sequence[bytes], name: str) -> torch.Tensor:
        """The tensors called `name` of all keys, stacked; all of one shape, and all there."""
        import torch

        places = np.array([self._at[key] for key in keys])
        some = self._packs[places[0, 0]].tensor(name)
        out = torch.empty((len(keys), *some.shape[1:]), dtype=some.dtype)
        for number in np.unique(places[:, 0]):
            to = np.flatnonzero(places[:, 0] == number)
            rows, found = places[to, 1], self._packs[number].tensor(name)
            if _running(to) and _running(rows):
                out[int(to[0]) : int(to[-1]) + 1] = found[int(rows[0]) : int(rows[-1]) + 1]
            else:
                out[torch.from_numpy(to)] = found[torch.from_numpy(rows)]
        return out

    def used(self) -> list[Path]:
        """The packs that hold what was asked for."""
        return [self._packs[number].file for number in sorted({n for n, _ in self._at.values()})]

    def merge(self) -> None:
        """Make few large packs of many small ones of the same shape. Raises StudioError."""
        import torch

        small: dict[str, list[_Pack]] = {}
        for pack in self._packs:
            if len(pack.mapped) < LARGE // 2 and pack.file.exists():
                small.setdefault(pack.shape, []).append(pack)
        for packs in small.values():
            if len(packs) <= FEW:
                continue
            while packs:
                taken, size = [packs.pop()], 0
                size = len(taken[0].mapped)
                while packs and size + len(packs[-1].mapped) <= LARGE:
                    taken.append(packs.pop())
                    size += len(taken[-1].mapped)
                if len(taken) == 1:
                    continue
                keys = [key.tobytes() for pack in taken for key in pack.keys]
                self._write(
                    keys, {n: torch.cat([p.tensor(n) for p in taken]) for n in taken[0].tensors}
                )
                for pack in taken:
                    pack.file.unlink(missing_ok=True)

    def _find(self, wanted: Sequence[bytes], numbers: Sequence[int]) -> None:
        """Note where `wanted` keys are in the packs with these numbers."""
        if not wanted:
            return
        all_wanted = np.frombuffer(b"".join(wanted), np.uint8).reshape(-1, KEY)
        heads = all_wanted[:, :8].copy().view(np.uint64).ravel()  # almost surely one of its own
        order = np.argsort(heads)
        for number in numbers:
            keys = self._packs[number].keys
            ours = keys[:, :8].copy().view(np.uint64).ravel()
            near = np.searchsorted(heads, ours, sorter=order).clip(max=len(heads) - 1)
            for row in np.flatnonzero(heads[order[near]] == ours):
                self._at[keys[row].tobytes()] = (number, int(row))

    def _write(self, keys: list[bytes], tensors: dict[str, torch.Tensor]) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        file = self.folder / f"pack-{hashlib.sha256(b''.join(keys)).hexdigest()[:32]}.safetensors"
        listed = torch.frombuffer(bytearray(b"".join(keys)), dtype=torch.uint8).reshape(-1, KEY)
        with publishing(file, flush=False, remedy=REMEDY, errors=(SafetensorError,)) as aside:
            save_file({**tensors, "keys": listed}, aside)
        pack = _opened(file)
        if pack is None:
            raise StudioError(f"{file} was written and is gone.", REMEDY)
        self._known.add(file)
        self._packs.append(pack)
        for row, key in enumerate(keys):
            self._at[key] = (len(self._packs) - 1, row)


def _opened(file: Path) -> _Pack | None:
    """The pack in a file; None where it is not there any more, torn, or no pack."""
    try:
        with file.open("rb") as opened:
            # A copy where written to: torch wants memory that it could write.
            mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_COPY)
        (length,) = struct.unpack("<Q", mapped[:8])
        header = json.loads(mapped[8 : 8 + length])
        tensors = {
            name: (about["dtype"], about["shape"], 8 + length + about["data_offsets"][0])
            for name, about in header.items()
            if name != "__metadata__"
        }
        end = max(a["data_offsets"][1] for n, a in header.items() if n != "__metadata__")
        _, (count, size), first = tensors.pop("keys")
        if size != KEY or len(mapped) != 8 + length + end:
            return None
        keys = np.frombuffer(mapped, np.uint8, count * KEY, first).reshape(count, KEY)
    except (OSError, ValueError, struct.error, KeyError, TypeError):
        return None
    return _Pack(file, mapped, tensors, keys)


def _shape(tensors: dict[str, tuple[str, list[int]]]) -> str:
    return json.dumps(tensors, sort_keys=True)


def _running(numbers: np.ndarray) -> bool:
    """Whether each is one more than the one before."""
    return bool(numbers[-1] - numbers[0] == len(numbers) - 1 and (np.diff(numbers) == 1).all())


def _kinds() -> dict[str, torch.dtype]:
    import torch

    return {
        "F32": torch.float32,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
        "U8": torch.uint8,
    }
