"""Answers of all forms: what they mean, and what is never done with them."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest

from studio.errors import StudioError
from studio.props.providers import asking, looking, predictions, results, tables, tasks
from studio.props.providers.asking import Access, Answered, NotSent, Unclear
from studio.props.providers.looking import Away
from studio.props.providers.results import NotThere

HERE = (ip_network("127.0.0.0/8"),)
KEY = "secret-key-0123456789"


@pytest.fixture
def answering():
    """A server that answers each path by `answers`: status, headers, bytes; its requests."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.came.append((self.path, dict(self.headers)))
            status, headers, data = self.server.answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.came, server.answers = [], {}
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "output",
    [
        {"model_file": "https://x/a.glb"},
        {"model_file": ["https://x/a.mp4", "https://x/a.glb?s=1"]},
        {"model_file": [{"url": "https://x/a.glb", "size": 5}]},
        {"model_file": {"mesh": "https://x/a.glb", "video": "https://x/a.mp4"}},
    ],
)
def test_an_output_of_any_form_has_its_model_first(output):
    offer = tables.REPLICATE.offers[0]
    found = {"id": "a", "status": "succeeded", "output": output, "metrics": {"predict_time": 1.5}}
    seen = predictions.seen(tables.REPLICATE, offer, Answered(200, found, ""))
    assert (seen.state, seen.seconds) == ("done", 1.5)
    assert seen.addresses[0].startswith("https://x/a.glb")


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"data": {"status": "queued"}}, "waiting"),
        ({"data": {"status": "unknown"}}, "waiting"),
        ({"data": {"status": "banned"}}, "moderated"),
        ({"data": {"status": "expired"}}, "failed"),
        ({"data": {"status": "cancelled"}}, "cancelled"),
        ({"data": {"status": "success", "output": {"model": "https://x/a.glb"}}}, "done"),
        ({"data": [1]}, "waiting"),
        ([], "waiting"),
    ],
)
def test_a_task_s_words_are_told_apart(found, state):
    seen = tasks.seen(tables.TRIPO, tables.TRIPO.offers[0], Answered(200, found, ""))
    assert seen.state == state
    assert seen.addresses == (("https://x/a.glb",) if state == "done" else ())


def test_a_refusal_for_content_is_known_in_a_further_answer():
    offer = tables.FAL.offers[0]
    said = '422: {"detail": [{"type": "content_policy_violation"}]}'
    assert tasks.result(tables.FAL, offer, Answered(422, {}, said)).state == "moderated"
    assert tasks.result(tables.FAL, offer, Answered(422, {}, "422: {}")).state == "failed"
    whole = Answered(200, {"model_mesh": {"url": "https://x/a.glb"}}, "")
    assert tasks.result(tables.FAL, offer, whole).addresses == ("https://x/a.glb",)


def test_our_key_goes_to_the_provider_s_own_server_alone(answering):
    access = Access(tables.FAL, answering.url, KEY)
    answering.answers = {
        "/moved": (302, {"Location": f"{answering.url}/elsewhere"}, b""),
        "/elsewhere": (200, {}, b"{}"),
        "/bad": (401, {"Content-Type": "application/json"}, f'{{"key": "{KEY}"}}'.encode()),
        "/page": (200, {"Content-Type": "text/html"}, b"<html>Sign in</html>"),
        "/large": (200, {}, b"[" + b"0," * asking.LARGEST + b"0]"),
    }
    assert asking.ask(access, "GET", "/moved").status == 302
    assert [path for path, _ in answering.came] == ["/moved"]
    assert answering.came[0][1]["Authorization"] == f"Key {KEY}"
    refused = asking.ask(access, "GET", "/bad")
    assert refused.status == 401 and KEY not in refused.said and KEY not in repr(access)
    assert asking.ask(access, "GET", "/page").said == "200 with text/html"
    with pytest.raises(Unclear, match="more than 4 MB"):
        asking.ask(access, "GET", "/large")
    with pytest.raises(StudioError, match="which is not"):
        asking.address(access, "https://evil.example.com/requests/1")
    offer = tables.FAL.offers[0]
    with pytest.raises(Away):
        looking.look(access, offer, "a/../b", {"status": f"{answering.url}/page"})


def test_odd_answers_are_one_line_and_odd_addresses_are_none(answering):
    access = Access(tables.FAL, answering.url, KEY)
    answering.answers = {
        "/odd": (400, {}, rb'{"detail": "no \ud800 \u0000 way\n"}'),
        "/long": (400, {}, b'["' + b"a." * 1_000_000 + b'"]'),
        "/deep": (400, {}, b"[" * 100_000),
    }
    for path in answering.answers:
        said = asking.ask(access, "GET", path).said
        assert said.startswith("400") and said.isprintable() and len(said) <= asking.SAID
    for odd in ("http://[", f"{answering.url}/{'x' * asking.LONGEST}"):
        with pytest.raises(StudioError, match="which is not"):
            asking.address(access, odd)


@pytest.mark.parametrize(
    ("base", "key"), [("http://[::x", KEY), ("", "schlüssel-✓"), ("", "a-key\nof-two-lines")]
)
def test_what_can_t_be_sent_was_never_sent(answering, base, key):
    with pytest.raises(NotSent) as told:
        asking.ask(Access(tables.FAL, base or answering.url, key), "GET", "/x")
    assert key not in str(told.value) and answering.came == []


def test_what_came_is_fetched_without_our_key_from_public_networks_alone(answering, monkeypatch):
    answering.answers = {
        "/a.glb": (200, {}, b"glTF..."),
        "/moved": (302, {"Location": "/a.glb"}, b""),
        "/inside": (302, {"Location": "http://10.0.0.1/latest/meta-data"}, b""),
        "/round": (302, {"Location": "/round"}, b""),
        "/gone": (404, {}, b"no"),
        "/empty": (200, {}, b""),
        "/large": (200, {}, bytes(3_000)),
    }
    url = answering.url
    assert results.fetched(f"{url}/a.glb", HERE) == b"glTF..."
    assert results.fetched(f"{url}/moved", HERE) == b"glTF..."
    assert not [headers for _, headers in answering.came if "Authorization" in headers]
    with pytest.raises(StudioError, match="no public network"):
        results.fetched(f"{url}/a.glb", ())
    with pytest.raises(StudioError, match="no public network"):
        results.fetched(f"{url}/inside", HERE)
    for path in ("/round", "/gone", "/empty"):
        with pytest.raises(NotThere):
            results.fetched(f"{url}{path}", HERE)
    monkeypatch.setattr(results, "LARGEST", 2_000)
    with pytest.raises(StudioError, match="more than"):
        results.fetched(f"{url}/large", HERE)
    for odd in ("file:///etc/passwd", "ftp://x/y", "data:model/gltf-binary;base64,AA=="):
        with pytest.raises(StudioError):
            results.fetched(odd, HERE)
