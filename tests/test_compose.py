"""compose.yaml names commands and settings that there are, and gives away no more than it must."""

import re

import yaml

from studio.settings import CHECKOUT, TABLE, load_settings
from studio.tracking.client import serving, tracking

COMPOSE = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()


def test_every_process_of_the_studio_has_its_service() -> None:
    commands = {name: service["command"] for name, service in COMPOSE["services"].items()}
    assert set(commands) == {"web", "worker", "watcher", "mlflow"}
    assert "uvicorn studio.web:app" in commands["web"]
    assert commands["worker"] == "python -m studio worker"
    assert commands["watcher"] == "python -m studio watch"
    assert commands["mlflow"].startswith("python -m studio mlflow-server")
    given = {"STUDIO_HOME": "/data", "STUDIO_DATABASE_URL": "postgresql://a:secret@b/c"}
    settings = load_settings(given)
    where = tracking(settings.home, settings.artifacts, None, settings.database_url)
    words, around = serving(where, "0.0.0.0", 5000)
    assert "--no-serve-artifacts" in words and "file:///data/mlruns" in words
    # A password is no word of a command, which everybody on the machine may read.
    assert "secret" not in " ".join(words) and "secret" in around["MLFLOW_BACKEND_STORE_URI"]
    assert "search_path%3Dmlflow" in around["MLFLOW_BACKEND_STORE_URI"]
    assert all(
        "STUDIO_DATABASE_URL" in service["environment"] for service in COMPOSE["services"].values()
    )


def test_every_setting_named_is_one() -> None:
    known = {row.name for row in TABLE}
    for service in COMPOSE["services"].values():
        assert {n for n in service["environment"] if n.startswith("STUDIO_")} <= known
    assert all(
        word.split("=")[0] in known
        for line in DOCKERFILE.splitlines()
        if line.startswith("ENV")
        for word in line.split()[1:]
        if word.startswith("STUDIO_")
    )


def test_nothing_but_the_pages_is_published_and_only_on_loopback() -> None:
    published = {n: s["ports"] for n, s in COMPOSE["services"].items() if "ports" in s}
    assert published == {"web": ["127.0.0.1:8501:8501"]}


def test_every_setting_is_handed_through() -> None:
    # The ports are the containers' own, and a token is one person's, given to one command.
    kept = {"STUDIO_PORT", "STUDIO_MLFLOW_PORT", "STUDIO_TOKEN"}
    # Whether everybody is admin need not be proposed to a team at all.
    may_lack = kept | {"STUDIO_ANYONE"}
    for name, service in COMPOSE["services"].items():
        given = service["environment"]
        assert {row.name for row in TABLE} - may_lack <= given.keys(), name
        assert not kept & given.keys(), name
        for setting in given.keys() - {"STUDIO_HOME", "STUDIO_HOST"}:
            if setting.startswith("STUDIO_"):
                assert re.fullmatch(rf"\$\{{{setting}(:-[^}}]*)?\}}", given[setting]), setting


def test_what_compose_hands_through_unset_is_the_default() -> None:
    given = COMPOSE["services"]["web"]["environment"]
    unset = {name: "" for name, value in given.items() if value == f"${{{name}:-}}"}
    assert "STUDIO_WEBHOOK" in unset and "STUDIO_DEVICE" in unset
    assert load_settings(unset) == load_settings({})


def test_no_process_has_or_gains_a_capability_or_all_memory() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["cap_drop"] == ["ALL"] and "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.fullmatch(r"\$\{[A-Z_]+:-\d+g\}", service["mem_limit"]), name
        assert not {"privileged", "user", "pid", "network_mode", "devices"} & service.keys(), name
    assert "\nUSER studio\n" in DOCKERFILE


def test_variables_that_are_no_settings_are_not_named_like_one() -> None:
    # A `.env` beside compose.yaml is read by the studio too, which refuses settings that it lacks.
    known = {row.name for row in TABLE}
    asked = re.findall(r"\$\{(\w+)", (CHECKOUT / "compose.yaml").read_text())
    assert {name for name in asked if name.startswith("STUDIO_")} <= known
