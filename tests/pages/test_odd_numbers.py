"""Odd numbers in the addresses of pages: each page is shown, and says what there is none of."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.odd_numbers import ODD, TELLING

Open = Callable[..., AppTest]
# The numbers that a page reads of its address; those of one page are given together.
NUMBERS = {
    "Admin": ("job",),
    "Datasets": ("page",),
    "Evaluate": ("job", "version", "versions"),
    "Generate": ("job", "version"),
    "Rate": ("round",),
    "Registry": ("version",),
    "Sort": ("job", "version"),
    "Train": ("job",),
    "Vote": ("ballot",),
}


def _walked(at: AppTest, page: str, values: Iterable[str]) -> None:
    """Each value in the place of every number of the page's address, as if it were typed there."""
    for value in values:
        for key in NUMBERS[page]:
            at.query_params[key] = value
        at.run()
        assert not at.exception, (value[:80], [e.value for e in at.exception])
        assert at.title


@pytest.mark.parametrize("page", NUMBERS)
def test_telling_numbers_leave_the_page_standing(sheets: Path, open_page: Open, page: str) -> None:
    at = open_page(page, **dict.fromkeys(NUMBERS[page], TELLING[0]))
    _walked(at, page, TELLING[1:])


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("page", NUMBERS)
def test_a_thousand_odd_numbers_leave_the_page_standing(
    sheets: Path, open_page: Open, page: str
) -> None:
    _walked(open_page(page), page, ODD)


@pytest.mark.parametrize(
    ("page", "key", "what"),
    [
        ("Vote", "ballot", "ballot"),
        ("Rate", "round", "round of ratings"),
        ("Generate", "job", "job"),
        ("Evaluate", "job", "job"),
    ],
)
def test_a_number_that_nothing_has_is_named(
    sheets: Path, open_page: Open, page: str, key: str, what: str
) -> None:
    at = open_page(page, **{key: "1" * 25})
    said = [warning.value for warning in at.warning]
    assert f"There is no {what} {'1' * 25} any more. Choose another." in said
