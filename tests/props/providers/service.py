"""A service that makes 3D models, as Replicate (predictions) and Meshy (tasks) speak: real HTTP,
each post counted, and a bill of its own that nobody else writes.

`moods` are taken in turn by what comes as a post, "well" after them: "slow"; 429, 500 or another
status (nothing is taken); "html" (a page of something between, nothing is taken); "drop" (taken,
and the connection is closed without an answer); "deaf" (closed, and nothing is taken); "twice" (two
answers to one post); "moderated" (refused for its content); "no id" (taken, and no number is told).
`ends` are taken in turn by what was taken: "done", "failed", "moderated", "lost" (its file is
gone), "obj" (an OBJ that is named .glb), "never" (it is never ready), "away" (a look at it is
answered with HTML once, then it is done).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

GLB = b"glTF" + bytes(60)
OBJ = b"o card\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
KEY = "key-0123456789abcdef"
LOOKS = 1  # that are answered with waiting, before the end
CREDITS = 20  # of a task that is done
PAGE = b"<html><body>The gateway is tired.</body></html>"


@dataclass
class Taken:
    """A call that was taken, which is to be paid as the bill says."""

    id: str
    token: str
    body: dict[str, Any]
    path: str
    end: str
    milliseconds: int
    looks: int = 0
    cancelled: bool = False


@dataclass
class Service:
    """Its state. `posts` are the tokens of all posts that came, taken or not; `seen` every request
    by method and path; `file` is what a model's address gives."""

    url: str = ""
    moods: list[Any] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    uploads: list[bytes] = field(default_factory=list)
    file: bytes = GLB
    delay_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ended(self) -> list[Taken]:
        """The calls that have come to an end."""
        return [one for one in self.taken.values() if one.looks > LOOKS and one.end != "never"]

    def of_token(self, token: str | None) -> list[Taken]:
        """The calls that were taken with a token of ours."""
        return [one for one in self.taken.values() if one.token == token]

    def take(self, token: str, path: str, body: dict[str, Any]) -> Taken:
        with self.lock:
            number = len(self.taken) + 1
            end = self.ends.pop(0) if self.ends else "done"
            one = Taken(f"made-{number}", token, body, path, end, 1_000 + 37 * number)
            self.taken[one.id] = one
            return one


@contextmanager
def serving(service: Service) -> Iterator[Service]:
    """The service at an address of its own, until the end of the block."""

    class Answer(_Handler):
        its = service

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    its: Service

    def do_GET(self) -> None:
        path = self._came()
        if path.startswith("/files/"):
            self._file(path.removeprefix("/files/").removesuffix(".glb"))
        elif path.startswith("/v1/models/"):
            self._say(200, {"latest_version": {"id": "v-1"}})
        elif path == "/v1/predictions":
            rows = [self._prediction(one) for one in list(self.its.taken.values())]
            self._say(200, {"next": None, "results": rows[::-1]})
        else:
            self._look(path)

    def do_POST(self) -> None:
        path = self._came()
        data = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if path == "/v1/files":
            self.its.uploads.append(data)
            number = len(self.its.uploads)
            self._say(201, {"urls": {"get": f"{self.its.url}/v1/files/up-{number}"}})
        elif path.endswith("/cancel"):
            one = self.its.taken[path.split("/")[-2]]
            one.cancelled = True
            self._say(200, self._prediction(one))
        else:
            self._post(path, json.loads(data))

    def do_DELETE(self) -> None:
        one = self.its.taken[self._came().rpartition("/")[2]]
        one.cancelled = True
        self._say(200, {})

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _came(self) -> str:
        time.sleep(self.its.delay_s)
        path = urlsplit(self.path).path
        self.its.seen.append((self.command, path))
        self.its.headers.append({name.lower(): value for name, value in self.headers.items()})
        return path

    def _post(self, path: str, body: dict[str, Any]) -> None:
        token = self.headers.get("Idempotency-Key", "")
        with self.its.lock:
            self.its.posts.append(token)
            mood = self.its.moods.pop(0) if self.its.moods else "well"
        if isinstance(mood, int):
            self._say(mood, {"message": "not now"})
        elif mood == "html":
            self._send(200, PAGE, "text/html")
        elif mood == "deaf":
            self.close_connection = True
            self.connection.close()
        elif mood == "moderated":
            self._say(422, {"message": "Your input violates our content policy."})
        else:
            one = self.its.take(token, path, body)
            if mood == "drop":
                self.close_connection = True
                self.connection.close()
                return
            if mood == "slow":
                time.sleep(0.2)
            named = (
                {} if mood == "no id" else {"id": one.id, "result": one.id, "status": "starting"}
            )
            for _ in range(2 if mood == "twice" else 1):
                self._say(201, named)

    def _look(self, path: str) -> None:
        one = self.its.taken.get(path.rpartition("/")[2])
        if one is None:
            self._say(404, {"message": "not found"})
            return
        one.looks += 1
        if one.end == "away" and one.looks == 1:
            self._send(503, PAGE, "text/html")
            return
        prediction = path.startswith("/v1/predictions")
        self._say(200, self._prediction(one) if prediction else self._task(one))

    def _state(self, one: Taken) -> str:
        if one.cancelled:
            return "cancelled"
        if one.end == "never" or one.looks <= LOOKS:
            return "waiting"
        return one.end if one.end in ("failed", "moderated") else "done"

    def _prediction(self, one: Taken) -> dict[str, Any]:
        state = self._state(one)
        words = {
            "waiting": "processing",
            "done": "succeeded",
            "cancelled": "canceled",
        }
        said = {"failed": "CUDA out of memory", "moderated": "NSFW content detected"}.get(state)
        address = f"{self.its.url}/files/{one.id}.glb"
        return {
            "id": one.id,
            "status": words.get(state, "failed"),
            "input": one.body.get("input"),
            "output": {"model_file": address} if state == "done" else None,
            "error": said,
            "metrics": {} if state == "waiting" else {"predict_time": one.milliseconds / 1_000},
        }

    def _task(self, one: Taken) -> dict[str, Any]:
        state = self._state(one)
        words = {"waiting": "PENDING", "done": "SUCCEEDED", "cancelled": "CANCELED"}
        said = {"failed": "internal", "moderated": "rejected by moderation"}.get(state, "")
        address = f"{self.its.url}/files/{one.id}.glb"
        return {
            "id": one.id,
            "status": words.get(state, "FAILED"),
            "progress": 100 if state == "done" else 40,
            "model_urls": {"glb": address} if state == "done" else {},
            "task_error": {"message": said},
            "consumed_credits": CREDITS if state == "done" else 0,
        }

    def _file(self, id: str) -> None:
        one = self.its.taken.get(id)
        if one is None or one.end == "lost":
            self._say(404, {"message": "expired"})
        else:
            self._send(200, OBJ if one.end == "obj" else self.its.file, "model/gltf-binary")

    def _say(self, status: int, found: Any) -> None:
        self._send(status, json.dumps(found).encode(), "application/json")

    def _send(self, status: int, data: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
