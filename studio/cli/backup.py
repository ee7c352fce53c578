"""`backup` and `restore` on the command line."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.settings import Settings

LACKED = "Their files were not there when the backup was made: look for them where it was."


def add(command: Command, commands: Any) -> None:
    """Add both; `command` makes one with what all take."""
    parser = command("backup", backup, "Write the whole studio into one file, while it runs")
    parser.add_argument("file", type=Path, metavar="FILE.tar")
    parser = command("restore", restore, "Put a backup back, into a studio that is stopped")
    parser.add_argument("file", type=Path, metavar="FILE.tar")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="even where a studio is already; that one is kept aside",
    )
    parser.add_argument(
        "--check", action="store_true", help="read and check the file, change nothing"
    )


def backup(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`backup`."""
    from studio.operations.backup import back_up

    say = printer(arguments)
    made = back_up(settings, arguments.file, datetime.now(UTC), say)
    say(f"{made.file}  {made.size / 1e6:.1f} MB")
    _say_missing(made.missing, "This backup is not whole. Look with: python -m studio doctor", say)
    return {**dataclasses.asdict(made), "exit": 1 if made.missing else 0}


def restore(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`restore`."""
    from studio.operations import restore as restoring

    say = printer(arguments)
    if arguments.check:
        found = restoring.check(arguments.file)
        whole = "As it was written" if found.missing else "Whole"
        say(
            f"{whole}: {found.rows} rows of {len(found.tables)} tables and {len(found.files)} "
            f"files, {found.size / 1e6:.1f} MB, of {found.made_at} from {found.database}."
        )
        _say_missing(found.missing, LACKED, say)
        told = {"made_at": found.made_at, "rows": found.rows, "files": len(found.files)}
        return {**told, "missing": found.missing, "exit": 1 if found.missing else 0}
    done = restoring.restore(
        settings, arguments.file, datetime.now(UTC), say, replace=arguments.replace
    )
    say(f"Restored {done.rows} rows and {done.files} files, as of {done.made_at}.")
    for folder in done.before:
        say(f"What was there before lies in {folder}")
    _say_missing(done.missing, LACKED, say)
    return {**dataclasses.asdict(done), "exit": 1 if done.missing else 0}


def _say_missing(missing: Sequence[str], meaning: str, say: Callable[[str], None]) -> None:
    """Name the versions whose files are in no backup, and what to do."""
    for one in missing:
        say(f"{one}.")
    if missing:
        say(meaning)
