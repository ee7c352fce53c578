"""`mcp` on the command line: the studio as a server for assistants and engines."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from typing import Any

from studio.cli.answer import Answer, Command
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    command("mcp", serve, "Answer an assistant or engine by MCP, on standard input and output")


def serve(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`mcp`. Standard output is the protocol's: nothing else is ever written there."""
    from studio import context
    from studio.api.mcp import over_stdio

    if arguments.json:
        raise StudioError("`mcp` answers by its protocol alone.", "Leave --json out.")
    with redirect_stdout(sys.stderr):
        studio = context.open_studio(settings)
    over_stdio.serve(studio)
    return {}
