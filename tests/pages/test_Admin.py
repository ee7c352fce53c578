from datetime import UTC, datetime, timedelta

from studio.jobs import named_leases, queue, workers

NOW = datetime.now(UTC)


def _job(studio, **changes):
    asked = {"kind": "evaluate", "lane": "work", "payload": {"style": "props", "version": 3}}
    return queue.submit(studio.engine, **{**asked, "asked_by": "ana", "now": NOW, **changes})


def test_services_workers_and_settings_are_shown(studio, open_page, monkeypatch):
    monkeypatch.setenv("STUDIO_MLFLOW_PORT", "9")
    workers.arrive(studio.engine, "here:1", "work", "cpu", datetime.now(UTC))
    at = open_page("Admin")
    said = " ".join(m.value for m in at.markdown)
    assert "**Database**  \n:green[up]" in said and "**Worker**  \n:green[up]" in said
    assert "**MLflow**  \n:red[down]" in said and "**Watcher**  \n:red[down]" in said
    assert any("nothing old is cleared away" in c.value for c in at.caption)
    assert any("python -m studio watch" in i.value for i in at.info)
    assert list(at.dataframe[0].value["worker"]) == ["here:1"]
    shown = at.dataframe[-1].value.set_index("setting")["value"]
    assert shown["STUDIO_MLFLOW_PORT"] == "9"


def test_a_watcher_that_lives_is_named(studio, open_page):
    lease = (named_leases.WATCHER, "here:2:ab", datetime.now(UTC), timedelta(minutes=1))
    assert named_leases.take(studio.engine, *lease)
    at = open_page("Admin")
    assert "**Watcher**  \n:green[up]" in " ".join(m.value for m in at.markdown)
    assert "here\\:2 watches\\." in [c.value for c in at.caption]
    assert not any("python -m studio watch" in i.value for i in at.info)


def test_a_waiting_job_is_cancelled_by_its_button(studio, open_page):
    job = _job(studio)
    at = open_page("Admin")
    at.button(key=f"cancel-{job.id}").click().run()
    assert not at.exception
    assert queue.get(studio.engine, job.id).state == "cancelled"


def test_what_people_wrote_is_never_markup(studio, open_page):
    queue.submit(
        studio.engine,
        kind="generate",
        lane="interactive",
        asked_by="ana",
        now=NOW,
        payload={"prompt": "<script>alert(1)</script> :red[x]"},
    )
    at = open_page("Admin")
    assert "\\<script\\>" in at.get("progress")[0].proto.text


def test_a_notice_tells_once_that_my_job_has_ended(studio, open_page):
    mine, other = _job(studio), _job(studio, asked_by="bo")
    for job in (mine, other):
        queue.cancel(studio.engine, job.id, "cy", NOW)
    assert ["props version 3 has cancelled" in t.value for t in open_page("Admin").toast] == [True]
    assert not open_page("Admin").toast
    assert queue.unseen(studio.engine, "ana") == []
    assert [j.id for j in queue.unseen(studio.engine, "bo")] == [other.id]
