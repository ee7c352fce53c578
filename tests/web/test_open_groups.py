"""Which groups of the sidebar were open: kept in a cookie of the browser's own."""

from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.web import navigation, open_groups


def test_what_was_opened_and_closed_comes_back():
    kept = {"Train": True, "Make": False}
    client = TestClient(Starlette(routes=open_groups.ROUTES))
    answer = client.get(open_groups.address(kept))
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert open_groups.read(client.cookies[open_groups.COOKIE]) == kept


def test_only_groups_that_there_are_are_kept():
    assert open_groups.read(None) == open_groups.read("") == {}
    assert open_groups.read("Nope.-Judge..-;") == {"Judge": False}
    client = TestClient(Starlette(routes=open_groups.ROUTES))
    client.get("/sidebar", params={"groups": "x; Path=/evil." + ".".join(navigation.GROUPS)})
    assert open_groups.read(client.cookies[open_groups.COOKIE]) == dict.fromkeys(
        navigation.GROUPS, True
    )
