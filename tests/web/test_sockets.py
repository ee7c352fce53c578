"""The WebSockets of pages: so many a person, and none longer than the session."""

import asyncio

import pytest

from studio.web import sockets

OVER = {"type": "websocket.disconnect", "code": 1008}
WORD = {"type": "websocket.receive", "bytes": b"x"}


def test_a_person_keeps_so_many_pages_open(monkeypatch):
    monkeypatch.setattr(sockets, "MOST", 2)
    with sockets.counted("Ana") as one, sockets.counted("Ana") as two:
        with sockets.counted("Ana") as three, sockets.counted("Bo") as other:
            assert (one, two, three, other) == (True, True, False, True)
    with sockets.counted("Ana") as again:
        assert again
    assert not +sockets._open


@pytest.mark.parametrize("says", [True, False])
def test_it_ends_with_the_session_whether_it_says_anything_or_not(monkeypatch, says):
    monkeypatch.setattr(sockets, "LOOK_S", 0.02)
    asked = []

    async def receive():
        if not says:
            await asyncio.Event().wait()
        return WORD

    async def holds(used):
        asked.append(used)
        return len(asked) < 4

    async def over():
        return OVER

    async def run():
        message = sockets.watched(receive, holds, over)
        found = []
        while not found or found[-1] is WORD:
            found.append(await message())
        return found

    found = asyncio.run(run())
    assert found == [WORD] * (3 if says else 0) + [OVER]
    assert asked == [says] * 4  # a page that only lies open does not use its session


def test_nothing_is_lost_between_two_looks(monkeypatch):
    monkeypatch.setattr(sockets, "LOOK_S", 0.01)

    async def run():
        coming: asyncio.Queue[dict[str, object]] = asyncio.Queue()

        async def holds(used):
            return True

        async def over():
            raise AssertionError

        message = sockets.watched(coming.get, holds, over)
        for number in range(5):
            asyncio.get_running_loop().call_later(0.035, coming.put_nowait, {"type": str(number)})
            assert (await message())["type"] == str(number)

    asyncio.run(run())
