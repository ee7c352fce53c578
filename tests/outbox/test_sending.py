"""Those who send give way to people's pages."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.outbox import sending

LAST = 19  # of all priorities


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux")
def test_a_thread_gives_way_and_takes_no_higher_priority_than_it_had() -> None:
    def priorities() -> tuple[int, int]:
        me = threading.get_native_id()
        sending.give_way()
        first = os.getpriority(os.PRIO_PROCESS, me)
        os.setpriority(os.PRIO_PROCESS, me, LAST)
        sending.give_way()
        return first, os.getpriority(os.PRIO_PROCESS, me)

    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with ThreadPoolExecutor(1) as aside:
        assert aside.submit(priorities).result() == (max(sending.NICE, mine), LAST)
