"""Who may import whom: the rooms of `studio/` stand on floors, and imports go down only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from studio.settings import CHECKOUT

# From the ground up. A room imports from floors below its own and from itself; the rooms of one
# floor do not know each other, so the domains never do.
FLOORS = (
    ("masking",),
    ("errors", "request_ids"),
    ("colours", "images", "numbers", "store", "text", "yaml_files"),
    ("database", "pixels"),
    ("accounts", "notifications", "outbox"),
    ("assets", "charges", "jobs", "settings"),
    ("diffusion", "webhooks"),
    ("captioning", "chat", "tracking"),
    ("context",),
    (
        "characters",
        "datasets",
        "evaluation",
        "export",
        "finishing",
        "gan",
        "generation",
        "props",
        "registry",
        "review",
        "sheets",
        "tiles",
        "training",
        "upscaling",
    ),
    ("workflows",),
    ("pocket", "serving", "worker"),
    ("operations",),
    ("api",),
    ("cli", "web"),
    ("__main__",),
)
RANK = {room: rank for rank, floor in enumerate(FLOORS) for room in floor}
# What runs Streamlit, and what draws with it.
SHOWS = {
    f"studio/web/{name}.py"
    for name in (
        "addresses",
        "asgi",
        "components",
        "drafts",
        "job_boxes",
        "made_downloads",
        "page_errors",
        "page_frame",
        "record_cache",
        "sidebar",
        "streamlit_oidc",
        "streamlit_sessions",
        "ui",
    )
}
MOST_ROOMS = 47


def _name(file: Path) -> str:
    parts = file.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    _name(file): file
    for folder in ("studio", "pages", "benchmarks")
    for file in sorted((CHECKOUT / folder).rglob("*.py"))
}
STUDIO = [module for module in MODULES if module.startswith("studio.")]


@cache
def _imports(module: str) -> frozenset[str]:
    """Every module that this one imports, at its top, in a function or for types alone."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return frozenset(found - {module})


def _room(module: str) -> str:
    return module.split(".")[1]


def _wrong(module: str, imported: Iterable[str]) -> Iterator[str]:
    """Those imports that go up, or sideways into a room of the same floor."""
    for other in imported:
        if other.startswith("studio.") and _room(other) != _room(module):
            if RANK[_room(other)] >= RANK[_room(module)]:
                yield other


def _circles(arrows: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Every group of two or more that reach each other, of whatever length (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    found = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        path.append(node)
        for other in arrows.get(node, ()):
            if other not in index:
                visit(other)
            if other in path:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = path[path.index(node) :]
            del path[path.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in arrows:
        if node not in index:
            visit(node)
    return found


def test_every_room_has_a_floor_and_there_are_not_too_many() -> None:
    rooms = {_room(module) for module in STUDIO}
    assert rooms == set(RANK)
    assert len(rooms) <= MOST_ROOMS


@pytest.mark.parametrize("module", STUDIO)
def test_imports_go_down_only(module: str) -> None:
    imported = _imports(module)
    assert not list(_wrong(module, imported))
    if str(MODULES[module].relative_to(CHECKOUT)) not in SHOWS:
        assert not {name for name in imported if name.split(".")[0] == "streamlit"}


def test_routes_guard_and_sign_in_know_nothing_that_draws() -> None:
    drawing = {_name(CHECKOUT / file) for file in SHOWS} - {"studio.web.streamlit_oidc"}
    for module in STUDIO:
        if _room(module) == "web" and module not in drawing | {"studio.web"}:
            assert not _imports(module) & drawing, module


def test_an_import_up_or_sideways_is_seen() -> None:
    assert list(_wrong("studio.registry.gates", ["studio.workflows.release"]))
    assert list(_wrong("studio.registry.gates", ["studio.review.tally", "studio.errors"])) == [
        "studio.review.tally"
    ]


def test_no_import_goes_in_a_circle() -> None:
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]
    assert not _circles({module: _imports(module) & MODULES.keys() for module in MODULES})


def test_the_pages_load_no_model_library() -> None:
    program = (
        "import sys; import studio.web.page_frame, studio.registry.stages;"
        "import studio.evaluation.contact_sheet;"
        "from studio.generation import picture_files;"
        "bad = {'torch', 'diffusers', 'transformers', 'open_clip'} & set(sys.modules);"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
