"""Which pictures are held out: by their bytes, together with what looks like them."""

from __future__ import annotations

import hashlib

from studio.training import heldout


def _hashes(count: int) -> list[str]:
    return [hashlib.sha256(str(k).encode()).hexdigest() for k in range(count)]


def _held(hashes: list[str], parts: heldout.Parts) -> set[str]:
    return {hashes[k] for k in parts.held}


def test_a_share_is_held_out_and_the_rest_teaches() -> None:
    parts = heldout.part(_hashes(100), 0.1)
    assert len(parts.held) == 10
    assert sorted([*parts.held, *parts.taught]) == list(range(100))
    assert parts.says == "10 of 100 pictures are held out."


def test_the_order_of_the_pictures_and_a_few_new_ones_change_next_to_nothing() -> None:
    hashes = _hashes(100)
    before = _held(hashes, heldout.part(hashes, 0.1))
    assert _held(hashes[::-1], heldout.part(hashes[::-1], 0.1)) == before
    more = _hashes(104)
    assert len(before - _held(more, heldout.part(more, 0.1))) <= 1


def test_of_a_tiny_set_nothing_is_held_out_and_that_is_said() -> None:
    parts = heldout.part(_hashes(19), 0.1)
    assert parts.held == () and len(parts.taught) == 19
    assert parts.says == "No picture is held out: of 19 every one is needed for learning."
    assert len(heldout.part(_hashes(20), 0.1).held) == heldout.LEAST


def test_what_looks_alike_is_on_one_side() -> None:
    hashes = _hashes(60)
    groups = [hashes[k : k + 3] for k in range(0, 60, 3)]
    groups.append([hashes[0], hashes[3]])  # two groups that meet
    held = _held(hashes, heldout.part(hashes, 0.2, groups))
    assert 3 <= len(held) <= 12
    for group in groups:
        assert set(group) <= held or not set(group) & held


def test_what_the_studio_made_is_never_held_out_nor_learned_beside_its_original() -> None:
    hashes = _hashes(80)
    made = hashes[40:]
    pairs = list(zip(hashes[:40], made, strict=True))
    parts = heldout.part(hashes, 0.1, pairs, made)
    held = _held(hashes, parts)
    assert len(held) == 4 and not held & set(made)
    taught = {hashes[k] for k in parts.taught}
    assert not taught & {copy for original, copy in pairs if original in held}
    assert len(taught) == 72
    assert parts.says.endswith("4 made from them or much like them are left out.")


def test_many_pictures_hold_out_no_more_than_tell_something() -> None:
    assert len(heldout.part(_hashes(5000), 0.1).held) == heldout.MOST
