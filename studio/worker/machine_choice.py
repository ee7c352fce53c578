"""Which machine a job goes to, and whether a machine can do it, told before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from studio.charges.money import Money
from studio.context import Studio
from studio.diffusion import base_offers, base_weights, bundled_bases, team_bases
from studio.errors import StudioError
from studio.remote import machine_prices, machines, plain_values, runs, words
from studio.remote.machine_prices import TIME
from studio.remote.machines import CHEAPEST, Machine
from studio.remote.protocol import Capabilities

SHOWN = 12  # letters of a hash


class Unfit(StudioError):
    """The machine can't do this job; nothing was sent."""


def candidates(studio: Studio, where: str, kind: str, now: datetime) -> list[Machine]:
    """The machines that a job may go to, the one to be asked first in front: the named one; of all
    that take its kind those that have room, then the cheaper ones. StudioError for none."""
    if where != CHEAPEST:
        return [machines.get(studio.engine, where)]
    found = [one for one in machines.listing(studio.engine) if one.takes(kind)]
    if not found:
        raise StudioError(f"No machine takes jobs of the kind {kind!r}.", "Let it be done here.")
    at_work = runs.at_work(studio.engine)

    def order(one: Machine) -> tuple[bool, bool, int, str]:
        full = at_work.get(one.name, 0) >= one.at_once
        return full, bool(one.trouble), _price(studio, one, now), one.name

    return sorted(found, key=order)


def busy(engine: Engine) -> set[str]:
    """The words of `where` that no job is taken for now: machines that have as many as they do at
    once, and the cheapest where that is so of all."""
    known = machines.listing(engine)
    at_work = runs.at_work(engine)
    found = {one.name for one in known if at_work.get(one.name, 0) >= one.at_once}
    return found | ({CHEAPEST} if known and len(found) == len(known) else set())


def check(
    studio: Studio,
    machine: Machine,
    found: Capabilities,
    kind: str,
    schema: int,
    gpu_gb: float,
    params: Any,
) -> None:
    """Unfit where the machine is another program, or has not what the job needs. `params` as they
    are written for it."""
    name = machine.name
    if wrong := words.other_program(found):
        raise Unfit(
            f"{name} can't be used. {wrong}",
            "Bring both to the same version: else what it makes would be another thing.",
        )
    if kind not in found.kinds or not machine.takes(kind):
        raise Unfit(f"{name} takes no jobs of the kind {kind!r}.", "Choose another machine.")
    if found.kinds[kind] != schema:
        raise Unfit(f"{name} reads these jobs in another way.", "Bring both to the same version.")
    # One that has a GPU and can't tell its memory is not turned away, as in `places`.
    if gpu_gb > found.gpu_gb and (found.gpu_gb or found.device != "cuda"):
        has = f"{found.gpu_gb:g} GB" if found.gpu_gb else "no GPU"
        raise Unfit(
            f"This needs a GPU of {gpu_gb:g} GB, and {name} has {has}.", "Choose another machine."
        )
    _check_bases(studio.home, name, found, params)


def _check_bases(home: Path, name: str, found: Capabilities, params: Any) -> None:
    there = {base.name: base.hash for base in found.bases}
    for base, place in sorted(_bases(params)):
        if base not in there:
            raise Unfit(
                f"{name} has not the base {base}.",
                f"Put it into {team_bases.FOLDER}/ of that machine's folder, or let it fetch it, "
                "then test the machine again.",
            )
        here = base_weights.weights_hash(home, str(home / place) if place else base)
        if here and there[base] and here != there[base]:
            raise Unfit(
                f"The base {base} of {name} has other weights (SHA-256 "
                f"{there[base][:SHOWN]}…) than here ({here[:SHOWN]}…).",
                "Put the same one there: else what it makes would be another thing.",
            )


def _bases(written: Any) -> set[tuple[str, str]]:
    """The bases that parameters name: what a machine calls each, and its place below the studio's
    folder, "" for those that come with the studio or from the Hub."""
    known = {one.name for one in bundled_bases.present()} | {one.name for one in base_offers.REAL}
    found = set[tuple[str, str]]()
    for one in _values(written):
        if isinstance(one, str) and one in known:
            found.add((one, ""))
        elif isinstance(one, dict) and one.get("in") == "home":
            parts = str(one["is"]).split("/")
            if len(parts) > 2 and parts[1] == team_bases.FOLDER:
                found.add((parts[2], f"{team_bases.FOLDER}/{parts[2]}"))
    return found


def _values(written: Any) -> Iterator[Any]:
    """Every text, and every place, in written values."""
    if isinstance(written, dict):
        if written.get(plain_values.TAG) == "place":
            yield written
            return
        for one in written.values():
            yield from _values(one)
    elif isinstance(written, list):
        for one in written:
            yield from _values(one)
    else:
        yield written


def _price(studio: Studio, machine: Machine, now: datetime) -> int:
    """Micro-units of an hour, 0 where it costs nothing. Amounts of two currencies are compared as
    they stand: nothing is converted."""
    held = machine_prices.of(studio.engine, machine.name, now)
    return held.quote(TIME, 3_600_000).money.micros if held else 0


def most(studio: Studio, machine: Machine, now: datetime) -> Money | None:
    """What one run there may cost at most; None where it costs nothing."""
    held = machine_prices.of(studio.engine, machine.name, now)
    return held.quote(TIME, machine.seconds * 1_000).money if held else None
