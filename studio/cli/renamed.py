"""What commands and flags were called before: they keep working, and say the name of today."""

from __future__ import annotations

from collections.abc import Sequence

# Old -> new. Commands first, the longer before the shorter; a flag stands with the new name of
# its command. Only this table knows the old names, so --help shows none of them.
RENAMED = {
    "dataset look": "dataset preprocessing",
    "night": "queue",
    "people admit": "people enable",
    "people shut": "people disable",
    "rollout begin": "rollout start",
    "tokens make": "tokens create",
    "dataset import --behind": "dataset import --background",
    "dataset import --mirror": "dataset import --horizontal-flips",
    "dataset preprocessing --behind": "dataset preprocessing --background",
    "dataset preprocessing --mirror": "dataset preprocessing --horizontal-flips",
    "doctor --mend": "doctor --fix",
    "rollout change --go-on": "rollout change --resume",
}


def renamed(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """A command line with the names of today, and a warning for each old name in it."""
    line, warnings = list(words), []
    for old, new in RENAMED.items():
        *command, flag = old.split()
        if flag.startswith("--"):
            used = _replace_flag(line, command, flag, new.split()[-1])
        else:
            command = old.split()
            used = line[: len(command)] == command
            if used:
                line[: len(command)] = new.split()
        if used:
            warnings.append(
                f"Warning: python -m studio {old} is deprecated; use python -m studio {new}."
            )
    return line, warnings


def _replace_flag(line: list[str], command: list[str], old: str, new: str) -> bool:
    """Put `new` where the command is asked with `old` or `old`=VALUE; whether it was."""
    if line[: len(command)] != command:
        return False
    end = line.index("--") if "--" in line else len(line)
    places = [k for k, word in enumerate(line[:end]) if word.partition("=")[0] == old]
    for k in places:
        line[k] = new + line[k].removeprefix(old)
    return bool(places)
