"""A version of any kind is measured: its sheet is drawn, its figures are kept with it.

`asked` reads the studio and gives an evaluator, which draws and measures without it, and `keep`
puts the outcome into the studio.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from studio.accounts.rights import check
from studio.context import Report, Studio, now, set_threads
from studio.datasets import versions as datasets
from studio.evaluation import contact_sheet
from studio.registry import models
from studio.tracking.runs import check_open
from studio.workflows.model_kinds import table
from studio.workflows.model_kinds.kind import Evaluated, Evaluator


def evaluate_version(
    studio: Studio, style: str, number: int, report: Report, against: str = ""
) -> dict[str, float]:
    """Draw a version's sheet and measure it here and now, compared with the dataset `against`,
    NAME[@VERSION], or its own; the figures by name."""
    evaluator = asked(studio, style, number, against)
    files = files_of(studio, evaluator)
    set_threads(studio.settings)
    with tempfile.TemporaryDirectory() as aside:
        sheet = Path(aside) / "sheet"
        found = evaluator(files, sheet, studio.settings.device, report)
        keep(studio, style, number, found, sheet, now())
    return found.figures


def asked(studio: Studio, style: str, number: int, against: str = "") -> Evaluator:
    """How the version is measured, as its kind does it; StudioError where it can't be."""
    check(studio.settings.user, "evaluate")
    version = models.get(studio.client, style, number)
    check_open(studio.client, version.run_id, f"{style} version {number}")
    return table.of(version).evaluator(studio, version, against)


def files_of(studio: Studio, evaluator: Evaluator) -> dict[str, Path]:
    """All files that it reads, by SHA-256: pictures of datasets, and what else it needs."""
    return {**datasets.files_of(studio.home, evaluator.hashes), **evaluator.files}


def keep(
    studio: Studio, style: str, number: int, found: Evaluated, sheet: Path, at: datetime
) -> None:
    """Put a sheet that lies in the folder `sheet` in place of the version's, keep the figures in
    place of those of before, and both with its run. Cut off and called again with the same moment
    `at`, it ends the same."""
    version = models.get(studio.client, style, number)
    told = check_open(studio.client, version.run_id, f"{style} version {number}")
    folder = contact_sheet.folder_of(studio.home, style, number)
    contact_sheet.place(sheet, folder)
    models.set_metrics(studio.client, version, found.figures, found.tags, at)
    for old in set(version.metrics) - set(found.figures):  # no figure of before stands among these
        key = models.METRIC + old
        studio.client.delete_model_version_tag(style, str(number), key)
    if told:
        studio.client.log_artifacts(version.run_id, str(folder), "sheet")
