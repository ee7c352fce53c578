"""Lists by cursor: nothing is skipped, told twice, or moved by what comes meanwhile."""

import base64
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable
from studio.jobs import queue
from studio.registry import requests
from tests.api.asked import ADMIN, NOW, Programs, put_asset
from tests.api.test_door import problem


def pages(programs: Programs, path: str, limit: int):
    """Every page's items, by the cursors of the answers."""
    found, cursor = [], None
    while True:
        query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = programs.get(f"{path}{'&' if '?' in path else '?'}{urlencode(query)}")
        assert answer.status_code == 200, answer.text
        said = answer.json()
        found.append(said["items"])
        assert ("link" in answer.headers) == (said["next"] is not None)
        if said["next"] is None:
            return found
        link = answer.headers["link"]
        assert link.endswith('; rel="next"') and f"cursor={said['next']}" in link
        cursor = said["next"]


def test_assets_of_one_moment_are_each_told_once(plain: Programs):
    ids = [put_asset(plain.studio, f"k{k}", NOW + timedelta(minutes=k // 3)) for k in range(8)]
    newest = [*ids[6:], *ids[3:6], *ids[:3]]
    for limit in (1, 3, 8, 200):
        found = pages(plain, "/assets", limit)
        assert [one["id"] for part in found for one in part] == newest
        assert all(len(part) == limit for part in found[:-1])


def test_what_is_added_meanwhile_moves_no_page(plain: Programs):
    ids = [put_asset(plain.studio, f"k{k}", NOW + timedelta(minutes=k)) for k in range(4)]
    first = plain.get("/assets?limit=2").json()
    put_asset(plain.studio, "new", NOW + timedelta(hours=1))
    second = plain.get("/assets", params={"limit": 2, "cursor": first["next"]}).json()
    told = [one["id"] for one in (*first["items"], *second["items"])]
    assert told == ids[::-1] and second["next"] is None


def test_a_jobs_assets_come_as_they_were_made(plain: Programs):
    ids = [put_asset(plain.studio, f"k{k}", NOW - timedelta(minutes=k), job=4) for k in range(5)]
    found = pages(plain, "/assets?job=4", 2)
    assert [one["id"] for part in found for one in part] == ids


def test_jobs_from_the_newest(plain: Programs):
    for k in range(5):
        how = {"lane": "short", "payload": {"k": k}, "asked_by": "ana", "now": NOW}
        queue.submit(plain.studio.engine, kind="x", **how)
    found = pages(plain, "/jobs?by=ana", 2)
    assert [[one["id"] for one in part] for part in found] == [[5, 4], [3, 2], [1]]
    assert pages(plain, "/jobs?by=bo", 2) == [[]]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%",
        "a" * 401,
        *(
            base64.urlsafe_b64encode(text).decode()
            for text in (
                b"{}",
                b"[]",
                b"[1.5]",
                b"[true]",
                b"[99999999999]",
                b'["a\\u0000"]',
                b"[[1]]",
                b'["\\ud800", 1]',
                b"[" * 300,
            )
        ),
    ],
)
@pytest.mark.parametrize("path", ["/jobs", "/assets", "/palettes"])
def test_a_cursor_that_is_none_is_told(plain: Programs, path: str, cursor: str):
    problem(plain.get(path, params={"cursor": cursor}), 422, "refused")


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1", "1.5"])
def test_a_limit_is_1_to_200(plain: Programs, limit: str):
    problem(plain.get("/jobs", params={"limit": limit}), 422, "refused")


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/jobs", '["x"]'),
        ("/jobs", "[1, 2]"),
        ("/assets", '["x"]'),
        ("/assets", '[1, "x"]'),
        ("/palettes", "[7]"),
        ("/palettes", '["a", "b"]'),
        ("/requests", '["7"]'),
    ],
)
def test_another_lists_cursor_is_told(plain: Programs, path: str, text: str):
    palette(plain, "a")
    ask(plain, 1)
    problem(plain.get(path, params={"cursor": cursor(text)}), 422, "refused")


def palette(programs: Programs, name: str) -> None:
    table = ColourTable(("#000000",))
    palettes.save(programs.studio.engine, name, table, after=0, by=ADMIN, now=NOW)


def ask(programs: Programs, version: int) -> int:
    how = {"style": "art", "actor": ADMIN, "why": "It is better.", "now": NOW}
    return requests.ask(programs.studio.engine, number=version, **how).id


def test_requests_that_are_decided_meanwhile_leave_their_place(plain: Programs):
    ids = [ask(plain, version) for version in range(1, 6)]
    first = plain.get("/requests?state=open&limit=2").json()
    assert [one["id"] for one in first["items"]] == [ids[4], ids[3]]
    ask(plain, 9)
    for id in ids[2:5]:  # the last one told among them
        plain.post(f"/requests/{id}/withdraw")
    query = {"state": "open", "limit": 2, "cursor": first["next"]}
    second = plain.get("/requests", params=query).json()
    assert [one["id"] for one in second["items"]] == [ids[1], ids[0]] and second["next"] is None


def test_palettes_that_are_withdrawn_or_made_meanwhile_move_no_page(plain: Programs):
    long = "ü" * 60  # the longest name, and none of ASCII
    for name in ("c", "B", "a", long):
        palette(plain, name)
    first = plain.get("/palettes?limit=2").json()
    assert [one["name"] for one in first["items"]] == ["a", "B"]
    plain.post("/palettes/B/withdraw")
    palette(plain, "A0")
    second = plain.get("/palettes", params={"limit": 1, "cursor": first["next"]}).json()
    assert [one["name"] for one in second["items"]] == ["c"]
    assert [[one["name"] for one in part] for part in pages(plain, "/palettes", 1)] == [
        ["a"],
        ["A0"],
        ["c"],
        [long],
    ]
    palette(plain, "zz")
    assert sum(pages(plain, "/palettes?withdrawn=true", 1), [])[-1]["name"] == long
