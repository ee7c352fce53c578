"""What is published is there whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.settings import CHECKOUT
from studio.store.publish import publish, publishing


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "gates.yaml"
    publish(target, "älter")
    publish(target, b"newer", flush=False)
    assert target.read_bytes() == b"newer"
    assert [file.name for file in target.parent.iterdir()] == ["gates.yaml"]


def test_a_folder_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with publishing(tmp_path / "sheet") as aside:
            (aside / "cells").mkdir(parents=True)
            (aside / "cells" / f"{content}.png").write_text(content)
    assert [f.name for f in (tmp_path / "sheet" / "cells").iterdir()] == ["new.png"]
    assert [f.name for f in tmp_path.iterdir()] == ["sheet"]


ONCE = """
import sys, time
from pathlib import Path
from studio.store.publish import publishing
target, who = Path(sys.argv[1]), sys.argv[2]
with publishing(target, once=True) as aside:
    aside.mkdir()
    (aside / "who").write_text(who)
    (target.parent / f"ready-{who}").touch()
    while len(list(target.parent.glob("ready-*"))) < 4:
        time.sleep(0.01)
print((target / "who").read_text())
"""


def test_of_several_that_publish_a_folder_once_the_first_stays_and_all_have_it(
    tmp_path: Path,
) -> None:
    target = tmp_path / "model"
    words = [sys.executable, "-c", ONCE, str(target)]
    at_once = [
        subprocess.Popen([*words, str(k)], cwd=CHECKOUT, stdout=subprocess.PIPE) for k in range(4)
    ]
    said = {one.communicate()[0].decode().strip() for one in at_once}
    assert [one.returncode for one in at_once] == [0] * 4
    assert said == {(target / "who").read_text()}
    assert not list(tmp_path.glob(".*"))


def test_a_file_in_the_place_of_a_folder_that_is_published_once_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("a file")
    with pytest.raises(StudioError, match="model could not be written"):
        with publishing(tmp_path / "model", once=True) as aside:
            aside.mkdir()
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("model", "a file")]


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt()])
def test_what_was_there_stays_where_the_block_raises(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "record.json"
    publish(target, "before")
    with pytest.raises(type(error)), publishing(target) as aside:
        aside.write_text("half")
        raise error
    assert target.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["record.json"]


def test_a_refusal_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file is in the way")
    with pytest.raises(StudioError, match="record.json") as told:
        publish(tmp_path / "folder" / "record.json", "text")
    assert "room" in told.value.remedy
    with pytest.raises(StudioError, match="No space left"), publishing(tmp_path / "a") as aside:
        aside.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not (tmp_path / "a").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from studio.store import publish as module
name, number = sys.argv[2], int(sys.argv[3])
real, calls = getattr(os, name), []
def dying(*given):
    calls.append(1)
    if len(calls) == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given)
setattr(os, name, dying)
module.publish(Path(sys.argv[1]), "new" * 1000)
print("done", len(calls))
"""


@pytest.mark.parametrize(("call", "number"), [("fsync", 1), ("replace", 1), ("fsync", 2)])
def test_killed_between_any_two_steps_the_old_or_the_new_is_there(
    tmp_path: Path, call: str, number: int
) -> None:
    target = tmp_path / "record.json"
    publish(target, "old")
    words = [sys.executable, "-c", KILLED, str(target), call, str(number)]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert target.read_text() == ("new" * 1000 if (call, number) == ("fsync", 2) else "old")


def test_a_reader_beside_many_writers_sees_whole_files_only(tmp_path: Path) -> None:
    target = tmp_path / "current"
    publish(target, "0" * 4096, flush=False)

    def write(sign: str) -> None:
        for _ in range(50):
            publish(target, sign * 4096, flush=False)

    writers = [threading.Thread(target=write, args=(sign,)) for sign in "123"]
    for writer in writers:
        writer.start()
    read = set()
    while any(writer.is_alive() for writer in writers):
        read.add(target.read_text())
    for writer in writers:
        writer.join()
    assert all(len(text) == 4096 and len(set(text)) == 1 for text in read | {target.read_text()})
    assert [file.name for file in tmp_path.iterdir()] == ["current"]
