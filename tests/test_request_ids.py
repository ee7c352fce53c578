"""The id of a request: whose is taken, and where it stands."""

import logging

import pytest

from studio import masking, request_ids


@pytest.fixture
def logging_as_before():
    before = logging.getLogRecordFactory()
    yield
    logging.setLogRecordFactory(before)


@pytest.mark.parametrize("told", ["build-4711", "a", "0af7651916cd43dd8448eb211c80319c", "x" * 64])
def test_an_id_that_somebody_gave_is_taken(told):
    assert request_ids.checked(told) == told


@pytest.mark.parametrize(
    "told",
    ["", " ", "a b", "-a", "x" * 65, "é", "a\nb", "a%s", "<b>", "[a]", "hs_" + "a" * 30, "²"],
)
def test_what_is_none_gives_way_to_a_new_one(told):
    made = request_ids.checked(told)
    assert made != told and len(made) == 16 and request_ids.checked(made) == made
    assert request_ids.checked(told) != made


def test_it_holds_within_and_not_beyond():
    with request_ids.within("one"):
        with request_ids.within("two"):
            assert request_ids.current() == "two"
        assert request_ids.current() == "one"
    assert request_ids.current() == ""


def test_lines_of_the_log_begin_with_it_and_hold_no_secret(caplog, logging_as_before):
    request_ids.in_logs()
    request_ids.in_logs()  # as a process does that opens a studio anew
    log = logging.getLogger("studio.test")
    log.warning("before %d", 1)
    with request_ids.within("r1"):
        log.warning("%s of %d and Bearer hs_%s", "one", 2, "a" * 30)
        log.warning("plain")
    said = [row.getMessage() for row in caplog.records]
    assert said[0] == "before 1" and said[2] == "[r1] plain"
    assert said[1].startswith("[r1] one of 2") and "a" * 30 not in said[1]
    assert masking.masked(said[1]) == said[1]
