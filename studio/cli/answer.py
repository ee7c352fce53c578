"""How a command is made, what it answers with, and where it says how it goes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]
# Adds one command with the options that all have: (name, run, help, into=the top's commands).
Command = Callable[..., argparse.ArgumentParser]


def printer(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Prints a line: to standard error with --json, so that the answer stays alone."""
    return lambda line: print(line, file=sys.stderr if arguments.json else sys.stdout, flush=True)
