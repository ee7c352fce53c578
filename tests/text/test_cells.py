"""What people wrote stays a text in a spreadsheet."""

import pytest

from studio.text.cells import tame


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t1", "\r=1", "\uff1d1"])
def test_what_a_spreadsheet_would_run_is_marked_as_a_text(text):
    assert tame(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a gem", "1-2", "a = b", "'=1"])
def test_any_other_text_stays_as_it_is(text):
    assert tame(text) == text
