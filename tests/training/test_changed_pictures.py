"""A picture that was changed or deleted after the freeze: named, before anything learns from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.datasets import versions
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.workflows import train_examples

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.unlink(), "is not in the store any more"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20]), "was changed or is damaged"),
    ],
)
def test_it_is_named_with_the_remedy(tmp_path: Path, spoil, says) -> None:  # type: ignore[no-untyped-def]
    folder = CHECKOUT / "sample" / "train" / "gem"
    data = import_folder(tmp_path, "gems", folder, now=NOW, actor="ana").version
    picture = data.pictures[1]
    files = versions.files_of(tmp_path, [one.hash for one in data.pictures])
    fine = train_examples._example(files, data.pictures[0])
    example = train_examples._example(files, picture)
    assert example.open().size == (picture.width, picture.height)
    path = versions.picture_path(tmp_path, picture.hash)
    path.chmod(0o644)
    spoil(path)
    with pytest.raises(StudioError, match=says) as told:
        example.open()
    assert picture.file_name in told.value.message and "import" in told.value.remedy.lower()
    assert fine.open()  # the others can still be read
