"""What learned from a picture is found as far as it goes."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from PIL import Image

from studio import context
from studio.datasets import additions, withdrawals
from studio.datasets.additions import NewPicture
from studio.datasets.manifests import DatasetVersion
from studio.errors import StudioError
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.registry import gates, models
from studio.registry.models import Version
from studio.settings import load_settings
from studio.worker import submit
from studio.workflows import lineage, release

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> context.Studio:
    return context.open_studio(load_settings({}, home=str(tmp_path_factory.mktemp("home"))))


def data(studio, name: str, *colours: str) -> DatasetVersion:
    new = []
    for colour in colours:
        written = io.BytesIO()
        Image.new("RGB", (8, 8), colour).save(written, format="PNG")
        new.append(NewPicture(written.getvalue(), f"{colour}.png", f"a {colour} gem"))
    return additions.add_pictures(studio.home, name, new, now=NOW, actor="ana").version


def version(style: str, number: int, digest: str = "", **more: object) -> Version:
    given = dict(
        stage="candidate",
        run_id="",
        base="",
        trigger_word="",
        strength=1.0,
        metrics={},
        dataset="gems",
        dataset_digest=digest,
        params={},
        tags={},
        created="2026-08-01",
    )
    return Version(style=style, number=number, **{**given, **more})  # type: ignore[arg-type]


def drew(studio, style: str, number: int, seed: int, **more: object) -> str:
    made = Made(style, number, "pocket", "", "", "=a gem", "", "", seed, 9, 2.0, 1.0, **more)
    file = picture_files.keep(
        studio.home / "generated", f"{style}{seed}", Image.new("RGBA", (8, 8)), made
    )
    return gallery_table.record(studio.engine, studio.home, [Kept(file, made)], by="bo", now=NOW)[0]


def test_all_that_learned_is_listed_and_nothing_else(studio):
    first = data(studio, "gems", "red", "blue")
    data(studio, "gems", "lime")
    data(studio, "others", "navy", "gold", "pink")
    red = next(p for p in first.pictures if p.file_name == "red.png")
    run = studio.home / "runs" / "gems" / ("1" * 32)
    run.mkdir(parents=True)
    record = {"run": "1" * 32, "dataset": first.digest, "named": f"gems@{first.version}"}
    (run / "record.json").write_text(json.dumps(record))
    known = [
        version("gems", 1, first.digest),
        version("gems", 2, run_id="1" * 32),
        version("both", 1, tags={"merged": json.dumps([["gems", 1, 0.5], ["others", 1, 0.5]])}),
        version("others", 1, "e" * 64),
    ]
    mine = [drew(studio, "gems", 1, 1), drew(studio, "both", 1, 2)]
    beside = [{"style": "gems", "version": 2, "strength": 0.5}]
    mine.append(drew(studio, "others", 1, 3, adapters=tuple(beside)))
    drew(studio, "others", 1, 4)

    found = lineage.learned_from(studio, [red.hash], known)
    assert [head.name for head, _ in found.data] == ["gems", "gems"]
    assert [(t.run, t.version) for t, _ in found.trainings] == [("1" * 32, None)]
    assert [(v.style, v.number) for v, _ in found.versions] == [
        ("gems", 1),
        ("gems", 2),
        ("both", 1),
    ]
    assert [one.id for one, _ in found.drawn] == mine
    assert {how for part in (found.data, found.versions, found.drawn) for _, how in part} == {
        "directly"
    }
    rows = list(csv.DictReader(io.StringIO(lineage.table(found))))
    assert len(rows) == 2 + 1 + 3 + 3
    assert rows[-1]["address"] == f"/Picture?id={mine[-1]}" and rows[-3]["name"][0] != "="

    # A drawn picture that was handed on teaches the next dataset, and that the next style.
    bytes_of = (studio.home / "generated" / "gems1.png").read_bytes()
    drawn = NewPicture(
        bytes_of,
        "g.png",
        "a gem",
        origin="generated",
        source="generated with gems version 1, seed 1",
    )
    later = additions.add_pictures(studio.home, "others", [drawn], now=NOW, actor="ana").version
    found = lineage.learned_from(studio, [red.hash], [*known, version("others", 2, later.digest)])
    assert (found.data[-1][0].digest, found.data[-1][1]) == (later.digest, "through drawn pictures")
    assert (found.versions[-1][0].number, found.versions[-1][1]) == (2, "through drawn pictures")
    assert lineage.learned_from(studio, ["0" * 64], known).nothing


def test_a_version_that_learned_from_it_says_so_and_nothing_new_learns(studio):
    dataset = data(studio, "gates", "cyan", "teal")
    studio.client.create_registered_model("gates")
    tags = {"dataset": "gates", "dataset_digest": dataset.digest}
    studio.client.create_model_version("gates", str(studio.home), tags=tags)
    made = models.get(studio.client, "gates", 1)
    ask = {"style": "gates", "dataset": f"gates@{dataset.version}"}
    submit.ask(studio, "train", ask, asked_by="ana", now=NOW)
    asked = gates.parse("gates", "licences: {data: known}")
    assert "withdrawn" not in [c.gate for c in gates.hold(asked, release.evidence(studio, made))]

    withdrawals.withdraw(
        studio.engine,
        dataset.pictures[:1],
        ground="consent has ended",
        why="the contract ended",
        by="ana",
        now=NOW,
    )
    (gate,) = [
        c for c in gates.hold(asked, release.evidence(studio, made)) if c.gate == "withdrawn"
    ]
    assert (gate.state, gate.says) == ("missed", "1 were")
    with pytest.raises(StudioError, match="holds 1 withdrawn picture: cyan.png") as refused:
        submit.ask(studio, "train", ask, asked_by="ana", now=NOW)
    assert "Freeze gates anew" in refused.value.remedy
