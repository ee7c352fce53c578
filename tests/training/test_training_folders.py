import json

import pytest
from PIL import Image

from studio.errors import StudioError
from studio.training import checkpoints, training_folders
from studio.training.checkpoints import Row
from studio.training.config import TrainConfig, as_params

ONE, TWO = "1" * 32, "2" * 32


def _training(home, run=ONE, style="items", steps=0, gap=100, began=1_000_000, **changes):
    folder = home / "runs" / style / run
    folder.mkdir(parents=True)
    record = {
        "run": run,
        "config": {**as_params(TrainConfig()), **changes},
        "dataset": "d" * 64,
        "named": "art@0123",
        "device": "cpu",
    }
    (folder / "record.json").write_text(json.dumps(record))
    if steps:
        rows = [Row(s, began + s * gap, 1 / s, 1e-3, 1.0) for s in range(1, steps + 1)]
        checkpoints.append(folder / "losses.jsonl", rows)
    return folder


def test_a_training_is_read_while_it_runs_and_its_journal_stays_as_it_is(tmp_path):
    folder = _training(tmp_path, steps=30)
    with (folder / "losses.jsonl").open("a") as file:
        file.write('{"step": 31, "at": 1')
    torn = (folder / "losses.jsonl").read_bytes()
    found = training_folders.find(tmp_path, ONE)
    read = (found.run, found.style, found.dataset, found.version)
    assert read == (ONE, "items", "art@0123", None)
    assert (found.at, found.steps) == (1_000_100, 30)
    assert [p.step for p in training_folders.losses(found)] == list(range(1, 31))
    assert (folder / "losses.jsonl").read_bytes() == torn
    (folder / "done").write_text("7")
    assert training_folders.find(tmp_path, ONE).version == 7


def test_trainings_come_newest_first_and_folders_without_a_record_are_none(tmp_path):
    _training(tmp_path, ONE, steps=2, began=5_000)
    _training(tmp_path, TWO, style="tiles", steps=2, began=9_000)
    (tmp_path / "runs" / "items" / ("3" * 32)).mkdir()
    broken = tmp_path / "runs" / "items" / ("4" * 32)
    broken.mkdir()
    (broken / "record.json").write_text("{")
    assert [t.run for t in training_folders.trainings(tmp_path)] == [TWO, ONE]
    assert [t.run for t in training_folders.trainings(tmp_path, "items")] == [ONE]
    assert training_folders.find(tmp_path, "../../etc") is None
    assert training_folders.trainings(tmp_path / "nowhere") == []


def test_the_smoothed_line_starts_where_the_losses_do_and_follows_them(tmp_path):
    _training(tmp_path, steps=200)
    points = training_folders.losses(training_folders.find(tmp_path, ONE))
    assert points[0].smooth == pytest.approx(points[0].loss) == 1
    smooth = [p.smooth for p in points]
    assert smooth == sorted(smooth, reverse=True) and smooth[-1] < 0.01


def test_a_long_training_is_thinned_and_keeps_its_last_step(tmp_path):
    _training(tmp_path, steps=5003)
    points = training_folders.losses(training_folders.find(tmp_path, ONE))
    assert len(points) <= training_folders.POINTS + 20 and points[-1].step == 5003


def test_speed_is_that_of_the_middle_step(tmp_path):
    _training(tmp_path, ONE, steps=50, gap=100)
    _training(tmp_path, TWO, steps=5)
    _training(tmp_path, "3" * 32, steps=50, base="other")
    assert [m.speed for m in training_folders.speeds(tmp_path, "pocket")] == [
        320.0
    ]  # 32 pictures in 0.1 s


def test_previews_are_kept_by_step_with_their_prompts(tmp_path):
    folder = _training(tmp_path)
    pictures = [Image.new("RGBA", (8, 8), (k, 0, 0, 255)) for k in range(2)]
    for step in (100, 20):
        training_folders.keep_previews(folder, step, ["a gem", "a tree"], pictures)
    training = training_folders.find(tmp_path, ONE)
    assert training_folders.preview_steps(training) == [20, 100]
    found = training_folders.previews(training, 100)
    assert [(p.prompt, p.width, p.height) for p in found] == [("a gem", 8, 8), ("a tree", 8, 8)]
    file = training_folders.preview_file(tmp_path, "items", ONE, found[1].file)
    with Image.open(file) as opened:
        assert opened.getpixel((0, 0)) == (1, 0, 0, 255)
    assert not list((folder / "previews").glob("*.part"))


@pytest.mark.parametrize(
    ("style", "run", "name"),
    [
        ("items", ONE, "../record.json"),
        ("items", ONE, "step-000001-9.png"),
        ("..", ONE, "step-000020-0.png"),
        ("items", "..", "step-000020-0.png"),
    ],
)
def test_only_previews_can_be_asked_for(tmp_path, style, run, name):
    folder = _training(tmp_path)
    training_folders.keep_previews(folder, 20, ["a gem"], [Image.new("RGBA", (8, 8))])
    with pytest.raises(StudioError):
        training_folders.preview_file(tmp_path, style, run, name)


def test_what_differs_between_trainings_is_named(tmp_path):
    _training(tmp_path, ONE)
    _training(tmp_path, TWO, rank="32")
    found = training_folders.differing([training_folders.find(tmp_path, run) for run in (ONE, TWO)])
    assert found == {"rank": ["16", "32"]}
