"""The doctor names each file of the store that was changed by hand or is gone."""

from pathlib import Path

import pytest

from studio.operations import doctor
from studio.settings import Settings
from studio.store.contents import store_of


def said(settings: Settings) -> list[tuple[bool, str]]:
    return [(c.ok, c.says) for c in doctor.checks(settings) if c.name == "store"]


@pytest.mark.slow
def test_every_file_that_is_not_as_it_was_put_is_named(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(here.home)
    assert said(here) == [(True, f"0 files at {store.root}, each as it was put")]
    gone, changed, whole = (store.put(name) for name in (b"gone", b"changed", b"whole"))
    monkeypatch.setattr(doctor, "NAMED_BY", (lambda _: [gone, whole], lambda _: {changed}))
    assert said(here) == [(True, f"3 files at {store.root}, each as it was put")]
    for digest in (gone, changed):
        store.path(digest).unlink()
    store.path(changed).write_bytes(b"by hand")
    found = said(here)
    assert [ok for ok, _ in found] == [False, False]
    assert str(store.path(changed)) in found[0][1] and "was changed" in found[0][1]
    assert str(store.path(gone)) in found[1][1] and "is gone" in found[1][1]
    assert all("backup" in line for _, line in found)


def test_a_store_that_is_lost_is_told_in_some_lines_and_a_count(
    here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "NAMED_BY", (lambda _: [f"{k:064x}" for k in range(100)],))
    found = said(here)
    assert len(found) == doctor.MOST + 1 and "80 more" in found[-1][1]


def test_without_its_database_what_was_changed_is_still_named(
    here: Settings, tmp_path: Path
) -> None:
    store = store_of(here.home)
    changed = store.put(b"changed")
    store.path(changed).unlink()
    store.path(changed).write_bytes(b"by hand")
    (here.home / "studio.db").write_bytes(b"no database at all, only a hundred words" * 100)
    found = {check.name: check for check in doctor.checks(here)}
    assert not found["database"].ok
    assert not found["store"].ok and changed in found["store"].says
