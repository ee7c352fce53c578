"""A backup by the version before comes back whole: rows, files, versions, who may come in."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio import context
from studio.accounts import people, sessions, sign_in, tokens
from studio.accounts.rights import Actor
from studio.assets import files, verdicts
from studio.assets.search import Wanted
from studio.cli.main import main
from studio.database import ledger
from studio.datasets import drafts, edits, versions
from studio.generation import gallery_table, reasons
from studio.jobs import queue
from studio.operations import doctor
from studio.operations.restore import Restored
from studio.registry import models, stages, version_pins
from studio.registry.rollout_records import current
from studio.registry.tables import rollouts
from studio.review import ballots, tally, votes
from studio.review.ratings import results
from studio.workflows.version_loading import adapter_file
from tests import before

Brought = tuple[context.Studio, Restored]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Brought:
    settings, restored = before.bring_back(tmp_path_factory.mktemp("before"))
    return context.open_studio(settings), restored


@pytest.fixture
def studio(brought: Brought) -> context.Studio:
    return brought[0]


def test_every_row_and_file_comes_back(tmp_path: Path) -> None:
    settings, restored = before.bring_back(tmp_path)
    told = before.told()
    with closing(sqlite3.connect(settings.home / "studio.db")) as plain:
        for name, table in told["tables"].items():
            if name == "pictures":  # they are assets now
                continue
            chosen = ", ".join(f'"{column}"' for column in table["columns"])
            rows = sorted(repr(row) for row in plain.execute(f'SELECT {chosen} FROM "{name}"'))
            assert len(rows) == table["rows"] > 0, name
            if name not in ("alembic_version", "revision"):  # they say how new the database is
                same = hashlib.sha256("\n".join(rows).encode()).hexdigest()
                assert same == table["sha256"], name
    with closing(sqlite3.connect(settings.home / "mlflow.db")) as plain:
        counted = {
            name: plain.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in told["mlflow"]
        }
    assert counted == told["mlflow"] and counted["model_versions"] == len(told["versions"])
    missing = [name for name in told["files"] if not (settings.home / name).is_file()]
    assert missing == []
    for name, digest in told["files"].items():
        file = settings.home / name
        assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, name
    assert restored.files >= len(told["files"]) and restored.before == []


def test_every_picture_is_an_asset_with_all_that_its_row_held(studio: context.Studio) -> None:
    table = before.told()["tables"]["pictures"]
    rows = []
    for one in gallery_table.all_of(studio.engine, Wanted()):
        was = {**vars(one), "asset": one.name}
        stored = {name: json.dumps(was[name]) for name in ("adapters", "reasons")}
        rows.append(repr(tuple((was | stored)[column] for column in table["columns"])))
    assert len(rows) == table["rows"] > 0
    same = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
    assert same == table["sha256"]
    assert gallery_table.ids_of(studio.engine, Wanted()) == before.told()["pictures"]


def test_pictures_files_are_read_once_and_none_was_changed(studio: context.Studio) -> None:
    checks = [check for check in doctor.checks(studio.settings, mend=True) if check.name == "files"]
    assert [(check.ok, check.says[:22]) for check in checks] == [(True, "all that was made is t")]
    held = files.of(studio.engine, before.told()["pictures"][2])
    assert [file.role for file in held] == ["painted", "picture"]
    assert all(file.content is not None for file in held)


def test_nothing_is_wrong_with_it(studio: context.Studio) -> None:
    checks = {check.name: check for check in doctor.checks(studio.settings)}
    assert checks["database"].ok and checks["MLflow"].ok and checks["pocket"].ok
    assert checks["ledger"].ok and "whole" in checks["ledger"].says
    assert before.told()["flaws"] == ledger.flaws(studio.engine) == []


def test_versions_have_their_tags_stages_and_pictures(studio: context.Studio) -> None:
    for was in before.told()["versions"]:
        version = models.get(studio.client, was["style"], was["number"])
        assert (version.tags, version.params) == (was["tags"], was["params"])
        assert (version.stage, version.run_id, version.strength, version.metrics) == (
            was["stage"],
            was["run_id"],
            was["strength"],
            was["metrics"],
        )
        assert adapter_file(studio, version).is_file()
    assert stages.production(studio.engine, "props") == 1
    history = [
        (row.action, row.version, row.to_stage) for row in stages.history(studio.engine, "props")
    ]
    assert ("promote", 2, "production") in history and ("rollback", 1, "production") in history
    going = current(studio.engine, "props")
    assert going is not None
    assert (going.version, going.percent, going.people) == (2, 10.0, ("bo", "@artist"))
    with studio.engine.connect() as connection:
        ended = sa.select(rollouts.c.state).where(rollouts.c.ended_at.is_not(None))
        assert connection.scalars(ended).all() == ["aborted"]
    (pinned,) = version_pins.pins_of(studio.engine, "props", "bo")
    assert (pinned.assets, pinned.version) == ("icons", 2)


def test_pictures_and_what_was_said_of_them(studio: context.Studio) -> None:
    first, second, third = before.told()["pictures"][:3]
    assert gallery_table.get(studio.engine, second).judgement == verdicts.Judgement(
        "rejected", ("blurry",), "the *hilt*", (0.25, 0.5)
    )
    assert gallery_table.get(studio.engine, first).verdict == "approved"
    painted = gallery_table.get(studio.engine, third)
    assert (painted.verdict, painted.painted_by) == ("edit", "cy")
    assert (studio.home / str(painted.painted)).is_file()
    assert reasons.read(studio.home) == ("blurry", "too dark", "off model")
    frozen, waiting = versions.load(studio.home, "props"), drafts.read(studio.engine, "props")
    assert [p.caption for p in frozen.pictures].count("a caption by hand") == 1
    (changed,) = [row for row in edits.applied(frozen.pictures, waiting) if row.changed]
    assert (changed.picture.hash, changed.picture.caption) == (
        before.told()["waiting"],
        "a caption that waits",
    )


def test_votes_and_ratings_count_as_before(studio: context.Studio) -> None:
    ballot = ballots.get(studio.engine, before.told()["ballot"])
    standing = votes.standing_votes(studio.engine, ballot.id)
    assert {vote.voter for vote in standing} == {"bo", "cy"}
    assert len(standing) == ballot.asked + 1  # bo's all, and one of cy's two
    assert votes.has_handed_in(studio.engine, ballot.id, "bo")
    assert tally.tallies(studio.engine, ballot)
    (score,) = results(studio.engine, before.told()["round"])
    assert (score.side.number, score.ratings, score.raters) == (1, 3, 2)


def test_who_could_come_in_still_can(studio: context.Studio) -> None:
    told = before.told()
    now = datetime.fromisoformat(told["now"])
    assert tokens.find(studio.engine, told["token"], now) == Actor("pia", "producer")
    held = sessions.find(studio.engine, told["session"], now)
    assert held is not None and held.actor == Actor("bo", "art lead")
    word = "a long word of {}'s"
    assert sign_in.sign_in(studio.engine, "lea", word.format("lea"), browser="x", now=now)
    assert not sign_in.sign_in(studio.engine, "kim", word.format("kim"), browser="x", now=now)
    assert {p.name for p in people.listing(studio.engine) if p.shut} == {"kim"}


def test_jobs_are_listed_with_their_names_and_ends(
    studio: context.Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    was = {id: (kind, state, by, kept) for id, kind, state, by, kept in before.told()["jobs"]}
    found = queue.listing(studio.engine, limit=1000)
    assert {job.id: (job.kind, job.state, job.asked_by, job.kept) for job in found} == was
    assert main(["jobs", "list", "--limit", "500", "--home", str(studio.home)]) == 0
    listed = capsys.readouterr().out
    assert all(kind in listed for kind, *_ in was.values())
