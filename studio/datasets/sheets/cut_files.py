"""What became of a folder's sheets and layered files, for the intake that goes on with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from studio.datasets.metadata_files import Note
from studio.datasets.pictures import Refusal


@dataclass(frozen=True)
class CutFiles:
    """Frames by the relative name that they have as pictures: `at` where each lies, `notes` what is
    known of it. `sources` are the files they came from, and the texts and tables about
    those."""

    at: Mapping[str, Path] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    refused: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()

    def in_place(self, pictures: Iterable[str]) -> tuple[str, ...]:
        """The pictures of a folder with frames in place of the files that those came from."""
        return tuple(sorted({*pictures, *self.at} - self.sources))

    def left(self, refused: Iterable[Refusal]) -> tuple[Refusal, ...]:
        """Those refusals that are not of captions that belong to a file that was cut."""
        return tuple(one for one in refused if one.file not in self.sources)


UNCUT = CutFiles()
