"""A version is frozen: one writer at a time, and the manifest last.

The digest covers the look and the pictures' records, not the dataset's name, nor when, by whom
or after which version it was made. Going back to earlier content gives the earlier version;
only the manifest's `sequence`, which orders versions, is then written anew.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from studio import images
from studio.accounts.rights import check
from studio.database.engine import file_lock
from studio.datasets import drawn_limit, intake, manifests, versions, withdrawals, words
from studio.datasets.manifests import DatasetVersion, Look
from studio.datasets.pictures import Picture
from studio.errors import StudioError
from studio.store.publish import publish


def change(
    home: Path,
    name: str,
    make: Callable[[DatasetVersion | None], tuple[Look, Sequence[Picture]]],
    *,
    now: datetime,
    actor: str,
    says: str | Callable[[], str] = "",
) -> DatasetVersion:
    """Freezes what `make` makes of the newest version (None: there is none yet) while nobody else
    can write; `says` is a line of what changed, or gives it afterwards. StudioError when no
    picture would be left."""
    check(actor, "edit datasets")
    with one_writer(home, name):
        before = versions.newest(home, name)
        look, pictures = make(before)
        check_look(look)
        if not pictures:
            raise StudioError("A version without pictures can't be made.", "Keep at least one.")
        said = words.one_line(says if isinstance(says, str) else says())
        return freeze(home, name, look, tuple(pictures), before, now, actor, said)


def check_look(look: Look) -> None:
    """StudioError unless all of it can be used."""
    images.parse_colour(look.matte)
    if look.filter not in images.FILTERS:
        raise StudioError(
            f"{look.filter!r} is not a scaling filter.", f"Use one of {', '.join(images.FILTERS)}."
        )
    if look.behind not in manifests.BEHIND:
        raise StudioError(
            f"{look.behind!r} can't lie behind a picture.",
            f"Use one of {', '.join(manifests.BEHIND)}.",
        )
    if look.tileable not in manifests.TILEABLE:
        raise StudioError(
            f"{look.tileable!r} is no way in which pictures are tileable.",
            "Use xy, x or y, or nothing for pictures that are not.",
        )
    if look.size is not None and not 8 <= look.size <= 4096:
        raise StudioError(f"A size of {look.size} can't be used.", "Give 8 to 4096 pixels.")


@contextmanager
def one_writer(home: Path, name: str) -> Iterator[None]:
    """One writer at a time for each dataset; the lock goes with the process, also by kill -9."""
    versions.check_name(name)
    path = home / "datasets" / f".{name}.lock"
    with intake.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with file_lock(path, seconds=-1):  # an import may take an hour
        yield


def freeze(
    home: Path,
    name: str,
    look: Look,
    pictures: tuple[Picture, ...],
    before: DatasetVersion | None,
    now: datetime,
    actor: str,
    says: str = "",
) -> DatasetVersion:
    """The pictures as the newest version, under `one_writer`; equal content gives `before`, or
    the version that was there earlier. StudioError where too many are drawn or none are left."""
    pictures = withdrawals.left(home, sorted(pictures, key=lambda p: p.file_name))
    if not pictures:
        raise StudioError(
            "Every picture of it was withdrawn.", "Bring in others, or take a withdrawal back."
        )
    drawn_limit.check(home, name, pictures, before.pictures if before else ())
    digest = manifests.digest(look, pictures)
    if before is not None and before.digest == digest:
        return before
    sequence = max((h.sequence for h in manifests.heads(home, name)), default=0) + 1
    path = manifests.path_of(home, name, digest)
    record = (
        manifests.record(path)
        if path.exists()
        else {
            "schema": manifests.SCHEMA,
            "name": name,
            "digest": digest,
            "created": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": actor,
            "parent": before.digest if before else None,
            "says": says,
            "look": manifests.stored_look(look),
            "pictures": [manifests.stored(p) for p in pictures],
        }
    )
    text = json.dumps({**record, "sequence": sequence}, indent=1)
    publish(path, text.encode())
    return manifests.version(record)
