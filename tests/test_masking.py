"""What looks like a secret, or is known as one, stands in no text."""

import logging
import subprocess
import sys

import pytest

from studio import context, masking
from studio.errors import StudioError
from studio.masking import masked
from studio.notifications import Notice, _post
from studio.settings import CHECKOUT, load_settings

TOKEN = "hs_" + "aB3-" * 10


@pytest.fixture(autouse=True)
def _forgotten(monkeypatch):
    monkeypatch.setattr(masking, "_values", [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ana:pä@ss/x@db:5432/a", "postgresql://ana:***@db:5432/a"),
        ("at http://ana:geheim@mlflow:5000/x.", "at http://ana:***@mlflow:5000/x."),
        ("https://ghp@github.com/x", "https://***@github.com/x"),
        ("postgresql://studio@/x?host=/tmp", "postgresql://studio@/x?host=/tmp"),
        ("GET /x?token=abc&a=1", "GET /x?token=***&a=1"),
        ("GET /oauth2callback?state=s1&code=c2#x", "GET /oauth2callback?state=***&code=***#x"),
        ("?X-Amz-Signature=12ab&X-Amz-Credential=AK", "?X-Amz-Signature=***&X-Amz-Credential=***"),
        (f"token {TOKEN} made", "token hs_*** made"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic YTpi'}", "{'authorization': 'Basic ***'}"),
        ('{"access_token": "abc", "a": 1}', '{"access_token": "***", "a": 1}'),
        ("STUDIO_OIDC_SECRET=abc STUDIO_USER=ana", "STUDIO_OIDC_SECRET=*** STUDIO_USER=ana"),
        ("connect host=db password=abc user=ana", "connect host=db password=*** user=ana"),
        ("https://hooks.slack.com/services/T1/B2/xyz", "https://hooks.slack.com/services/***"),
        ("sk-proj_0123456789abcdef", "sk-***"),
    ],
)
def test_what_looks_like_a_secret_is_starred_out(text, shown):
    assert masked(text) == shown and masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "keep_tokens=abc is no number.",
        "at http://127.0.0.1:5000/x?page=2 or mail ana@example.com",
        "A bearer of good news, with a secret; the key is C.",
        "It learns 77 tokens, see https://example.com:80/a@b",
    ],
)
def test_what_does_not_is_left(text):
    assert masked(text) == text


def test_values_of_settings_are_hidden_wherever_they_stand():
    values = {
        "STUDIO_CAPTION_KEY": "xyz-12345678",
        "STUDIO_WEBHOOK": "https://example.com/hook/9f8e7d6c",
        "MLFLOW_TRACKING_URI": "http://ana:p%40ss-word1@mlflow:5000",
        "STUDIO_WEBHOOK_SECRET": "short",
    }
    load_settings(values, home="/tmp/none")
    text = "a xyz-12345678 b https://example.com/hook/9f8e7d6c c p@ss-word1 d p%40ss-word1 e short"
    assert masked(text) == "a *** b *** c *** d *** e short"
    assert masked("plain words stay") == "plain words stay"


def test_an_error_for_people_holds_none():
    error = StudioError("http://ana:geheim@mlflow does not answer.", f"Withdraw {TOKEN}.")
    assert "geheim" not in f"{error} {error.message} {error!r}" and TOKEN not in str(error)


def test_logs_and_last_words_hold_none():
    program = (
        "import logging, threading; from studio import masking; masking.in_logs();"
        "logging.basicConfig(level=logging.INFO); log = logging.getLogger('x');"
        f"log.info('GET %s', '/a?token=abc1'); log.error('%s', {TOKEN!r});"
        "t = threading.Thread(target=lambda: 1 / int('postgresql://a:thread1@b'));"
        "t.start(); t.join()\n"
        "try: raise OSError('http://ana:geheim@x')\n"
        "except OSError: log.exception('it failed')\n"
        "raise RuntimeError('Bearer 0123456789abcdefghij')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True
    )
    for secret in ("abc1", TOKEN, "geheim", "thread1", "0123456789abcdefghij"):
        assert secret not in done.stderr
    assert "GET /a?token=***" in done.stderr and "RuntimeError: Bearer ***" in done.stderr
    assert "Traceback" in done.stderr and "it failed" in done.stderr


def test_what_does_not_fit_its_arguments_is_still_logged(caplog):
    masking.in_logs()
    try:
        with caplog.at_level(logging.INFO):
            logging.getLogger("x").info("%s at %s:%d", "up", "here", 1)
    finally:
        logging.setLogRecordFactory(logging.LogRecord)
    assert caplog.messages == ["up at here:1"]


def test_the_image_holds_no_settings_of_whoever_builds_it():
    left_out = (CHECKOUT / ".dockerignore").read_text().split()
    assert {".env", ".env.*", "var", ".git"} <= set(left_out)


def test_a_notice_that_failed_tells_no_address(monkeypatch):
    notice = Notice(1, "2026-01-01", "x", "items", "text", {}, 0, None, None, "")
    said = _post("http://ana:geheim@127.0.0.1:1/hook?token=geheim", None, notice, context.now())
    assert said.startswith("It could not be reached") and "geheim" not in said
