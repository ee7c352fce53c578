import copy
import pickle
import re

import pytest

from studio.accounts import refusal_log, rights
from studio.accounts.rights import RIGHTS, ROLES, TABLE, Actor, NotAllowed, check, may
from studio.errors import StudioError
from studio.settings import CHECKOUT


def test_each_role_may_do_all_that_those_before_may():
    for right in RIGHTS:
        found = [may(role, right.name) for role in ROLES]
        assert found == sorted(found) and found[-1], right.name
    assert len(TABLE) == len(RIGHTS)


def test_what_the_roles_of_a_team_may_do():
    least = {right.name: right.least for right in RIGHTS}
    assert least["look"] == "viewer"
    assert {least[name] for name in ("vote", "rate", "generate", "edit datasets")} == {"artist"}
    assert least["open ballots"] == "art lead"
    assert {least[name] for name in ("promote", "roll back")} == {"producer"}
    assert {least[name] for name in ("manage people", "name server paths")} == {"admin"}
    assert least["import from server folders"] == "admin"


def test_every_right_is_asked_for_somewhere():
    files = [*(CHECKOUT / "studio").rglob("*.py"), *(CHECKOUT / "pages").rglob("*.py")]
    text = "".join(file.read_text() for file in files if file.name != "rights.py")
    assert [right.name for right in RIGHTS if f'"{right.name}"' not in text] == []


def test_the_documents_tell_the_table():
    page = (CHECKOUT / "docs" / "people.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (.*) \|$", page, re.MULTILINE))
    for right in RIGHTS:
        assert right.says in rows[right.least], right.says


def test_a_closed_house_refuses_a_plain_name_and_an_open_one_takes_it(tmp_path):
    check("ana", "manage people")
    rights.close_house(True)
    for nobody in ("ana", ""):
        with pytest.raises(NotAllowed, match="may not"):
            check(nobody, "look")
    rights.close_house(False)
    check("ana", "manage people")


def test_a_role_is_checked_whether_or_not_the_house_is_closed(tmp_path):
    with pytest.raises(NotAllowed) as told:
        check(Actor("Vi", "viewer"), "promote")
    assert (
        told.value.message == "Vi may not put a version into production or take it out as viewer."
    )
    assert told.value.remedy == "This is for producers and admins."
    logged = refusal_log.newest(tmp_path)[0]
    assert (logged["who"], logged["role"]) == ("Vi", "viewer") and "production" in logged["what"]


def test_an_actor_is_its_name_and_keeps_its_role():
    ana = Actor("Ana", "producer")
    assert ana == "Ana" and {ana: 1}["Ana"] == 1 and f"{ana}" == "Ana"
    assert copy.deepcopy(ana).role == pickle.loads(pickle.dumps(ana)).role == "producer"
    with pytest.raises(ValueError, match="no role"):
        Actor("Ana", "root")
    with pytest.raises(StudioError, match="viewer, artist"):
        rights.check_role("root")
    with pytest.raises(KeyError):
        rights.allowed("ana", "fly")


def test_the_log_of_refusals_is_cut_and_forgives_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(refusal_log, "MOST_BYTES", 2000)
    for number in range(60):
        refusal_log.note("x" * 1000, f"try {number}\nforged line")
    kept = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in kept] == ["refused.1.jsonl", "refused.jsonl"]
    assert all(file.stat().st_size < 3000 for file in kept)
    assert refusal_log.newest(tmp_path)[0]["what"] == "try 59\nforged line"
    monkeypatch.setattr(refusal_log, "_folder", tmp_path / "logs" / "refused.jsonl")
    refusal_log.note("x", "no room")


def test_strangers_do_not_wash_out_what_people_did(tmp_path, monkeypatch):
    monkeypatch.setattr(refusal_log, "MOST_BYTES", 2000)
    refusal_log.keep(tmp_path)
    refusal_log.note("Ana", "may not put a version into production", role="artist")
    for number in range(100):
        refusal_log.note("", "not signed in", asked=f"GET /{number}")
        refusal_log.note("Ana", "sign-in", stranger=True, why="wrong name or password")
    told = refusal_log.newest(tmp_path)
    assert [row["who"] for row in told if row["what"].startswith("may not")] == ["Ana"]
    assert len(told) > 10 and told[0]["at"] >= told[-1]["at"]


def test_a_refusal_holds_no_secret(tmp_path):
    refusal_log.keep(tmp_path)
    refusal_log.note("Ana", "x", asked="GET /a?token=geheim12", why="Bearer hs_" + "a" * 30)
    kept = (tmp_path / "logs" / "refused.jsonl").read_text()
    assert "geheim12" not in kept and "a" * 30 not in kept and "GET /a?token=***" in kept


def test_passwords_typed_as_names_are_taken_out_of_a_log_of_before(tmp_path):
    refusal_log.keep(tmp_path)
    for who in ("Ana", "correct horse 7"):
        refusal_log.note(who, "sign-in", why="wrong name or password")
    refusal_log.note("Gone", "may not look")
    refusal_log.forget_names(tmp_path, ["Ana"])
    assert "correct horse" not in (tmp_path / "logs" / "refused.jsonl").read_text()
    assert [row["who"] for row in refusal_log.newest(tmp_path)] == [
        "Gone",
        refusal_log.UNKNOWN,
        "Ana",
    ]
