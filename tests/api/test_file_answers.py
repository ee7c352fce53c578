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
