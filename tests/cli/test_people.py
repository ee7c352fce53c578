"""People and tokens on the command line, and commands that act as a token's person."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from studio.accounts import passwords, people, refusal_log, rights, tokens
from studio.cli.main import main
from studio.database import engine as db

SECRET = "three or four words"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))

    def done(*words, given="", **settings):
        for name in ("SIGN_IN", "TOKEN"):
            monkeypatch.delenv(f"STUDIO_{name}", raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(f"STUDIO_{name.upper()}", value)
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    yield done
    refusal_log.keep(None)


@pytest.fixture
def engine(tmp_path):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def _ana(run, role="admin"):
    return run("people", "add", "Ana", "--role", role, given=SECRET + "\n")


def test_the_first_admin_is_made_by_a_command(run, engine):
    code, told = _ana(run)
    assert (code, told["name"], told["role"]) == (0, "Ana", "admin")
    assert passwords.fits(people.password_hash(engine, "ana"), SECRET)
    assert "password" not in json.dumps(run("people", "list")[1])
    assert run("people", "add", "Bo", given="short\n")[0] == 2


@pytest.mark.slow
def test_people_are_changed(run, engine):
    _ana(run)
    run("people", "add", "Bo", given=SECRET)
    assert run("people", "role", "bo", "producer")[1]["role"] == "producer"
    assert run("people", "password", "Bo", given="four new words here")[0] == 0
    assert passwords.fits(people.password_hash(engine, "Bo"), "four new words here")
    assert run("people", "disable", "Bo")[1]["shut"] is True
    assert run("people", "enable", "Bo")[1]["shut"] is False
    assert run("people", "unlock", "Bo")[0] == 0
    code, told = run("people", "disable", "Ana")
    assert code == 2 and "last admin" in told["error"]


def test_where_people_sign_in_a_command_needs_a_token_that_holds(run, engine, tmp_path):
    _ana(run, "artist")
    code, told = run("jobs", "list", sign_in="local")
    assert code == 2 and "need a token" in told["error"]
    made = run("tokens", "create", "Ana", "--for", "nightly")[1]
    assert made["role"] == "artist" and made["token"].startswith("hs_")
    assert run("jobs", "list", sign_in="local", token=made["token"]) == (
        0,
        {"schema": 1, "jobs": []},
    )
    assert run("tokens", "list")[1]["tokens"][0]["used_at"] is not None
    code, told = run("jobs", "list", "--user", "Bo", sign_in="local", token=made["token"])
    assert code == 2 and "the token is Ana's" in told["error"]
    run("tokens", "withdraw", str(made["id"]))
    code, told = run("jobs", "list", sign_in="local", token=made["token"])
    assert code == 2 and "does not hold" in told["error"]
    assert refusal_log.newest(tmp_path)[0]["what"] == "a token that does not hold"


@pytest.mark.slow
def test_a_command_may_what_the_tokens_role_may(run, engine, tmp_path):
    _ana(run, "producer")
    now = datetime.now(UTC)

    def as_role(role):
        return tokens.make(engine, "Ana", role, label="x", days=1, by="x", now=now)[1]

    folder = tmp_path / "none"
    words = {
        ("dataset", "import", "x", str(folder)): "artist",
        ("train", "x", "--dataset", "y"): "artist",
        ("evaluate", "x", "1"): "artist",
        ("generate", "a gem", "--style", "x"): "artist",
    }
    for asked in words:
        code, told = run(*asked, sign_in="local", token=as_role("viewer"))
        assert code == 2 and "Ana may not" in told["error"], asked
        code, told = run(*asked, sign_in="local", token=as_role("artist"))
        assert code == 2 and "may not" not in told["error"], asked
    promote = ("promote", "x", "1", "production", "--why", "w")
    assert "may not" in run(*promote, sign_in="local", token=as_role("art lead"))[1]["error"]
    assert "may not" not in run(*promote, sign_in="local", token=as_role("producer"))[1]["error"]
    rights.check("anybody", "manage people")  # the house is open again after a command


def test_it_does_not_serve_everybody_unasked(run):
    code, told = run("serve", host="0.0.0.0")
    assert code == 2 and "everybody who reaches it" in told["error"]
