"""Sides are balanced, orders differ between people, addresses fit one person only."""

import sqlalchemy as sa

from studio import db
from studio.review import blind, tables


def test_the_tables_are_as_the_code_believes(engine):
    inspector = sa.inspect(engine)
    names = [name for name in db.metadata.tables if name in vars(tables) or "rating" in name]
    assert {"ballots", "pairs", "votes", "ratings", "rating_rounds"} <= set(names)
    for table in db.metadata.tables.values():
        found = {column["name"]: column["nullable"] for column in inspector.get_columns(table.name)}
        assert found == {column.name: column.nullable for column in table.columns}


def test_every_studio_has_its_own_secret(engine, tmp_path):
    other = db.open_database(tmp_path / "other")
    assert len(blind.secret(engine)) == 32
    assert blind.secret(engine) != blind.secret(other)


def test_an_address_fits_one_person_one_picture_one_side():
    key = b"k" * 32
    given = blind.address(key, "Ana", "p", 7, "l")
    assert blind.opened(key, "Ana", given) == ("p", 7, "l")
    assert blind.opened(key, "Ben", given) is None
    assert blind.opened(b"x" * 32, "Ana", given) is None
    assert blind.opened(key, "Ana", given.replace("p7l", "p7r")) is None
    assert blind.opened(key, "Ana", given.replace("p7l", "p8l")) is None
    for wrong in ("", "p7l", "../../etc", given + "x", "p7l-" + "A" * 24):
        assert blind.opened(key, "Ana", wrong) is None


def test_each_voter_sees_each_side_on_the_left_equally_often():
    key, ids = b"k" * 32, tuple(range(100, 148))
    seen = [blind.swapped(key, 1, f"voter {n}", (ids,)) for n in range(40)]
    assert {len(flipped) for flipped in seen} == {24}
    assert len(set(seen)) == 40  # and each in a different half
    odd = {len(blind.swapped(key, 1, f"voter {n}", (ids[:47],))) for n in range(40)}
    assert odd == {23, 24}
    for flipped in seen:  # and wherever a voter stops
        assert all(abs(2 * sum(i in flipped for i in ids[:n]) - n) <= 1 for n in range(49))
    # Over voters no pair leans to a side: 40 fair coins, five standard deviations.
    for id in ids:
        assert 4 <= sum(id in flipped for flipped in seen) <= 36


def test_orders_are_fixed_and_differ_by_purpose():
    key = b"k" * 32
    first = blind.order(key, "voter Ana", range(50))
    assert first == blind.order(key, "voter Ana", reversed(range(50)))
    assert sorted(first) == list(range(50)) != first
    assert blind.order(key, "voter Ben", range(50)) != first
