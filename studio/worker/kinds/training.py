"""The job that trains."""

from __future__ import annotations

from typing import Any

from studio.registry import models
from studio.training import disk_cleanup
from studio.training.config import load_config
from studio.worker import payloads
from studio.worker.context import Context
from studio.workflows.train import train_style
from studio.workflows.version_loading import as_record


def train(context: Context, ask: payloads.Train) -> dict[str, Any]:
    """Train, or go on with this job's own unfinished run; what it had registered stays the one."""
    studio, config = context.studio, load_config(ask.preset, None, ask.settings)
    runs = studio.home / "runs" / ask.style
    mine = context.job.kept.get("run") or ask.run
    if mine and (runs / mine / "done").is_file():
        number = int((runs / mine / "done").read_text())
        return as_record(models.get(studio.client, ask.style, number))
    resume = bool(mine) and (runs / mine / "record.json").is_file()
    if resume and disk_cleanup.cleared(runs / mine):
        context.report("Its checkpoints were cleared away meanwhile; it begins anew.")
        resume = False
    version = train_style(
        studio,
        ask.style,
        ask.dataset,
        config,
        context.report,
        resume=resume,
        run_id=mine if resume else "",
        began=lambda run: context.keep({"run": run}),
        mark=f"job {context.job.id} asked {context.job.asked_at}",
    )
    return as_record(version)
