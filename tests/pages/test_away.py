"""A page while the database is away: one box, no traceback."""

import pytest

from studio.database.availability import DatabaseAway
from studio.web import job_boxes


def test_a_page_says_so(open_page, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*given: object, **named: object) -> None:
        raise DatabaseAway("The studio's database does not answer for the moment.", "Wait.")

    monkeypatch.setattr(job_boxes.queue, "unseen", away)
    at = open_page("Registry")
    assert [box.value for box in at.error] and "does not answer" in at.error[0].value
    assert len(at.exception) == 0
