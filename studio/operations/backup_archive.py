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
import itertools
import json
import shutil
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import IO, Any

from studio.errors import StudioError

# The second: MLflow's records are rows. The third: they name files in a bucket, rows or not.
FORMAT, WITH_ROWS, WITH_BUCKET = 1, 2, 3
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
RECORDS = "mlflow.db"
ROWS, TOPS = ("rows", "mlflow"), ("home", "mlruns")
LONGEST = 255  # bytes of a name
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
    missing: list[str] = field(default_factory=list)  # versions whose files were not there
    bucket: str = ""  # s3://..., which MLflow's records point into, too

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


def format_of(mlflow: str, bucket: str) -> int:
    """The least form that can say it, so that older studios read all that they can."""
    return WITH_BUCKET if bucket else WITH_ROWS if mlflow else FORMAT


def seal(tar: tarfile.TarFile, manifest: Manifest) -> None:
    """Write the manifest and its hash, last."""
    told = asdict(manifest)
    if manifest.format == FORMAT:
        del told["mlflow"]  # an older studio can read it
    for name in ("missing", "bucket"):
        if not told[name]:
            del told[name]
    text = json.dumps(told, indent=1).encode()
    digest = add(tar, MANIFEST, io.BytesIO(text), len(text))
    add(tar, SEAL, io.BytesIO(digest.encode()), len(digest))


def unpack(file: Path, place: Callable[[str], Path | None]) -> tuple[Manifest, str]:
    """Read a backup to its end, each member into the path that `place` names (None: only read).

    Gives the manifest and its hash. Raises StudioError unless every byte is as it was written;
    what was unpacked by then must not be used. Nothing is written before the head of every member
    was looked at, nor where there is no room for all of them.
    """
    found: dict[str, tuple[int, str]] = {}
    ends: dict[str, bytes] = {}
    try:
        with tarfile.open(file, "r:") as tar:
            members = _members(tar, file)
            _refuse_too_large(file, members, place)
            for member in members:
                source = tar.extractfile(member)
                assert source is not None
                if member.name in (MANIFEST, SEAL):
                    ends[member.name] = source.read()
                else:
                    found[member.name] = (member.size, _copy(source, place(member.name)))
    # The module's own errors, and what it raises for heads that it was never meant to read.
    except (tarfile.TarError, EOFError, ValueError, LookupError, ArithmeticError) as error:
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


def _members(tar: tarfile.TarFile, file: Path) -> list[tarfile.TarInfo]:
    """Every member by its head: a plain file of a name that backups have, once, whose bytes are in
    the archive, one after another."""
    size, end = file.stat().st_size, 0
    found: dict[str, tarfile.TarInfo] = {}
    folders: set[str] = set()
    for member in tar:
        plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
        above = {path.as_posix() for path in PurePosixPath(member.name).parents}
        twice = member.name in found or member.name in folders
        if not plain or twice or not _safe(member.name):
            raise StudioError(f"{file.name} holds {_shown(member)}.", ANOTHER)
        if above & found.keys():
            raise StudioError(f"{file.name} holds {_shown(member)} below a file.", ANOTHER)
        if member.size < 0 or member.offset_data < end or member.offset_data + member.size > size:
            raise StudioError(
                f"{file.name} is no whole backup: {member.name!r} has {member.size:,} bytes by its "
                "head, which are not in it.",
                ANOTHER,
            )
        end = member.offset_data + member.size
        found[member.name] = member
        folders |= above
    return list(found.values())


def _shown(member: tarfile.TarInfo) -> str:
    kinds = {
        tarfile.LNKTYPE: "a hard link",
        tarfile.SYMTYPE: "a link",
        tarfile.CHRTYPE: "a device",
        tarfile.BLKTYPE: "a device",
        tarfile.FIFOTYPE: "a pipe",
        tarfile.DIRTYPE: "a folder",
        tarfile.GNUTYPE_SPARSE: "a sparse file",
    }
    kind = "a sparse file" if member.issparse() else kinds.get(member.type, "")
    return f"{member.name[:200]!r}{kind and f', {kind}'}"


def _refuse_too_large(
    file: Path, members: Iterable[tarfile.TarInfo], place: Callable[[str], Path | None]
) -> None:
    """StudioError where a disk has less room than what is to be unpacked there."""
    wanted: dict[Path, int] = {}
    for member in members:
        path = None if member.name in (MANIFEST, SEAL) else place(member.name)
        if path is not None:
            top = next(folder for folder in path.parents if folder.exists())
            wanted[top] = wanted.get(top, 0) + member.size
    for top, size in wanted.items():
        disk = top.stat().st_dev
        size = sum(more for other, more in wanted.items() if other.stat().st_dev == disk)
        free = shutil.disk_usage(top).free
        if size > free:
            raise StudioError(
                f"{file.name} holds {size / 1e6:,.1f} MB, and {free / 1e6:,.1f} MB are free at "
                f"{top}.",
                "Make room there, or choose another folder (--home). Nothing was unpacked.",
            )


def _manifest(file: Path, text: bytes) -> Manifest:
    try:
        told: dict[str, Any] = json.loads(text)
        if told.get("format") not in (FORMAT, WITH_ROWS, WITH_BUCKET):
            raise StudioError(
                f"{file.name} is a backup of form {told.get('format')!r}; this studio reads "
                f"{WITH_BUCKET}.",
                "Update the studio, then restore it.",
            )
        files = {str(name): (int(size), str(sha)) for name, (size, sha) in told["files"].items()}
        known = {one.name for one in fields(Manifest)} & told.keys()
        found = Manifest(**{**{name: told[name] for name in known}, "files": files})
        texts = (
            *(found.made_at, found.database, found.schema),
            *(found.artifacts, found.mlflow, found.bucket),
        )
        lists = (found.tables, found.missing)
        right = all(isinstance(one, str) for one in (*texts, *itertools.chain(*lists)))
        right &= all(isinstance(one, list) for one in lists) and isinstance(found.rows, int)
        right &= found.artifacts.startswith("/") and not (found.mlflow and "mlflow.db" in files)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        right = False
    if not right:
        raise StudioError(f"{file.name} is no backup: its {MANIFEST} is broken.", ANOTHER)
    return found


def _safe(name: str) -> bool:
    """Whether it is a name that backups give: it stays below the folder it is unpacked into."""
    if name in (MANIFEST, SEAL, RECORDS):
        return True
    path = PurePosixPath(name)
    clean = path.as_posix() == name and not path.is_absolute() and ".." not in path.parts
    longest = max(len(part.encode("utf-8", "surrogateescape")) for part in (*path.parts, ""))
    if not clean or "\0" in name or len(path.parts) < 2 or longest > LONGEST:
        return False
    return path.parts[0] in TOPS or (path.parts[0] in ROWS and len(path.parts) == 2)


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
