"""Sides are balanced, orders differ between people, addresses fit one person only."""

import sqlalchemy as sa

from studio.database import engine as db
from studio.review import blinding, tables


def test_the_tables_are_as_the_code_believes(engine):
    inspector = sa.inspect(engine)
    names = [name for name in db.metadata.tables if name in vars(tables) or "rating" in name]
    assert {"ballots", "pairs", "votes", "ratings", "rating_rounds"} <= set(names)
    for table in db.metadata.tables.values():
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert found == {column.name: column.nullable for column in table.columns}


def test_every_studio_has_its_own_secret(engine, tmp_path):
    other = db.open_database(tmp_path / "other")
    assert len(blinding.secret(engine)) == 32
    assert blinding.secret(engine) != blinding.secret(other)


def test_an_address_fits_one_person_one_picture_one_side():
    key = b"k" * 32
    given = blinding.address(key, "Ana", "p", 7, "l")
    assert blinding.opened(key, "Ana", given) == ("p", 7, "l")
    assert blinding.opened(key, "Ben", given) is None
    assert blinding.opened(b"x" * 32, "Ana", given) is None
    assert blinding.opened(key, "Ana", given.replace("p7l", "p7r")) is None
    assert blinding.opened(key, "Ana", given.replace("p7l", "p8l")) is None
    other_digits = given.replace("p7l", "p\u0667l")
    for wrong in ("", "p7l", "../../etc", given + "x", "p7l-" + "A" * 24, other_digits):
        assert blinding.opened(key, "Ana", wrong) is None


def test_each_voter_sees_each_side_on_the_left_about_equally_often():
    key, ids = b"k" * 32, tuple(range(100, 148))
    seen = [blinding.swapped(key, 1, f"voter {n}", (ids,)) for n in range(200)]
    assert len(set(seen)) == 200  # each in a way of their own
    for flipped in seen:  # wherever a voter stops
        assert all(
            abs(2 * sum(i in flipped for i in ids[:n]) - n) <= blinding.LEAN for n in range(49)
        )
    # Over voters no pair leans to a side: 200 fair coins, four and a half standard deviations.
    for id in ids:
        assert 68 <= sum(id in flipped for flipped in seen) <= 132


def test_sides_of_two_matches_have_nothing_to_do_with_each_other():
    first, second = tuple(range(48)), tuple(range(48, 96))
    key, alike = b"k" * 32, 0
    for n in range(200):
        flipped = blinding.swapped(key, 1, f"voter {n}", (first, second))
        alike += sum((a in flipped) == (b in flipped) for a, b in zip(first, second, strict=True))
    assert abs(alike / (200 * 48) - 0.5) < 0.025


def test_whoever_knew_every_earlier_side_could_hardly_name_the_next():
    """Nobody is told them. The best guess is a coin, but sure where one side leads by LEAN."""
    key, ids = b"k" * 32, tuple(range(48))
    right = apart = 0.0
    for n in range(2_000):
        flipped = blinding.swapped(key, 1, f"voter {n}", (ids,))
        lead = 0
        for place, id in enumerate(ids):
            right += 1 if abs(lead) == blinding.LEAN else 0.5
            assert abs(lead) < blinding.LEAN or (id in flipped) == (lead > 0)
            lead += -1 if id in flipped else 1
            apart += place > 0 and (id in flipped) != (ids[place - 1] in flipped)
    # What the walk's own arithmetic gives: .5547 and .5559. One of every two: .75 and .76.
    assert abs(right / (2_000 * 48) - 0.5547) < 0.005
    assert abs(apart / (2_000 * 47) - 0.5559) < 0.008


def test_orders_are_fixed_and_differ_by_purpose():
    key = b"k" * 32
    first = blinding.order(key, "voter Ana", range(50))
    assert first == blinding.order(key, "voter Ana", reversed(range(50)))
    assert sorted(first) == list(range(50)) != first
    assert blinding.order(key, "voter Ben", range(50)) != first
