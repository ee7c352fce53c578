"""A small real chat server in the OpenAI form: what it is sent, and what it is told to answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from studio.chat.endpoint import Server

KEY = "secret-key-123"


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its headers, its body, the seconds before it, and those between two
    of its parts of 1,000 bytes. `drops`: the connection is closed in its stead."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0
    between: float = 0.0
    drops: bool = False


class Chat(ThreadingHTTPServer):
    """Answers in turn, the last one again and again; `choose` answers by what was asked instead."""

    daemon_threads = True
    replies: list[Reply]
    choose: Callable[[dict[str, Any]], Reply] | None
    asked: list[tuple[str, dict[str, str], dict[str, Any]]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def forms(self) -> list[str]:
        """How each answer was asked for."""
        asked = (body.get("response_format", {}) for _, _, body in self.asked)
        return [one.get("type", "text") for one in asked]

    def as_set(self, key: str = KEY) -> Server:
        """The server as settings name it."""
        return Server(self.url, "a-model", key)


class Handler(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.title(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers, body))
        replies = self.server.replies
        if self.server.choose is not None:
            reply = self.server.choose(body)
        else:
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        time.sleep(reply.after)
        if reply.drops:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        try:
            for start in range(0, len(reply.body), 1_000 if reply.between else 1 << 30):
                time.sleep(reply.between)
                part = reply.body[start : start + 1_000] if reply.between else reply.body
                self.wfile.write(part)
                self.wfile.flush()
        except OSError:  # whoever asked reads no further
            pass

    def log_message(self, *_: object) -> None:
        pass


def completion(content: object, *, usage: object = None, **more: Any) -> Reply:
    """A chat completion that says this."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content, **more}}
    told = {"id": "chat-1", "object": "chat.completion", "choices": [choice], "usage": usage}
    return Reply(json.dumps(told).encode(), headers={"Content-Type": "application/json"})


def refusal(status: int, says: str, **headers: str) -> Reply:
    """An error as OpenAI tells it."""
    body = json.dumps({"error": {"message": says, "type": "invalid_request_error"}}).encode()
    return Reply(body, status, headers)


@contextmanager
def serving(*replies: Reply) -> Iterator[Chat]:
    """The server on a port of its own."""
    made = Chat(("127.0.0.1", 0), Handler)
    made.replies, made.choose, made.asked = list(replies), None, []
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
