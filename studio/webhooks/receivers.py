"""Addresses that people or services name, of webhooks above all: which are taken, and which machine
one means.

A name is looked up once for each try, every address that it has is looked at, and the connection
goes to one of those: who changes the name meanwhile (DNS rebinding) changes nothing. Private
networks, this machine and what is kept for other uses are refused unless STUDIO_PRIVATE_NETWORKS
has them, since a caller may name any address and the studio stands inside of the team's network.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from studio.errors import StudioError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
LONGEST = 2000
WEBHOOK = "webhook"
NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address within one of IPv6 (RFC 6052)
ALLOW = "Whoever looks after the studio may allow its network: STUDIO_PRIVATE_NETWORKS."


class Unknown(StudioError):
    """Nobody has that name now; later somebody may."""


@dataclass(frozen=True)
class Receiver:
    """Where a message goes: the address as it was given, and the machines that were looked at, of
    which one is connected to, and no other."""

    url: str
    machines: tuple[str, ...]


def checked(url: str, networks: Sequence[Network], whose: str = WEBHOOK) -> str:
    """The address without blanks around it, or StudioError: it is none, or names a machine that is
    refused. A name is not looked up. `whose` calls the address in errors."""
    parts = _parts(url, whose)
    literal = _literal(parts.hostname or "")
    if literal is not None:
        _refuse(literal, parts.scheme, networks, whose)
    return url.strip()


def looked_up(url: str, networks: Sequence[Network], whose: str = WEBHOOK) -> Receiver:
    """The address with its machines. Unknown (StudioError) where there are none of that name,
    StudioError where any of them is refused. `whose` calls the address in errors."""
    parts = _parts(url, whose)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unknown(
            f"The {whose}'s {host!r} can't be looked up: {error}.", "Look at its spelling."
        ) from error
    machines = tuple(dict.fromkeys(str(one[4][0]) for one in found))
    for machine in machines:
        _refuse(ipaddress.ip_address(machine.partition("%")[0]), parts.scheme, networks, whose)
    return Receiver(url.strip(), machines)


def _parts(url: str, whose: str) -> SplitResult:
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise StudioError(f"The {whose}'s address is none: {error}.", _HOW) from error
    wrong = ""
    if len(url) > LONGEST or not url.isascii() or any(ord(sign) <= 32 for sign in url):
        wrong = f"longer than {LONGEST} characters, or holds blanks or letters beyond ASCII"
    elif parts.scheme not in ("https", "http") or not parts.hostname:
        wrong = "no address of the web"
    elif parts.username is not None or parts.password is not None:
        wrong = "one with a name or password in it, which would stand in logs"
    elif port == 0:
        wrong = "one with port 0"
    elif parts.fragment:
        wrong = "one with a #part, which is never sent"
    if wrong:
        raise StudioError(f"The {whose}'s address is {wrong}.", _HOW)
    return parts


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refuse(machine: Address, scheme: str, networks: Sequence[Network], whose: str) -> None:
    inner = _inner(machine)
    allowed = any(inner in network for network in networks if network.version == inner.version)
    if not allowed and not _is_public(inner):
        raise StudioError(
            f"The {whose}'s address leads to {machine}, which is in no public network.", ALLOW
        )
    if scheme != "https" and not allowed:
        raise StudioError(
            f"The {whose}'s address begins with http://, and anybody on the way could read along.",
            "Give one that begins with https://. " + ALLOW,
        )


def _is_public(machine: Address) -> bool:
    local = isinstance(machine, IPv6Address) and machine.is_site_local
    other = machine.is_multicast or machine.is_reserved
    return machine.is_global and not other and not local


def _inner(machine: Address) -> Address:
    """The IPv4 address that one of IPv6 leads to, where it does."""
    if isinstance(machine, IPv4Address):
        return machine
    if machine in NAT64:
        return IPv4Address(int(machine) & 0xFFFFFFFF)
    return machine.ipv4_mapped or machine.sixtofour or machine


_HOW = "Give one as https://build.example.com/housestyle, without a name, password or #part."
