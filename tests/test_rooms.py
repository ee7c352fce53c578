"""Who may import whom, as the house is laid out."""

import ast

import pytest

from studio.settings import CHECKOUT

DOMAINS = ("datasets", "training", "evaluation", "review", "registry", "generation")
SOURCES = sorted((CHECKOUT / "studio").rglob("*.py"))
MAY_SHOW = {"studio/web/ui.py", "studio/web/asgi.py", "studio/web/streamlit_oidc.py"}
ABOVE = {
    "ui",
    "web",
    "guard",
    "entrance",
    "st_login",
    "downloads",
    "mlflow_pages",
    "cards",
    "cli",
    "commands",
    "teaching",
    "sweeps",
    "release",
    "outcomes",
    "rounds",
    "markup",
    "context",
    "measuring",
    "parted",
    "judging",
    "handing_on",
    "lineage",
    "growing",
    "style_proof",
    "pocket_report",
    "transfers",
    "today",
    "worker",
    "serve",
    "serving",
    "shelf",
    "doctor",
    "first_run",
    "__main__",
}


def _imports(source: str, top_only: bool = False) -> set[str]:
    tree = ast.parse(source)
    found: set[str] = set()
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(CHECKOUT)))
def test_imports_go_down_only(file: object) -> None:
    name = str(file.relative_to(CHECKOUT))  # type: ignore[attr-defined]
    found = _imports(file.read_text())  # type: ignore[attr-defined]
    if name not in MAY_SHOW:
        assert not any(i.split(".")[0] == "streamlit" for i in found)
    room = name.split("/")[1].removesuffix(".py")
    if room in ABOVE:
        return
    assert not {i for i in found if i.startswith("studio.") and i.split(".")[1] in ABOVE}
    seen = {i.split(".")[1] for i in found if i.startswith("studio.")} & set(DOMAINS)
    assert seen <= ({room} if room in DOMAINS else set())


def test_the_pages_load_no_model_library() -> None:
    import subprocess
    import sys

    program = (
        "import sys; import studio.web.ui, studio.registry.stages, studio.evaluation.sheet;"
        "from studio.generation import gallery;"
        "bad = {'torch', 'diffusers', 'transformers', 'open_clip'} & set(sys.modules);"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
