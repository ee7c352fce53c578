"""Old jobs' logs go, and nothing else does."""

from datetime import UTC, datetime, timedelta

from studio.database import engine as db
from studio.jobs import leases, queue, retention
from studio.jobs.processes import Group

MOMENT = datetime(2026, 8, 1, 12, tzinfo=UTC)
ENDED, RUNS, WAITS = "ended", "runs", "waits"


def test_only_what_ended_a_season_ago_is_removed(tmp_path, either_database):
    engine = db.open_database(tmp_path)
    made = {}
    for name in (ENDED, RUNS, WAITS):
        made[name] = queue.submit(
            engine, kind="sleep", lane="work", payload={}, asked_by="ana", now=MOMENT
        )
        log = tmp_path / made[name].log
        log.parent.mkdir(parents=True)
        log.write_text(name)
    (tmp_path / "jobs" / "notes").mkdir()
    for _ in (ENDED, RUNS):
        taken = leases.take(engine, "w", "work", MOMENT, timedelta(days=999))
        leases.begin(engine, taken, Group(1, "never", "x"), MOMENT)
    leases.finish(engine, made[ENDED].id, 1, {"a": 1}, MOMENT)

    assert retention.prune(engine, tmp_path, MOMENT + timedelta(days=89)) == 0
    assert queue.read_log(tmp_path, made[ENDED]) == ENDED
    assert retention.prune(engine, tmp_path, MOMENT + timedelta(days=91)) == 1
    assert not (tmp_path / made[ENDED].folder).exists()
    assert queue.get(engine, made[ENDED].id).result == {"a": 1}
    assert [queue.read_log(tmp_path, made[n]) for n in (RUNS, WAITS)] == [RUNS, WAITS]
    assert (tmp_path / "jobs" / "notes").is_dir()
    assert retention.prune(engine, tmp_path, MOMENT + timedelta(days=91)) == 0
