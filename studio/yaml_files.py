"""YAML that people write: each value as it stands in the file.

YAML 1.1 makes false of `no`, 8 of 010, 90 of 1:30 and a date of 2026-01-01, whatever the value is
for. Here it stays text, and who reads it knows whether it is to be a number, yes or no, or a word;
only nothing (an empty value, ~, null) is None.
"""

from __future__ import annotations

from typing import Any

import yaml

from studio.errors import StudioError

MERGE, NOTHING = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:null"


class _AsWritten(yaml.SafeLoader):
    """SafeLoader, but that plain words are texts and that a key which is there twice is refused."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag in (MERGE, NOTHING)]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)
        first: dict[str, int] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != MERGE:
                line = key.start_mark.line + 1
                if key.value in first:
                    twice = f"{key.value[:80]!r} stands there already, in line {first[key.value]}"
                    raise yaml.constructor.ConstructorError(None, None, twice, key.start_mark)
                first[key.value] = line
        return node


def read(text: str | bytes, what: str, remedy: str) -> Any:
    """What a YAML text holds: tables, lists, texts, None. Bytes may be UTF-8, or UTF-16 with its
    mark. StudioError names `what` it is and the line, and says `remedy`."""
    try:
        return yaml.load(text, _AsWritten)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        problem = (error.problem or error.context or "").removeprefix("but ")
        if "'\\t'" in problem:
            remedy = f"YAML is indented with spaces, never with tabs. {remedy}"
        raise StudioError(f"{what}: no YAML{line}: {problem}.", remedy) from error
    except yaml.reader.ReaderError as error:
        raise StudioError(
            f"{what} is no text: {error.reason} at {error.position}.", "Save it as UTF-8."
        ) from error
    except (yaml.YAMLError, ValueError, LookupError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise StudioError(f"{what}: no YAML: {said}.", remedy) from error
