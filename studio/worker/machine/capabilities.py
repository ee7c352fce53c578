"""What this machine is and has, looked at when it is asked."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from functools import cache
from pathlib import Path

import psutil

from studio.diffusion import base_offers, base_weights, bundled_bases, team_bases
from studio.errors import StudioError, nearest
from studio.remote import versions
from studio.remote.protocol import Base, Capabilities
from studio.settings import Settings
from studio.worker import metering
from studio.worker.kind_table import KINDS

GB = 1024**3


def found(
    settings: Settings, kinds: Collection[str], at_once: int, idle_close: float
) -> Capabilities:
    """What it is; how many runs wait, and which adapters are here, the server adds."""
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    disk = shutil.disk_usage(home)
    device = _device(settings.device)
    gpu = _gpu() if device == "cuda" else None
    return Capabilities(
        studio=versions.studio(),
        torch=versions.torch(),
        device=device,
        gpu=gpu[0] if gpu else "",
        gpu_gb=gpu[1] if gpu else 0.0,
        memory_gb=round(psutil.virtual_memory().total / GB, 1),
        disk_free=disk.free,
        disk=disk.total,
        kinds={name: KINDS[name].schema for name in kinds},
        bases=bases(home),
        at_once=at_once,
        idle_close=idle_close,
    )


def bases(home: Path) -> tuple[Base, ...]:
    """The bases that lie here: those that come with the studio, those in bases/, those of the Hub
    that were fetched whole. Weights are read once."""
    names = [one.name for one in bundled_bases.present()]
    names += [one.name for one in base_offers.REAL if base_offers.fetched(one) >= 1]
    own = [one for one in team_bases.listing(home) if not one.wrong]
    return (
        *(Base(name, base_weights.weights_hash(home, name)) for name in names),
        *(Base(one.name, base_weights.weights_hash(home, one.path)) for one in own),
    )


def kinds_of(asked: Collection[str]) -> tuple[str, ...]:
    """The kinds that a machine takes: those asked for, all that compute where none is. StudioError
    for one that there is not, or that computes nothing."""
    known = [kind.name for kind in KINDS.values() if kind.compute is not None]
    for name in asked:
        if name not in known:
            raise StudioError(
                f"There is no kind of job {name[:60]!r} that computes.",
                f"{nearest(name, known)}Known: {', '.join(known)}.",
            )
    return tuple(name for name in known if not asked or name in asked)


def _device(wanted: str) -> str:
    return "mps" if wanted == "mps" else base_offers.device(wanted)


@cache
def _gpu() -> tuple[str, float] | None:
    """What the first GPU is called, and its memory in GB."""
    gpu = metering.first_gpu()
    return (gpu.name, round(gpu.memory_all / GB, 1)) if gpu else None
