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
    "Gallery": ("job", "version", "page"),
    "Generate": ("job", "version", "size"),
    "Lists": ("size",),
    "Props": ("job", "page"),
    "Rate": ("round",),
    "Registry": ("version",),
    "Train": ("job",),
    "Vote": ("ballot",),
}
# What each says of a number that nothing can have; the first page of pictures is as good.
SAID = {
    "Admin": "There is no job {} among the newest any more.",
    "Evaluate": "There is no job {} any more.",
    "Gallery": "There is no version {} any more.",
    "Rate": "There are no ratings {}.",
    "Registry": "There is no version {} of this style any more.",
    "Train": "There is no training {}; here is the newest.",
    "Vote": "There is no ballot {}.",
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
    _walked(at, page, reversed(TELLING[1:4]))
    said = " ".join(element.value for part in (at.error, at.warning, at.info) for element in part)
    assert SAID.get(page, "").format(TELLING[1]) in said.replace("\\", "")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", NUMBERS)
def test_a_thousand_odd_numbers_leave_the_pages_standing(
    sheets: Path, open_page: Open, page: str
) -> None:
    """Each value on one of the pages, which read them with one function."""
    assert len(ODD) == 1000
    _walked(open_page(page), page, ODD[list(NUMBERS).index(page) :: len(NUMBERS)])
