"""A real S3 server for tests: Ceph's RADOS gateway over one monitor and one disk in memory.

Debian's packages ceph-mon, ceph-osd, radosgw and ceph-common, all on loopback, about 250 MB and
20 s. By hand, until Enter is pressed:

    python -m tests.services.radosgw
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "ceph", "ceph-authtool", "monmaptool")
LACKING = (
    "radosgw is not installed (Debian: apt-get install --no-install-recommends ceph-mon ceph-osd "
    "radosgw ceph-common)"
)
READY_S = 60.0
CONF = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monitor}
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
mon pg warn min per osd = 0
osd crush chooseleaf type = 0
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
pid file = {folder}/$name.pid
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[mon.a]
mon data = {folder}/mon
mon allow no osd = true
[osd.0]
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
osd memory target = 939524096
[client.rgw]
rgw data = {folder}/rgw
client mount timeout = 30
rgw dynamic resharding = false
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw dns name = localhost
"""


@dataclass(frozen=True)
class Keys:
    """Of one user of the server."""

    user: str
    access: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """By which boto3 finds them."""
        return {"AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret}


@dataclass(frozen=True)
class Gateway:
    """The running server; `folder` holds its settings, logs and the numbers of its processes."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def user(self, name: str) -> Keys:
        """A new user."""
        secret = f"{name}-secret-key-{uuid.uuid4().hex}"
        keys = Keys(name, name, secret)
        words = ("user", "create", f"--uid={name}", f"--display-name={name}")
        self.admin(*words, f"--access-key={keys.access}", f"--secret-key={secret}")
        return keys

    def admin(self, *words: str) -> Any:
        """What radosgw-admin answers."""
        done = _run(self.folder, "radosgw-admin", *words)
        return json.loads(done) if done.strip().startswith("{") else done

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """The server takes connections and answers none of them."""
        process = int((self.folder / "client.rgw.pid").read_text())
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)


def client(gateway: Gateway, keys: Keys) -> Any:
    """boto3's own, to make and to look into buckets with."""
    import boto3
    from botocore.config import Config

    return boto3.session.Session(keys.access, keys.secret).client(
        "s3",
        region_name="us-east-1",
        endpoint_url=gateway.address,
        config=Config(
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"},
        ),
    )


def lacks() -> str:
    """Why no server can be started here; empty where it can."""
    gone = [one for one in PROGRAMS if shutil.which(one) is None]
    return LACKING if gone else ""


@contextmanager
def running() -> Iterator[Gateway]:
    """A server of its own, gone afterwards with all that it held."""
    folder = Path(tempfile.mkdtemp(prefix="hs-rgw-", dir="/tmp"))  # a socket's path must be short
    gateway = Gateway(folder, _port())
    try:
        _start(gateway)
        yield gateway
    finally:
        for file in folder.glob("*.pid"):
            with suppress(OSError, ValueError):
                os.kill(int(file.read_text()), signal.SIGCONT)
                os.kill(int(file.read_text()), signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def _start(gateway: Gateway) -> None:
    folder, fsid, monitor = gateway.folder, str(uuid.uuid4()), _port()
    for name in ("mon", "osd", "rgw", "log", "run"):
        (folder / name).mkdir()
    conf = CONF.format(folder=folder, fsid=fsid, monitor=monitor, port=gateway.port)
    (folder / "ceph.conf").write_text(conf)
    ring, all = str(folder / "keyring"), ("--cap", "mon", "allow *")
    _run(folder, "ceph-authtool", "--create-keyring", ring, "--gen-key", "-n", "mon.", *all)
    for name in ("client.admin", "client.rgw"):
        more = ("--cap", "osd", "allow *", "--cap", "mgr", "allow *")
        _run(folder, "ceph-authtool", ring, "--gen-key", "-n", name, *all, *more)
    disk = ("--cap", "mon", "allow profile osd", "--cap", "osd", "allow *")
    _run(folder, "ceph-authtool", ring, "--gen-key", "-n", "osd.0", *disk)
    map = str(folder / "monmap")
    at = ("--addv", "a", f"v2:127.0.0.1:{monitor}", "--fsid", fsid, "--enable-all-features")
    _run(folder, "monmaptool", "--create", *at, map)
    _run(folder, "ceph-mon", "-i", "a", "--mkfs", "--monmap", map, "--keyring", ring)
    _run(folder, "ceph-mon", "-i", "a")
    number = str(uuid.uuid4())
    _run(folder, "ceph", "osd", "new", number)
    _run(folder, "ceph", "auth", "import", "-i", ring)
    _run(folder, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", number)
    _run(folder, "ceph-osd", "-i", "0")
    _run(folder, "radosgw", "-n", "client.rgw")
    _wait(gateway)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(gateway: Gateway) -> None:
    end = time.monotonic() + READY_S
    while True:
        with suppress(httpx.HTTPError):
            httpx.get(gateway.address, timeout=5)
            return
        log = gateway.folder / "log" / "client.rgw.log"
        said = log.read_text(errors="replace")[-2000:] if log.exists() else "no log"
        assert time.monotonic() < end, f"radosgw does not answer: {said}"
        time.sleep(0.3)


def _run(folder: Path, *words: str) -> str:
    around = {**os.environ, "CEPH_CONF": str(folder / "ceph.conf")}
    log = folder / "up.log"  # a daemon keeps what it was started with open, so it gets no pipe
    with log.open("ab") as errors, tempfile.TemporaryFile() as out:
        done = subprocess.run(words, env=around, stdout=out, stderr=errors, timeout=120, cwd="/")
        out.seek(0)
        said = out.read().decode()
    assert done.returncode == 0, f"{words[0]}: {log.read_text(errors='replace')[-2000:]}"
    return said


def main() -> None:
    """Run one until Enter is pressed."""
    with running() as gateway:
        keys = gateway.user("studio")
        told = {"STUDIO_STORE_ENDPOINT": gateway.address, **keys.environment}
        print(" ".join(f"{name}={value}" for name, value in told.items()), flush=True)
        input()


if __name__ == "__main__":
    main()
