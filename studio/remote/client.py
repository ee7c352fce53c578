"""What is asked of a machine: files sent and fetched, runs begun, heard, answered and cancelled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.remote import protocol
from studio.remote.connection import Connection, Refused
from studio.remote.protocol import ASKED, CHUNK, WAIT_S, Asked, Capabilities, Heard, Status
from studio.store.publish import publishing

Told = Callable[[int, int], None]  # bytes that are sent, of all
UNKNOWN = 404
DOCUMENT = 256 * 1024**2  # bytes of what a run came to, beside its files


def _nobody(done: int, total: int) -> None:
    return None


def health(machine: Connection, seconds: float = 10.0) -> Capabilities:
    """What the machine is and has."""
    return protocol.read_capabilities(machine.ask("GET", "/health", seconds=seconds))


def missing(machine: Connection, hashes: Collection[str]) -> dict[str, int]:
    """Of these files those that the machine has not whole, each with the bytes that it has."""
    asked, found = sorted(set(hashes)), dict[str, int]()
    for first in range(0, len(asked), ASKED):
        part = asked[first : first + ASKED]
        told = machine.ask("POST", "/missing", {"hashes": part})
        try:
            more = {str(hash): int(have) for hash, have in told["missing"].items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise protocol.unclear("what it has", error) from error
        if not set(more) <= set(part):
            raise protocol.unclear("what it has", ValueError("other hashes"))
        found |= more
    return found


def send(machine: Connection, files: Mapping[str, Path | bytes], told: Told = _nobody) -> int:
    """Send those of these files, by their hash, that the machine has not; how many bytes. What was
    begun is gone on with."""
    lacking = missing(machine, list(files))
    sizes = {hash: _size(files[hash]) for hash in lacking}
    total, done = sum(sizes.values()), 0
    for hash, have in lacking.items():
        at = have if 0 <= have <= sizes[hash] else 0
        done += at
        while True:
            piece = _piece(files[hash], at)
            path = f"/content/{hash}?at={at}&of={sizes[hash]}"
            answer = machine.ask("PUT", path, piece, seconds=120.0)
            at, done = at + len(piece), done + len(piece)
            told(done, total)
            if isinstance(answer, dict) and answer.get("whole") is True:
                break
            if not piece:
                raise StudioError(
                    f"{machine.address.name} did not take a file whole ({hash[:12]}…).",
                    "It may have changed meanwhile: ask again.",
                )
    return total


def fetch(machine: Connection, hash: str, size: int, target: Path) -> None:
    """Put a file of the machine's in the place of what `target` was. StudioError where what comes
    has another hash, or another size, than the machine said."""
    with publishing(target, flush=False) as aside:
        found, at = hashlib.sha256(), 0
        with aside.open("wb") as opened:
            while at < size:
                path = f"/content/{hash}?at={at}&most={CHUNK}"
                piece = machine.raw("GET", path, seconds=120.0)
                if not piece or at + len(piece) > size:
                    break
                opened.write(piece)
                found.update(piece)
                at += len(piece)
        if at != size or found.hexdigest() != hash:
            raise StudioError(
                f"What {machine.address.name} gave as {target.name} is not what it said: its "
                f"SHA-256 is not {hash[:12]}….",
                "Nothing of it was kept. Look at that machine's disk before it is used again.",
            )


def document(machine: Connection, hash: str) -> Any:
    """What a file of the machine's holds that is JSON. StudioError where it is another file."""
    found = bytearray()
    while True:
        piece = machine.raw("GET", f"/content/{hash}?at={len(found)}&most={CHUNK}", seconds=120.0)
        found += piece
        if len(piece) < CHUNK or len(found) > DOCUMENT:
            break
    if hashlib.sha256(found).hexdigest() != hash:
        raise StudioError(
            f"What {machine.address.name} gave is not what it said: its SHA-256 is not "
            f"{hash[:12]}….",
            "Nothing of it was kept. Look at that machine's disk before it is used again.",
        )
    try:
        return json.loads(found)
    except (ValueError, RecursionError) as error:
        raise protocol.unclear("what came of it", error) from error


def run(
    machine: Connection,
    id: str,
    asked: Asked,
    *,
    seconds: float,
    waits: float,
    idle_close: float | None = None,
) -> Status:
    """Begin a run, or hear how the one with this id stands. It computes for `seconds` at most, and
    waits `waits` to begin. What is asked goes by its hash, so that no request is too large."""
    document = json.dumps(asdict(asked), allow_nan=False).encode()
    hash = hashlib.sha256(document).hexdigest()
    send(machine, {hash: document})
    policy: dict[str, Any] = {"executionTimeout": int(seconds * 1_000), "ttl": int(waits * 1_000)}
    if idle_close is not None:
        policy["idleClose"] = idle_close
    body = {"id": id, "input": {"asked": hash}, "policy": policy}
    return protocol.read_status(machine.ask("POST", "/run", body))


def status(machine: Connection, id: str, seconds: float = 10.0) -> Status | None:
    """How a run stands; None where the machine knows no such run."""
    try:
        return protocol.read_status(machine.ask("GET", f"/status/{id}", seconds=seconds))
    except Refused as error:
        if error.status == UNKNOWN:
            return None
        raise


def stream(
    machine: Connection, id: str, after: int, log_after: int, wait: float = WAIT_S
) -> Heard | None:
    """What a run told from there on, waited for where there is nothing; None for no such run."""
    path = f"/stream/{id}?after={after}&log={log_after}&wait={wait:g}"
    try:
        return protocol.read_heard(machine.ask("GET", path, seconds=wait + 15.0))
    except Refused as error:
        if error.status == UNKNOWN:
            return None
        raise


def answer(machine: Connection, id: str, number: int, said: str) -> None:
    """What home says to an event of a run."""
    machine.ask("POST", f"/answer/{id}", {"number": number, "answer": said})


def cancel(machine: Connection, id: str, seconds: float = 10.0) -> Status | None:
    """Have a run end; None where the machine knows no such run."""
    try:
        return protocol.read_status(machine.ask("POST", f"/cancel/{id}", {}, seconds=seconds))
    except Refused as error:
        if error.status == UNKNOWN:
            return None
        raise


def forget(machine: Connection, id: str) -> None:
    """The run's results are home: the machine need not keep them."""
    try:
        machine.ask("POST", f"/forget/{id}", {})
    except Refused as error:
        if error.status != UNKNOWN:
            raise


def bill(machine: Connection) -> dict[str, int]:
    """What each run that the machine still knows of computed, in milliseconds, by its id."""
    told = machine.ask("GET", "/bill")
    try:
        return {str(one["id"]): int(one["executionTime"]) for one in told["runs"]}
    except (KeyError, TypeError, ValueError) as error:
        raise protocol.unclear("its bill", error) from error


def adapters(machine: Connection) -> list[dict[str, Any]]:
    """The adapters that were put there: hash, name, bytes."""
    told = machine.ask("GET", "/adapters")
    try:
        return [
            {"hash": str(one["hash"]), "name": str(one["name"]), "bytes": int(one["bytes"])}
            for one in told["adapters"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise protocol.unclear("its adapters", error) from error


def put_adapter(
    machine: Connection, hash: str, file: Path, name: str, told: Told = _nobody
) -> None:
    """Have an adapter stay there under a name; what the machine has of it is not sent again."""
    send(machine, {hash: file}, told)
    machine.ask("PUT", f"/adapters/{hash}", {"name": name}, seconds=120.0)


def verify_adapter(machine: Connection, hash: str) -> bool:
    """Whether the machine, having read all of it, finds the adapter as it was put."""
    told = machine.ask("POST", f"/adapters/{hash}/verify", {}, seconds=300.0)
    return bool(isinstance(told, dict) and told.get("whole") is True)


def delete_adapter(machine: Connection, hash: str) -> None:
    """Take an adapter away there."""
    machine.ask("DELETE", f"/adapters/{hash}")


def _size(file: Path | bytes) -> int:
    return len(file) if isinstance(file, bytes) else file.stat().st_size


def _piece(file: Path | bytes, at: int) -> bytes:
    if isinstance(file, bytes):
        return file[at : at + CHUNK]
    with file.open("rb") as opened:
        opened.seek(at)
        return opened.read(CHUNK)
