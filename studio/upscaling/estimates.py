"""How long an enlarging takes, how much memory and money, by what was measured before.

Measured is a machine's time for one unit: a step of a tile for diffusion, a tile for a model, and a
million pixels of the result for what needs no tiles. Where nothing like it was measured yet, that
is said, and no time is told: a guess would be wrong by a hundredfold between machines.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from studio.charges import money, prices
from studio.charges.money import Money
from studio.database.engine import writing
from studio.database.ledger import stamp
from studio.diffusion import families
from studio.errors import StudioError
from studio.jobs import workers
from studio.jobs.table import Lane
from studio.upscaling.settings import Settings
from studio.upscaling.tables import upscale_speeds

BY_TILES = ("model", "diffusion")  # methods
REMEMBERED = 400  # units: what was measured longer ago counts less with each new one
MILLION = 1_000_000
# GB that a loaded base holds, its adapters with it: fp16 on an accelerator.
OF_FAMILY = {families.PRACTICE: 0.6, families.SD1: 4.0, families.SD2: 5.0, families.SDXL: 9.0}
AROUND_GB = 0.4  # the process itself, and what a tile takes beside the model
STRIPS_GB = 0.3
MODEL_GB = 1.0


@dataclass(frozen=True)
class Sort:
    """What is measured apart: the method, the model or base that computes ("" for none), and the
    side that a tile is drawn at (0 where there are no tiles)."""

    method: str
    model: str = ""
    side: int = 0


@dataclass(frozen=True)
class Speed:
    """What was measured: seconds a unit, the most memory that the process held in GB (0: not
    known), of how many units."""

    seconds: float
    memory_gb: float
    units: int


@dataclass(frozen=True)
class Estimate:
    """What an enlarging will take: its tiles in all passes, seconds (None: nothing like it was
    measured on this machine yet), memory in GB, and what the machine's time costs (None: nothing).
    `machine` is the one that the numbers are of."""

    tiles: int
    seconds: float | None
    memory_gb: float
    measured: bool
    cost: Money | None
    machine: str

    def as_json(self) -> dict[str, Any]:
        """As pages, REST and commands tell it."""
        cost = self.cost
        return {
            "tiles": self.tiles,
            "seconds": self.seconds,
            "memory_gb": round(self.memory_gb, 2),
            "measured": self.measured,
            "cost": "" if cost is None else money.plain(cost.micros, cost.currency),
            "currency": "" if cost is None else cost.currency,
            "machine": self.machine,
        }


def sort_of(settings: Settings, base: str = "") -> Sort:
    """What of these settings is measured apart from others; `base` is what draws."""
    if settings.method not in BY_TILES:
        return Sort(settings.method)
    side = settings.drawn or settings.tile
    if settings.method == "model":
        return Sort("model", settings.model, settings.tile)
    return Sort("diffusion", base or settings.base, side)


def units(settings: Settings, tiles: int) -> int:
    """How many units these settings are, at least 1; `tiles` are those of all passes."""
    if settings.method not in BY_TILES:
        return max(1, math.ceil(settings.width * settings.height / MILLION))
    return max(1, tiles * (steps(settings) if settings.method == "diffusion" else 1))


def steps(settings: Settings) -> int:
    """The steps of denoising that are taken of each tile: of all of them a part is left out, since
    a tile begins from what is there."""
    return max(1, math.floor(settings.steps * min(1.0, settings.strength) + 1e-6))


def note(
    engine: Engine,
    machine: str,
    sort: Sort,
    seconds: float,
    count: int,
    now: datetime,
    memory_gb: float = 0.0,
) -> None:
    """Keep what `count` units took on a machine, beside what was measured before; nothing for no
    unit and for no time."""
    if count < 1 or not 0 < seconds < math.inf:
        return
    c = upscale_speeds.c
    mine = _of(machine, sort)
    with writing(engine) as connection:
        row = connection.execute(sa.select(c.seconds, c.memory_gb, c.units).where(mine)).first()
        if row is None:
            values = {"seconds": seconds / count, "memory_gb": memory_gb, "units": count}
            key = {"machine": machine, **vars(sort)}
            connection.execute(upscale_speeds.insert().values(**key, **values, at=stamp(now)))
            return
        before = min(row.units, REMEMBERED)
        mean = (row.seconds * before + seconds) / (before + count)
        values = {"seconds": mean, "memory_gb": max(row.memory_gb, memory_gb)}
        kept = min(before + count, REMEMBERED)
        connection.execute(
            upscale_speeds.update().where(mine).values(**values, units=kept, at=stamp(now))
        )


def speed(engine: Engine, machine: str, sort: Sort) -> Speed | None:
    """What was measured of this sort on a machine; of a side that was not, the nearest measured
    one in its place, its seconds by the share of pixels. None where there is none."""
    c = upscale_speeds.c
    like = (c.machine == machine) & (c.method == sort.method) & (c.model == sort.model)
    with engine.connect() as connection:
        found = connection.execute(sa.select(upscale_speeds).where(like)).all()
    if not found:
        return None
    best = min(found, key=lambda row: abs(math.log((row.side or 1) / (sort.side or 1))))
    share = (sort.side / best.side) ** 2 if sort.side and best.side else 1.0
    return Speed(best.seconds * share, best.memory_gb, best.units)


def estimate(
    engine: Engine, settings: Settings, tiles: int, now: datetime, base: str = ""
) -> Estimate:
    """What these settings will take, `tiles` in all passes, on the machine whose worker takes
    them; `base` is what draws, "" for none."""
    machine = machine_for(engine, now, "work" if settings.method == "diffusion" else "short")
    known = speed(engine, machine, sort_of(settings, base))
    seconds = None if known is None else known.seconds * units(settings, tiles)
    memory = known.memory_gb if known and known.memory_gb else memory_gb(settings, base)
    cost = None if seconds is None else _cost(engine, machine, seconds, now)
    count = tiles if settings.method in BY_TILES else 0
    return Estimate(count, seconds, memory, known is not None, cost, machine)


def memory_gb(settings: Settings, base: str = "") -> float:
    """About how much memory is held where nothing was measured: the model and one batch of tiles.
    The picture lies in files and counts for nothing."""
    if settings.method not in BY_TILES:
        return STRIPS_GB
    if settings.method == "model":
        return AROUND_GB + MODEL_GB
    side = settings.drawn or settings.tile
    named = base or settings.base
    family = families.family_of(named) if named else families.PRACTICE
    batch = settings.batch * (side / 1024) ** 2 * (0.5 if family == families.PRACTICE else 2.0)
    return AROUND_GB + OF_FAMILY[family] + batch


def machine_for(engine: Engine, now: datetime, lane: Lane) -> str:
    """The machine whose worker takes jobs of a lane; this one where none does."""
    alive = workers.alive(engine, now)
    taking = [one.name for one in alive if lane in one.lanes.split(",")]
    here = socket.gethostname()
    if not taking or any(workers.machine_of(name) == here for name in taking):
        return here
    return workers.machine_of(taking[0])


def said(estimate: Mapping[str, Any]) -> str:
    """What `Estimate.as_json` gives, in a sentence."""
    tiles, seconds = estimate["tiles"], estimate["seconds"]
    found = [f"{tiles:,} tile{'s' if tiles != 1 else ''}"] if tiles else []
    if seconds is None:
        found.append(f"not measured on {estimate['machine']} yet")
    else:
        found.append(f"about {_length(seconds)} on {estimate['machine']}")
    found.append(f"{estimate['memory_gb']:.1f} GB of memory")
    if estimate["cost"]:
        found.append(f"{estimate['cost']} {estimate['currency']}")
    return ", ".join(found)


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5_400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3_600:.1f} h"


def _cost(engine: Engine, machine: str, seconds: float, now: datetime) -> Money | None:
    """What so long on an own machine costs; None where it has no price."""
    try:
        held = prices.in_force(engine, prices.OWN, now)
    except StudioError:
        return None
    if held.price(machine) is None:
        return None
    return held.quote(machine, min(math.ceil(seconds * 1_000), prices.LARGEST)).money


def _of(machine: str, sort: Sort) -> sa.ColumnElement[bool]:
    c = upscale_speeds.c
    return (
        (c.machine == machine)
        & (c.method == sort.method)
        & (c.model == sort.model)
        & (c.side == sort.side)
    )
