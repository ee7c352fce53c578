"""The file of gates that a form comes to."""

from __future__ import annotations

import yaml

from studio.registry.gates import LICENCES, Gates

HEAD = "# What a version must show before it goes into production, as the form has it.\n"


def text_of(found: Gates) -> str:
    """A file that asks for these gates, as `parse` reads it."""

    def short(value: float | None) -> float | int | None:
        return int(value) if value is not None and value == int(value) else value

    ends = {
        bound.metric: {
            "at_least": short(bound.at_least),
            "at_most": short(bound.at_most),
            "within": bound.within or None,
        }
        for bound in found.metrics
    }
    metrics = {
        name: {end: value for end, value in asked.items() if value is not None}
        for name, asked in ends.items()
    }
    rating = {"at_least": short(found.rating), "raters": found.raters}
    licences = {name: said for name in LICENCES if (said := getattr(found, name))}
    parts = {
        "metrics": metrics,
        "rating": {} if found.rating is None else rating,
        "vote": found.vote,
        "copies": found.copies,
        "licences": licences,
    }
    asked = {part: value for part, value in parts.items() if value not in ({}, "", None)}
    return HEAD + (yaml.safe_dump(asked, sort_keys=False) if asked else "")
