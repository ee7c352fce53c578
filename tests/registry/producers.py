"""Producers who move one style at the same time: by function, on the page, by command.

Each says what it was told: "done" or "refused", the reason it gave (no two give the same), words.
"""

import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from studio.settings import CHECKOUT

STYLE, VERSIONS = "items", 5

# One process of some producers, each a thread; what they are told is a line of its own.
BY_FUNCTION = """
import json, random, sys, threading, time
from datetime import UTC, datetime
import mlflow.exceptions
from studio import context
from studio.errors import StudioError
from studio.registry import stages
from studio.settings import load_settings
style, versions, first, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
while True:
    try:
        studio = context.open_studio(load_settings())
        break
    except StudioError:  # MLflow is away
        time.sleep(1)
def produce(name):
    choose = random.Random(name)
    for turn in range(10_000):
        why = f"{name} {turn}"
        given = dict(style=style, actor=name, why=why, now=datetime.now(UTC))
        try:
            if choose.random() < 0.3:
                stages.rollback(studio.engine, studio.client, **given)
            else:
                stages.promote(studio.engine, studio.client, to="production",
                               number=choose.randrange(1, versions + 1), **given)
        except (StudioError, mlflow.exceptions.MlflowException) as error:
            print(json.dumps(["refused", why, str(error)]), flush=True)
            time.sleep(0.2)
        else:
            print(json.dumps(["done", why, ""]), flush=True)
for k in range(count):
    threading.Thread(target=produce, args=(f"{first}-{k}",)).start()
"""


@dataclass
class Told:
    """What producers were told, by the way they went."""

    lines: list[tuple[str, str, str, str]] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)  # connections
    over: threading.Event = field(default_factory=threading.Event)

    def say(self, way: str, outcome: str, why: str, words: str = "") -> None:
        self.lines.append((way, outcome, why, words))

    def read(self, way: str, file: Path) -> None:
        """Lines that processes wrote; the last of a killed one may be cut."""
        for line in file.read_text().splitlines():
            with suppress(ValueError):
                self.say(way, *json.loads(line))

    def reasons(self, outcome: str, way: str | None = None) -> set[str]:
        return {why for w, o, why, _ in self.lines if o == outcome and way in (None, w)}


def by_function(
    environment: dict[str, str], first: str, count: int, file: Path
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", BY_FUNCTION, STYLE, str(VERSIONS), first, str(count)],
        stdout=file.open("ab"),
        env=environment,
        start_new_session=True,
        cwd=CHECKOUT,
    )


class ByCommand(threading.Thread):
    """One after the other; `process` may be killed."""

    def __init__(self, environment: dict[str, str], name: str, told: Told) -> None:
        super().__init__(daemon=True)
        self.environment, self.called, self.told = environment, name, told
        self.process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        choose, turn = random.Random(self.called), 0
        while not self.told.over.is_set():
            why, turn = f"{self.called} {turn}", turn + 1
            number = str(choose.randrange(1, VERSIONS + 1))
            words = (
                ["rollback", STYLE] if turn % 3 == 0 else ["promote", STYLE, number, "production"]
            )
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "studio",
                    *words,
                    "--why",
                    why,
                    "--json",
                    "--user",
                    self.called,
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=CHECKOUT,
                env=self.environment,
                start_new_session=True,
            )
            out, error = self.process.communicate()
            if self.process.returncode == 0:
                self.told.say("command", "done", why)
            elif self.process.returncode == 2:
                self.told.say("command", "refused", why, json.loads(out)["error"])
            elif self.process.returncode > 0:  # below, it was killed
                self.told.say("command", "crashed", why, error[-3000:])

    def cut_off(self) -> None:
        """Kill what is under way."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


# The field of a move's dialog, and the buttons that open and make one, by how their ids end.
WHY = re.compile(r"draft move/.*/(\w+) why$")
MOVES = re.compile(r"(?:open|do)-\w+$")


class Clerk:
    """The page Registry of one session, as it was drawn last."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self._begin()

    def _begin(self) -> None:
        self.fields: dict[str, Any] = {}
        self.buttons: dict[str, Any] = {}
        self.alerts: list[str] = []
        self.crashes: list[str] = []

    async def run(self, query: str, **widgets: str | bool) -> None:
        """Have the page drawn, with what was typed and pressed."""
        asked = BackMsg()
        run = asked.rerun_script
        run.query_string, run.page_name = query, "Registry"
        for id, value in widgets.items():
            state = run.widget_states.widgets.add()
            state.id = id
            setattr(state, "trigger_value" if value is True else "string_value", value)
        await self.socket.send(asked.SerializeToString())
        while True:
            frame = ForwardMsg()
            frame.ParseFromString(await asyncio.wait_for(self.socket.recv(), 60))
            kind = frame.WhichOneof("type")
            if kind == "new_session":
                self._begin()
            elif kind == "delta" and frame.delta.WhichOneof("type") == "new_element":
                self._see(frame.delta.new_element)
            elif kind == "script_finished":
                return

    def _see(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "text_area" and (way := WHY.search(element.text_area.id)):
            self.fields[way[1]] = element.text_area
        elif kind == "button" and (key := MOVES.search(element.button.id)):
            self.buttons[key[0]] = element.button
        elif kind == "alert":
            self.alerts.append(element.alert.body)
        elif kind == "exception":
            self.crashes.append(f"{element.exception.type}: {element.exception.message}")


async def on_the_page(port: int, name: str, told: Told) -> None:
    """One person at Versions: looks at one, opens a move's dialog, says why, presses; again after
    each loss."""
    choose, turn = random.Random(name), 0
    while not told.over.is_set():
        try:
            async with websockets.connect(
                f"ws://127.0.0.1:{port}/_stcore/stream",
                additional_headers={"Cookie": f"housestyle_name={name}"},
                subprotocols=[Subprotocol("streamlit")],
                max_size=None,
                open_timeout=30,
            ) as there:
                clerk = Clerk(there)
                while not told.over.is_set():
                    query = f"style={STYLE}&version={choose.randrange(1, VERSIONS + 1)}"
                    await clerk.run(query)
                    what = "back" if choose.random() < 0.3 else "production"
                    opens = clerk.buttons.get(f"open-{what}")
                    if opens is not None:
                        await clerk.run(query, **{opens.id: True})
                    makes = clerk.buttons.get(f"do-{what}")
                    if opens is None or makes is None or what not in clerk.fields:
                        if clerk.crashes:
                            told.say("page", "crashed", "", clerk.crashes[0])
                        await asyncio.sleep(0.3)
                        continue
                    why, turn = f"{name} {turn}", turn + 1
                    pressed: dict[str, str | bool] = {
                        clerk.fields[what].id: why,
                        makes.id: True,
                    }
                    await clerk.run(query, **pressed)
                    said = " ".join(clerk.alerts)
                    if clerk.crashes:
                        told.say("page", "crashed", why, clerk.crashes[0])
                    elif "in production now" in said or "in production again" in said:
                        told.say("page", "done", why)
                    else:
                        told.say("page", "refused", why, said.replace("\\", ""))
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            told.lost[type(error).__name__] += 1
            await asyncio.sleep(0.5)


def all_on_the_page(port: int, names: Sequence[str], told: Told) -> threading.Thread:
    """The sessions, in a thread of their own until `told.over`."""

    async def together() -> None:
        await asyncio.gather(*(on_the_page(port, name, told) for name in names))

    thread = threading.Thread(target=lambda: asyncio.run(together()), daemon=True)
    thread.start()
    return thread


def web(environment: dict[str, str], port: int, log: Path) -> subprocess.Popen[bytes]:
    """The web process, as `studio serve` starts it."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "studio.web:app",
            "--port",
            str(port),
            "--no-access-log",
            "--log-level",
            "warning",
        ],
        cwd=CHECKOUT,
        env=environment,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def mlflow(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A real MLflow server on the folder's database."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--backend-store-uri",
            f"sqlite:///{folder}/mlflow.db",
            "--artifacts-destination",
            f"{folder}/mlruns",
            "--port",
            str(port),
            "--workers",
            "1",
        ],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        cwd=CHECKOUT,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
