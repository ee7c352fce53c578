"""The kinds of jobs: on which lane each runs and what it does, in the studio's own workflows.

`ask` is how pages and commands put a job into the queue; the rest runs in a worker's process.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from studio import images, measuring, workflows
from studio.accounts import rights
from studio.datasets import arrivals
from studio.datasets import versions as datasets
from studio.datasets.additions import SameName
from studio.diffusion import own
from studio.errors import StudioError
from studio.generation import batch as drawing
from studio.generation import starts
from studio.generation.batch import Loaded
from studio.generation.gallery import read_made
from studio.generation.pictures import Kept, record
from studio.jobs import queue
from studio.jobs.table import Job, Lane
from studio.pocket import bundled
from studio.registry import choice, models
from studio.teaching import learning
from studio.training import clearing
from studio.training.config import load_config
from studio.worker import adapters as shelved
from studio.worker import asks, described, judged, trials

WARM = 2  # loaded pipelines that an interactive process keeps


@dataclass
class Warm:
    """Loaded pipelines by style and version, or by base; the one unused for longest goes first."""

    room: int = WARM
    loaded: OrderedDict[str, Loaded] = field(default_factory=OrderedDict)

    def get(self, key: str, load: Callable[[], Loaded]) -> Loaded:
        """The pipeline called `key`, loaded now if it is not here."""
        if key not in self.loaded:
            while len(self.loaded) >= self.room:
                self.loaded.popitem(last=False)
            self.loaded[key] = load()
        self.loaded.move_to_end(key)
        return self.loaded[key]


@dataclass(frozen=True)
class Context:
    """What a job's function may use. `keep` notes what a later attempt goes on from; `step` is
    told each step of a drawing and stops it when the job was cancelled."""

    studio: workflows.Studio
    job: Job
    report: workflows.Report
    keep: Callable[[Mapping[str, Any]], None]
    step: Callable[[int, int], None]
    warm: Warm


@dataclass(frozen=True)
class Kind:
    """A kind of job: its lane, the shape of its payload, the check at the door, what it does, and
    the right to ask for it."""

    lane: Lane
    shape: type[Any]
    check: Callable[[workflows.Studio, Any], Any]
    run: Callable[[Context, Any], dict[str, Any]]
    right: str = "manage people"


def ask(
    studio: workflows.Studio,
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
    checked = asdict(known.check(studio, asks.read(known.shape, payload)))
    return queue.submit(
        studio.engine, kind=kind, lane=known.lane, payload=checked, asked_by=asked_by, now=now,
        key=key, not_before=not_before,
    )  # fmt: skip


def _check_base(studio: workflows.Studio, payload: Mapping[str, Any], who: str, known: str) -> None:
    """Bases that versions have may be named by everybody; other places on this machine not."""
    settings = payload.get("settings")
    name = payload.get("base") or (settings.get("base") if isinstance(settings, dict) else "")
    if not isinstance(name, str) or name == known or own.free_to_name(studio.home, name):
        return
    if rights.allowed(who, own.RIGHT):
        return
    try:
        known_by = models.list_versions(studio.client)
        had = {version.tags.get("base_name", "pocket") for version in known_by}
        had |= {own.place(studio.home, one) for one in had}
    except StudioError:
        had = set()
    if name not in had:
        rights.check(who, own.RIGHT)


def _with_their_version(
    studio: workflows.Studio, payload: Mapping[str, Any], who: str
) -> Mapping[str, Any]:
    """What draws without naming a version draws with the one that is for this person now: the
    job keeps it, whatever becomes of a rollout meanwhile."""
    style = payload.get("style")
    if "prompt" not in payload and "assets" not in payload:
        return payload
    if not isinstance(style, str) or not style or payload.get("version") is not None:
        return payload
    chosen = choice.choose(studio.engine, style, who, str(payload.get("set", "")))
    if chosen.version is None:
        return payload
    try:
        models.get(studio.client, style, chosen.version)
    except StudioError as error:
        raise choice.lost(style, chosen) from error
    return {**payload, "version": chosen.version}


def again(
    studio: workflows.Studio, id: int, *, asked_by: str, now: datetime, key: str | None = None
) -> Job:
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


def import_folder(context: Context, ask: asks.Import) -> dict[str, Any]:
    """Bring a folder in; the answer is as `dataset import --json` gives it."""
    result = datasets.import_folder(
        context.studio.home,
        ask.name,
        Path(ask.folder),
        look=asks.look_of(context.studio.home, ask),
        source=ask.source,
        author=ask.author,
        licence=ask.licence,
        now=workflows.now(),
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


def add_upload(context: Context, ask: asks.Upload) -> dict[str, Any]:
    """Add what a browser sent to a data set; its report waits on the page of data sets."""
    found = arrivals.add_upload(
        context.studio.engine,
        context.studio.home,
        ask.upload,
        ask.name,
        same_name=cast(SameName, ask.same_name),
        look=datasets.Look(filter=ask.filter) if ask.filter else None,
        source=ask.source,
        author=ask.author,
        licence=ask.licence,
        by=context.job.asked_by,
        now=workflows.now(),
        report=context.report,
    )
    return {"dataset": ask.name, "version": found.version, "new": found.new, "report": found.id}


def train(context: Context, ask: asks.Train) -> dict[str, Any]:
    """Train, or go on with this job's own unfinished run; what it had registered stays the one."""
    studio, config = context.studio, load_config(ask.preset, None, ask.settings)
    runs = studio.home / "runs" / ask.style
    mine = context.job.kept.get("run") or ask.run
    if mine and (runs / mine / "done").is_file():
        number = int((runs / mine / "done").read_text())
        return workflows.as_record(models.get(studio.client, ask.style, number))
    resume = bool(mine) and (runs / mine / "record.json").is_file()
    if resume and clearing.cleared(runs / mine):
        context.report("Its checkpoints were cleared away meanwhile; it begins anew.")
        resume = False
    version = learning.train_style(
        studio, ask.style, ask.dataset, config, context.report, resume=resume,
        run_id=mine if resume else "", began=lambda run: context.keep({"run": run}),
        mark=f"job {context.job.id} asked {context.job.asked_at}",
    )  # fmt: skip
    return workflows.as_record(version)


def evaluate(context: Context, ask: asks.Evaluate) -> dict[str, Any]:
    """Draw the sheet and measure it."""
    found = measuring.evaluate_version(
        context.studio, ask.style, ask.version, context.report, ask.against
    )
    metrics = {name: value if math.isfinite(value) else None for name, value in found.items()}
    return {"style": ask.style, "version": ask.version, "metrics": metrics}


def generate(context: Context, ask: asks.Generate) -> dict[str, Any]:
    """Draw one prompt with a pipeline that stays loaded."""
    if ask.style:
        assert ask.version is not None  # the check at the door filled it in
        loaded, out = _style(context, ask.style, ask.version)
    else:
        loaded = context.warm.get(f"base {ask.base}", lambda: _bare(context, ask.base))
        out = context.studio.home / "generated" / "_base"
    wishes = [drawing.Wish(ask.prompt, ask.seed + k) for k in range(ask.count)]
    variants = list(range(1, len(wishes) + 1))
    return _drawn(context, ask, loaded, out, wishes, [""] * len(wishes), variants, context.step)


def batch(context: Context, ask: asks.Batch) -> dict[str, Any]:
    """Draw an asset list; cut off, it goes on with what is missing."""
    assert ask.version is not None
    loaded, out = _style(context, ask.style, ask.version)
    assets = [asks.read(asks.Asset, values) for values in ask.assets]
    wishes = [drawing.Wish(a.prompt, a.seed + k) for a in assets for k in range(a.count)]
    names = [a.name for a in assets for _ in range(a.count)]
    variants = [k + 1 for a in assets for k in range(a.count)]
    return _drawn(context, ask, loaded, out, wishes, names, variants, None)


def _drawn(
    context: Context,
    ask: asks.Generate | asks.Batch,
    loaded: Loaded,
    out: Path,
    wishes: list[drawing.Wish],
    names: list[str],
    variants: list[int],
    step: Callable[[int, int], None] | None,
) -> dict[str, Any]:
    """Draw into a folder of the job's own, so that no other job's pictures are overwritten."""
    strength = loaded.strength if ask.strength is None else ask.strength
    clock = workflows.Countdown(context.report)
    out = out / str(context.job.id)
    home = context.studio.home

    def kept(first: int, files: list[Path]) -> None:
        """Into the gallery as they come, so that a job cut off leaves none behind unseen."""
        rows = [Kept(file, made, names[k], variants[k])
                for k, file in enumerate(files, first) if (made := read_made(file))]  # fmt: skip
        job = context.job
        record(context.studio.engine, home, rows, by=job.asked_by, now=workflows.now(), job=job.id)

    files = drawing.draw(
        loaded, wishes, asks.draw_of(ask), strength, out, clock.at, step, kept,
        _besides(context, ask),
    )  # fmt: skip
    pictures = [
        {
            "file": file.relative_to(context.studio.home).as_posix(),
            "name": name,
            "prompt": wish.prompt,
            "seed": wish.seed,
        }
        for file, name, wish in zip(files, names, wishes, strict=True)
    ]
    return {"style": loaded.style, "version": loaded.version, "pictures": pictures}


def _besides(context: Context, ask: asks.Generate | asks.Batch) -> drawing.Besides:
    """The other adapters and the picture to begin from, brought here."""
    studio = context.studio
    others = []
    for one in (asks.read(asks.Adapter, values) for values in ask.adapters):
        version = models.get(studio.client, one.style, one.version)
        file = workflows.adapter_file(studio, version)
        word = version.trigger_word
        others.append(drawing.Other(one.style, one.version, one.strength, word, file))
    if isinstance(ask, asks.Batch) or not ask.start:
        return drawing.Besides(tuple(others))
    picture = images.open_picture(starts.path(studio.home, ask.start))
    return drawing.Besides(tuple(others), picture, ask.start, ask.change)


def _style(context: Context, style: str, number: int) -> tuple[Loaded, Path]:
    """The version's pipeline and where its pictures lie."""
    version = models.get(context.studio.client, style, number)

    def load() -> Loaded:
        context.report(f"Loading {style} version {number}.")
        return workflows.load_version(context.studio, version)

    loaded = context.warm.get(f"{style} {number}", load)
    return loaded, workflows.generated(context.studio, version)


def _bare(context: Context, name: str) -> Loaded:
    """A base without any adapter; its pictures name it as version 0 of `base`."""
    from studio.diffusion import bases

    context.report(f"Loading the base {name}.")
    workflows.set_threads(context.studio.settings)
    device = bases.pick_device(context.studio.settings.device)
    found = bases.find_base(own.place(context.studio.home, name))
    return Loaded(
        pipeline=bases.load_pipeline(found, device),
        style="base",
        version=0,
        base=name,
        run="",
        dataset="",
        trigger_word="",
        strength=0.0,
        matte="#808080",
        crisp=bundled.find(name) is not None,
    )


FOLDERS = "import from server folders"
KINDS: dict[str, Kind] = {
    "import": Kind("short", asks.Import, asks.check_import, import_folder, FOLDERS),
    "upload": Kind("short", asks.Upload, asks.check_upload, add_upload, "edit data sets"),
    "look": Kind(
        "short", described.Look, described.check_look, described.look_over, "edit data sets"
    ),
    "describe": Kind(
        "short", described.Describe, described.check_describe, described.describe, "edit data sets"
    ),
    "train": Kind("work", asks.Train, asks.check_train, train, "train"),
    "sweep": Kind("work", trials.Sweep, trials.check_sweep, trials.run_sweep, "train"),
    "evaluate": Kind("short", asks.Evaluate, asks.check_evaluate, evaluate, "evaluate"),
    "generate": Kind("interactive", asks.Generate, asks.check_generate, generate, "generate"),
    "batch": Kind("work", asks.Batch, asks.check_batch, batch, "generate"),
    "ballot": Kind(
        "short", judged.OpenBallot, judged.check_ballot, judged.open_ballot, "open ballots"
    ),
    "round": Kind("short", judged.OpenRound, judged.check_round, judged.open_round, "open ballots"),
    "adapter": Kind(
        "short", shelved.BringIn, shelved.check_bring_in, shelved.bring_in, "manage adapters"
    ),
    "merge": Kind("short", shelved.Merge, shelved.check_merge, shelved.merge, "manage adapters"),
    "own": Kind("short", judged.OwnPrompts, judged.check_own, judged.own_prompts, "vote"),
}
