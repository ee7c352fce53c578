"""`webhooks`: made, listed, given another secret, withdrawn; and jobs that bring an address."""

import json

import pytest

from studio.cli import main
from studio.database import engine as db
from studio.jobs import queue
from studio.webhooks import deliveries, hooks

URL = "https://93.184.216.34/hook"


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words):
        code = main.main([*words, "--json", "--home", str(tmp_path), "--user", "ana"])
        return code, json.loads(capsys.readouterr().out)

    return asked


@pytest.fixture
def engine(tmp_path):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def test_from_making_one_to_its_end(said, engine):
    code, made = said("webhooks", "create", "ana", "--url", URL)
    assert code == 0 and made["url"] == URL and made["secret"].startswith("whsec_")
    listed = said("webhooks", "list")[1]["webhooks"]
    assert [one["id"] for one in listed] == [made["id"]] and "secret" not in listed[0]
    code, other = said("webhooks", "secret", str(made["id"]))
    assert code == 0 and other["secret"] not in ("", made["secret"])
    assert said("webhooks", "deliveries")[1]["deliveries"] == []
    assert said("webhooks", "withdraw", str(made["id"]))[0] == 0
    assert hooks.listing(engine) == []
    code, told = said("webhooks", "withdraw", str(made["id"]))
    assert code == 2 and "no webhook" in told["error"]
    code, told = said("webhooks", "create", "ana", "--url", "http://127.0.0.1/")
    assert code == 2 and "STUDIO_PRIVATE_NETWORKS" in told["remedy"]


@pytest.mark.slow
def test_a_job_brings_its_own_address(said, engine, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    words = ("dataset", "import", "gems", str(folder), "--detach", "--webhook")
    code, told = said(*words, URL)
    assert code == 2 and "No secret signs" in told["error"] and queue.listing(engine) == []
    made = said("webhooks", "create", "ana")[1]
    code, job = said(*words, URL)
    assert code == 0
    (one,) = said("webhooks", "deliveries", "--job", str(job["id"]))[1]["deliveries"]
    assert (one["url"], one["webhook"]) == (URL, made["id"])
    assert one["state"] == "waits for the job"
    code, told = said("webhooks", "again", str(one["id"]))
    assert code == 2 and "has not ended" in told["error"]
    code, told = said(*words, "https://169.254.169.254/")
    assert code == 2 and "no public network" in told["error"]
    assert len(deliveries.listing(engine)) == 1
