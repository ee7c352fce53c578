"""The jobs that bring pictures into a dataset."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from studio.context import now
from studio.datasets import folder_import, upload_import
from studio.datasets.additions import SameName
from studio.datasets.manifests import Look
from studio.worker import payloads
from studio.worker.context import Context


def import_folder(context: Context, ask: payloads.Import) -> dict[str, Any]:
    """Bring a folder in; the answer is as `dataset import --json` gives it."""
    result = folder_import.import_folder(
        context.studio.home,
        ask.name,
        Path(ask.folder),
        look=payloads.look_of(context.studio.home, ask),
        source=ask.source,
        author=ask.author,
        licence=ask.licence,
        now=now(),
        actor=context.job.asked_by,
    )
    version = result.version
    context.report(f"{version.name}@{version.version}: {len(version.pictures)} pictures")
    return {
        "name": version.name,
        "version": version.version,
        "digest": version.digest,
        "pictures": len(version.pictures),
        "new": result.new,
        "changed": result.changed,
        "gone": result.gone,
        "refused": [asdict(refusal) for refusal in result.refused],
        "warnings": result.warnings,
    }


def add_upload(context: Context, ask: payloads.Upload) -> dict[str, Any]:
    """Add what a browser sent to a dataset; its report waits on the page of datasets."""
    found = upload_import.add_upload(
        context.studio.engine,
        context.studio.home,
        ask.upload,
        ask.name,
        same_name=cast(SameName, ask.same_name),
        look=Look(filter=ask.filter) if ask.filter else None,
        source=ask.source,
        author=ask.author,
        licence=ask.licence,
        by=context.job.asked_by,
        now=now(),
        report=context.report,
    )
    return {"dataset": ask.name, "version": found.version, "new": found.new, "report": found.id}
