"""`python -m studio mcp`, by mcp's own client over its standard input and output."""

import asyncio
import os
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters

from studio.accounts import people, tokens
from studio.accounts.rights import Actor
from studio.api.mcp.tool_table import TOOLS
from studio.cli.main import main
from studio.database import engine as db
from studio.settings import CHECKOUT
from tests.web.guarded import now

ADMIN = Actor("x", "admin")
LOOKING = {name for name, tool in TOOLS.items() if tool.right == "look"}


@pytest.fixture
def engine(tmp_path):
    made = db.open_database(tmp_path)
    yield made
    made.dispose()


def started(home, **settings):
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "studio", "mcp", "--home", str(home)],
        env={"MLFLOW_DISABLE_TELEMETRY": "true", **settings},
        cwd=CHECKOUT,
    )


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_it_acts_as_who_starts_it(tmp_path, mode):
    async def use():
        async with Client(started(tmp_path, STUDIO_USER="dee"), mode=mode) as client:
            listed = {one.name for one in (await client.list_tools()).tools}
            styles = await client.call_tool("list_styles", {})
            wrong = await client.call_tool("generate", {"style": "props", "prompt": "a gem"})
            return listed, styles, wrong, await client.call_tool("get_status", {})

    listed, styles, wrong, status = asyncio.run(use())
    assert listed == set(TOOLS) and styles.structured_content == {"items": []}
    assert wrong.is_error and "props has nothing in production" in wrong.content[0].text
    assert status.structured_content["name"] == "dee"


@pytest.mark.slow
def test_where_people_sign_in_it_acts_as_the_token_as_long_as_that_holds(tmp_path, engine):
    people.add(engine, "Ana", "artist", by=ADMIN, now=now(), password="three or four words")
    made, secret = tokens.make(
        engine, "Ana", "viewer", label="assistant", days=1, by=ADMIN, now=now()
    )
    settings = {"STUDIO_SIGN_IN": "local", "STUDIO_TOKEN": secret}

    async def use():
        async with Client(started(tmp_path, **settings)) as client:
            listed = {one.name for one in (await client.list_tools()).tools}
            first = await client.call_tool("get_status", {})
            refused = await client.call_tool("generate", {"style": "props", "prompt": "a gem"})
            tokens.withdraw(engine, made.id, by=ADMIN, now=now())
            return listed, first, refused, await client.call_tool("get_status", {})

    listed, first, refused, after = asyncio.run(use())
    assert listed == LOOKING and first.structured_content["role"] == "viewer"
    assert "Ana may not draw pictures as viewer" in refused.content[0].text
    assert after.is_error and "does not hold any more" in after.content[0].text

    told = subprocess.run(
        [sys.executable, "-m", "studio", "mcp", "--home", str(tmp_path)],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (told.returncode, told.stdout) == (2, "") and "does not hold" in told.stderr


def test_it_has_one_way_to_answer(tmp_path, capsys):
    assert main(["mcp", "--json", "--home", str(tmp_path)]) == 2
    assert "Leave --json out" in capsys.readouterr().out
