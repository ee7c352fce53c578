# mypy: ignore-errors
"""What the versions come from: people, datasets, trainings, sweeps, adapters."""

from __future__ import annotations

import io
import json
import shutil
from datetime import timedelta

import numpy as np
from maker import Maker, pictures_of
from PIL import Image
from safetensors.numpy import save_file
from studio.diffusion.lora import Lora, Pair
from studio.diffusion.shapes import shapes_of

from studio import db, ledger, workflows
from studio.accounts import people, sessions, sign_in, tokens
from studio.accounts.rights import Actor
from studio.accounts.tables import used_sign_ins
from studio.datasets import drafts, mask_edits, proposals, versions, withdrawals
from studio.datasets.edits import Change, applied
from studio.diffusion import kohya
from studio.evaluation import prompts
from studio.jobs import leases, queue, waiting
from studio.settings import CHECKOUT, POCKET

STYLE = "props"
TRAIN = {
    "max_train_steps": 6,
    "save_every_n_steps": 2,
    "preview_every_n_steps": 0,
    "batch_size": 2,
    "rank": 2,
    "alpha": 2.0,
    "targets": "attention",
    "warmup_steps": 1,
    "held_out": 0.0,
    "seed": 7,
}
TRIAL = {**TRAIN, "max_train_steps": 2, "held_out": 0.2}
SAID = {"source": "a forum", "licence": "CC-BY-4.0", "author": "Kim", "trigger_word": "<Theirs>"}


def known(made: Maker) -> None:
    """People with roles, tokens, sessions; one who is kept out."""
    now, engine = workflows.now(), made.engine
    for name, role in (("lea", "admin"), ("pia", "producer"), ("bo", "artist"), ("kim", "artist")):
        people.add(engine, name, role, by="ana", now=now, password=f"a long word of {name}'s")
    lea = Actor("lea", "admin")
    people.provided(engine, "sub-1", ["olga"], "artist", now)
    people.set_role(engine, "bo", "art lead", before="artist", by=lea, now=now)
    _, token = tokens.make(engine, "pia", "producer", label="night", days=366, by=lea, now=now)
    gone, _ = tokens.make(engine, "pia", "artist", label="lost", days=9, by=lea, now=now)
    tokens.withdraw(engine, gone.id, by=lea, now=now)
    session = sessions.begin(engine, people.named(engine, "bo").id, browser="Firefox", now=now)
    sessions.end(
        engine, sessions.begin(engine, people.named(engine, "bo").id, browser="Edge", now=now), now
    )
    people.shut(engine, "kim", by=lea, now=now)
    sign_in.begin_try(engine, "kim", now)
    with db.writing(engine) as connection:
        row = {"hash": "0" * 64, "at": ledger.stamp(now)}
        connection.execute(used_sign_ins.insert().values(**row))
    made.told |= {"token": token, "session": session, "now": ledger.stamp(now)}


def datasets(made: Maker) -> None:
    """An imported dataset with frozen and waiting edits, an uploaded one with a withdrawal."""
    rows = [json.loads(line) for line in (CHECKOUT / "sample/train/metadata.jsonl").open()]
    shutil.rmtree(made.art, ignore_errors=True)
    for row in rows[:: len(rows) // 20][:20]:
        file = made.art / row["file_name"]
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / "sample" / "train" / row["file_name"], file)
        with (made.art / "metadata.jsonl").open("a") as kept:
            kept.write(json.dumps(row) + "\n")
    made.in_every_state(
        "import",
        lambda state: {
            "name": STYLE if state == "done" else f"{STYLE}-{state}",
            "folder": str(made.art),
            "licence": "CC0-1.0",
            "source": "the sample",
        },
    )
    sent = {"done": pictures_of("gem/red_gem_2.png", "gem/teal_gem_1.png")}
    made.in_every_state(
        "upload",
        lambda state: {
            "name": "gems",
            "upload": made.upload(sent.get(state, pictures_of("book/teal_book_1.png"))),
            "licence": "CC0-1.0",
        },
    )
    made.in_every_state("look", lambda state: {"dataset": STYLE})
    hashes = [picture.hash for picture in versions.load(made.home, STYLE).pictures]
    made.in_every_state(
        "describe",
        lambda state: {
            "dataset": "gems" if state == "done" else STYLE,
            "means": "words",
            "field": "tags",
            "hashes": [p.hash for p in versions.load(made.home, "gems").pictures]
            if state == "done"
            else hashes[:2],
        },
    )
    asked = {"dataset": STYLE, "means": "words", "field": "tags", "hashes": hashes}
    made.cut_off("describe", asked, "fay", "propose", 2)  # 8 pictures have words
    gems, now = versions.load(made.home, "gems"), workflows.now()
    first, second = proposals.waiting(made.engine, "gems")
    proposals.accept(
        made.engine, "gems", applied(gems.pictures, ()), {first.id: "shiny"}, by="bo", now=now
    )
    proposals.refuse(made.engine, [second.id], by="bo", now=now)
    withdrawals.withdraw(
        made.engine,
        gems.pictures[:1],
        ground="consent was taken back",
        why="Kim asked us to",
        asked_by="Kim",
        by="ana",
        now=now,
    )
    changes = [
        Change(hashes[0], "caption", "a caption by hand"),
        Change(hashes[1], "tags", ("ours",)),
    ]
    drafts.write(made.engine, STYLE, changes, says="Better words", by="bo", now=now)
    mask = np.full((32, 32), 255, np.uint8)
    mask[:5] = 0
    data = io.BytesIO()
    Image.fromarray(mask, "L").save(data, format="PNG")
    mask_edits.save(
        made.engine, made.home, STYLE, hashes[2], data.getvalue(), seen="", by="bo", now=now
    )
    drafts.freeze(made.engine, made.home, STYLE, says="words and a mask", by="bo", now=now)
    drafts.write(
        made.engine,
        STYLE,
        [Change(hashes[3], "caption", "a caption that waits")],
        says="Not frozen yet",
        by="bo",
        now=now,
    )
    made.told["waiting"] = hashes[3]


def trained(made: Maker) -> None:
    """Two trained versions, and trainings that were cut off after a checkpoint: their settings are
    version 2's."""
    captions = [picture.caption for picture in versions.load(made.home, STYLE).pictures]
    prompts.save(made.home, prompts.build_prompt_set(STYLE, captions, count=2, seeds=(11, 12)))

    def train(state: str) -> dict:
        seed = {"done": 3, "queued": 4}.get(state, 5)
        settings = {**TRAIN, "seed": seed, "max_train_steps": 2}
        return {"style": STYLE, "dataset": STYLE, "preset": "fast", "settings": settings}

    made.in_every_state("train", train)
    whole = {"style": STYLE, "dataset": STYLE, "preset": "fast", "settings": TRAIN}
    made.told["whole"] = made.do("train", whole)["run_id"]
    made.cut_off("train", whole, "fay", "learn", 5)
    job = made.cut_off("train", whole, "gus", "learn", 5)
    queue.cancel(made.engine, job.id, "gus", workflows.now())
    leases.drop(made.engine, job.id, job.attempt, workflows.now())
    night = made.ask("train", {**whole, "settings": {**TRAIN, "seed": 9}}, "hal")
    waiting.begin_at(made.engine, [night.id], workflows.now() + timedelta(days=300), "hal")
    waiting.pause(made.engine, [night.id], "hal")
    made.told["paused"] = night.id


def swept(made: Maker) -> None:
    """Sweeps."""
    ranges = {"rank": "2, 4"}
    settings = {"style": STYLE, "dataset": STYLE, "preset": "fast", "settings": TRIAL}
    asked = {**settings, "ranges": ranges, "trials": 2}
    made.in_every_state("sweep", lambda state: asked)
    made.cut_off("sweep", asked, "fay", "learn", 4)  # in its second trial


def shelved(made: Maker) -> None:
    """Versions from elsewhere and merged ones."""
    save_file(kohya.tensors_of(some_lora(), shapes_of(POCKET)), made.home.parent / "theirs.st")
    file = (made.home.parent / "theirs.st").read_bytes()
    token = made.upload({"theirs.safetensors": file}, lambda name: "adapter")
    made.in_every_state(
        "adapter",
        lambda state: {
            "upload": token,
            "file": "theirs.safetensors",
            "base": "pocket",
            "style": "theirs" if state == "done" else f"theirs-{state}",
            **SAID,
        },
    )
    parts = [{"style": STYLE, "version": 1}, {"style": "theirs", "version": 1, "weight": 0.5}]
    made.in_every_state(
        "merge",
        lambda state: {
            "style": "merged" if state == "done" else f"merged-{state}",
            "parts": parts,
            "rank": 2,
        },
    )


def some_lora() -> Lora:
    shapes, rng, pairs = shapes_of(POCKET), np.random.default_rng(1), {}
    for module, (out, *inner) in shapes.modules.items():
        if module.startswith("unet.") and module.endswith("to_q"):
            up, down = rng.standard_normal((out, 2)), rng.standard_normal((2, *inner))
            pairs[module] = Pair(down.astype(np.float32), up.astype(np.float32), 0.5)
    return Lora(pairs, {})
