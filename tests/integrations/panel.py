"""A panel without its screen, in Python: its manifest, its import and its update over REST.

It goes by the addon's own table (`panel_rules`), and writes the file that both panels write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.integrations.panel_rules import outcome

API = "/api/v1"
DONE = ("replace", "record")  # without asking


@dataclass(frozen=True)
class Project:
    """A game's folder and the studio that its panel asks."""

    folder: Path
    studio: TestClient

    def entries(self) -> dict[str, dict[str, Any]]:
        """The manifest by path, {} before there is one."""
        file = self.folder / "housestyle.json"
        said = json.loads(file.read_text()) if file.is_file() else {"files": []}
        return {entry["path"]: entry for entry in said["files"]}

    def hash_of(self, path: str) -> str:
        """Of a file as it is now, "" where there is none."""
        file = self.folder / path
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def approved(project: Project, **filters: str) -> list[dict[str, Any]]:
    """Everything approved that fits, page by page."""
    found: list[dict[str, Any]] = []
    asked = {"verdict": "approved", "limit": "2", **filters}
    while True:
        page = project.studio.get(f"{API}/assets", params=asked).raise_for_status().json()
        found += page["items"]
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]


def bring(project: Project, picture: dict[str, Any], path: str, role: str = "picture") -> None:
    """Import a picture's file, and say in the manifest where it came from."""
    details = _details(project, picture["id"])
    _place(project, path, details, role, 0)


def look(project: Project) -> dict[str, str]:
    """What is not as it was, by path."""
    found = {}
    for path, entry in project.entries().items():
        details = _details(project, entry["picture"])
        there = _hash_there(details, entry["role"])
        held = details.get("verdict") == "approved"
        found[path] = outcome(entry["hash"], project.hash_of(path), there, held)
    return {path: one for path, one in found.items() if one != "current"}


def update(project: Project, ticked: Collection[str] = ()) -> list[str]:
    """Do what needs no asking, and what is ticked; the paths of both."""
    done = []
    for path, one in look(project).items():
        if one in DONE or path in ticked:
            entry = project.entries()[path]
            details = _details(project, entry["picture"])
            _place(project, path, details, entry["role"], entry["cell"])
            done.append(path)
    return done


def _details(project: Project, id: str) -> dict[str, Any]:
    answer = project.studio.get(f"{API}/assets/{id}")
    if answer.status_code == 404:
        return {}
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def _hash_there(details: dict[str, Any], role: str) -> str:
    if role == "picture":
        return details.get("hash") or ""
    return next((one["hash"] for one in details.get("files", []) if one["role"] == role), "")


def _place(project: Project, path: str, details: dict[str, Any], role: str, cell: int) -> None:
    address = f"{API}/assets/{details['id']}/files/{role}"
    address = details["picture"] if role == "picture" else address
    data = project.studio.get(address).raise_for_status().content
    digest = hashlib.sha256(data).hexdigest()
    assert digest == _hash_there(details, role), "it arrived damaged"
    file = project.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    entry = {
        "cell": cell,
        "hash": digest,
        "look": "pixel art",
        "path": path,
        "picture": details["id"],
        "role": role,
        "seamless": details["recipe"].get("seamless", ""),
        "seed": details["seed"],
        "style": details["style"],
        "version": details["version"],
    }
    entries = {**project.entries(), path: entry}
    said = {"files": [entries[name] for name in sorted(entries)], "schema": 1}
    (project.folder / "housestyle.json").write_text(json.dumps(said, indent=2) + "\n")
