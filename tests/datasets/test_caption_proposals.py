"""What a model proposes waits for a person, and takes the place of nothing that one wrote."""

from pathlib import Path

import pytest

from studio.database import engine as db
from studio.datasets import caption_proposals, drafts, edits
from studio.datasets.edits import Change
from studio.errors import StudioError


@pytest.fixture
def engine(tmp_path: Path):
    made = db.open_database(tmp_path / "home")
    yield made
    made.dispose()


@pytest.fixture
def propose(engine, items, now):
    def put(field: str, *texts: str, model: str = "blip") -> list[caption_proposals.Proposal]:
        said = dict(zip([p.hash for p in items.pictures], texts, strict=False))
        caption_proposals.propose(
            engine, "items", field, said, model=model, asked_by="ana", now=now
        )
        return caption_proposals.waiting(engine, "items")

    return put


def rows(engine, items) -> tuple[edits.Row, ...]:
    return edits.applied(items.pictures, drafts.read(engine, "items"))


def test_accepted_edited_and_refused(engine, items, propose, now):
    one, two, three = propose("caption", "a glass potion", "a blue flask", "  ", "a blade")
    assert one.text == "a glass potion"  # the empty one was left out
    texts = {one.id: "a glass potion", two.id: "a blue flask of glass"}
    told = caption_proposals.accept(engine, "items", rows(engine, items), texts, by="bo", now=now)
    assert told == (2, 0)
    assert caption_proposals.refuse(engine, [three.id, three.id], by="bo", now=now) == 1
    assert caption_proposals.waiting(engine, "items") == []
    found = {r.picture.hash: r.picture for r in rows(engine, items)}
    assert found[one.hash].caption_by == "model: blip"
    assert (found[two.hash].caption, found[two.hash].caption_by) == (
        "a blue flask of glass",
        "hand",
    )
    (kept,) = caption_proposals.told(engine, "items", two.hash)
    assert (kept.state, kept.text, kept.kept, kept.decided_by) == (
        "edited",
        "a blue flask",
        "a blue flask of glass",
        "bo",
    )
    again = caption_proposals.accept(engine, "items", rows(engine, items), texts, by="bo", now=now)
    assert again == (0, 0)  # sent twice
    assert len(drafts.history(engine, "items")) == 1


def test_what_a_person_wrote_meanwhile_stays(engine, items, propose, now):
    one, *_ = propose("caption", "a glass potion")
    change = Change(one.hash, "caption", "our potion of haste")
    drafts.write(engine, "items", [change], says="x", by="cy", now=now)
    texts = {one.id: one.text}
    told = caption_proposals.accept(engine, "items", rows(engine, items), texts, by="bo", now=now)
    assert told == (0, 1)
    assert "our potion of haste" in {r.picture.caption for r in rows(engine, items)}
    assert [p.id for p in caption_proposals.waiting(engine, "items")] == [one.id]


def test_a_caption_written_over_an_accepted_one_is_by_hand(engine, items, propose, now):
    one, *_ = propose("caption", "a glass potion")
    texts = {one.id: one.text}
    caption_proposals.accept(engine, "items", rows(engine, items), texts, by="bo", now=now)
    change = Change(one.hash, "caption", "mine")
    drafts.write(engine, "items", [change], says="x", by="cy", now=now)
    (picture,) = [r.picture for r in rows(engine, items) if r.picture.hash == one.hash]
    assert (picture.caption, picture.caption_by) == ("mine", "hand")


def test_tags_are_added_to_those_that_are_there(engine, items, propose, now):
    first = items.pictures[0]
    change = Change(first.hash, "tags", ("old",))
    drafts.write(engine, "items", [change], says="x", by="cy", now=now)
    one, *_ = propose("tags", "glass, old")
    caption_proposals.accept(
        engine, "items", rows(engine, items), {one.id: one.text}, by="bo", now=now
    )
    assert rows(engine, items)[0].picture.tags == ("old", "glass")


def test_a_newer_proposal_of_a_model_takes_the_place_of_its_older_one(propose):
    propose("caption", "one")
    assert [p.text for p in propose("caption", "two")] == ["two"]
    assert [p.text for p in propose("caption", "three", model="qwen")] == ["two", "three"]


def test_nothing_is_taken_where_one_can_not_be(engine, items, propose, now):
    one, two, *_ = propose("caption", "a", "b")
    with pytest.raises(StudioError, match="A caption is empty"):
        caption_proposals.accept(
            engine, "items", rows(engine, items), {one.id: "good", two.id: " "}, by="bo", now=now
        )
    assert len(caption_proposals.waiting(engine, "items")) == 2 and not drafts.read(engine, "items")
