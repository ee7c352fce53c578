"""kill -9 at every point between a call's estimate, its sending and its actual: paid at most once,
and what was paid is known or said to be unconfirmed."""

import signal

import pytest

from studio.charges import calling, charge, settling
from studio.charges.calling import Unconfirmed
from tests.charges import killing
from tests.charges.conftest import NOW, euros, meant, quote
from tests.charges.shop import Shop


@pytest.mark.parametrize("later", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_call_that_is_killed_anywhere_is_paid_at_most_once(
    either_database, engine, limited, tmp_path, url_of, later
):
    limited(100)
    (tmp_path / "shop").mkdir()
    shop = Shop(tmp_path / "shop", euros("0.08"), later=later)
    at = (tmp_path / "home", url_of(engine), shop)
    code, points = killing.attempt(*at, "whole")
    assert code == 0 and len(shop.posts) == 1
    told = "accepted" if later else "actual"
    assert [point.split()[0] for point in points] == [
        *("estimate", "estimate", "sent", "sent", "post", "answer", "answer", "post"),
        *(told, told),
    ]
    for kill in points:
        posts, bill = len(shop.posts), len(shop.bill)
        assert killing.attempt(*at, kill, kill) == (-signal.SIGKILL, []), kill
        for _ in range(2):  # the job's other attempts
            try:
                calling.once(engine, meant(kill), quote("0.10"), shop, lambda: NOW)
            except Unconfirmed:
                assert kill in ("sent 1 >", "post 1 <"), kill
        with engine.connect() as connection:
            paid = charge.of_key(connection, kill)
        new = len(shop.bill) - bill
        assert len(shop.posts) - posts == new <= 1, kill
        if new:
            ends = ("accepted", None) if later else ("done", 80_000)
            assert (paid.state, paid.actual) == ends, kill
            assert paid.reference == f"shop-{paid.token[:8]}"
        else:
            assert paid.state == "unconfirmed", kill
    assert {one.key for one in settling.unconfirmed(engine)} == {"sent 1 >", "post 1 <"}
