"""A message on its way to a real receiver, which may redirect, hang, drip or be somebody else."""

import shutil
import ssl
import subprocess
import threading

import pytest

from studio.webhooks import sending
from studio.webhooks.receivers import Receiver
from tests.webhooks import conftest

LOOPBACK = ("127.0.0.1",)


def _post(url, machines=LOOPBACK):
    return sending.post(Receiver(url, machines), {"webhook-id": "msg_1"}, b'{"a": 1}')


def test_it_is_posted_as_json_with_its_headers(receiver):
    assert _post(f"{receiver.url}?x=1") == sending.Answer(204, "")
    ((told, body),) = receiver.came
    assert body == b'{"a": 1}' and told["webhook-id"] == "msg_1"
    assert told["content-type"] == "application/json"
    assert told["user-agent"].startswith("Housestyle")


def test_the_name_in_the_address_leads_nowhere_else(receiver):
    """The name is nobody's, and is never asked for: the machine that was looked at gets it."""
    url = receiver.url.replace("127.0.0.1", "build.test")
    assert _post(url).status == 204
    assert receiver.came[0][0]["host"].startswith("build.test:")
    assert "could not be reached" in _post(url, ("127.0.0.2",)).error


def test_of_several_machines_the_next_is_tried_where_one_is_down(receiver):
    assert _post(receiver.url, ("127.0.0.2", "127.0.0.1")).status == 204


def test_a_redirect_is_a_refusal(receiver):
    receiver.answers += [302]
    assert _post(receiver.url) == sending.Answer(302, "It answered 302.")
    assert len(receiver.came) == 1


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_who_does_not_answer_to_the_end_is_left(receiver, monkeypatch, how):
    monkeypatch.setattr(sending, "IN_ALL_S", 0.3)
    receiver.answers += [how]
    found = _post(receiver.url)
    assert found.status is None and "had not answered after 0.3 s" in found.error


def test_nobody_there():
    assert "could not be reached" in _post("http://127.0.0.1:9/").error


@pytest.fixture
def certified(tmp_path):
    """A receiver behind TLS whose certificate is for build.test, and that certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, so there is no certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=x"
    more = ["-addext", "subjectAltName=DNS:build.test", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", *words.split(), *more], check=True, capture_output=True)
    receiver = conftest.Receiver()
    server = conftest.served(receiver)
    behind = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    behind.load_cert_chain(certificate, key)
    server.socket = behind.wrap_socket(server.socket, server_side=True)
    receiver.url = f"https://build.test:{server.server_address[1]}/hook"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    sending._trust.cache_clear()
    yield receiver, certificate
    sending._trust.cache_clear()
    server.shutdown()
    server.server_close()


def test_the_certificate_is_checked_against_the_name(certified, monkeypatch):
    receiver, certificate = certified
    assert "could not be reached" in _post(receiver.url).error  # by nobody that is known
    sending._trust.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert _post(receiver.url) == sending.Answer(204, "")
    wrong = _post(receiver.url.replace("build.test", "other.test"))
    assert wrong.status is None and "certificate" in wrong.error.lower()
    assert len(receiver.came) == 1
