"""Reasons of rejections with their remedies, and the reminder to train again."""

import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio import context
from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.database import ledger
from studio.datasets import additions, versions, withdrawals
from studio.datasets.additions import NewPicture
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files, reasons
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.registry.models import Version
from studio.settings import load_settings
from studio.workflows import retraining, todo

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


def add(studio, first: int, count: int) -> DatasetVersion:
    new = []
    for number in range(first, first + count):
        written = io.BytesIO()
        Image.new("RGB", (8, 8), (number, 7, 9)).save(written, format="PNG")
        new.append(NewPicture(written.getvalue(), f"{number}.png", f"gem {number}"))
    return additions.add_pictures(studio.home, "gems", new, now=NOW, actor="ana").version


def version(number: int, stage: str, digest: str) -> Version:
    return Version(
        style="gems",
        number=number,
        stage=stage,
        run_id="",
        base="",
        trigger_word="",
        strength=1.0,
        metrics={"kid": 0.1},
        dataset="gems",
        dataset_digest=digest,
        params={},
        tags={},
        created="",
    )


def test_reasons_are_counted_and_each_has_its_remedy(studio):
    said = [
        ("rejected", ("blurry", "off style")),
        ("edit", ("blurry",)),
        ("approved", ()),
        ("rejected", ("too dark",)),
    ]
    for seed, (verdict, because) in enumerate(said):
        made = Made("gems", 1, "pocket", "", "", "a gem", "", "", seed, 9, 2.0, 1.0)
        picture = Image.new("RGBA", (8, 8))
        file = picture_files.keep(studio.home / "generated", f"g{seed}", picture, made)
        ids = gallery_table.record(studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW)
        judged = Judgement(verdict, because)
        verdicts.judge(studio.engine, ids[0], judged, by="bo", now=NOW, turn=0)
    found, sent_back, judged = retraining.reasons(studio, ["gems"])
    assert [(one.reason, one.count) for one in found] == [
        ("blurry", 2),
        ("off style", 1),
        ("too dark", 1),
    ]
    assert (sent_back, judged) == (3, 4)
    assert "smoothed pixels" in found[0].remedy and found[2].remedy == retraining.OTHER
    assert retraining.reasons(studio, ["others"]) == ([], 0, 0)


def remedy(studio, new, before, by):
    return retraining.set_remedies(studio.engine, new, before, by=by, now=NOW)


def test_remedies_are_the_teams_own(studio):
    before = retraining.remedies(studio.home)
    assert set(before) == set(reasons.USUAL)
    now = remedy(studio, {"blurry": "Ask  Kim."}, before, by="ana")
    assert now["blurry"] == "Ask Kim." and now["off style"] == retraining.USUAL["off style"]
    again = remedy(studio, {"blurry": "Ask Kim."}, before, by="ana")
    assert again == now  # sent twice
    with pytest.raises(StudioError, match="Somebody changed"):
        remedy(studio, {"blurry": "Ask Bo."}, before, by="bo")
    with pytest.raises(StudioError, match="too long"):
        remedy(studio, {"blurry": "x" * 301}, now, by="bo")
    assert remedy(studio, {"blurry": ""}, now, by="bo") == before
    changed = [r for r in ledger.rows(studio.engine) if r.action == "change remedies"]
    assert [(r.actor, r.reason) for r in changed] == [("ana", "for blurry"), ("bo", "for blurry")]
    (studio.home / "remedies.yaml").write_text("[]")
    with pytest.raises(StudioError, match="no table of remedies"):
        retraining.remedies(studio.home)
    (studio.home / "remedies.yaml").unlink()


def test_a_reminder_comes_when_the_data_has_grown_enough(studio):
    first = add(studio, 0, 60)
    live = version(1, "production", first.digest)
    assert retraining.grown(studio, [live]) == []
    second = add(studio, 60, 9)
    assert retraining.grown(studio, [live]) == []  # neither ten nor a fifth
    third = add(studio, 69, 1)
    assert retraining.grown(studio, [live]) == [retraining.Grown("gems", "gems", 1, 60, 10)]
    (task,) = [t for t in todo.tasks(studio, "ana", [live]) if t.page == "pages/Train.py"]
    assert task.what == "Train gems again" and task.address == {"style": "gems", "data": "gems"}
    assert task.about == "10 new pictures in dataset gems since version 1 learned from 60"
    # A candidate that learned from them already waits for its decision instead.
    assert retraining.grown(studio, [live, version(2, "candidate", second.digest)]) == []
    assert retraining.grown(studio, [live, version(2, "archived", third.digest)])
    assert retraining.grown(studio, [version(1, "production", "f" * 64)]) == []
    newest = [p for p in third.pictures if p.file_name == "69.png"]
    withdrawals.withdraw(
        studio.engine, newest, ground="another reason", why="asked", by="ana", now=NOW
    )
    assert retraining.grown(studio, [live]) == []


def test_variants_are_no_new_material(studio):
    first = versions.load(studio.home, "gems")
    made = []
    for number in range(20):
        written = io.BytesIO()
        Image.new("RGB", (9, 9), (number, 1, 1)).save(written, format="PNG")
        made.append(
            NewPicture(
                written.getvalue(),
                f"v{number}.png",
                "x",
                origin="augmented",
                parent=first.pictures[0].hash,
            )
        )
    second = additions.add_pictures(studio.home, "gems", made, now=NOW, actor="ana").version
    assert len(second.pictures) > len(first.pictures)
    assert retraining.grown(studio, [version(1, "production", first.digest)]) == []
