"""MLflow's own pages behind the guard: a real MLflow server, and everybody's way to it."""

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from studio import context
from studio.accounts import passwords, people, refusal_log, rights, tokens
from studio.database import engine as db
from studio.database import ledger
from studio.operations.health import mlflow_address
from studio.registry import history_text, reconcile
from studio.settings import CHECKOUT, load_settings
from studio.tracking import audit
from studio.web import mlflow_proxy, session, sign_in
from studio.web.guard import Guard
from studio.web.name_cookie import Door
from tests.answering import answer_of

AT = "https://studio.test"
HERE = {"origin": AT}
SECRET = "three or four words"
NOW = datetime.now(UTC)
ALIAS = {"name": "items", "alias": "production", "version": "1"}
ALIASES = "/mlflow/ajax-api/2.0/mlflow/registered-models/alias"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A real server with one run that has a web page among its files, and one version."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            f"sqlite:///{folder}/mlflow.db",
            "--default-artifact-root",
            f"{folder}/mlruns",
            "--no-serve-artifacts",
            "--port",
            str(number),
            "--workers",
            "1",
        ],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer_of(f"http://127.0.0.1:{number}/health", server)
        from mlflow import MlflowClient

        client = MlflowClient(f"http://127.0.0.1:{number}", f"http://127.0.0.1:{number}")
        run = client.create_run(client.create_experiment("items"))
        client.log_text(run.info.run_id, "<script>alert(1)</script>", "page.html")
        client.create_registered_model("items")
        source = f"{run.info.artifact_uri}/adapter"
        client.create_model_version("items", source, run_id=run.info.run_id)
        yield number
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # it has a child that listens
        server.wait()


@pytest.fixture
def studio(port, tmp_path, monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    given = {"STUDIO_SIGN_IN": "local", "STUDIO_ADDRESS": AT, "STUDIO_MLFLOW_PORT": str(port)}
    settings = load_settings(given, home=str(tmp_path))
    made = context.Studio(settings, db.open_database(tmp_path), None, None)
    monkeypatch.setattr(session, "studio", lambda: made)
    refusal_log.keep(tmp_path)
    for role in rights.ROLES:
        people.add(made.engine, role, role, by="x", now=NOW, password=SECRET)
    rights.close_house(True)
    yield made
    rights.close_house(False)
    refusal_log.keep(None)
    made.engine.dispose()


@pytest.fixture
def browser(studio):
    routes = [*sign_in.ROUTES, *mlflow_proxy.ROUTES]
    guards = [Middleware(Guard, studio=lambda: studio), Middleware(Door)]
    with TestClient(
        Starlette(routes=routes, middleware=guards), base_url=AT, follow_redirects=False
    ) as made:
        yield made


@pytest.fixture
def as_(browser):
    def sign_in(role):
        browser.cookies.clear()
        sent = browser.post("/sign-in", data={"name": role, "password": SECRET}, headers=HERE)
        assert sent.status_code == 303
        return browser

    return sign_in


@pytest.mark.slow
def test_without_sign_in_and_for_viewers_there_is_nothing(browser, as_):
    assert browser.get("/mlflow/").status_code == 401
    assert browser.get("/mlflow/api/2.0/mlflow/registered-models/search").status_code == 401
    viewer = as_("viewer").get("/mlflow/")
    assert viewer.status_code == 403 and "may not look at MLflow" in viewer.text


def test_an_artist_sees_the_pages_and_all_that_they_ask_for(studio, as_):
    artist = as_("artist")
    assert artist.get("/mlflow").headers["location"] == "/mlflow/"
    page = artist.get("/mlflow/")
    assert page.status_code == 200 and "<title>MLflow" in page.text
    script = page.text.split('src="')[1].split('"')[0]
    code = artist.get(f"/mlflow/{script}", headers={"accept-encoding": "gzip"})
    assert code.status_code == 200 and len(code.content) > 100_000
    found = artist.post(
        "/mlflow/ajax-api/2.0/mlflow/experiments/search", headers=HERE, json={"max_results": 5}
    )
    assert "items" in [one["name"] for one in found.json()["experiments"]]
    models = artist.get("/mlflow/api/2.0/mlflow/registered-models/search?max_results=5").json()
    assert [one["name"] for one in models["registered_models"]] == ["items"]
    assert mlflow_address(studio.settings) == "/mlflow"


def test_a_file_of_a_run_can_not_act_as_who_looks_at_it(as_):
    artist = as_("artist")
    asked = {"experiment_ids": ["1"], "max_results": 1}
    runs = artist.post("/mlflow/ajax-api/2.0/mlflow/runs/search", headers=HERE, json=asked)
    run = runs.json()["runs"][0]["info"]["run_id"]
    file = artist.get(f"/mlflow/get-artifact?path=page.html&run_uuid={run}")
    assert file.status_code == 200 and "alert" in file.text
    assert file.headers["content-security-policy"] == "sandbox"


def test_only_admins_change_something_and_only_from_here(studio, as_):
    for role in ("artist", "producer"):
        refused = as_(role).post(ALIASES, json=ALIAS, headers=HERE)
        assert refused.status_code == 403 and "may not change or delete" in refused.text
    admin = as_("admin")
    for headers in ({"origin": "https://elsewhere.test"}, {}, {"origin": AT.replace("s:", ":")}):
        assert admin.post(ALIASES, json=ALIAS, headers=headers).status_code == 403
    assert "another site" in refusal_log.newest(studio.home, 1)[0]["what"]
    told = "/mlflow/api/2.0/mlflow/registered-models/get?name=items"
    assert "aliases" not in admin.get(told).json()["registered_model"]
    assert admin.post(ALIASES, json=ALIAS, headers=HERE).status_code == 200
    assert admin.get(told).json()["registered_model"]["aliases"][0]["alias"] == "production"


def test_who_moves_an_alias_there_stands_in_the_ledger(studio, as_, port):
    from mlflow import MlflowClient

    server, moment = f"http://127.0.0.1:{port}", iter(range(1, 99))
    client = MlflowClient(server, server)
    known = client.get_model_version("items", "1")
    client.create_registered_model("tiles")
    for _ in range(3):
        client.create_model_version("tiles", known.source, known.run_id, {"stage": "candidate"})
    admin = as_("admin")

    def asks(method, what, **told):
        path = f"/mlflow/ajax-api/2.0/mlflow/{what}"
        return admin.request(method, path, json={"name": "tiles", **told}, headers=HERE).status_code

    def settle():
        later = NOW + timedelta(seconds=next(moment))
        said = reconcile.reconcile(studio.engine, client, "tiles", now=later, mend=True)
        row = [row for row in ledger.rows(studio.engine, "tiles") if row.action == "move"][-1]
        return said[0], row.actor, history_text.sentence(row)

    alias = {"alias": "production"}
    assert asks("POST", "registered-models/alias", **alias, version="1") == 200
    note = ledger.rows(studio.engine, "tiles")[-1]
    assert (note.actor, note.version, note.to_stage) == ("admin", 1, None)
    assert note.reason == "set production to version 1"
    assert history_text.sentence(note) == "admin set production to version 1 on MLflow's pages"
    said, actor, told = settle()
    assert said.endswith("in MLflow; recorded as moved by admin, on MLflow's pages.")
    assert actor == "admin"
    assert told == "admin moved version 1 on MLflow's pages: it is in production now"
    # Refused there, another way, and another way after this one: nobody is named.
    assert asks("POST", "registered-models/alias", **alias, version="77") == 404
    assert len([r for r in ledger.rows(studio.engine, "tiles") if r.action == "asked MLflow"]) == 1
    client.set_registered_model_alias("tiles", "production", "2")
    assert settle()[1] == "mlflow"
    assert asks("POST", "registered-models/alias", **alias, version="1") == 200
    client.set_registered_model_alias("tiles", "production", "3")
    assert settle()[1] == "mlflow"
    # Taken away, and gone with its version.
    assert asks("DELETE", "registered-models/alias", **alias) == 200
    assert settle()[1:] == (
        "admin",
        "admin moved version 3 on MLflow's pages: it is archived now",
    )
    client.set_registered_model_alias("tiles", "production", "1")
    settle()
    assert asks("DELETE", "model-versions/delete", version="1") == 200
    assert settle()[1] == "admin"
    assert ledger.flaws(studio.engine) == []


@pytest.mark.parametrize(
    ("method", "what", "body", "found"),
    [
        ("POST", "registered-models/alias", b"no json", None),
        ("POST", "registered-models/alias", b"[1]", None),
        ("POST", "registered-models/alias", b'{"name": "a", "alias": "x"}', None),
        ("PATCH", "registered-models/update", b'{"name": "a"}', None),
        ("POST", "model-versions/set-tag", b'{"name": "a", "version": "1", "key": "mood"}', None),
        (
            "POST",
            "registered-models/alias",
            b'"{\\"name\\": \\"a\\", \\"version\\": 3}"',
            "set  to version 3",
        ),
        (
            "POST",
            "model-versions/set-tag",
            b'{"name": "a", "version": "1", "key": "stage", "value": "archived"}',
            "wrote the stage tag 'archived'",
        ),
        (
            "POST",
            "model-versions/transition-stage",
            b'{"name": "a", "stage": "Production"}',
            "set MLflow's stage to 'Production'",
        ),
    ],
)
def test_what_touches_a_stage_is_noted(method, what, body, found):
    for api in ("api", "ajax-api"):
        told = audit.asked(method, f"/{api}/2.0/mlflow/{what}", body)
        assert (told and told.words) == found
    assert audit.asked("GET", "/", body) is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/ajax-api/3.0/mlflow/assistant/message"),
        ("GET", "/ajax-api/3.0/mlflow/assistant/config"),
        ("POST", "/ajax-api/2.0/mlflow/webhooks"),
        ("GET", "/ajax-api/3.0/mlflow/gateway/secrets/list"),
        ("POST", "/ajax-api/2.0/mlflow/gateway-proxy"),
        ("POST", "/ajax-api/3.0/jobs/"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/x"),
        ("POST", "/ajax-api/2.0/mlflow/artifacts/presigned-upload-url"),
        ("POST", "/ajax-api/2.0/mlflow/upload-artifact"),
        ("POST", "/v1/traces"),
        ("POST", "/"),
        ("GET", "/docs"),
        ("GET", "/../secret"),
    ],
)
def test_what_acts_on_the_servers_behalf_is_open_to_nobody(method, path):
    assert mlflow_proxy.wanted(method, path) == ""


def test_a_script_goes_the_same_way_with_a_token(studio, browser):
    def asked(role):
        secret = tokens.make(
            studio.engine, role, role, label="figures", days=1, by=rights.Actor(role, role), now=NOW
        )[1]
        return {"authorization": f"Bearer {secret}"}

    path = "/mlflow/api/2.0/mlflow/registered-models/get?name=items"
    assert browser.get(path, headers=asked("artist")).status_code == 200
    described = {"name": "items", "description": "pixel art"}
    update = "/mlflow/api/2.0/mlflow/registered-models/update"
    assert browser.patch(update, json=described, headers=asked("producer")).status_code == 403
    assert browser.patch(update, json=described, headers=asked("admin")).status_code == 200
    assert browser.get(path, headers={"authorization": "Bearer hs_no"}).status_code == 401


def test_too_much_at_once_and_a_server_that_is_away(studio, as_, monkeypatch):
    admin = as_("admin")
    monkeypatch.setattr(mlflow_proxy, "BODY", 1000)
    assert admin.post(ALIASES, content=b"x" * 1001, headers=HERE).status_code == 413
    monkeypatch.setattr(mlflow_proxy, "mlflow_server", lambda settings: "http://127.0.0.1:9")
    assert admin.get("/mlflow/").status_code == 503
