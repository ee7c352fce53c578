"""How pages and commands put a job into the queue, and the table of the kinds that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from studio.accounts import rights
from studio.context import Studio
from studio.diffusion import team_bases
from studio.errors import StudioError
from studio.jobs import queue
from studio.jobs.table import Job
from studio.registry import models, version_choice
from studio.worker import payloads
from studio.worker.context import Kind
from studio.worker.kinds import adapters as shelved
from studio.worker.kinds import (
    ballots,
    captions,
    datasets,
    evaluation,
    generation,
    own_prompts,
    rating_rounds,
    sweep,
    training,
)


def ask(
    studio: Studio,
    kind: str,
    payload: Mapping[str, Any],
    *,
    asked_by: str,
    now: datetime,
    key: str | None = None,
    not_before: datetime | None = None,
    known_base: str = "",
) -> Job:
    """Check what is asked and put it into the queue; `key` makes a second send the same job.

    `known_base` was named by somebody before, who was allowed to.
    """
    if kind not in KINDS:
        raise StudioError(f"There is no kind of job {kind!r}.", f"Known: {', '.join(KINDS)}.")
    rights.check(asked_by, KINDS[kind].right)
    before = queue.sent(studio.engine, kind, asked_by, key)
    if before is not None:  # even where what it asked for would be refused by now
        return before
    known = KINDS[kind]
    _check_base(studio, payload, asked_by, known_base)
    payload = _with_their_version(studio, payload, asked_by)
    checked = asdict(known.check(studio, payloads.read(known.shape, payload)))
    return queue.submit(
        studio.engine,
        kind=kind,
        lane=known.lane,
        payload=checked,
        asked_by=asked_by,
        now=now,
        key=key,
        not_before=not_before,
    )


def _check_base(studio: Studio, payload: Mapping[str, Any], who: str, known: str) -> None:
    """Bases that versions have may be named by everybody; other places on this machine not."""
    settings = payload.get("settings")
    name = payload.get("base") or (settings.get("base") if isinstance(settings, dict) else "")
    if not isinstance(name, str) or name == known or team_bases.free_to_name(studio.home, name):
        return
    if rights.allowed(who, team_bases.RIGHT):
        return
    try:
        known_by = models.list_versions(studio.client)
        had = {version.tags.get("base_name", "pocket") for version in known_by}
        had |= {team_bases.place(studio.home, one) for one in had}
    except StudioError:
        had = set()
    if name not in had:
        rights.check(who, team_bases.RIGHT)


def _with_their_version(studio: Studio, payload: Mapping[str, Any], who: str) -> Mapping[str, Any]:
    """What draws without naming a version draws with the one that is for this person now: the
    job keeps it, whatever becomes of a rollout meanwhile."""
    style = payload.get("style")
    if "prompt" not in payload and "assets" not in payload:
        return payload
    if not isinstance(style, str) or not style or payload.get("version") is not None:
        return payload
    chosen = version_choice.choose(studio.engine, style, who, str(payload.get("set", "")))
    if chosen.version is None:
        return payload
    try:
        models.get(studio.client, style, chosen.version)
    except StudioError as error:
        raise version_choice.lost(style, chosen) from error
    return {**payload, "version": chosen.version}


def again(studio: Studio, id: int, *, asked_by: str, now: datetime, key: str | None = None) -> Job:
    """Ask for an ended job once more; a training or a sweep that was cut off
    goes on from its checkpoint."""
    job = queue.get(studio.engine, id)
    if not job.ended:
        raise StudioError(f"Job {id} has not ended yet.", "Wait for it, or cancel it first.")
    payload = dict(job.payload)
    if job.kind == "train":
        payload["run"] = "" if job.state == "done" else job.kept.get("run", payload["run"])
    if job.kind == "sweep":
        payload["sweep"] = "" if job.state == "done" else job.kept.get("sweep", payload["sweep"])
    base = str(payload.get("base") or payload.get("settings", {}).get("base", ""))
    return ask(studio, job.kind, payload, asked_by=asked_by, now=now, key=key, known_base=base)


FOLDERS = "import from server folders"
KINDS: dict[str, Kind] = {
    "import": Kind(
        "short", payloads.Import, payloads.check_import, datasets.import_folder, FOLDERS
    ),
    "upload": Kind(
        "short", payloads.Upload, payloads.check_upload, datasets.add_upload, "edit datasets"
    ),
    "look": Kind("short", captions.Look, captions.check_look, captions.look_over, "edit datasets"),
    "describe": Kind(
        "short", captions.Describe, captions.check_describe, captions.describe, "edit datasets"
    ),
    "train": Kind("work", payloads.Train, payloads.check_train, training.train, "train"),
    "sweep": Kind("work", sweep.Sweep, sweep.check_sweep, sweep.run_sweep, "train"),
    "evaluate": Kind(
        "short", payloads.Evaluate, payloads.check_evaluate, evaluation.evaluate, "evaluate"
    ),
    "generate": Kind(
        "interactive", payloads.Generate, payloads.check_generate, generation.generate, "generate"
    ),
    "batch": Kind("work", payloads.Batch, payloads.check_batch, generation.batch, "generate"),
    "ballot": Kind(
        "short", ballots.OpenBallot, ballots.check_ballot, ballots.open_ballot, "open ballots"
    ),
    "round": Kind(
        "short",
        rating_rounds.OpenRound,
        rating_rounds.check_round,
        rating_rounds.open_round,
        "open ballots",
    ),
    "adapter": Kind(
        "short", shelved.BringIn, shelved.check_bring_in, shelved.bring_in, "manage adapters"
    ),
    "merge": Kind("short", shelved.Merge, shelved.check_merge, shelved.merge, "manage adapters"),
    "own": Kind(
        "short", own_prompts.OwnPrompts, own_prompts.check_own, own_prompts.own_prompts, "vote"
    ),
}
