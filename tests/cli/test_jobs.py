"""`jobs list`, `jobs cancel` and `jobs log`."""

import json
from datetime import UTC, datetime, timedelta

from studio.cli.main import main
from studio.database import engine as db
from studio.jobs import leases, queue

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def test_jobs_are_listed_cancelled_and_read(tmp_path, capsys):
    def answer(*words: str, code: int = 0):
        assert main(["jobs", *words, "--json", "--home", str(tmp_path), "--user", "ben"]) == code
        return json.loads(capsys.readouterr().out)

    assert answer("list")["jobs"] == []
    engine = db.open_database(tmp_path)
    for _ in range(3):
        queue.submit(engine, kind="import", lane="work", payload={}, asked_by="ana", now=NOW)
    taken = leases.take(engine, "w", "work", NOW, timedelta(days=9999))
    (tmp_path / taken.folder).mkdir(parents=True)
    (tmp_path / taken.log).write_text("reading\n")

    assert [job["id"] for job in answer("list", "--limit", "2")["jobs"]] == [3, 2]
    assert [job["id"] for job in answer("list", "--state", "running")["jobs"]] == [taken.id]
    known = queue.get(engine, 2).request_id
    assert [job["id"] for job in answer("list", "--request", known)["jobs"]] == [2]
    assert answer("list", "--request", "none")["jobs"] == []
    assert answer("cancel", "2")["state"] == "cancelled"
    assert answer("cancel", str(taken.id))["cancel_by"] == "ben"
    assert queue.get(engine, taken.id).state == "running"  # its worker will end it
    assert answer("log", str(taken.id))["log"] == "reading\n"
    assert answer("log", "3")["log"] == ""
    assert "no job 9" in answer("cancel", "9", code=2)["error"]
