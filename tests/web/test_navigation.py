"""The table of pages and of those of before."""

from dataclasses import replace

import pytest

from studio.accounts import rights
from studio.settings import CHECKOUT
from studio.web import navigation
from studio.web.navigation import Moved


def test_every_page_has_one_row_and_every_row_a_page():
    files = {f"pages/{file.name}" for file in (CHECKOUT / "pages").glob("*.py")}
    rows = [page.file for page in navigation.PAGES]
    assert sorted(rows) == sorted({"Home.py", *files})
    assert {page.group for page in navigation.PAGES} <= {"", *navigation.GROUPS}


def test_a_group_without_pages_is_not_shown_and_rights_decide(monkeypatch):
    found = navigation.found_by(lambda right: True, signed_in=False)
    assert list(found) == ["", "Make", "Ship", "Judge", "Train", "Studio"]
    assert "You" not in [page.name for page in found["Studio"]]
    assert "Picture" not in [page.name for page in found["Make"]]
    there = navigation.found_by(lambda right: True, signed_in=True)
    assert [page.name for page in there["Studio"]] == ["Costs", "Admin", "You"]
    assert [page.name for page in found["Ship"]] == ["Export", "Report"]
    page = replace(found["Ship"][0], right="promote")
    monkeypatch.setattr(navigation, "PAGES", (page,))
    assert navigation.found_by(lambda right: True, False)["Ship"] == [page]
    assert "Ship" not in navigation.found_by(lambda right: right != "promote", False)


def test_each_role_finds_what_it_works_with_open():
    assert navigation.opened("artist") >= {"Make"} and "Train" not in navigation.opened("artist")
    assert navigation.opened("art lead") == {"Ship", "Judge", "Train"}
    for role in ("producer", "admin"):
        assert navigation.opened(role) == set(navigation.GROUPS)
    for role in ("", *rights.ROLES):
        assert navigation.opened(role)


def test_an_old_address_leads_on_with_what_it_said_once_the_page_has_moved(tmp_path, monkeypatch):
    rows = {"Sort": Moved("Gallery", {"mode": "judge"}, {"text": "find"}), "Home2": Moved("Nope")}
    monkeypatch.setattr(navigation, "MOVED", rows)
    monkeypatch.setattr(navigation, "CHECKOUT", tmp_path)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "Sort.py").touch()
    assert navigation.moved("Sort", "job=3") is None  # it is still where it was
    (tmp_path / "pages" / "Gallery.py").touch()
    assert navigation.moved("Sort", "job=3") is None
    (tmp_path / "pages" / "Sort.py").unlink()
    told = navigation.moved("Sort", "style=a+b&text=%26x&mode=wall&empty=")
    assert told == "/Gallery?style=a+b&find=%26x&mode=judge&empty="
    assert navigation.moved("Sort", "") == "/Gallery?mode=judge"
    assert navigation.moved("Home2", "") is None and navigation.moved("Vote", "") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("evaluate", "Evaluate"), ("Dataset", "Datasets"), ("Versions", "Registry"), ("xyzzy", None)],
)
def test_what_somebody_may_have_meant(typed, meant):
    assert [page.name for page in navigation.near(typed)][:1] == ([meant] if meant else [])


@pytest.mark.parametrize("path", ["/", "/Registry", "/Registry/", "/Home"])
def test_pages_are_known(path):
    assert navigation.known(path)


@pytest.mark.parametrize(
    "path", ["/Nope", "/Registry/x", "/../Home", "/pages", "/registry.py", "/é"]
)
def test_what_no_page_has_is_not(path):
    assert not navigation.known(path)
