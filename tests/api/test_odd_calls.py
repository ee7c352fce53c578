"""Schemathesis before a running studio: whatever is sent within the description or against it, no
answer is an error of the studio's own, and each is what the description says."""

import copy
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from studio import context
from studio.accounts import people, tokens
from studio.api import rest
from studio.datasets.folder_import import import_folder
from studio.finishing import palettes
from studio.finishing.colour_table import ColourTable
from studio.jobs import queue
from studio.registry import requests
from studio.settings import CHECKOUT, load_settings
from studio.worker.kind_table import KINDS
from studio.worker.payload import read
from tests.answering import answer_of
from tests.api.asked import ADMIN, NOW, picture, put_asset
from tests.cut_off import free_port
from tests.furnished import bare_files

CALLS = 2_000
A_ROUTE = 40  # examples that are made up of each
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def furnished(settings: Any, folder: Path) -> tuple[str, dict[str, list[str]]]:
    """Something of each subject; a token that may everything, and what addresses may name."""
    studio = context.open_studio(settings)
    engine = studio.engine
    now = datetime.now(UTC)
    people.add(engine, "Ana", "admin", by=ADMIN, now=now, subject="ana")
    _, secret = tokens.make(engine, "Ana", "admin", label="odd", days=2, by=ADMIN, now=now)
    studio.client.create_registered_model("art")
    for _ in range(2):
        tags = {"base": "/pocket", "base_name": "pocket", "filter": "lanczos"}
        studio.client.create_model_version("art", bare_files(folder / "bare"), tags=tags)
    made = [put_asset(studio, name, job=1) for name in ("a", "b")]
    table = ColourTable(("#000000", "#ffffff"))
    palettes.save(engine, "props", table, after=0, by=ADMIN, now=now)
    (folder / "gems").mkdir()
    (folder / "gems" / "a.png").write_bytes(picture())
    frozen = import_folder(studio.home, "gems", folder / "gems", now=NOW, actor=ADMIN).version
    gems = {"dataset": "gems"}
    for kind, given in (("look", gems), ("train", {**gems, "style": "art"})):
        payload = read(KINDS[kind].payload, given).model_dump()
        queue.submit(engine, kind=kind, lane="short", payload=payload, asked_by="Ana", now=now)
    queue.cancel(engine, 1, ADMIN, now)
    requests.ask(engine, style="art", number=1, actor=ADMIN, why="It is good.", now=now)
    engine.dispose()
    return secret, {
        "style": ["art", "nothing", "a'b\\"],
        "version": ["1", "9"],
        "asset": [*made, "nothing"],
        "role": ["picture", "x"],
        "dataset": ["gems", "none", "A b"],
        "digest": [frozen.digest, "abc"],
        "palette": ["props", "props@1", "props@9", "é"],
        "job": ["1", "2", "9"],
        "request": ["1", "9"],
    }


def asked(places: dict[str, list[str]]) -> dict[str, Any]:
    """The description whose addresses name those things, and in which nobody waits."""
    found = copy.deepcopy(rest.description())
    for operations in found["paths"].values():
        for operation in operations.values():
            kept = [one for one in operation.get("parameters", ()) if one["name"] != "wait"]
            for one in kept:
                if one["in"] == "path" and one["name"] in places:
                    one["schema"] = {"enum": places[one["name"]], "type": "string"}
            operation["parameters"] = kept
    return found


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_two_thousand_odd_calls_find_no_error_of_the_studios_own(tmp_path: Path) -> None:
    port = free_port()
    here = f"http://127.0.0.1:{port}"
    given = {
        "STUDIO_HOME": str(tmp_path / "home"),
        "STUDIO_PORT": str(port),
        "STUDIO_SIGN_IN": "local",
        "STUDIO_ADDRESS": here,
        "STUDIO_MOST_CALLS": "1000000",
        "STUDIO_MOST_JOBS": "1000000",
    }
    secret, places = furnished(load_settings(given), tmp_path)
    description, har = tmp_path / "openapi.json", tmp_path / "calls.har"
    description.write_text(json.dumps(asked(places)))
    log = tmp_path / "log.txt"
    run = [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(port)]
    with log.open("wb") as out:
        web = subprocess.Popen(
            [*run, "--log-level", "warning"],
            cwd=CHECKOUT,
            env={**os.environ, **given},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        answer_of(f"{here}/sign-in", web, log)
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(description)]
        command += ["--url", f"{here}{rest.AT}", "--header", f"Authorization: Bearer {secret}"]
        command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
        command += ["--max-examples", str(A_ROUTE), "--seed", "1", "--continue-on-failure"]
        command += ["--generation-database", "none", "--report-har-path", str(har), "--no-color"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    finally:
        web.send_signal(signal.SIGINT)
        web.wait(30)
    calls = [one["response"]["status"] for one in json.loads(har.read_text())["log"]["entries"]]
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
    assert len(calls) >= CALLS and max(calls) < 500
    assert 200 in calls and 201 in calls and 404 in calls and 422 in calls
    assert secret not in log.read_text() and "Error " not in log.read_text()
