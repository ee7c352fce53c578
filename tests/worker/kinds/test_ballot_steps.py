"""A ballot, and a voter's own prompts, in three steps: drawn without the studio, cut off, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from studio import context
from studio.evaluation import prompt_sets
from studio.jobs.emit import Emit
from studio.review import ballots, voter_prompts
from studio.review.pictures import Side
from studio.settings import load_settings
from studio.worker import steps
from studio.worker.context import Gone, Models, Warm
from studio.worker.kind_table import KINDS
from studio.workflows import evaluate
from studio.workflows.model_kinds import table
from tests.registry.toy_kind import FLAT, flat
from tests.worker.kinds.step_by_step import NOW, again, begun, computed_away, note

SIDES = [{"style": "walls", "version": 1}, {"style": "walls", "version": 2}]
ASKED = {"question": "Which?", "of": "walls", "form": "f", "sides": SIDES, "voters": 1}


@pytest.fixture
def studio(tmp_path, monkeypatch):
    """Two versions of walls; the sheet of the first one holds the prompt set, the second has
    none."""
    monkeypatch.setitem(table.KINDS, FLAT.name, FLAT)
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    for number in (1, 2):
        flat(opened, tmp_path / f"hue{number}", hue=0.3 * number)
    evaluate.evaluate_version(opened, "walls", 1, print)
    yield opened
    opened.engine.dispose()


def drawn(studio):
    folder = studio.home / "review" / "drawn"
    return {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.png")}


def refuse(*given):
    raise AssertionError("computed again")


def run(kind, at, ask, tmp_path):
    models = Models("cpu", 1, tmp_path / "none", Warm())
    return steps.run(kind, at, ask, models, lambda step, steps: None)


@pytest.mark.slow
def test_what_no_sheet_holds_is_drawn_where_no_studio_is(studio, tmp_path):
    at, ask = begun(studio, "ballot", **ASKED)
    kind = KINDS["ballot"]
    work = kind.prepare(at, ask)
    (missing,) = work.params
    known = prompt_sets.load(studio.home, "walls")
    assert missing.side == Side("walls", 2)
    assert set(missing.cells) == {(p, s) for p in known.prompts for s in known.seeds}
    outcome = computed_away(kind, studio, work, tmp_path / "machine")[0]
    assert len(outcome.files) == 4 and drawn(studio) == {}
    note(at, work, outcome)
    # Cut off before home had any of them: another attempt takes them home and opens the ballot.
    later = again(studio, at.job, timedelta(hours=2))
    stopped = replace(kind, compute=refuse)
    told = [run(stopped, later, ask, tmp_path) for _ in range(2)]
    assert told[0] == told[1] == {"ballot": 1, "pairs": 4}
    assert {name: steps.digest(file) for name, file in drawn(studio).items()} == outcome.files
    (made,) = ballots.listing(studio.engine)
    assert made.sides == (Side("walls", 1), Side("walls", 2))
    assert len(ballots.pairs_of(studio.engine, made.id)) == 4


@pytest.mark.slow
def test_an_attempt_that_lost_its_job_opens_nothing(studio, tmp_path):
    at, ask = begun(studio, "ballot", **ASKED)
    kind = KINDS["ballot"]
    run(replace(kind, commit=lambda *given: {}), at, ask, tmp_path)
    again(studio, at.job, timedelta(hours=2))
    with pytest.raises(Gone):
        kind.commit(at, ask, None)
    assert ballots.listing(studio.engine) == []


@pytest.mark.slow
def test_pictures_come_home_one_by_one_and_none_is_drawn_twice(studio, tmp_path):
    at, ask = begun(studio, "ballot", **ASKED)
    kind = KINDS["ballot"]
    work = kind.prepare(at, ask)
    came = []

    def home(event):
        if len(came) == 3:
            raise KeyboardInterrupt
        came.append(event.body["file"])
        return kind.apply(at, ask, work.workdir, event)

    with pytest.raises(KeyboardInterrupt):
        models = Models("cpu", 1, tmp_path / "none", Warm())
        emit = Emit(work.workdir, home, print)
        kind.compute(work.inputs, work.params, work.workdir, models, emit)
    assert set(drawn(studio)) == set(came)
    times = {name: file.stat().st_mtime_ns for name, file in drawn(studio).items()}
    # Another ballot, the job being cancelled, draws what is missing alone.
    (missing,) = kind.prepare(at, ask).params
    assert len(missing.cells) == 1
    assert run(kind, at, ask, tmp_path)["pairs"] == 4
    assert {name: drawn(studio)[name].stat().st_mtime_ns for name in came} == times


@pytest.mark.slow
def test_a_voters_prompts_are_drawn_and_added_once(studio, tmp_path):
    ballot = voter_prompts.open_ballot(
        studio.engine,
        sides=[Side("walls", 1), Side("walls", 2)],
        question="Which?",
        own=2,
        invited=["ben"],
        by="ana",
        key="k",
        now=NOW,
    )
    asked = {"ballot": ballot.id, "prompts": ["a lamp", "a boat"]}
    at, ask = begun(studio, "own", by="ben", **asked)
    kind = KINDS["own"]
    work = kind.prepare(at, ask)
    assert [(one.side.number, len(one.cells)) for one in work.params] == [(1, 2), (2, 2)]
    outcome = computed_away(kind, studio, work, tmp_path / "machine")[0]
    assert len(outcome.files) == 4 and drawn(studio) == {}
    note(at, work, outcome)
    stopped = replace(kind, compute=refuse)
    told = [run(stopped, at, ask, tmp_path) for _ in range(2)]
    assert told == [{"ballot": ballot.id, "pairs": 2}] * 2
    found = ballots.pairs_of(studio.engine, ballot.id).values()
    assert sorted((p.prompt, p.voter) for p in found) == [("a boat", "ben"), ("a lamp", "ben")]
