"""The real app and a real worker: an assistant draws, looks, finishes and finds."""

import asyncio
import base64
import io
import os
import socket
import subprocess
import sys

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from studio.accounts import people, tokens
from studio.accounts.rights import Actor
from studio.assets import verdicts
from studio.assets.verdicts import Judgement
from studio.cli.main import main
from studio.database import engine as db
from studio.jobs import queue
from studio.settings import CHECKOUT
from tests.answering import answer_of
from tests.web.guarded import now

pytestmark = pytest.mark.slow
ADMIN = Actor("x", "admin")
BRIEF = ["--preset", "fast"]
for given in ("max_train_steps=2", "preview_every_n_steps=0", "batch_size=2", "rank=2"):
    BRIEF += ["--set", given]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A style that was briefly trained, in production."""
    home = tmp_path_factory.mktemp("whole")
    art = str(CHECKOUT / "sample" / "train")
    for words in (
        ["dataset", "import", "sample", art],
        ["train", "props", "--dataset", "sample", *BRIEF],
        ["promote", "props", "1", "production", "--why", "first"],
    ):
        assert main([*words, "--home", str(home), "--user", "x"]) == 0
    return home


@pytest.fixture
def address(home, tmp_path):
    """The web process with sign-in, and a worker beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        **{"STUDIO_HOME": str(home), "STUDIO_PORT": str(port), "STUDIO_SIGN_IN": "local"},
        **{"STUDIO_THREADS": "1", "STUDIO_DEVICE": "cpu"},
    }
    web = [sys.executable, "-m", "uvicorn", "studio.web:app", "--port", str(port)]
    log, started = tmp_path / "log.txt", []
    with log.open("wb") as out:
        for run in (web, [sys.executable, "-m", "studio", "worker"]):
            started.append(
                subprocess.Popen(
                    run,
                    cwd=CHECKOUT,
                    env={**os.environ, **settings},
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
            )
    try:
        answer_of(f"http://127.0.0.1:{port}/sign-in", started[0], log)
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def seen(told):
    return Image.open(io.BytesIO(base64.b64decode(told.content[0].data)))


def test_an_assistant_draws_looks_finishes_and_finds(home, address):
    engine = db.open_database(home)
    people.add(engine, "Ana", "artist", by=ADMIN, now=now(), password="three or four words")
    _, secret = tokens.make(engine, "Ana", "artist", label="x", days=1, by=ADMIN, now=now())

    async def run():
        headers = {"authorization": f"Bearer {secret}", "x-request-id": "build-1"}
        async with httpx2.AsyncClient(headers=headers, timeout=120) as http:
            door = streamable_http_client(f"{address}/mcp", http_client=http)
            async with Client(door) as client:
                return await use(client)

    async def use(client):
        async def ended(told):
            job = told.structured_content["job"]
            while job["state"] in ("queued", "running"):
                told = await client.call_tool("wait_for_job", {"job": job["id"], "wait": 50})
                job = told.structured_content["job"]
            assert job["state"] == "done", job
            return job

        (style,) = (await client.call_tool("list_styles", {})).structured_content["items"]
        assert (style["style"], style["yours"]["version"]) == ("props", 1)
        asked = {"style": "props", "prompt": "a red potion", "steps": 2, "count": 2, "wait": 50}
        job = await ended(await client.call_tool("generate", asked))
        assert len(job["assets"]) == 2 and job["asked_by"] == "Ana"
        assert queue.get(engine, job["id"]).request_id == "build-1"
        id = job["assets"][0]
        looked = await client.call_tool("get_picture", {"asset": id, "factor": "4"})
        size = (looked.structured_content["width"], looked.structured_content["height"])
        assert seen(looked).size == (4 * size[0], 4 * size[1])
        assert looked.structured_content["recipe"]["prompt"] == "a red potion"
        approved = {"style": "props"}
        found = await client.call_tool("search_pictures", approved)
        assert found.structured_content == {"items": [], "next": None}
        verdicts.judge(engine, id, Judgement("approved"), by=ADMIN, now=now(), turn=0)
        found = await client.call_tool("search_pictures", approved)
        assert [one["id"] for one in found.structured_content["items"]] == [id]
        steps = {"recipe": {"hard_alpha": True, "canvas": [96, 96]}}
        told = await client.call_tool("finish_pictures", {"ids": [id], "steps": steps})
        (new,) = told.structured_content["assets"]
        assert seen(await client.call_tool("get_picture", {"asset": new})).size == (96, 96)
        lines = [{"name": "gem", "prompt": "a {red,blue} gem", "count": 1}]
        listed = {"style": "props", "set": "gems", "assets": lines, "steps": 2, "wait": 50}
        job = await ended(await client.call_tool("draw_list", listed))
        assert len(job["assets"]) == 2

    asyncio.run(run())
    engine.dispose()
