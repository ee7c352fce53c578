"""The page Training as tests read it, and trainings as a worker leaves them."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from studio import context
from studio.jobs import leases, queue
from studio.jobs.processes import Group
from studio.jobs.table import Job
from studio.training import checkpoints, training_folders
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig, as_params
from studio.worker import submit

RUN, OTHER = "1" * 32, "2" * 32


def jobs(studio: context.Studio) -> list[Job]:
    return queue.listing(studio.engine, kind="train")


def text_of(at: AppTest) -> str:
    parts = (at.markdown, at.caption, at.info, at.warning, at.error)
    return " ".join(element.value for part in parts for element in part)


def start_button(at: AppTest) -> Button:
    return next(b for b in at.button if b.label == "Start training")


def unfolded(at: AppTest, group: str = "Watching and saving") -> AppTest:
    at.session_state["others"] = True
    at.session_state["group"] = group
    return at.run()


def field_of(at: AppTest, label: str) -> Any:
    found: list[Any] = [
        e for kind in ("number_input", "text_input", "checkbox") for e in at.get(kind)
    ]
    return next(e for e in found if e.label == label)


def param(at: AppTest, name: str) -> str:
    found = at.query_params[name]
    return found if isinstance(found, str) else found[0]


def run_of(
    studio: context.Studio,
    run: str = RUN,
    steps: int = 20,
    previews: Sequence[int] = (),
    **changes: str,
) -> Path:
    """A training's folder as the loop leaves it."""
    folder = studio.home / "runs" / "items" / run
    folder.mkdir(parents=True)
    config = {**as_params(TrainConfig()), **changes}
    record = {"run": run, "config": config, "dataset": "d" * 64, "named": "sample@0"}
    (folder / "record.json").write_text(json.dumps(record))
    rows = [Row(s, 1_700_000_000_000 + s * 100, 1 / s, 1e-3, 1.0) for s in range(1, steps + 1)]
    checkpoints.append(folder / "losses.jsonl", rows)
    for step in previews:
        training_folders.keep_previews(folder, step, ["a <b>gem"], [Image.new("RGBA", (32, 32))])
    return folder


def job_of(studio: context.Studio, run: str = "", **more: Any) -> Job:
    """A training that a worker has begun."""
    payload = {"style": "items", "dataset": "sample", "run": run, **more}
    job = submit.ask(studio, "train", payload, asked_by="ana", now=context.now())
    taken = leases.take(studio.engine, "w", "work", context.now(), timedelta(minutes=5))
    assert taken is not None
    leases.begin(studio.engine, taken, Group(1, "never", "x"), context.now())
    if run:
        leases.keep(studio.engine, taken.id, taken.attempt, {"run": run})
    assert taken.id == job.id
    return taken
