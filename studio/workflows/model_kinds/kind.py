"""What a kind of model says of itself: one declaration, in one file for each kind.

Stages, gates, rollouts, votes and the ledger are the same for all of them and ask nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.context import Report, Studio
from studio.generation.style_drawing import Loaded
from studio.registry.models import Version
from studio.settings import Settings
from studio.tracking import files_flavor

Drawer = Callable[[str], Loaded]  # given a device, as STUDIO_DEVICE has it
# What a drawing may be told beside prompt and seed.
SETTINGS = frozenset({"negative", "steps", "guidance", "strength", "size", "start", "adapters"})


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
    # A version's sheet and figures: style, number, whom to tell, and the dataset NAME[@VERSION] to
    # compare with, "" for its own. Both are kept, with `studio.workflows.evaluate.keep`.
    evaluate: Callable[[Studio, str, int, Report, str], dict[str, float]]
    facts: Callable[[Studio, Version], list[Fact]]
    # What makes it ready to draw on a device, without the studio; None: its versions draw nothing.
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
