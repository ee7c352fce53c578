"""Answers of machines are believed as far as they are of the protocol."""

from __future__ import annotations

from typing import Any

import pytest

from studio.errors import StudioError
from studio.remote import protocol
from studio.remote.protocol import Base, Capabilities, Status


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../up", "a/../../b", "a//b", "./a", "a\\b", "a\0b", "x" * 401, 3]
)
def test_a_path_that_leads_out_of_its_folder_is_refused(path: Any) -> None:
    with pytest.raises(StudioError, match="no path in a computation's folder"):
        protocol.checked_path(path)
    assert protocol.checked_path("sheet/1.png") == "sheet/1.png"


def test_a_status_comes_back_and_what_is_none_is_refused() -> None:
    status = Status("a" * 32, "FAILED", 12, 34, "", "It broke.", "Mend it.")
    assert protocol.read_status(status.as_json()) == status
    done = Status("a" * 32, "COMPLETED", 1, 2, "b" * 64)
    assert protocol.read_status(done.as_json()) == done
    assert protocol.read_status({"id": "1", "status": "RUNNING"}).state == "IN_PROGRESS"
    for told in (
        None,
        [],
        {"id": "1"},
        {"id": "1", "status": "ELSEWHERE"},
        {"id": "1", "status": "COMPLETED", "output": {"outcome": "../../etc"}},
        {"id": "1", "status": "COMPLETED", "executionTime": -1},
        {"id": "1", "status": "COMPLETED", "executionTime": "long"},
    ):
        with pytest.raises(StudioError, match="does not say how a run stands"):
            protocol.read_status(told)


def test_capabilities_come_back_and_another_protocol_is_named() -> None:
    found = Capabilities("1", "2.13.0", "cpu", kinds={"train": 2}, bases=(Base("pocket", "ab"),))
    told = found.as_json()
    assert protocol.read_capabilities(told) == found
    assert told["jobs"] == {"inQueue": 0, "inProgress": 0}
    with pytest.raises(StudioError, match="speaks version 9 of the protocol"):
        protocol.read_capabilities({**told, "protocol": 9})
    with pytest.raises(StudioError, match="does not say what it is"):
        protocol.read_capabilities({"protocol": 1})
