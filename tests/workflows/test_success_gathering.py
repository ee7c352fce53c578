"""A picture and what was made of it by work on it are one picture of the report."""

from datetime import UTC, datetime, timedelta

import pytest

from studio import context
from studio.assets import files, records, uses
from studio.assets.records import New
from studio.assets.uses import Seen
from studio.generation.lists import as_png
from studio.review import hand_minutes
from studio.review.success_figures import Fate
from studio.settings import load_settings
from studio.workflows import success_gathering as gathering
from tests.exported_pictures import draw, export, judge, sprite

JULY = datetime(2026, 7, 31, 23, tzinfo=UTC)
AUGUST = datetime(2026, 8, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def studio(tmp_path):
    settings = load_settings({}, home=str(tmp_path / "home"))
    engine, tracking = context.open_records(settings)
    yield context.Studio(settings, engine, None, tracking)
    engine.dispose()


def worked_on(studio, id, name, how="finishing", at=AUGUST):
    """Another form of a picture, as finishing and edits put it beside the first; its id."""
    file = studio.home / "finished" / f"{name}.png"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(as_png(sprite(40)))
    new = New(
        "picture",
        f"finished/{name}.png",
        {"picture": (file, files.read(file))},
        (id,),
        style="gems",
        version=1,
        category="props",
        recipe={"prompt": "a gem", how: [{"step": 1}]},
    )
    return records.put(studio.engine, [new], by="ana", now=at)[0]


@pytest.mark.parametrize("how", gathering.WORKED_ON)
def test_what_was_worked_on_is_one_picture_since_the_first_was_asked_for(studio, how):
    engine = studio.engine
    first, other = (draw(engine, studio.home, seed, JULY) for seed in (1, 2))
    second = worked_on(studio, first, "a", how)
    third = worked_on(studio, second, "b", how)
    judge(engine, second, "approved", by="bo", now=AUGUST)
    export(engine, [(third, "gem.png", b"x")], JULY + 3 * HOUR)
    hand_minutes.put(engine, "*", 360, before=None, why="as timed", by="lea", now=AUGUST)

    found, alone = gathering.drawn(engine, "gems", "2026-07")
    assert (found.id, found.ids, found.at[:7]) == (third, (first, second, third), "2026-07")
    assert (found.verdict, found.judge, found.approver) == ("approved", "bo", "bo")
    assert (alone.ids, alone.approver) == ((other,), None)
    assert gathering.drawn(engine, "gems", "2026-08") == []
    assert gathering.months(engine, "gems") == ["2026-07"]
    assert gathering.counts(engine, "2026-07") == {"gems": 2}
    assert gathering.counts(engine, "2026-08") == {}
    # Approved in one form, out in another: it is used as that is.
    assert gathering.fates(engine, [found, alone]) == [Fate("bo", True, None)]
    uses.note(engine, [Seen(third, "redrawn")], by="ana", now=AUGUST)
    uses.correct(engine, third, "touched up", by="lea", now=AUGUST)
    assert gathering.fates(engine, [found]) == [Fate("bo", True, "touched up", "lea")]
    # Three hours from the request, not from the finishing in August.
    ((time,), without) = gathering.times(engine, [found, alone])
    assert (time.by_hand, time.passed, without) == (360, 180, 0)


def test_what_was_begun_from_a_picture_is_a_picture_of_its_own(studio):
    first = draw(studio.engine, studio.home, 1, JULY)
    worked_on(studio, first, "a", "start")
    assert len(gathering.drawn(studio.engine, "gems")) == 2
