"""Whether a description of routes breaks what programs were written for, by an earlier one:
`python -m tests.api.breaking` keeps today's in docs/openapi.json, unless it breaks the one there.

Both are OpenAPI 3.1 as `studio.api.rest` writes it. What is taken may be widened, what is answered
may only gain fields; anything else is told in a sentence. Not covered: what words mean.
"""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from studio.accounts.rights import ROLES, may
from studio.api import rest
from studio.settings import CHECKOUT

SNAPSHOT = CHECKOUT / "docs" / "openapi.json"
Schema = Mapping[str, Any]
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
WORSE = {**dict.fromkeys(LEAST, operator.gt), **dict.fromkeys(MOST, operator.lt)}


def written(description: Schema) -> str:
    """As the snapshot has it."""
    return json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    """Keep today's description; 1 where it breaks the one that is kept."""
    today = rest.description()
    kept = json.loads(SNAPSHOT.read_text("utf-8")) if SNAPSHOT.exists() else {"paths": {}}
    if found := breaks(kept, today):
        print("\n".join(found), file=sys.stderr)
        return 1
    SNAPSHOT.write_text(written(today), "utf-8")
    return 0


def breaks(old: Schema, new: Schema) -> list[str]:
    """A sentence for each thing that worked by `old` and does not by `new`."""
    found = []
    for path, operations in old["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                found.append(f"{name} is gone")
            else:
                found += [f"{name}: {said}" for said in _operation(operation, now, old, new)]
    return found


def _operation(was: Schema, now: Schema, old: Schema, new: Schema) -> Iterator[str]:
    before, after = was.get("x-right"), now.get("x-right")
    if before and after and before != after:
        if any(may(role, before) and not may(role, after) for role in ROLES):
            yield f"it needs the right {after!r}, not {before!r}"
    yield from _parameters(was, now, old, new)
    yield from _bodies(was, now, old, new)
    for status, answer in was["responses"].items():
        if status not in now["responses"]:
            yield f"it is answered with {status} no more"
            continue
        told = now["responses"][status].get("content", {})
        for kind, content in answer.get("content", {}).items():
            if kind not in told:
                yield f"{status} is {kind} no more"
            else:
                pair = content.get("schema", {}), told[kind].get("schema", {})
                yield from _answered(*pair, old, new, f"{status}", ())


def _parameters(was: Schema, now: Schema, old: Schema, new: Schema) -> Iterator[str]:
    before = {(one["in"], one["name"]): one for one in was.get("parameters", ())}
    after = {(one["in"], one["name"]): one for one in now.get("parameters", ())}
    for key, one in before.items():
        if key not in after:
            yield f"it takes no {key[1]} any more"
        else:
            yield from _taken(one["schema"], after[key]["schema"], old, new, key[1], ())
    for key, one in after.items():
        if one.get("required") and not before.get(key, {}).get("required"):
            yield f"it needs {key[1]} now"


def _bodies(was: Schema, now: Schema, old: Schema, new: Schema) -> Iterator[str]:
    before, after = was.get("requestBody"), now.get("requestBody")
    if after is None:
        if before is not None:
            yield "it takes no body any more"
        return
    if after.get("required") and not (before or {}).get("required"):
        yield "it needs a body now"
    for kind, content in (before or {}).get("content", {}).items():
        told = after["content"].get(kind)
        if told is None:
            yield f"it takes no {kind} any more"
        else:
            yield from _taken(content["schema"], told["schema"], old, new, "body", ())


def _taken(
    was: Schema, now: Schema, old: Schema, new: Schema, at: str, seen: tuple[str, ...]
) -> Iterator[str]:
    """What was taken and is refused now."""
    after = _variants(now, new)
    if {} in after:
        return
    for part in _variants(was, old):
        one = _same(part, after)
        if one is None:
            yield f"{at} may be {_kind(part)} no more"
            continue
        few, before = _choices(one, after), _values(part)
        if few and (not before or set(before) - few):
            yield f"{at} may be fewer things now"
        for name, worse in WORSE.items():
            if name in one and (name not in part or worse(one[name], part[name])):
                yield f"{at} has {name} {one[name]} now"
        if "pattern" in one and one["pattern"] != part.get("pattern"):
            yield f"{at} has another pattern"
        yield from _fields(part, one, old, new, at, seen, taken=True)


def _answered(
    was: Schema, now: Schema, old: Schema, new: Schema, at: str, seen: tuple[str, ...]
) -> Iterator[str]:
    """What is answered now and a program did not know to expect, or misses."""
    before = _variants(was, old)
    if {} in before:
        return
    for part in _variants(now, new):
        one = _same(part, before)
        if one is None:
            yield f"{at} may be {_kind(part)} now"
        else:
            yield from _fields(one, part, old, new, at, seen, taken=False)


def _fields(
    was: Schema,
    now: Schema,
    old: Schema,
    new: Schema,
    at: str,
    seen: tuple[str, ...],
    *,
    taken: bool,
) -> Iterator[str]:
    """Of an object its fields, of a list its items."""
    deeper = _taken if taken else _answered
    before, after = was.get("properties", {}), now.get("properties", {})
    title = str(was.get("title", ""))
    if title and title in seen:
        return
    seen = (*seen, title) if title else seen
    for name, one in before.items():
        if name not in after:
            yield f"{at}.{name} is gone"
        else:
            yield from deeper(one, after[name], old, new, f"{at}.{name}", seen)
    needed, need = set(was.get("required", ())), set(now.get("required", ()))
    if taken:
        yield from (f"{at}.{name} is needed now" for name in sorted(need - needed))
    else:
        yield from (
            f"{at}.{name} may be missing now" for name in sorted(needed & set(after) - need)
        )
    for name in ("items", "additionalProperties"):
        if isinstance(was.get(name), Mapping) and isinstance(now.get(name), Mapping):
            yield from deeper(was[name], now[name], old, new, f"{at}[]", seen)


def _variants(schema: Schema, whole: Schema) -> list[Schema]:
    """What it may be, without references: one, or several where it is a choice."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return _variants(whole["components"]["schemas"][name], whole)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return [one for part in schema[choice] for one in _variants(part, whole)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": kind} for kind in schema["type"]]
    return [schema if "type" in schema or "enum" in schema or "const" in schema else {}]


def _same(part: Schema, others: list[Schema]) -> Schema | None:
    """The one of the same type, of several the one of the same name."""
    alike = [one for one in others if _kind(one) == _kind(part)]
    named = [one for one in alike if one.get("title") == part.get("title")]
    return next(iter(named or alike), None)


def _choices(one: Schema, others: list[Schema]) -> set[str]:
    """The values of all that are of its type; none where one of them may be anything."""
    alike = [_values(other) for other in others if _kind(other) == _kind(one)]
    return {value for values in alike for value in values} if all(alike) else set()


def _kind(schema: Schema) -> str:
    return str(schema.get("type", "")) or ("string" if _values(schema) else "anything")


def _values(schema: Schema) -> list[str]:
    return [str(one) for one in schema.get("enum", [schema["const"]] if "const" in schema else [])]


if __name__ == "__main__":
    sys.exit(main())
