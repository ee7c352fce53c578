"""Datasets' versions, which are named by their content: found, read, and their pictures opened.

datasets/pictures/<aa>/<sha256>.<ext>  the files as they came, byte for byte
datasets/<name>/<digest12>.json        the manifest: a version exists once this does
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from studio import images
from studio.datasets import intake, manifests
from studio.datasets.manifests import STORE, DatasetVersion
from studio.datasets.pictures import Picture, listed
from studio.errors import StudioError
from studio.store import local


def load(home: Path, name: str, version: str | None = None) -> DatasetVersion:
    """A version by its digest or the beginning of it; None gives the newest.

    StudioError, listing what there is, when nothing or more than one fits, and when a manifest
    was changed by hand.
    """
    check_name(name)
    there = manifests.heads(home, name)
    if not there:
        names = manifests.names(home)
        raise StudioError(
            f"There is no dataset {name!r}.",
            f"There is: {', '.join(names)}." if names else "Import a folder first.",
        )
    if version is None:
        return manifests.read(home, name, there[0].digest)
    fits = [head for head in there if head.digest.startswith(version)] if version else []
    if len(fits) != 1:
        what = "more than one version" if fits else "no version"
        raise StudioError(
            f"Dataset {name!r} has {what} {version!r}.",
            f"There is: {listed([head.version for head in there], most=10)}.",
        )
    return manifests.read(home, name, fits[0].digest)


def newest(home: Path, name: str) -> DatasetVersion | None:
    """The newest version, or None where there is no such dataset yet."""
    there = manifests.heads(home, name)
    return manifests.read(home, name, there[0].digest) if there else None


def list_versions(home: Path, name: str | None = None) -> list[DatasetVersion]:
    """All versions, or those of one dataset: names in order, of each the newest first."""
    if name is not None:
        return [manifests.read(home, name, head.digest) for head in manifests.heads(home, name)]
    return [version for each in manifests.names(home) for version in list_versions(home, each)]


def picture_path(home: Path, hash: str) -> Path:
    """Where a picture's untouched file lies; StudioError when it is not in the store."""
    path = intake.stored(picture_store(home), hash)
    if path is None:
        raise StudioError(f"Picture {hash} is not in the store.", "Import its folder again.")
    return path


def files_of(home: Path, hashes: Iterable[str]) -> dict[str, Path]:
    """Where the untouched files of pictures lie by their hash; those that are gone are left out."""
    found = {hash: intake.stored(picture_store(home), hash) for hash in hashes if hash}
    return {hash: path for hash, path in found.items() if path is not None}


def open_version_pictures(
    home: Path, version: DatasetVersion
) -> Iterator[tuple[Picture, Image.Image]]:
    """Each picture's record and the picture as RGBA in its own size, in file name order.

    Checks the bytes against the hash; StudioError when a stored file was damaged.
    """
    for record in version.pictures:
        yield record, open_picture(home, record.hash, record.file_name, record.reading)


def open_picture(home: Path, hash: str, name: str, reading: int = images.SEEN) -> Image.Image:
    """A stored picture as RGBA, its bytes checked against its hash; errors call it `name`.

    `reading` is what the picture's record says, so that a version means the same for ever.
    StudioError where it was deleted or changed since it was frozen.
    """
    return open_stored(intake.stored(picture_store(home), hash), hash, name, reading)


def open_stored(path: Path | None, hash: str, name: str, reading: int = images.SEEN) -> Image.Image:
    """As `open_picture`, of a picture's untouched file wherever it lies; None: nowhere."""
    if path is None or not local.present(path).is_file():
        raise StudioError(
            f"{name}: the picture is not in the store any more ({hash[:12]}).",
            "Import its folder again, or put the store back from a backup.",
        )
    data = images.read_file(path)
    if hashlib.sha256(data).hexdigest() != hash:
        raise StudioError(
            f"{name}: the stored picture was changed or is damaged ({path}).",
            "Delete that file and import the picture's folder again.",
        )
    return images.decode(data, name, reading=reading)


def check_name(name: str) -> None:
    """StudioError unless `name` can name a dataset."""
    if not manifests.is_name(name):
        raise StudioError(
            f"{name!r} can't name a dataset.",
            f"Use 1 to 63 of a-z, 0-9, - and _, beginning with a letter or number; not {STORE!r}.",
        )


def picture_store(home: Path) -> Path:
    """The folder that holds every dataset's pictures, by the hash of their content."""
    return home / "datasets" / STORE
