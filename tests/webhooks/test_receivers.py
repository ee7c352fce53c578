"""Which addresses a webhook may have: of the web, public, and the machine that was looked at."""

import socket
from ipaddress import ip_network

import pytest

from studio.errors import StudioError
from studio.webhooks import receivers

PRIVATE = (
    "https://127.0.0.1/",
    "https://127.1/",  # as C libraries read it
    "https://2130706433/",
    "https://0x7f.1/",
    "https://localhost/",
    "https://0.0.0.0/",
    "https://10.0.0.5/",
    "https://172.16.9.9/",
    "https://192.168.1.1:8443/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:10.0.0.5]/",
    "https://[64:ff9b::a00:5]/",
    "https://[2002:a00:5::]/",
)
NONE = (
    "",
    "build.example.com",
    "ftp://93.184.216.34/",
    "https:///x",
    "https://93.184.216.34:0/",
    "https://93.184.216.34:99999/",
    "https://[93.184.216.34/",
    "https://ana:secret@93.184.216.34/",
    "https://93.184.216.34/#part",
    "https://93.184.216.34/a b",
    "https://93.184.216.34/\r\nHost: x",
    "https://bücher.example/",
    "https://93.184.216.34/" + "x" * 2000,
)


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_network_is_refused(url):
    with pytest.raises(StudioError, match="in no public network") as refused:
        receivers.looked_up(url, ())
    assert "STUDIO_PRIVATE_NETWORKS" in refused.value.remedy


@pytest.mark.parametrize("url", NONE)
def test_what_is_no_address_is_refused_with_a_remedy(url):
    for look in (receivers.checked, receivers.looked_up):
        with pytest.raises(StudioError, match="The webhook's address is") as refused:
            look(url, ())
        assert refused.value.remedy and "secret" not in str(refused.value)


def test_a_public_machine_is_taken_and_read_along_by_nobody():
    found = receivers.looked_up(" https://93.184.216.34/hook?a=1 ", ())
    assert found == receivers.Receiver("https://93.184.216.34/hook?a=1", ("93.184.216.34",))
    assert receivers.looked_up("https://[2606:2800:220:1::1]/", ()).machines
    with pytest.raises(StudioError, match="begins with http://"):
        receivers.looked_up("http://93.184.216.34/", ())


def test_an_allowed_network_is_taken_and_no_other():
    allowed = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    for url in ("http://10.20.3.4:8080/x", "https://[fd00::7]/", "http://[::ffff:10.20.3.4]/"):
        assert receivers.checked(url, allowed) == receivers.looked_up(url, allowed).url == url
    for url in ("http://10.21.3.4/", "https://127.0.0.1/"):
        with pytest.raises(StudioError, match="no public network"):
            receivers.checked(url, allowed)


def test_a_name_is_refused_for_any_machine_that_it_has(monkeypatch):
    def two(host, port, **more):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (machine, port))
            for machine in ("93.184.216.34", "10.0.0.5")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with pytest.raises(StudioError, match="leads to 10.0.0.5"):
        receivers.looked_up("https://build.example.com/", ())
    assert receivers.checked("https://build.example.com/", ())  # at the door no name is looked up
    found = receivers.looked_up("https://build.example.com/", (ip_network("10.0.0.0/8"),))
    assert found.machines == ("93.184.216.34", "10.0.0.5")


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_can_not_be_looked_up_is_named(host):
    with pytest.raises(StudioError, match="can't be looked up"):
        receivers.looked_up(f"https://{host}/", ())
