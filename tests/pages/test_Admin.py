from datetime import UTC, datetime, timedelta

import pytest

from studio.database.engine import writing
from studio.errors import StudioError
from studio.jobs import named_leases, queue, workers
from studio.outbox import files, place
from studio.store.place import Place
from studio.webhooks import deliveries, hooks

NOW = datetime.now(UTC)


def _job(studio, **changes):
    asked = {"kind": "evaluate", "lane": "work", "payload": {"style": "props", "version": 3}}
    return queue.submit(studio.engine, **{**asked, "asked_by": "ana", "now": NOW, **changes})


def test_services_say_what_to_do_where_one_is_down(studio, open_page):
    workers.arrive(studio.engine, "here:1", "work", "cpu", datetime.now(UTC))
    at = open_page("Admin")
    lines = [m.value for m in at.markdown]
    up, down = ":green[:material/check_circle:]", ":red[:material/error:]"
    for name, mark in {"Database": up, "Worker": up, "MLflow": down, "Watcher": down}.items():
        (line,) = [one for one in lines if f"**{name}**" in one]
        assert line.startswith(mark), line
        assert ("`python -m studio" in line) is (mark == down)
    assert any("nothing old is cleared away" in one for one in lines)
    assert [w.value for w in at.warning] == ["Not up: MLflow, Watcher."]
    assert any(line.startswith("- **here\\:1** on cpu, for work jobs, since ") for line in lines)
    assert " free of " in at.get("progress")[0].proto.text


def test_settings_are_shown_with_those_first_that_were_set(studio, open_page, monkeypatch):
    monkeypatch.setenv("STUDIO_MLFLOW_PORT", "9")
    monkeypatch.setenv("STUDIO_WEBHOOK_SECRET", "hush")
    at = open_page("Admin", show="Settings")
    shown = at.dataframe[0].value
    assert set(shown["setting"][:3]) == {
        "STUDIO_HOME",
        "STUDIO_MLFLOW_PORT",
        "STUDIO_WEBHOOK_SECRET",
    }
    shown = shown.set_index("setting")
    assert shown.loc["STUDIO_MLFLOW_PORT", "value"] == "9"
    assert shown.loc["STUDIO_WEBHOOK_SECRET", "value"] == "(hidden)"
    assert shown.loc["STUDIO_PORT", "what it is for"] == "Port of the studio's pages"


@pytest.mark.slow
def test_every_part_has_an_address(studio, open_page):
    heads = {
        "Services": "Services",
        "Jobs": "Jobs",
        "Machines": "Machines",
        "People": "People",
        "Webhooks": "Webhooks",
        "Log": "Refused lately",
        "Settings": "Settings",
        "Backups": "Backups",
    }
    for show, head in heads.items():
        at = open_page("Admin", show=show)
        assert at.header[0].value == head
    assert "python -m studio backup FILE.tar" in at.code[0].value


def test_copies_before_changes_are_listed(studio, open_page):
    (studio.home / "backups").mkdir()
    (studio.home / "backups" / "studio-0007.db").write_bytes(bytes(2 * 1024**2))
    (row,) = open_page("Admin", show="Backups").dataframe[0].value.to_dict("records")
    assert (row["file"], row["MB"]) == ("studio-0007.db", 2.0)


def test_a_watcher_that_lives_is_named(studio, open_page):
    lease = (named_leases.WATCHER, "here:2:ab", datetime.now(UTC), timedelta(minutes=1))
    assert named_leases.take(studio.engine, *lease)
    (line,) = [m.value for m in open_page("Admin").markdown if "**Watcher**" in m.value]
    assert line == ":green[:material/check_circle:] **Watcher**: here\\:2 watches\\."


def test_a_link_to_a_job_shows_it_among_those_of_its_state(studio, open_page):
    first, second = _job(studio), _job(studio)
    queue.cancel(studio.engine, first.id, "ana", NOW)
    at = open_page("Admin", job=str(first.id))
    assert at.selectbox(key="job").value == first.id
    assert any("Cancelled by ana" in i.value for i in at.info)
    at = open_page("Admin", show="Jobs", state="Waiting")
    assert at.selectbox(key="job").value == second.id
    assert list(at.dataframe[0].value["job"]) == [second.id]


def test_a_waiting_job_is_cancelled_by_its_button(studio, open_page):
    job = _job(studio)
    at = open_page("Admin", show="Jobs")
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
    at = open_page("Admin", show="Jobs")
    assert "\\<script\\>" in at.get("progress")[0].proto.text


def test_a_notice_tells_once_that_my_job_has_ended(studio, open_page):
    mine, other = _job(studio), _job(studio, asked_by="bo")
    for job in (mine, other):
        queue.cancel(studio.engine, job.id, "cy", NOW)
    assert ["props version 3 has cancelled" in t.value for t in open_page("Admin").toast] == [True]
    assert not open_page("Admin").toast
    assert queue.unseen(studio.engine, "ana") == []
    assert [j.id for j in queue.unseen(studio.engine, "bo")] == [other.id]


def test_files_in_a_bucket_are_told_by_the_rows_alone(studio, open_page):
    assert "Files in S3" not in [h.value for h in open_page("Admin").header]
    place.note(studio.engine, Place("s3", "our-art", "one/", "http://127.0.0.1:9"), NOW)
    with writing(studio.engine) as connection:
        files.add(connection, [files.New("gates/a.yaml", "a" * 64, 3 * 1024**2)], NOW)
    place.say(studio.engine, StudioError("It does not answer.", "Wait."), NOW)
    at = open_page("Admin")
    assert "Files in S3" in [h.value for h in at.header]
    assert any("It does not answer" in w.value and "Since" in w.value for w in at.warning)
    lines = [m.value for m in at.markdown]
    assert "**In the bucket**: 0 files." in lines
    assert any("1 waiting, 3.0 MB" in line for line in lines)
    place.say(studio.engine, None, NOW)
    assert not any("does not answer" in w.value for w in open_page("Admin").warning)


HOOK = "https://93.184.216.34/hook?key=geheim12"


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(studio, open_page):
    at = open_page("Admin", show="Webhooks")
    at.text_input(key="webhook-url").set_value("https://10.0.0.1/")
    (make,) = [button for button in at.button if button.label == "Make a webhook"]
    make.click().run()
    assert "in no public network" in at.error[0].value.replace("\\", "")
    assert hooks.listing(studio.engine) == [] and not at.code
    at.text_input(key="webhook-url").set_value(HOOK)
    [button for button in at.button if button.label == "Make a webhook"][0].click().run()
    assert not at.exception and not at.error
    secret = at.code[0].value
    (made,) = hooks.listing(studio.engine, "ana")
    with studio.engine.connect() as connection:
        assert hooks.keys(connection, made.id, datetime.now(UTC)) == ([secret], "")
    at.run()
    assert not at.code and not any("geheim12" in m.value for m in at.markdown)
    at.button(key=f"webhook-secret-{made.id}").click().run()
    assert at.code[0].value.startswith("whsec_") and at.code[0].value != secret
    at.button(key=f"webhook-withdraw-{made.id}").click().run()
    assert hooks.listing(studio.engine) == [] and not at.exception


def test_a_job_shows_its_request_and_who_is_told_of_it(studio, open_page):
    hooks.make(studio.engine, "ana", HOOK, networks=(), by="ana", now=NOW)
    with writing(studio.engine) as connection:
        job = _job(studio)
        deliveries.expect(connection, job, "", None, NOW)
    captions = open_page("Admin", job=str(job.id)).caption
    said = [c.value.replace("\\", "").replace("\u2060", "") for c in captions]  # as ui.plain
    assert f"Request {job.request_id}" in said
    told = "Webhook https://93.184.216.34/hook?key=***: waits for the job."
    assert any(one.startswith(told) for one in said)
    queue.cancel(studio.engine, job.id, "ana", NOW)
    (row,) = open_page("Admin", show="Webhooks").dataframe[0].value.to_dict("records")
    assert (row["job"], row["state"]) == (job.id, "due") and "geheim12" not in str(row)


def test_what_was_given_up_is_sent_again_from_the_page(studio, open_page):
    made, _ = hooks.make(studio.engine, "ana", HOOK, networks=(), by="ana", now=NOW)
    with writing(studio.engine) as connection:
        job = _job(studio)
        deliveries.expect(connection, job, "", None, NOW)
    queue.cancel(studio.engine, job.id, "ana", NOW)
    for _ in range(len(deliveries.RETRIES) + 1):
        outgoing = deliveries.take(studio.engine, made.id, NOW + timedelta(days=30))
        refused = deliveries.Answer(500, "It answered 500.")
        deliveries.note(studio.engine, outgoing, refused, NOW)
    (told,) = deliveries.listing(studio.engine)
    assert told.state == "given up"
    at = open_page("Admin", show="Webhooks")
    at.button(key=f"webhook-again-{told.id}").click().run()
    assert not at.exception and deliveries.listing(studio.engine)[0].state == "due"
