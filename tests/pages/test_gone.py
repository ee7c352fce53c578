"""Links outlive things: a page of something that is not there any more says so and still works."""

import pytest


@pytest.mark.parametrize(
    ("page", "address", "says"),
    [
        ("Evaluate", {"style": "gone"}, "no style gone any more"),
        ("Evaluate", {"style": "sample", "versions": "99"}, "no version 99 of sample any more"),
        ("Registry", {"style": "sample", "version": "99"}, "no version 99 of this style any more"),
        ("Generate", {"style": "gone"}, "no style gone any more"),
        ("Generate", {"style": "sample", "version": "99"}, "no version 99 of sample any more"),
        ("Generate", {"again": "ffff"}, "no picture 'ffff'"),
        ("Rate", {"round": "77"}, "no ratings 77"),
        ("Gallery", {"mode": "judge", "job": "999"}, "Nothing waits here"),
        ("Gallery", {"mode": "judge", "style": "gone"}, "Nothing waits here"),
        ("Gallery", {"style": "gone"}, "no style gone any more"),
        ("Gallery", {"board": "gone"}, "no board any more"),
        ("Props", {"prop": "gone"}, "prop is not there any more"),
        ("Props", {"wish": "gone"}, "wish is not there any more"),
        ("Props", {"id": "gone"}, "picture is not there any more"),
        ("Props", {"show": "History", "style": "gone"}, "no style gone any more"),
        ("Train", {"data": "gone"}, "no dataset gone any more"),
        ("Admin", {"job": "999"}, "no job 999 among the newest any more"),
    ],
)
def test_what_is_gone_is_said(sheets, open_page, page, address, says):
    at = open_page(page, **address)
    parts = (at.error, at.warning, at.info, at.markdown, at.caption)
    said = " ".join(element.value.replace("\\", "") for part in parts for element in part)
    assert says in said
    assert at.title[0].value  # the frame and the rest of the page are there
