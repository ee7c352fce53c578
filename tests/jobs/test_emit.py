"""Numbered events of a computation: kept before they are sent, told once, mended after a kill."""

import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.jobs.emit import JOURNAL, Answer, Emit, Event, read
from studio.settings import CHECKOUT


class Home:
    """Takes events, and answers "stop" from the number `stop` on."""

    def __init__(self, stop: int = 99) -> None:
        self.stop, self.came = stop, list[Event]()

    def __call__(self, event: Event) -> Answer:
        self.came.append(event)
        return "stop" if event.number >= self.stop else "go on"


def said(line: str) -> None:
    pass


def test_events_are_numbered_from_one_and_on_the_disk_before_they_are_sent(tmp_path: Path) -> None:
    on_disk = []

    def send(event: Event) -> Answer:
        on_disk.append([told.number for told in read(tmp_path)])
        return "go on"

    emit = Emit(tmp_path, send, said)
    for n in range(3):
        emit("row", f"row {n}", {"loss": n / 2})
    assert on_disk == [[1], [1, 2], [1, 2, 3]]
    assert read(tmp_path)[1] == Event(2, "row", "row 1", {"loss": 0.5})
    assert [event.key for event in emit.of("row")] == ["row 0", "row 1", "row 2"]
    assert emit.of("check") == []


def test_a_key_told_twice_is_sent_with_the_first_figures(tmp_path: Path) -> None:
    home = Home(stop=2)
    emit = Emit(tmp_path, home, said)
    assert emit("check", "check 10", {"loss": 1.0}) == "go on"
    assert emit("check", "check 20", {"loss": 0.5}) == "stop"
    later = Emit(tmp_path, home, said)  # as after a kill, with other figures by now
    assert later("check", "check 20", {"loss": 0.7}) == "stop"
    assert home.came[-1] == home.came[1] == Event(2, "check", "check 20", {"loss": 0.5})
    assert later("check", "check 30", {"loss": 0.4}) == "stop"
    assert [event.number for event in read(tmp_path)] == [1, 2, 3]


def test_what_is_not_finite_comes_back_as_it_was(tmp_path: Path) -> None:
    Emit(tmp_path, Home(), said)("row", "row 1", {"loss": float("inf")})
    assert read(tmp_path)[0].body == {"loss": float("inf")}


def test_again_sends_all_in_order_and_writes_nothing(tmp_path: Path) -> None:
    first = Emit(tmp_path, Home(), said)
    for n in range(4):
        first("row", f"row {n}", {"n": n})
    before, home = (tmp_path / JOURNAL).read_bytes(), Home()
    Emit(tmp_path, home, said).again()
    assert [(event.number, event.body["n"]) for event in home.came] == [
        (1, 0),
        (2, 1),
        (3, 2),
        (4, 3),
    ]
    assert (tmp_path / JOURNAL).read_bytes() == before


@pytest.mark.parametrize(
    "torn",
    [
        b'{"number": 3, "ki',
        b'{"number": 3, "kind": "row", "key": "row 3", "body": {}}',  # whole but for its end
        b'{"number": 7, "kind": "row", "key": "row 7", "body": {}}\n',
        b'{"number": 3}\n',
        b"[]\n",
        b"\0\0\0\0\0\0\n",  # what a disk that lost power gives back
        b"\xff\xfe\n",
        b'{"number": 3, "ki\n{"number": 3, "kind": "row", "key": "row 3", "body": {}}\n',
    ],
)
def test_what_a_kill_tore_is_cut_off_and_told_anew(tmp_path: Path, torn: bytes) -> None:
    emit = Emit(tmp_path, Home(), said)
    emit("row", "row 1", {"n": 1})
    emit("row", "row 2", {"n": 2})
    whole = (tmp_path / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole + torn)
    home = Home()
    later = Emit(tmp_path, home, said)
    assert (tmp_path / JOURNAL).read_bytes() == whole
    later("row", "row 3", {"n": 3})
    assert home.came == [Event(3, "row", "row 3", {"n": 3})]
    assert [event.number for event in read(tmp_path)] == [1, 2, 3]


def test_there_is_nothing_before_anything_was_told(tmp_path: Path) -> None:
    assert read(tmp_path / "not there yet") == []
    Emit(tmp_path / "made", Home(), said)("row", "row 1", {})
    assert [event.number for event in read(tmp_path / "made")] == [1]


TELLS = """
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from studio.jobs.emit import Emit
emit = Emit(Path(sys.argv[1]), lambda event: "go on", print)
n = len(emit.told)
print("from", n, flush=True)
while True:
    n += 1
    emit("row", f"row {n}", {"n": n, "long": "x" * 20_000})
"""


def test_killed_at_any_moment_none_is_lost_and_none_is_twice(tmp_path: Path) -> None:
    """Six times killed while it writes; each goes on behind what the one before had told."""
    before = 0
    for _ in range(6):
        command = [sys.executable, "-c", TELLS, str(tmp_path)]
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as told:
            assert told.stdout is not None
            assert told.stdout.readline() == f"from {before}\n"
            size = (tmp_path / JOURNAL).stat().st_size if before else 0
            while not (tmp_path / JOURNAL).exists() or (
                (tmp_path / JOURNAL).stat().st_size < size + 150_000
            ):
                assert told.poll() is None
            told.send_signal(signal.SIGKILL)
        found = read(tmp_path)
        assert [event.body["n"] for event in found] == [*range(1, len(found) + 1)]
        assert len(found) > before
        before = len(found)


@pytest.fixture
def limit() -> Iterator[Callable[[int], None]]:
    """Lets no file grow beyond so many bytes, which stands for the disk's end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_is_said_plainly_and_nothing_is_sent(
    tmp_path: Path, limit: Callable[[int], None]
) -> None:
    home = Home()
    emit = Emit(tmp_path, home, said)
    emit("row", "row 1", {"n": 1})
    size = (tmp_path / JOURNAL).stat().st_size
    limit(size + 40)
    with pytest.raises(StudioError, match=JOURNAL) as refused:
        emit("row", "row 2", {"long": "x" * 500})
    limit(2**30)
    assert "room" in refused.value.remedy
    assert [event.number for event in home.came] == [1] and "row 2" not in emit.told
    assert (tmp_path / JOURNAL).stat().st_size == size  # the half that was written is gone
    emit("row", "row 2", {"long": "short"})  # once there is room
    assert [event.body for event in read(tmp_path)] == [{"n": 1}, {"long": "short"}]


def test_what_another_machine_told_is_kept_and_sent_as_what_was_told_here(tmp_path):
    sent = []

    def send(event):
        sent.append(event.number)
        return "stop" if event.key == "row 2" else "go on"

    here = Emit(tmp_path, send, print)
    first, second = Event(1, "row", "row 1", {"a": 1}), Event(2, "row", "row 2", {"a": 2})
    with pytest.raises(StudioError, match="Event 2 came after 0 others"):
        here.heard(second)
    assert [here.heard(first), here.heard(second), here.heard(first)] == ["go on", "stop", "go on"]
    assert read(tmp_path) == [first, second] and sent == [1, 2, 1]
    again = Emit(tmp_path, send, print)
    assert again("row", "row 2", {"a": 9}) == "stop"  # it goes on from what was told there
    assert again.told["row 2"] == second
