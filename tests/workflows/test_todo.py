"""What waits for a person, from real rows."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.accounts.rights import ROLES, Actor, may
from studio.charges import calls, limits
from studio.charges.calls import Meant
from studio.charges.money import Money
from studio.charges.prices import Quote
from studio.generation.gallery_table import Kept, record
from studio.generation.picture_files import Made
from studio.registry import requests
from studio.registry.models import Version
from studio.review import rating_rounds, rubrics
from studio.review.ballots import open_ballot
from studio.review.pictures import Drawn, Side
from studio.settings import load_settings
from studio.workflows import todo

NOW = datetime.now(UTC)


@pytest.fixture
def studio(tmp_path: Path):
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    yield opened
    opened.engine.dispose()


def _version(number: int, stage: str, style: str = "props", **metrics: float) -> Version:
    return Version(
        style=style,
        number=number,
        stage=stage,
        run_id="",
        base="",
        trigger_word="",
        strength=1.0,
        dataset="",
        dataset_digest="",
        params={},
        metrics=metrics,
        tags={},
        created="",
    )


def test_nothing_waits_in_an_empty_studio(studio) -> None:
    assert todo.tasks(studio, "ana", []) == []


def test_candidates_newer_than_production_wait_for_their_next_step(studio) -> None:
    versions = [
        _version(4, "candidate"),
        _version(3, "candidate", kid=0.1),
        _version(2, "production"),
        _version(1, "candidate", kid=0.1),
    ]
    found = todo.tasks(studio, "ana", versions)
    assert [(t.what, t.page) for t in found] == [
        ("Decide on props version 3", "pages/Registry.py"),
        ("Measure props version 4", "pages/Evaluate.py"),
    ]
    assert found[0].address == {"style": "props", "version": "3"}


def test_old_candidates_wait_for_nobody_and_those_of_a_style_are_one_task(studio) -> None:
    versions = [_version(n, "candidate", kid=0.1) for n in range(20, 5, -1)]
    versions += [_version(5, "production", kid=0.1), _version(4, "candidate")]
    versions += [_version(n, "candidate", "tiles", kid=0.1) for n in (2, 1)]
    assert [(v.style, v.number) for v in todo.candidates(versions)] == [
        ("props", 20),
        ("props", 19),
        ("props", 18),
        ("tiles", 2),
        ("tiles", 1),
    ]
    props, tiles = todo.tasks(studio, "ana", versions)
    assert (props.what, props.count) == ("Decide on props version 20", 3)
    assert props.about.endswith("; and 2 more candidates")
    assert (tiles.what, tiles.count) == ("Decide on tiles version 2", 2)
    assert tiles.about.endswith("; and 1 more candidate")


def test_who_asks_for_a_version_is_what_is_decided_on(studio) -> None:
    ask = {"style": "props", "number": 2, "actor": "bo", "why": "hands", "now": NOW}
    requests.ask(studio.engine, **ask)
    versions = [_version(2, "candidate", kid=0.1), _version(1, "candidate", kid=0.1)]
    first, second = todo.tasks(studio, "ana", versions)
    assert (first.what, first.about[:7]) == ("Decide on props version 2", "bo asks")
    assert (second.what, second.count) == ("Decide on props version 1", 1)


@pytest.mark.parametrize("role", ROLES)
def test_a_task_is_for_who_may_do_it(studio, tmp_path, role) -> None:
    file = tmp_path / "a.png"
    Image.new("RGBA", (8, 8), "red").save(file)
    drawn = [Drawn(Side("props", 1), "p1", {("a gem", 1): file})]
    say = {"rubric": rubrics.load(studio.home), "by": "bo", "now": NOW}
    rating_rounds.open_round(studio.engine, studio.home, drawn=drawn, **say)
    ask = {"style": "tiles", "number": 2, "actor": "bo", "why": "hands", "now": NOW}
    requests.ask(studio.engine, **ask)
    versions = [_version(2, "candidate"), _version(1, "candidate", kid=0.1)]
    found = [task.page for task in todo.tasks(studio, Actor("ana", role), versions)]
    wanted = {
        "pages/Rate.py": "rate",
        "pages/Evaluate.py": "evaluate",
        "pages/Registry.py": "stage",
    }
    assert set(found) == {page for page, right in wanted.items() if may(role, right)}
    assert (found.count("pages/Registry.py") == 2) is may(role, "promote")


def test_ratings_wait_with_their_due_date_the_soonest_first(studio, tmp_path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGBA", (8, 8), "red").save(file)
    say = {"rubric": rubrics.load(studio.home), "by": "bo", "now": NOW}
    for number, due in enumerate((None, date(2030, 5, 2), date(2030, 5, 1)), 1):
        drawn = [Drawn(Side("props", number), "p1", {("a gem", 1): file})]
        rating_rounds.open_round(studio.engine, studio.home, drawn=drawn, due=due, **say)
    (task,) = todo.tasks(studio, "ana", [])
    assert task.about == "0 of 1 done, due 2030-05-01; and 2 more rounds"
    assert (task.count, task.address) == (3, {"round": "3"})


def test_my_ballots_and_my_pictures_wait_until_they_are_done(studio, tmp_path) -> None:
    files = {}
    for name, colour in (("a", "red"), ("b", "blue")):
        file = tmp_path / f"{name}.png"
        Image.new("RGBA", (8, 8), colour).save(file)
        files[name] = file
    drawn = [
        Drawn(Side("props", number), "p1", {("a gem", 1): files[name]})
        for number, name in ((1, "a"), (2, "b"))
    ]
    ballot = open_ballot(
        studio.engine,
        studio.home,
        drawn=drawn,
        question="Which one?",
        voters=2,
        by="bo",
        key="k",
        now=NOW,
    )
    made = Made("props", 1, "pocket", "", "", "a gem", "a gem", "", 1, 4, 4.0, 1.0)
    kept = studio.home / "generated" / "gem.png"
    kept.parent.mkdir(parents=True)
    Image.new("RGBA", (8, 8)).save(kept)
    record(studio.engine, studio.home, [Kept(kept, made)], by="ana", now=NOW)
    mine = todo.tasks(studio, "ana", [])
    assert [t.what for t in mine] == ["Vote: Which one?", "Judge 1 of your pictures"]
    assert mine[0].address == {"ballot": str(ballot.id)}
    assert [t.what for t in todo.tasks(studio, "bo", [])] == ["Vote: Which one?"]


@pytest.mark.slow
def test_a_call_whose_answer_was_lost_waits_for_who_may_settle_it(studio) -> None:
    told = {"after": 0, "why": "as agreed", "by": "bo", "now": NOW}
    limits.save(studio.engine, "studio", "", "EUR", 10**6, **told)
    meant, quote = Meant("a", "mesh", "a mesh", "shop", "bo", "props"), Quote(Money(80_000, "EUR"))
    lost = calls.reserve(studio.engine, meant, quote, now=NOW)
    assert calls.send(studio.engine, lost.id, now=NOW)
    assert todo.tasks(studio, "ana", []) == []
    calls.lose(studio.engine, lost.id, now=NOW, note="reset")
    (task,) = todo.tasks(studio, Actor("ana", "producer"), [])
    assert (task.what, task.page) == ("Settle a call of shop", "pages/Costs.py")
    assert task.about.endswith("a mesh may cost 0.08 EUR")
    assert todo.tasks(studio, Actor("lea", "art lead"), []) == []
    # One that was taken waits, too, where nobody said its cost for a day.
    for key, days in (("late", 2), ("new", 0)):
        then = NOW - timedelta(days=days)
        meant = Meant(key, "mesh", f"a mesh, {key}", "shop", "bo", "tiles")
        made = calls.reserve(studio.engine, meant, quote, now=then)
        assert calls.send(studio.engine, made.id, now=then)
        calls.accept(studio.engine, made.id, f"shop-{key}", now=then)
    (_, task) = todo.tasks(studio, Actor("ana", "producer"), [])
    assert task.about == "its cost was not said: a mesh, late may cost 0.08 EUR"
