"""Files as answers: once, in parts, and from a bucket that may be slow."""

from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable
from studio.store import local
from studio.store.bucket_errors import Away, Denied
from tests.api.asked import ADMIN, NOW, Programs, picture, put_asset
from tests.api.test_door import problem
from tests.api.test_finishing import ground


@pytest.fixture
def at(plain: Programs) -> str:
    return f"/assets/{put_asset(plain.studio, 'gem')}"


def test_a_part_is_sent_and_one_that_there_is_not_is_a_problem(plain: Programs, at: str):
    whole = picture()
    part = plain.get(f"{at}/picture", headers={"range": "bytes=4-9"})
    assert (part.status_code, part.content) == (206, whole[4:10])
    for odd in ("bytes=9-1", "bytes=a-b", "bytes=", f"bytes={len(whole)}-"):
        answer = plain.get(f"{at}/picture", headers={"range": odd})
        problem(answer, 416, "bad-request")
        assert answer.headers["content-range"] == f"bytes */{len(whole)}"


def test_what_is_made_of_a_picture_is_had_once_for_each_way(plain: Programs, at: str):
    table = ColourTable(("#ff0000", "#ffffff"))
    palettes.save(plain.studio.engine, "two", table, after=0, by=ADMIN, now=NOW)
    ways = ("", "?factor=2", "?factor=4", "?indexed=two", "?indexed=two&transparent=none")
    tags = []
    for way in ways:
        first = plain.get(f"{at}/picture{way}")
        assert first.status_code == 200, first.text
        tags.append(first.headers["etag"])
        same = plain.get(f"{at}/picture{way}", headers={"if-none-match": tags[-1]})
        assert same.status_code == 304 and not same.content
        other = plain.get(f"{at}/picture{way}", headers={"if-none-match": f'"{"0" * 64}"'})
        assert other.status_code == 200
    assert len(set(tags)) == len(ways)
    # "two" is another palette by now.
    palettes.save(
        plain.studio.engine, "two", replace(table, names=("a", "b")), after=1, by=ADMIN, now=NOW
    )
    anew = plain.get(f"{at}/picture?indexed=two", headers={"if-none-match": tags[3]})
    assert anew.status_code == 200


@pytest.mark.parametrize("error", [Away, Denied])
def test_a_bucket_that_does_not_answer_is_told_as_away(
    plain: Programs, at: str, monkeypatch: pytest.MonkeyPatch, error: type[StudioError]
):
    (plain.studio.home / "generated/art/gem.png").unlink()

    def nothing(file: Path) -> Path:
        raise error("The bucket does not answer.", "Try again in a minute.")

    monkeypatch.setattr(local, "present", nothing)
    for path in ("picture", "files/picture", "seams", "picture?factor=2"):
        answer = plain.get(f"{at}/{path}")
        problem(answer, 503, "away")
        assert answer.headers["retry-after"]


def test_no_place_of_the_studios_machine_is_told(plain: Programs, at: str):
    (plain.studio.home / "generated/art/gem.png").write_bytes(b"no picture")
    for path in ("seams", "picture?factor=2"):
        answer = plain.get(f"{at}/{path}")
        problem(answer, 404, "not-found")
        assert str(plain.studio.home) not in answer.text
    (plain.studio.home / "generated/art/gem.png").unlink()
    for path in ("seams", "picture?factor=2"):
        problem(plain.get(f"{at}/{path}"), 404, "not-found")


def test_a_file_is_asked_about_without_its_bytes(plain: Programs, at: str):
    ids = []
    for name, low in (("grass", 20), ("sand", 180)):
        ids.append(put_asset(plain.studio, name, style=""))
        (plain.studio.home / f"generated/art/{name}.png").write_bytes(ground(low))
    body = {"inner": ids[0], "outer": ids[1], "palette": "own", "settings": {"size": 16}}
    made = plain.post("/tilesets", json=body)
    assert made.status_code == 201, made.text
    tiles = f"/tilesets/{made.json()['asset']['id']}"
    palettes.save(plain.studio.engine, "two", ColourTable(("#ff0000",)), after=0, by=ADMIN, now=NOW)
    for path in (
        f"{at}/picture",
        f"{at}/picture?factor=2",
        f"{at}/files/picture",
        "/palettes/two/file",
        f"{tiles}/file?format=tiled",
        f"{tiles}/quarters/{made.json()['quarters'][0]}",
    ):
        whole, told = plain.get(path), plain.ask("HEAD", path, "viewer")
        assert (whole.status_code, told.status_code) == (200, 200), (path, told.status_code)
        assert not told.content
        for name in ("content-length", "content-type", "etag", "content-disposition"):
            assert told.headers.get(name) == whole.headers.get(name), (path, name)
    had = {"if-none-match": plain.get(f"{at}/picture").headers["etag"]}
    assert plain.ask("HEAD", f"{at}/picture", headers=had).status_code == 304
    assert plain.ask("HEAD", "/assets/nothing/picture").status_code == 404


def test_elsewhere_a_method_that_is_none_is_told_with_those_that_are(plain: Programs):
    for method, path, allow in (
        ("HEAD", "/jobs", "GET"),
        ("HEAD", "/assets/x", "GET"),
        ("HEAD", "/palettes/x", "GET, PUT"),
        ("DELETE", "/palettes/x", "GET, PUT"),
        ("POST", "/assets/x/picture", "GET, HEAD"),
        ("GET", "/verdicts", "POST"),
        ("PATCH", "/uploads/x", "GET, DELETE"),
    ):
        answer = plain.ask(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allow), (method, path)
