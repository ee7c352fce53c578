"""Files that a machine has by their SHA-256: sent in pieces, kept while they are asked for, and
those that are adapters until somebody takes them away."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.remote.protocol import NAME, checked_hash
from studio.store.contents import Store, digest_of
from studio.store.publish import publish, publishing

SPARE = 512 * 1024**2  # bytes of the disk that files which are sent leave free
UNUSED_S = 7 * 24 * 3600.0  # after which a file that nobody asked for is taken away
BEGUN_S = 24 * 3600.0  # the same of what did not come whole
_PUTTING = [threading.Lock() for _ in range(64)]  # by a hash's beginning: one writes a file at once


class Full(StudioError):
    """The machine's disk has no room for what is sent."""


class Changed(StudioError):
    """What came is not what was announced."""


@dataclass(frozen=True)
class Contents:
    """Whole files in a store under `root`, begun ones and the names of adapters beside it."""

    root: Path

    @property
    def store(self) -> Store:
        return Store(self.root / "files")

    def has(self, hash: str) -> bool:
        """Whether it is here; asked for, it stays longer."""
        path = self.store.path(checked_hash(hash))
        try:
            os.utime(path)
            return True
        except OSError:
            return False

    def begun(self, hash: str) -> int:
        """Bytes of it that came so far."""
        try:
            return self._begun(hash).stat().st_size
        except OSError:
            return 0

    def put(self, hash: str, at: int, of: int, piece: bytes) -> bool:
        """Write a piece at its place; whether the file is whole. A piece that came already is
        passed over, two that come at once count as one after the other. Changed where the whole
        has another hash, Full, or StudioError."""
        with _PUTTING[int(checked_hash(hash)[:2], 16) % len(_PUTTING)]:
            return self._put(hash, at, of, piece)

    def _put(self, hash: str, at: int, of: int, piece: bytes) -> bool:
        if self.has(hash):
            return True
        file = self._begun(hash)
        have = self.begun(hash)
        if at > have or at + len(piece) > of:
            raise Changed(f"{have} bytes of the file are here, and {at} follow.", "Begin there.")
        self._check_room(of - have)
        if at + len(piece) > have or not of:
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                with file.open("r+b" if have else "wb") as opened:
                    opened.seek(at)
                    opened.write(piece)
            except OSError as error:
                said = f"The machine can't write: {error.strerror}."
                raise Full(said, "Make room there.") from error
            have = at + len(piece)
        if have < of:
            return False
        if digest_of(file) != hash:
            file.unlink(missing_ok=True)
            raise Changed("What came is another file than was announced.", "Send it again.")
        with publishing(self.store.path(hash)) as aside:
            os.replace(file, aside)
            with suppress(OSError):  # runs have second names of it: whoever writes is refused
                aside.chmod(0o400)
        return True

    def read(self, hash: str, at: int, most: int) -> bytes:
        """A part of a file; FileNotFoundError where it is not here."""
        with self.store.path(checked_hash(hash)).open("rb") as opened:
            opened.seek(at)
            return opened.read(most)

    def copy(self, hash: str, target: Path) -> None:
        """The file at another place, to be written to there."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with publishing(target, flush=False) as aside:
            shutil.copyfile(self.store.path(checked_hash(hash)), aside)

    def adapters(self) -> list[dict[str, Any]]:
        """Those that stay: hash, name, bytes."""
        found = []
        for file in sorted((self.root / "adapters").glob("*.json")):
            with suppress(OSError, ValueError, KeyError):
                name, size = json.loads(file.read_text("utf-8"))["name"], 0
                size = self.store.path(file.stem).stat().st_size
                found.append({"hash": file.stem, "name": str(name), "bytes": size})
        return found

    def stay(self, hash: str, name: str) -> None:
        """Have a file that came stay as an adapter called `name`. StudioError where it is not
        here, is no safetensors, or the name is none."""
        if not NAME.fullmatch(name):
            raise StudioError(
                f"{name[:60]!r} is no name for an adapter.", "Use letters, digits, dots, - and _."
            )
        if not self.has(hash):
            raise StudioError("The adapter is not here.", "Send it first.")
        _check_safetensors(self.store.path(hash))
        publish(self._adapter(hash), json.dumps({"name": name}))

    def whole(self, hash: str) -> bool:
        """Whether a file is here as it came, all of it read."""
        try:
            return digest_of(self.store.path(checked_hash(hash))) == hash
        except StudioError:
            return False

    def away(self, hash: str) -> None:
        """Take an adapter away, its file too: it is sent again where a run needs it."""
        self._adapter(hash).unlink(missing_ok=True)
        self.store.delete(hash)

    def sweep(self, needed: Collection[str]) -> int:
        """Take away what nobody asked for in a long time, but for adapters and what is `needed`;
        how many files."""
        stay = {*needed, *(one["hash"] for one in self.adapters())}
        gone, now = 0, time.time()
        for hash in list(self.store.digests()):
            with suppress(OSError):
                if hash not in stay and now - self.store.path(hash).stat().st_mtime > UNUSED_S:
                    self.store.delete(hash)
                    gone += 1
        for file in (self.root / "begun").glob("*"):
            with suppress(OSError):
                if now - file.stat().st_mtime > BEGUN_S:
                    file.unlink()
        return gone

    def _begun(self, hash: str) -> Path:
        return self.root / "begun" / checked_hash(hash)

    def _adapter(self, hash: str) -> Path:
        return self.root / "adapters" / f"{checked_hash(hash)}.json"

    def _check_room(self, wanted: int) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if wanted > free - SPARE:
            raise Full(
                f"The machine's disk is full: {free / 1e9:.1f} GB are free, and a file of "
                f"{wanted / 1e9:.1f} GB would come.",
                "Make room there: delete adapters that nobody needs, or give it a larger disk.",
            )


def _check_safetensors(file: Path) -> None:
    """StudioError where the file begins as no safetensors does: nothing else is kept as an
    adapter."""
    with file.open("rb") as opened:
        size = int.from_bytes(opened.read(8), "little")
        fine = 2 <= size <= 100_000_000 and opened.read(1) == b"{"
    if not fine or file.stat().st_size < 8 + size:
        raise StudioError("This is no file of safetensors.", "Adapters are safetensors.")
