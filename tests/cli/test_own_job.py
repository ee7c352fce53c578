"""`train`, `evaluate`, `generate` and `dataset import` put jobs in and take their own."""

import argparse
import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import Actor, NotAllowed
from studio.cli import dataset
from studio.cli.generate import assets_of, parts_of, runs_of
from studio.cli.main import main, parser
from studio.database import engine as db
from studio.datasets.versions import list_versions
from studio.generation.style_drawing import Wish
from studio.jobs import queue, workers
from studio.registry import stages
from studio.settings import CHECKOUT, load_settings
from tests.furnished import bare_files

STEPS = 30
BRIEF = ["--preset", "fast"]
for given in (
    f"max_train_steps={STEPS}",
    "save_every_n_steps=2",
    "preview_every_n_steps=0",
    "batch_size=2",
    "rank=2",
):
    BRIEF += ["--set", given]


@pytest.fixture
def art(tmp_path: Path) -> Path:
    folder = tmp_path / "art"
    shutil.copytree(CHECKOUT / "sample" / "train" / "gem", folder)
    return folder


@pytest.fixture
def ask(tmp_path: Path, capsys):
    def answer(*words: str, code: int = 0):
        assert main([*words, "--json", "--home", str(tmp_path), "--user", "ana"]) == code
        return json.loads(capsys.readouterr().out)  # nothing else is there

    return answer


@pytest.fixture
def engine(tmp_path: Path):
    engine = db.open_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.mark.slow
def test_an_import_is_a_job_of_its_own_with_all_that_was_said(ask, art, engine, tmp_path):
    words = ["--background", "edge-bleed", "--horizontal-flips", "yes", "--size", "32"]
    (art / "broken.png").write_bytes(b"no picture")
    made = ask("dataset", "import", "gems", str(art), *words, "--author", "ben")
    assert list(made) == [
        "schema",
        "name",
        "version",
        "digest",
        "pictures",
        "new",
        "changed",
        "gone",
        "refused",
        "warnings",
    ]
    assert [list(one) for one in made["refused"]] == [["file", "reason", "remedy"]]
    (version,) = list_versions(tmp_path, "gems")
    assert (version.version, len(version.pictures)) == (made["version"], made["pictures"])
    assert {one.author for one in version.pictures} == {"ben"}
    look = version.look
    assert (look.behind, look.mirror, look.size) == ("edge-bleed", True, 32)
    (job,) = queue.listing(engine)
    assert (job.kind, job.state, job.asked_by, job.attempt) == ("import", "done", "ana", 1)
    again = ask("dataset", "import", "gems", str(art))  # what was not said stays
    assert again["version"] == made["version"]


def test_what_can_not_be_asked_for_is_no_job(ask, engine, tmp_path):
    assert "/nowhere" in ask("dataset", "import", "gems", "/nowhere", code=2)["error"]
    assert "gone" in ask("train", "props", "--dataset", "gone", code=2)["error"]
    assert "props" in ask("evaluate", "props", "1", code=2)["error"]
    error = ask("generate", "--style", "props", "--detach", code=2)
    assert "--detach" in error["error"]
    assert queue.listing(engine) == []


@pytest.mark.slow
def test_what_fails_at_work_is_told_as_before(ask, engine, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    failed = ask("dataset", "import", "gems", str(empty), code=2)
    (job,) = queue.listing(engine)
    assert job.state == "failed"
    assert (failed["error"], failed["remedy"]) == (job.error, job.remedy)


def test_detached_a_job_is_left_to_whoever_takes_it(ask, art, engine, tmp_path, capsys):
    left = ask("dataset", "import", "gems", str(art), "--detach")
    (job,) = queue.listing(engine)
    assert job.state == "queued"
    assert left == {
        "schema": 1,
        "id": job.id,
        "ids": [job.id],
        "kind": "import",
        "state": "queued",
        "workers": [],
    }
    workers.arrive(engine, "house:1", "short,work", "cpu", datetime.now(UTC))
    assert ask("dataset", "import", "gems", str(art), "--detach")["workers"] == ["house:1"]
    workers.leave(engine, "house:1")
    words = ["dataset", "import", "gems", str(art), "--detach", "--home", str(tmp_path)]
    assert main(words) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == str(queue.listing(engine)[0].id)
    assert "No worker takes jobs of the lane short" in said[1]


def test_whose_folders_a_worker_may_not_read_reads_them_itself(art, engine, tmp_path):
    def arguments(*words: str) -> argparse.Namespace:
        return parser().parse_args(["dataset", "import", "gems", str(art), *words])

    settings = load_settings({}, home=str(tmp_path))
    artist = dataclasses.replace(settings, user=Actor("bo", "artist"))
    made = dataset.import_dataset(artist, arguments())
    assert made and made["pictures"] == len(list(art.glob("*.png")))
    assert queue.listing(engine) == []
    with pytest.raises(NotAllowed):
        dataset.import_dataset(artist, arguments("--detach"))
    viewer = dataclasses.replace(settings, user=Actor("vi", "viewer"))
    with pytest.raises(NotAllowed):
        dataset.import_dataset(viewer, arguments())


@pytest.mark.slow
def test_a_training_that_was_left_is_gone_on_with_and_not_begun_twice(ask, art, engine):
    ask("dataset", "import", "gems", str(art))
    brief = ["--dataset", "gems", *BRIEF, "--set", "max_train_steps=2"]
    nothing = ask("train", "props", *brief, "--resume", code=2)
    assert "no unfinished training" in nothing["error"]
    left = ask("train", "props", *brief, "--detach")
    made = ask("train", "props", *brief, "--resume")
    assert (made["style"], made["number"], made["stage"]) == ("props", 1, "candidate")
    jobs = queue.listing(engine, kind="train")
    assert [(job.id, job.state) for job in jobs] == [(left["id"], "done")]
    assert jobs[0].result["run_id"] == made["run_id"]


@pytest.mark.slow
def test_an_interrupted_training_is_resumed(ask, art, engine, tmp_path):
    ask("dataset", "import", "gems", str(art))
    words = ["train", "props", "--dataset", "gems", *BRIEF, "--home", str(tmp_path)]
    command = [sys.executable, "-m", "studio", *words, "--user", "ana"]
    training = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env={**os.environ, "STUDIO_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 250
    while not any(tmp_path.glob("runs/props/*/step-*")):
        assert training.poll() is None and time.monotonic() < end
        time.sleep(0.1)
    training.send_signal(signal.SIGINT)
    said, told = training.communicate(timeout=60)
    assert training.returncode == 130 and "Interrupted" in told and "Encoded" in said
    (cut,) = queue.listing(engine, kind="train")
    assert (cut.state, cut.error) == ("cancelled", "Cancelled by ana.")
    folders = list(tmp_path.glob("runs/props/*/step-*"))
    made = ask(*words[:-2], "--resume")
    job = queue.listing(engine, kind="train")[0]
    assert job.id != cut.id and job.payload["run"] == cut.kept["run"] == made["run_id"]
    kept = max(int(folder.name[5:]) for folder in folders)
    first = re.search(rf"step (\d+)/{STEPS}", (tmp_path / job.log).read_text())
    assert first and int(first[1]) > kept


def test_a_list_is_parted_into_jobs_of_whole_batches() -> None:
    wishes = [Wish("a gem", seed) for seed in range(1_700)]
    assert [len(part) for part in parts_of(wishes)] == [1_600, 100]
    assert parts_of([]) == []
    mixed = [Wish("a gem", 5), Wish("a gem", 6), Wish("a gem", 8), Wish("an axe", 9)]
    assert assets_of(mixed) == [
        {"prompt": "a gem", "seed": 5, "count": 2},
        {"prompt": "a gem", "seed": 8, "count": 1},
        {"prompt": "an axe", "seed": 9, "count": 1},
    ]


def test_what_a_picture_leads_is_parted_into_jobs_of_one_prompt() -> None:
    wishes = [Wish("a gem", seed) for seed in (*range(5, 75), 91, 92)]
    parts = runs_of(wishes)
    assert [len(part) for part in parts] == [64, 6, 2]
    assert [wish for part in parts for wish in part] == wishes
    assert all(len(assets_of(part)) == 1 for part in parts)
    assert runs_of([]) == []


@pytest.mark.slow
def test_an_import_cuts_what_it_is_asked_to(ask, engine, tmp_path):
    folder = tmp_path / "sheets"
    folder.mkdir()
    made = Image.new("RGBA", (32, 16))
    made.paste((200, 10, 10, 255), (2, 2, 14, 14))
    made.paste((10, 10, 200, 255), (18, 2, 30, 14))
    made.save(folder / "gems.png")
    made.save(folder / "spin.gif", save_all=True, append_images=[made.rotate(180)])
    words = ["dataset", "import", "gems", str(folder)]
    found = ask(*words, "--cut", "gems.png=2by1", "--frames", "--tileable", "x")
    assert found["new"] == ["gems_001.png", "gems_002.png", "spin_001.png", "spin_002.png"]
    (version,) = list_versions(tmp_path, "gems")
    assert str(version.pictures[1].cut) == "cell 2 of gems.png, cut by 16x16"
    assert version.look.tileable == "x"
    wrong = ask(*words, "--cut", "gems.png=many", code=2)
    assert "does not say how to cut" in wrong["error"] and len(queue.listing(engine)) == 1
    shown = ask("dataset", "preprocessing", "gems", "--tileable", "no")
    assert shown["look"]["tileable"] == ""


@pytest.mark.slow
def test_generate_tells_of_long_prompts_and_refuses_the_sign_for_a_lora(ask, engine, tmp_path):
    studio = context.open_studio(load_settings({}, home=str(tmp_path)))
    studio.client.create_registered_model("props")
    tags = {"base": "/p", "base_name": "pocket", "trigger_word": "<P>", "stage": "candidate"}
    studio.client.create_model_version("props", bare_files(tmp_path / "bare"), tags=tags)
    stages.promote(
        engine,
        studio.client,
        style="props",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=datetime.now(UTC),
    )
    long = ", ".join(f"a red potion with gem {k}" for k in range(9))
    file = tmp_path / "prompts.txt"
    file.write_text(f"{long}\na gem\na [ring]\n")
    words = ["--style", "props", "--detach"]
    notes = ask("generate", "--prompts-file", str(file), *words)["notes"]
    assert len(notes) == 2 and "chunks" in notes[0] and notes[1].startswith("'a [ring]': '[ring]'")
    assert ask("generate", "a (red:1.2) gem", *words)["notes"] == []
    (unknown,) = ask("generate", "a mossy gem", *words)["notes"]
    assert "never learned: mossy" in unknown
    error = ask("generate", "a gem <lora:ink:1>", *words, code=2)
    assert "<lora:ink:1>" in error["error"] and "Further LoRAs" in error["remedy"]
    assert len(queue.listing(engine)) == 3
    studio.engine.dispose()
