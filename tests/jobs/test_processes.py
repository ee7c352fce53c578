"""A job's processes: all of them are ended, and never one that only has its number."""

import os
import subprocess
import sys
from dataclasses import replace

from studio.jobs import processes
from studio.jobs.processes import MARK, Group

# A leader that starts one child in its group and one in a session of its own.
FAMILY = """
import subprocess, sys, time
nap = [sys.executable, "-c", "import time; time.sleep(60)"]
subprocess.Popen(nap)
subprocess.Popen(nap, start_new_session=True)
print("up", flush=True)
time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"  # noqa: E501


def start(program: str, mark: str) -> tuple[subprocess.Popen, Group]:
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, MARK: mark},
    )
    born = processes.born(started.pid)
    assert started.stdout.readline() == b"up\n"
    return started, Group(started.pid, born, mark)


def test_the_whole_family_is_ended():
    leader, group = start(FAMILY, "family-1")
    assert len(processes.members(group)) == 3
    processes.end(group, grace=2)
    assert processes.members(group) == []
    assert leader.wait(30) == -15


def test_a_family_without_its_leader_is_found_by_its_mark():
    leader, group = start(FAMILY, "family-2")
    leader.kill()
    leader.wait()
    assert processes.born(group.id) is None
    assert len(processes.members(group)) == 2
    processes.end(group, grace=2)
    assert processes.members(group) == []


def test_whoever_does_not_listen_is_killed():
    leader, group = start(STUBBORN, "stubborn")
    processes.end(group, grace=0.3)
    assert leader.wait(30) == -9  # by itself it would end after a minute


def test_a_number_that_is_anothers_now_is_left_alone():
    leader, group = start(FAMILY, "family-3")
    recycled = replace(group, born="another-boot/1", mark="another-job")
    assert processes.members(recycled) == []
    processes.end(recycled, grace=0)
    assert leader.poll() is None
    processes.end(group, grace=2)
