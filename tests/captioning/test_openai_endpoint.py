"""A small real server in the OpenAI form: what it is sent, and what becomes of its moods."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from PIL import Image

from studio.captioning import openai_endpoint
from studio.errors import StudioError

GOOD = {"choices": [{"message": {"role": "assistant", "content": " a red\n gem "}}]}


class Server(ThreadingHTTPServer):
    """Answers in turn with (status, headers, body); the last one again and again."""

    answers: list[tuple[int, dict[str, str], bytes]]
    asked: list[tuple[str, dict[str, str], dict]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        answers = self.server.answers
        status, headers, data = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.answers, made.asked = [(200, {}, json.dumps(GOOD).encode())], []
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def ask(
    server: Server, waits: list[float] | None = None, picture: Image.Image | None = None
) -> str:
    url = f"http://127.0.0.1:{server.server_port}/v1/"
    shown = picture or Image.new("RGBA", (32, 32), (255, 0, 0, 128))
    sleep = (waits if waits is not None else []).append
    with httpx.Client() as client:
        return openai_endpoint.caption(
            client, url, "secret-key", "a-model", "What is it?", shown, sleep
        )


def test_a_picture_is_sent_and_a_text_comes_back(server):
    assert ask(server) == " a red\n gem "
    ((path, headers, said),) = server.asked
    assert path == "/v1/chat/completions" and headers["Authorization"] == "Bearer secret-key"
    text, image = said["messages"][0]["content"]
    assert (said["model"], text["text"]) == ("a-model", "What is it?")
    data = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/png;base64,"))
    sent = Image.open(io.BytesIO(data))
    assert (sent.mode, sent.size) == ("RGB", (512, 512))  # enlarged sixteen times
    assert sent.getpixel((0, 0)) == (192, 64, 64)  # half of it on grey


def test_a_large_picture_is_sent_smaller(server):
    ask(server, picture=Image.new("RGBA", (1000, 500)))
    url = server.asked[0][2]["messages"][0]["content"][1]["image_url"]["url"]
    assert Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).size == (512, 256)


def test_it_is_asked_again_when_it_says_so(server):
    ok = server.answers[0]
    server.answers = [(429, {"Retry-After": "7"}, b"{}"), (503, {}, b"busy"), ok]
    waits: list[float] = []
    assert ask(server, waits) and len(server.asked) == 3
    assert waits == [7.0, 14.0]


@pytest.mark.parametrize(
    ("answer", "tries", "says"),
    [
        ((401, {}, b'{"error": {"message": "no such key"}}'), 1, "answers 401: no such key"),
        (
            (403, {}, b'{"error": "secret-key may not"}'),
            1,
            r"answers 403: \(the key\) may not",
        ),
        ((500, {}, b"oops"), 4, "answers 500: Internal Server Error"),
        ((200, {}, b"<html>"), 1, "is no chat completion"),
        ((200, {}, b'{"choices": []}'), 1, "is no chat completion"),
    ],
)
def test_what_it_refuses_is_said_and_the_key_never(server, answer, tries, says):
    server.answers = [answer]
    with pytest.raises(StudioError, match=says) as refused:
        ask(server)
    assert len(server.asked) == tries
    assert "secret-key" not in str(refused.value) + refused.value.remedy


def test_parts_are_joined_and_nobody_at_home_is_told(server):
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "gem"}]
    said = {"choices": [{"message": {"content": parts}}]}
    server.answers = [(200, {}, json.dumps(said).encode())]
    assert ask(server) == "a gem"
    waits: list[float] = []
    with httpx.Client() as client, pytest.raises(StudioError, match="does not answer"):
        openai_endpoint.caption(
            client, "http://127.0.0.1:9", "", "m", "p", Image.new("RGBA", (8, 8)), waits.append
        )
    assert waits == [1.0, 2.0, 4.0]
