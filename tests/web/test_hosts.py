"""By which names, and from which pages, the studio may be called: in every mode."""

import pytest

from studio.settings import load_settings
from studio.web import hosts

MODES = {
    "alone": {},
    "anyone": {"STUDIO_ANYONE": "yes", "STUDIO_HOST": "0.0.0.0"},
    "team": {"STUDIO_SIGN_IN": "local", "STUDIO_HOST": "0.0.0.0"},
}
ADDRESS = {"STUDIO_ADDRESS": "https://Studio.test"}
OWN = ["localhost:8501", "LOCALHOST", "localhost.", "127.0.0.1:8501", "[::1]:8501", "192.168.0.7"]
FOREIGN = [
    "evil.test:8501",
    "studio.test.evil.test",
    "127.0.0.1.evil.test",
    "localhost.evil.test",
    "evil.test@localhost",
    "localhost:8501@evil.test",
    "localhost/",
    "localhost:x",
    "localhost:123456",
    "[::1",
    "::1]",
    "[evil.test]",
    "",
    " ",
    "*",
    "\xff",
    "0x7f.1",
]


def crossed(settings, method="GET", *more, host=None, **headers):
    found = load_settings(settings)
    given = [("host", host)] if host is not None else []
    given += [(name.replace("_", "-"), value) for name, value in headers.items()] + list(more)
    raw = [(name.encode(), value.encode("latin-1")) for name, value in given]
    kind = {"type": "websocket"} if method == "WEBSOCKET" else {"type": "http", "method": method}
    return hosts.crossed({**kind, "headers": raw}, found.sign_in, found.host)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["GET", "PUT", "WEBSOCKET"])
def test_only_this_machine_addresses_and_the_studios_own_name_are_hosts(mode, method):
    for host in OWN:
        assert crossed(MODES[mode], method, host=host) == "", host
    for host in [*FOREIGN, "studio.test"]:
        assert crossed(MODES[mode], method, host=host) == hosts.FOREIGN, host
    named = {**MODES[mode], **ADDRESS}
    assert crossed(named, method, host="studio.test") == crossed(named, method, host=OWN[0]) == ""
    assert crossed(named, method, host="evil.test") == hosts.FOREIGN
    assert crossed(named, method) == hosts.FOREIGN  # without any
    assert crossed(named, method, ("host", "evil.test"), host="localhost") == hosts.FOREIGN


@pytest.mark.parametrize("method", ["POST", "DELETE", "WEBSOCKET"])
@pytest.mark.parametrize("mode", MODES)
def test_an_origin_that_is_none_is_not_the_studios(mode, method):
    for origin in ["", "null", "http://", "http://[", "evil.test", "file://localhost:8501", "*"]:
        told = crossed(MODES[mode], method, host="localhost:8501", origin=origin)
        assert told == hosts.ELSEWHERE, origin
        assert crossed(MODES[mode], host="localhost:8501", origin=origin) == ""  # only looks
    own = "http://localhost:8501"
    assert crossed(MODES[mode], method, host="localhost:8501", origin=own) == ""
    assert crossed(MODES[mode], method, host="localhost:8501", origin="http://localhost:3000")
    twice = crossed(MODES[mode], method, ("origin", "http://evil"), host="localhost", origin=own)
    assert twice == hosts.ELSEWHERE


def test_by_its_address_the_studio_is_that_alone():
    for origin, fits in [
        ("https://studio.test", True),
        ("http://studio.test", False),
        ("https://studio.test:8501", False),
    ]:
        told = crossed({**MODES["team"], **ADDRESS}, "POST", host="studio.test", origin=origin)
        assert (told == "") == fits
    # A proxy that calls it by its address inside hands on where the browser is.
    inside = {**MODES["team"], **ADDRESS}
    assert crossed(inside, "POST", host="10.0.0.2:8501", origin="https://studio.test") == ""
