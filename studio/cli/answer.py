"""What a command answers with, and where it says how it goes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]


def say(arguments: argparse.Namespace) -> Callable[[str], None]:
    """Where progress goes: standard error with --json, so that the answer stays alone."""
    return lambda line: print(line, file=sys.stderr if arguments.json else sys.stdout, flush=True)
