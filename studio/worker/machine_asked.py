"""What a machine is asked to compute, and the files that go along, by their bytes' SHA-256."""

from __future__ import annotations

from pathlib import Path

from studio.context import Studio
from studio.errors import StudioError
from studio.jobs import leases
from studio.remote import versions
from studio.remote.protocol import Asked
from studio.store import known_hashes, local
from studio.worker.context import Context
from studio.worker.kind import Kind, Work
from studio.worker.payload import P
from studio.worker.returned import files_of
from studio.worker.steps import digest

LARGE = 16_000_000  # bytes of a file whose hash is kept


def asked(
    context: Context, kind: Kind[P], work: Work, params: object
) -> tuple[Asked, dict[str, Path | bytes]]:
    """What is asked, and the files by their hash: inputs, and what is in the computation's folder,
    since it goes on from that. `params` as they are written."""
    studio = context.studio
    hashes, kept = _hashes(studio, work), files_of(work.workdir)
    answers = leases.applied(studio.engine, context.job.id)
    found = Asked(
        kind=kind.name,
        params=params,
        inputs={
            name: (hashes[one.path], one.hash, one.path.name) for name, one in work.inputs.items()
        },
        folder=work.workdir.name,
        files=kept,
        answers={str(number): said for number, said in answers.items()},
        lane=kind.lane,
        threads=studio.settings.threads,
        studio=versions.studio(),
        torch=versions.torch(),
    )
    files: dict[str, Path | bytes] = {hash: path for path, hash in hashes.items()}
    return found, files | {hash: work.workdir / path for path, hash in kept.items()}


def _hashes(studio: Studio, work: Work) -> dict[Path, str]:
    """Of each input's bytes: what the kind knows it by may be the hash of its pixels."""
    found = dict[Path, str]()
    with known_hashes.reading(studio.home) as known:
        for one in work.inputs.values():
            path = local.present(one.path)
            try:
                large = path.stat().st_size > LARGE
                found[one.path] = known.read(path) if large else digest(path)
            except OSError as error:
                raise StudioError(f"{path} can't be read: {error}.", "Put it back.") from error
            if not found[one.path]:
                raise StudioError(f"{path} can't be read as a file.", "Put it back.")
    return found
