"""What a kind of model says of itself: one declaration, in one file for each kind.

Stages, gates, rollouts, votes and the ledger are the same for all of them and ask nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from studio.context import Report, Studio
from studio.generation.style_drawing import Loaded
from studio.registry.models import Version
from studio.settings import Settings
from studio.tracking import files_flavor

# What a drawing may be told beside prompt and seed.
SETTINGS = frozenset(
    (
        *("negative", "steps", "guidance", "strength", "size"),
        *("start", "adapters", "seamless", "leads", "reference"),
    )
)


class Drawer(Protocol):
    """How a version is made ready to draw: plain values, with which it goes without the studio."""

    @property
    def files(self) -> Mapping[str, Path]:
        """What it reads beside a base, by SHA-256, as it lies on this machine."""

    def __call__(self, files: Mapping[str, Path], device: str) -> Loaded:
        """Ready on `device`, as STUDIO_DEVICE has it; `files` where they lie there."""


@dataclass(frozen=True)
class Evaluated:
    """What was measured of a version: figures by name, and tags that it gets with them, `prompts`
    among them: the version of the prompt set that its sheet was drawn from."""

    figures: dict[str, float]
    tags: dict[str, str]


class Evaluator(Protocol):
    """How a version is drawn and measured: plain values, with which it goes without the studio."""

    @property
    def hashes(self) -> Collection[str]:
        """The pictures of datasets that it reads."""

    @property
    def files(self) -> Mapping[str, Path]:
        """What else it reads beside a base, by SHA-256, as it lies on this machine."""

    def __call__(
        self, files: Mapping[str, Path], folder: Path, device: str, report: Report
    ) -> Evaluated:
        """Draw the sheet into `folder` (`contact_sheet.write_sheet`) and measure it; `files` are
        all that it reads, by hash, `device` as STUDIO_DEVICE has it."""


@dataclass(frozen=True)
class Fact:
    """A row of a version's card. `typed` is text that people type as it stands: shown as code,
    and in the table of all versions."""

    label: str
    value: str
    typed: bool = False


def _as_files(folder: Path, told: Mapping[str, str]) -> tuple[Any, dict[str, Any]]:
    return files_flavor, {"files": str(folder)}


@dataclass(frozen=True)
class ModelKind:
    """A kind of model. What is left out, it does not do."""

    name: str  # in the registry, for good
    label: str  # for people: LoRA
    about: str  # a sentence for its card, with the word for it: "a LoRA on the base below"
    # What draws a version's sheet and measures it, compared with the dataset NAME[@VERSION], ""
    # for its own.
    evaluator: Callable[[Studio, Version, str], Evaluator]
    facts: Callable[[Studio, Version], list[Fact]]
    # What makes it ready to draw, without the studio; None: its versions draw nothing.
    drawer: Callable[[Studio, Version], Drawer] | None = None
    # The same for `mlflow models serve`, from MLflow's folder and the metadata of its MLmodel.
    serve: Callable[[Path, Mapping[str, Any], Settings], Loaded] | None = None
    files: tuple[str, ...] = ()  # that each version has
    written: Callable[[Path, Mapping[str, str]], tuple[Any, dict[str, Any]]] = _as_files
    takes: frozenset[str] = frozenset()  # of SETTINGS; what takes adapters can be merged, too
    has_base: bool = False  # that can be drawn with alone, beside the version
    compares: bool = True  # whether its figures need real pictures
    size: Callable[[Version], int | None] = lambda version: None  # pixels a side that it draws
    downloads: Callable[[Version], Mapping[str, str]] = lambda version: {}  # addresses by label
    warnings: Callable[[Studio, Version], list[str]] = lambda studio, version: []
