"""Voters in real WebSocket sessions, speaking Streamlit's own protocol as a browser does.

A vote begins when its message is sent. It ends when the last frame of its answer is there and the
pictures of every pair that this answer named are loaded: those of the next pair were, as in a
browser, loaded ahead, unless the answer names it for the first time.

    python -m benchmarks.voters URL BALLOT VOTERS SECONDS
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

PAUSE_S = (2.0, 4.0)  # between a pair's appearance and the key
TWICE = 0.1  # share of votes that are sent a second time, as after a lost answer
PATIENCE_S = 30.0


@dataclass
class Counted:
    """Seconds of each vote and when it was cast; keys that were sent, and those that the server
    said it had; seconds from connecting to the first whole page; sessions that came to an early
    end, with why."""

    seconds: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    first_page: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


async def vote(url: str, ballot: int, voters: int, seconds: float) -> Counted:
    """Let `voters` people vote on the ballot for so many seconds, each every 2 to 4 s."""
    counted = Counted()
    # Chosen now, so that a second run on the same studio has voters of its own.
    names = [f"crowd {time.time_ns() % 10**9} {number}" for number in range(voters)]
    sessions = (_session(url, ballot, name, n, seconds, counted) for n, name in enumerate(names))
    for name, ended in zip(
        names, await asyncio.gather(*sessions, return_exceptions=True), strict=True
    ):
        if isinstance(ended, BaseException):
            counted.failed.append(f"{name}: {ended!r}")
    return counted


async def _session(
    url: str, ballot: int, name: str, number: int, seconds: float, counted: Counted
) -> None:
    draw = random.Random(number)
    cookie = f"housestyle_name={name.replace(' ', '%20')}"
    until = time.monotonic() + seconds
    await asyncio.sleep(number * 0.2)  # people do not all come in the same instant
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    pictures = Pictures(url, cookie)
    async with websockets.connect(
        address,
        additional_headers={"Cookie": cookie},
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    ) as socket:
        screen = Screen(socket, ballot)
        begun = time.monotonic()
        await screen.ask()
        await screen.settle()
        await pictures.load(screen.addresses())
        counted.first_page.append(time.monotonic() - begun)
        while time.monotonic() < until:
            await asyncio.sleep(draw.uniform(*PAUSE_S))
            key = f"{name.replace(' ', '-')}-{len(counted.sent)}"
            action = {
                "id": key,
                "say": draw.choice(["left", "left", "right", "right", "tie", "bad"]),
                "item": screen.data["queue"][0]["item"],
            }
            counted.sent.append(key)
            pressed = time.perf_counter()
            await screen.say(action)
            while key not in screen.data["taken"]:
                await screen.settle()
            await pictures.load(screen.addresses())
            counted.seconds.append(time.perf_counter() - pressed)
            counted.at.append(pressed)
            counted.acknowledged.append(key)
            if draw.random() < TWICE:
                await screen.say(action)
                await screen.settle()
                await pictures.load(screen.addresses())
    pictures.close()


class Screen:
    """The voting screen of one session: what it was told last, and how it answers."""

    def __init__(self, socket: Any, ballot: int) -> None:
        self.socket, self.query = socket, f"ballot={ballot}"
        self.data: dict[str, Any] = {}
        self.component = self.fragment = self.page = ""

    async def ask(self) -> None:
        """Ask for the whole page, as an address does."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_name = "Vote"
        await self.socket.send(asked.SerializeToString())

    async def say(self, action: dict[str, Any]) -> None:
        """Send an action, as the screen's `setTriggerValue` does."""
        asked = BackMsg()
        run = asked.rerun_script
        run.query_string, run.page_script_hash, run.fragment_id = (
            self.query,
            self.page,
            self.fragment,
        )
        state = run.widget_states.widgets.add()
        state.id = f"$$STREAMLIT_INTERNAL_KEY_{self.component}__events"
        state.json_trigger_value = json.dumps([{"event": "said", "value": [action]}])
        await self.socket.send(asked.SerializeToString())

    async def settle(self) -> None:
        """Read frames until the last one of a run."""
        while True:
            frame = ForwardMsg()
            frame.ParseFromString(await asyncio.wait_for(self.socket.recv(), PATIENCE_S))
            kind = frame.WhichOneof("type")
            if kind == "delta" and frame.delta.WhichOneof("type") == "new_element":
                self._see(frame)
            elif kind == "navigation":
                self.page = frame.navigation.page_script_hash
            elif kind == "script_finished":
                if not self.data:
                    raise RuntimeError("no pair was shown")
                return

    def addresses(self) -> list[str]:
        """The pictures of all pairs that the screen holds."""
        return [entry["both"] for entry in self.data["queue"]]

    def _see(self, frame: ForwardMsg) -> None:
        element = frame.delta.new_element
        if element.WhichOneof("type") == "exception":
            raise RuntimeError(element.exception.message)
        if element.WhichOneof("type") == "bidi_component":
            self.component = element.bidi_component.id
            self.data = json.loads(element.bidi_component.json)
            self.fragment = frame.delta.fragment_id


class Pictures:
    """The pictures of one voter: each is loaded once, over two connections that stay open."""

    def __init__(self, url: str, cookie: str) -> None:
        there = urlsplit(url)
        self.host, self.port = there.hostname or "", there.port or 80
        self.cookie = cookie
        self.held: set[str] = set()
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def load(self, addresses: list[str]) -> None:
        """All of these, at once as far as they are new."""
        new = [address for address in addresses if address not in self.held]
        await asyncio.gather(*(self._get(address) for address in new))
        self.held.update(new)

    async def _get(self, address: str) -> None:
        asked = f"GET {address} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nCookie: {self.cookie}"
        head = b""
        while not head:
            held = self.free.pop() if self.free else None
            reader, writer = held or await asyncio.open_connection(self.host, self.port)
            writer.write(f"{asked}\r\n\r\n".encode())
            try:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
            except (asyncio.IncompleteReadError, ConnectionError):
                if held is None:
                    raise
                writer.close()  # it stood idle for too long; a browser takes another one, too
        if b" 200 " not in head.splitlines()[0]:
            raise RuntimeError(f"{address}: {head.splitlines()[0]!r}")
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        self.free.append((reader, writer))

    def close(self) -> None:
        for _, writer in self.free:
            writer.close()


if __name__ == "__main__":
    url, ballot, voters, seconds = sys.argv[1:]
    found = asyncio.run(vote(url, int(ballot), int(voters), float(seconds)))
    print(json.dumps(asdict(found)))
