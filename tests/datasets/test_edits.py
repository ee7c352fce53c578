"""Changes of captions and the like, as values."""

import pytest

from studio.datasets import edits
from studio.datasets.edits import Bulk, Change, Edit, Row
from studio.datasets.pictures import Picture
from studio.errors import StudioError


def thing(number: int, **values: object) -> Picture:
    given = {
        **{"hash": f"{number:064x}", "file_name": f"{number}.png", "caption": f"a thing {number}"},
        **{"category": "", "width": 32, "height": 32, "has_alpha": True, "caption_by": "file"},
        **{"source": "", "author": "", "licence": "CC0"},
    }
    return Picture(**{**given, **values})  # type: ignore[arg-type]


def rows(*captions: str, **values: object) -> tuple[Row, ...]:
    return edits.applied([thing(i, caption=c, **values) for i, c in enumerate(captions)], ())


def after(found: tuple[Row, ...], bulk: Bulk) -> list[object]:
    return [change.value for change in edits.changes(found, bulk)]


@pytest.mark.parametrize(
    ("bulk", "becomes"),
    [
        (Bulk("front", "pixel art,"), ["pixel art, a red bored cat", "pixel art, hsx gem"]),
        (Bulk("token", "hsx"), ["hsx a red bored cat"]),
        (Bulk("behind", ", on white"), ["a red bored cat, on white", "hsx gem, on white"]),
        (Bulk("behind", "at night"), ["a red bored cat at night", "hsx gem at night"]),
        (Bulk("replace", "red", r"dark\1"), [r"a dark\1 bored cat"]),
        (Bulk("replace", "re", "x"), []),
        (Bulk("replace", "re", "x", inside=True), ["a xd boxd cat"]),
        (Bulk("replace", "a red bored cat"), []),  # nothing would be left
        (Bulk("caption", " a\n gem "), ["a gem", "a gem"]),
        (Bulk("category", "animals"), ["animals", "animals"]),
        (Bulk("category", ""), []),
        (Bulk("add tags", "new, old,new"), [("new", "old")] * 2),
        (Bulk("remove", ""), [True, True]),
        (Bulk("bring back", ""), []),
        (Bulk("licence", "CC0"), []),
    ],
)
def test_many_at_once(bulk: Bulk, becomes: list[object]) -> None:
    assert after(rows("a red bored cat", "hsx gem"), bulk) == becomes


def test_tags_are_taken_away_and_fields_put_back() -> None:
    found = edits.applied(
        [thing(1, tags=("a", "b")), thing(2)],
        [Edit(f"{2:064x}", "caption", "written", "bo", "t", 1)],
    )
    assert after(found, Bulk("remove tags", "b,c")) == [("a",)]
    assert edits.changes(found, Bulk("reset")) == [Change(f"{2:064x}", "caption", None)]


@pytest.mark.parametrize(
    ("bulk", "says"),
    [
        (Bulk("front", " \n"), "no text"),
        (Bulk("replace", ""), "no text"),
        (Bulk("add tags", "x" * 41), "can't be a tag"),
        (Bulk("add tags", ",".join(map(str, range(31)))), "31 tags"),
        (Bulk("caption", "x" * 1001), "1,001 characters"),
        (Bulk("shout", "x"), "no change 'shout'"),  # type: ignore[arg-type]
    ],
)
def test_what_can_not_be_is_said(bulk: Bulk, says: str) -> None:
    with pytest.raises(StudioError, match=says):
        edits.changes(rows("a gem"), bulk)


def test_the_newest_edit_of_each_field_counts() -> None:
    one, other = thing(1), thing(2)
    made = [
        Edit(one.hash, "caption", "third", "cy", "t3", 3),
        Edit(one.hash, "caption", "first", "ana", "t1", 1),
        Edit(one.hash, "tags", ("x",), "bo", "t2", 2),
        Edit("f" * 64, "caption", "of nobody", "bo", "t2", 2),
        Edit(other.hash, "removed", True, "bo", "t2", 2),
        Edit(other.hash, "removed", None, "bo", "t4", 4),
    ]
    first, second = edits.applied([one, other], made)
    assert (first.picture.caption, first.picture.caption_by) == ("third", "hand")
    assert (first.picture.tags, first.changed) == (("x",), ("caption", "tags"))
    assert (first.by, first.at) == ("cy", "t3")
    assert second == Row(other, other)


def test_writing_what_is_there_changes_nothing() -> None:
    (row,) = edits.applied([thing(1)], [Edit(f"{1:064x}", "caption", "a thing 1", "bo", "t", 1)])
    assert row.changed == () and row.picture == row.frozen


def test_a_summary_counts() -> None:
    made = [Edit(f"{i:064x}", "caption", f"new {i}", "bo", "t", 1) for i in range(3)]
    made += [Edit(f"{0:064x}", "tags", ("x",), "bo", "t", 1)]
    made += [Edit(f"{4:064x}", "removed", True, "bo", "t", 1)]
    found = edits.applied([thing(i) for i in range(5)], made)
    assert edits.summary(found) == "3 captions, 1 picture's tags changed, 1 picture removed"
    assert edits.summary(found[3:4]) == ""
