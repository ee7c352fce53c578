"""The Dockerfile's steps without a container engine: as root, in a Debian tree of its own.

    python3 tests/image_steps.py

Every RUN, COPY and ENV is done as it stands there, the last command is started as the Dockerfile's
user, and /healthz must answer 200. The base image's Python is stood in for by a venv of Debian's.
Changes the system it runs on: meant for a bare tree that is thrown away. Not a test of its own.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PYTHON = "/opt/image-python"
PATIENCE_S = 180


def steps(text: str) -> list[tuple[str, str]]:
    """The instructions and what each is given, continued lines joined."""
    joined = text.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


def copy(given: str, workdir: Path) -> None:
    """COPY as the engine does it: the files under git stand for what .dockerignore leaves."""
    *sources, target = given.split()
    if sources == ["."]:
        tracked = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
        listed = subprocess.run(tracked, cwd=CHECKOUT, check=True, capture_output=True).stdout
        sources = [name for name in listed.decode().split("\0") if name]
    for source in sources:
        to = workdir / target / source
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / source, to)


def healthy(process: subprocess.Popen[bytes], port: str) -> dict[str, bool]:
    """What /healthz answers once it answers 200."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return dict(json.load(answer))
        except OSError:
            time.sleep(0.5)
    ended = process.poll()
    late = f"/healthz did not answer 200 within {PATIENCE_S} s"
    raise SystemExit(late if ended is None else f"The last command ended with {ended}")


def main() -> None:
    """Does every step; the last one prints what is up and ends all of it."""
    environment = {**os.environ, "PATH": f"{PYTHON}/bin:{os.environ['PATH']}"}
    subprocess.run([sys.executable, "-m", "venv", PYTHON], check=True)
    workdir, user = Path("/"), "root"
    for name, given in steps((CHECKOUT / "Dockerfile").read_text()):
        print(f"{name} {given}", flush=True)
        if name == "WORKDIR":
            workdir = Path(given)
            workdir.mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            copy(given, workdir)
        elif name == "ENV":
            environment |= dict(pair.split("=", 1) for pair in shlex.split(given))
        elif name == "RUN":
            subprocess.run(given, shell=True, cwd=workdir, env=environment, check=True)
        elif name == "USER":
            user = given
        elif name == "CMD":
            words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
            # As compose.yaml asks for it: beyond its own machine the studio wants people named.
            environment |= {"HOME": f"/home/{user}", "STUDIO_SIGN_IN": "local"}
            environment["STUDIO_ADDRESS"] = "http://127.0.0.1:8501"
            process = subprocess.Popen([*words, *json.loads(given)], cwd=workdir, env=environment)
            print(healthy(process, "8501"), flush=True)
            process.send_signal(signal.SIGINT)
            raise SystemExit(process.wait(60))


if __name__ == "__main__":
    main()
