"""A backup's file: a tar whose last members say what it holds, so that half a file is known as one.

rows/TABLE.jsonl    the database, as `studio.database.dump` writes it
mlflow.db           MLflow's records, where the studio keeps them in a file
mlflow/TABLE.jsonl  MLflow's records, where the studio keeps them in PostgreSQL
home/...            the studio's folder
mlruns/...          MLflow's files: adapters, sheets, previews
manifest.json       format, schema, places, and size and SHA-256 of each member above
manifest.sha256     the hash of manifest.json
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from studio.errors import StudioError

FORMAT, WITH_ROWS = 1, 2  # the second: MLflow's records are rows
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
TOPS = ("rows", "mlflow.db", "mlflow", "home", "mlruns")
ANOTHER = "Use another backup; this one can't be trusted."


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `artifacts` is the folder that MLflow's records point into;
    `tables` are in the order in which they can be filled; `files`: size and SHA-256 by member;
    `mlflow` is the schema of MLflow's records where they are rows."""

    format: int
    made_at: str
    database: str
    schema: str
    artifacts: str
    tables: list[str]
    rows: int
    files: dict[str, tuple[int, str]] = field(repr=False)
    mlflow: str = ""

    @property
    def size(self) -> int:
        """Bytes of all that it holds."""
        return sum(size for size, _ in self.files.values())


class _Hashed:
    """Reads a file and hashes what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found = self.file.read(size)
        self.hash.update(found)
        return found


def add(tar: tarfile.TarFile, name: str, file: IO[bytes], size: int, mtime: float = 0) -> str:
    """Write the first `size` bytes of `file` as a member; its SHA-256."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(mtime)
    hashed = _Hashed(file)
    tar.addfile(info, hashed)  # type: ignore[arg-type]
    return hashed.hash.hexdigest()


def seal(tar: tarfile.TarFile, manifest: Manifest) -> None:
    """Write the manifest and its hash, last."""
    told = asdict(manifest)
    if manifest.format == FORMAT:
        del told["mlflow"]  # an older studio can read it
    text = json.dumps(told, indent=1).encode()
    digest = add(tar, MANIFEST, io.BytesIO(text), len(text))
    add(tar, SEAL, io.BytesIO(digest.encode()), len(digest))


def unpack(file: Path, place: Callable[[str], Path | None]) -> tuple[Manifest, str]:
    """Read a backup to its end, each member into the path that `place` names (None: only read).

    Gives the manifest and its hash. Raises StudioError unless every byte is as it was written;
    what was unpacked by then must not be used.
    """
    found: dict[str, tuple[int, str]] = {}
    ends: dict[str, bytes] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                source = tar.extractfile(member) if member.isreg() else None
                if source is None or member.name in found or not _safe(member.name):
                    raise StudioError(f"{file.name} holds {member.name!r}.", ANOTHER)
                if member.name in (MANIFEST, SEAL):
                    ends[member.name] = source.read()
                else:
                    found[member.name] = (member.size, _copy(source, place(member.name)))
    except (tarfile.TarError, EOFError) as error:
        raise StudioError(f"{file.name} is no whole backup: {error}.", ANOTHER) from error
    except FileNotFoundError as error:
        raise StudioError(f"There is no file {error.filename}.", "Look at its name.") from error
    except OSError as error:
        if error.errno is None:  # the tar's own: unexpected end of data
            raise StudioError(f"{file.name} is no whole backup: {error}.", ANOTHER) from error
        raise StudioError(
            f"{file.name} can't be read or unpacked: {error}.",
            "Make room on the disk or mend the rights, then try again.",
        ) from error
    digest = hashlib.sha256(ends.get(MANIFEST, b"")).hexdigest()
    if digest.encode() != ends.get(SEAL):
        raise StudioError(f"{file.name} is no whole backup: its end is missing.", ANOTHER)
    manifest = _manifest(file, ends[MANIFEST])
    wrong = [n for n in {*found, *manifest.files} if found.get(n) != manifest.files.get(n)]
    if wrong:
        raise StudioError(
            f"{file.name} is damaged: {len(wrong)} of {len(manifest.files)} files are not as they "
            f"were written, among them {min(wrong)}.",
            ANOTHER,
        )
    return manifest, digest


def _manifest(file: Path, text: bytes) -> Manifest:
    told: dict[str, Any] = json.loads(text)
    if told.get("format") not in (FORMAT, WITH_ROWS):
        raise StudioError(
            f"{file.name} is a backup of form {told.get('format')}; this studio reads {WITH_ROWS}.",
            "Update the studio, then restore it.",
        )
    files = {name: (int(size), str(digest)) for name, (size, digest) in told["files"].items()}
    return Manifest(**{**told, "files": files})


def _safe(name: str) -> bool:
    """Whether a member's name stays below the folder it is unpacked into."""
    path = PurePosixPath(name)
    if name in (MANIFEST, SEAL):
        return True
    clean = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    return clean and path.parts[0] in TOPS and "\0" not in name


def _copy(source: IO[bytes], target: Path | None) -> str:
    hashed = _Hashed(source)
    if target is None:
        while hashed.read(1 << 20):
            pass
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            while part := hashed.read(1 << 20):
                out.write(part)
    return hashed.hash.hexdigest()
