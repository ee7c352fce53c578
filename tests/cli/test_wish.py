"""`wish expand`, `list`, `show` and `edit`: the job is done by the command itself."""

import json

import pytest

from studio.cli import main
from studio.database import engine as db
from studio.jobs import queue
from tests.chat.corpus import PLAIN
from tests.chat.server import completion, refusal, serving


@pytest.fixture
def said(tmp_path, capsys):
    def asked(*words, code=0):
        home = ["--json", "--home", str(tmp_path / "home"), "--user", "ana"]
        assert main.main(["wish", *words, *home]) == code
        return json.loads(capsys.readouterr().out)

    return asked


def test_from_a_wish_to_an_edited_one(said, tmp_path):
    file = tmp_path / "wishes.txt"
    file.write_text("# more\na rusty key\n")
    made = said("expand", "a red potion, glowing", "--file", str(file))
    assert (made["by"], made["left"], len(made["wishes"])) == ("rules", [], 2)
    first = made["wishes"][0]
    assert first["specification"]["key_features"] == ["glowing"]
    edited = said("edit", first["id"], "--set", "materials=glass, cork", "--set", "key_features=")
    assert edited["parent"] == first["id"]
    assert edited["specification"]["materials"] == ["glass", "cork"]
    assert edited["specification"]["key_features"] == []
    shown = said("show", first["id"])
    assert shown["came"][0]["id"] == edited["id"] and shown["trigger_word"] == ""
    assert shown["prompt"] == "a red potion, glowing"
    listed = said("list", "--text", "potion", "--by", "ana")["wishes"]
    assert {one["id"] for one in listed} == {first["id"], edited["id"]}
    assert said("list", "--style", "none")["wishes"] == []


def test_a_language_model_is_asked_where_one_is_set(said, monkeypatch):
    with serving(completion(PLAIN), refusal(401, "no such key")) as chat:
        monkeypatch.setenv("STUDIO_CHAT_URL", chat.url)
        monkeypatch.setenv("STUDIO_CHAT_NAME", "a-model")
        made = said("expand", "a potion", "a key", code=2)
        assert made["by"] == "chat" and made["wishes"][0]["model"] == "a-model"
        assert [one["wish"] for one in made["left"]] == ["a key"]
        assert "answers 401" in made["left"][0]["error"]
        by_rules = said("expand", "a potion", "--by", "rules")
        assert by_rules["by"] == "rules" and len(chat.asked) == 2


def test_it_can_be_left_to_a_worker(said, tmp_path):
    put = said("expand", "a potion", "--variants", "3", "--detach")
    engine = db.open_database(tmp_path / "home")
    job = queue.get(engine, put["id"])
    engine.dispose()
    assert (job.kind, job.state, job.payload["variants"]) == ("expand_wishes", "queued", 3)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["expand"], "No wish is given"),
        (["expand", "a", "--variants", "9"], "9 variants"),
        (["expand", "a", "--by", "chat"], "no language model"),
        (["show", "gone"], "no wish 'gone'"),
        (["edit", "gone", "--set", "materials"], "sets nothing"),
        (["edit", "gone", "--set", "materials=a"], "no wish 'gone'"),
        (["list", "--limit", "0"], "--limit is 0"),
    ],
)
def test_mistakes_are_named(said, words, says):
    assert says in said(*words, code=2)["error"]
