"""Signatures are those of the standard, and the example of the documents tells them apart."""

import re
import time
from datetime import UTC, datetime

import pytest

from studio.settings import CHECKOUT
from studio.webhooks import signing

# The standard's own example.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.fixture(scope="module")
def is_genuine():
    """The function that docs/webhooks.md gives receivers."""
    page = (CHECKOUT / "docs" / "webhooks.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict = {}
    exec(compile(program, "docs/webhooks.md", "exec"), names)
    return names["is_genuine"]


def test_it_signs_as_the_standard_does():
    assert signing.signature(SECRET, MESSAGE, TIME, BODY) == SIGNATURE


def test_secrets_are_long_and_differ():
    made = {signing.made_secret() for _ in range(5)}
    assert len(made) == 5
    assert all(re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", one) for one in made)


def test_the_documents_example_takes_what_is_ours_and_nothing_else(is_genuine):
    ours, other = signing.made_secret(), signing.made_secret()
    now = datetime.now(UTC)
    told = signing.headers([ours], "msg_1", BODY, now)
    assert is_genuine(ours, told, BODY)
    assert not is_genuine(other, told, BODY)
    assert not is_genuine(ours, told, BODY + b" ")
    assert not is_genuine(ours, {**told, "webhook-id": "msg_2"}, BODY)
    later = str(int(told["webhook-timestamp"]) + 1)
    assert not is_genuine(ours, {**told, "webhook-timestamp": later}, BODY)
    assert not is_genuine(ours, {**told, "webhook-timestamp": "now"}, BODY)
    assert not is_genuine(ours, {**told, "webhook-signature": "v1a,x v1"}, BODY)


def test_the_example_refuses_an_old_message_and_takes_either_secret(is_genuine):
    old, new = signing.made_secret(), signing.made_secret()
    told = signing.headers([new, old], "msg_1", BODY, datetime.now(UTC))
    assert is_genuine(old, told, BODY) and is_genuine(new, told, BODY)
    past = datetime.fromtimestamp(time.time() - 301, UTC)
    assert not is_genuine(new, signing.headers([new], "msg_1", BODY, past), BODY)
