"""Wishes by an assistant: expanded once for a key, looked up, edited."""

from studio.assets import records
from studio.jobs import queue
from studio.props import rules
from studio.props.rules import StyleWords
from studio.workflows import wishes
from tests.api.mcp.calling import NOW, words


def put(studio, wish, key, **more):
    new = wishes.new(key, rules.by_rules(wish, StyleWords()), "rules", **more)
    return records.put(studio.engine, [new], by="ana", now=NOW)[0]


def test_wishes_are_expanded_once_for_a_key(call, studio):
    asked = {"wishes": ["a jug"], "style": "props", "wait": 0, "idempotency_key": "once"}
    first = call("expand_wishes", **asked).structured_content["job"]
    again = call("expand_wishes", **asked).structured_content["job"]
    assert (first["kind"], first["id"]) == ("expand_wishes", again["id"])
    payload = queue.get(studio.engine, first["id"]).payload
    assert payload == {"wishes": ["a jug"], "style": "props", "variants": 1, "by": "rules"}
    assert "by is" in words(call("expand_wishes", wishes=["a jug"], by="magic"))
    assert "no style 'gone'" in words(call("expand_wishes", wishes=["a jug"], style="gone"))


def test_a_wish_is_found_shown_and_edited(call, studio):
    id = put(studio, "a tall jug", "mcp 1", style="props", version=1)
    put(studio, "a tall key", "mcp 2")
    told = call("search_wishes", text="tall jug").structured_content
    assert [one["id"] for one in told["items"]] == [id] and told["next"] is None
    page = call("search_wishes", text="tall", limit=1).structured_content
    rest = call("search_wishes", text="tall", limit=1, cursor=page["next"]).structured_content
    assert page["items"][0]["id"] != rest["items"][0]["id"]
    edited = call("edit_wish", wish=id, materials=["clay"]).structured_content
    assert edited["parent"] == id and edited["specification"]["materials"] == ["clay"]
    shown = call("get_wish", wish=id).structured_content
    assert shown["trigger_word"] == "<P>" and shown["came"][0]["id"] == edited["id"]
    assert "no wish 'gone'" in words(call("get_wish", wish="gone"))
    assert "limit is 51" in words(call("search_wishes", limit=51))
    assert "has 0 characters" in words(call("edit_wish", wish=id, expanded_prompt=""))


def test_a_drawing_names_its_wish(call, studio):
    id = put(studio, "a jug", "mcp 3")
    assert "no wish 'gone'" in words(call("generate", style="props", prompt="a", wish="gone"))
    told = call("generate", style="props", prompt="a jug", wish=id, wait=0).structured_content
    assert queue.get(studio.engine, told["job"]["id"]).payload["wish"] == id
