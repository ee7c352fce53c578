"""The studio makes and moves MLflow's tables itself: what to look at, at each new MLflow."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from importlib import metadata
from pathlib import Path

from studio.tracking import addresses, tables

PROVEN = "3.17.0"
HEAD = "dc11669786a5"
# What `tables.migrate` does in MLflow's stead, and the first characters of its hash.
THEIRS = {
    "_initialize_tables": "3a599ab34bd6",
    "_upgrade_db": "6a42bdfbd8fe",
    "run_migrations_online": "45118cbeba13",
}
# Workspaces, which the studio leaves off, have places for files of their own.
LEFT = {("workspaces", "default_artifact_root"), ("workspaces", "trace_archival_location")}


def _functions() -> dict[str, str]:
    """MLflow's functions that make its tables, hashed as they are written, by name."""
    found = importlib.util.find_spec("mlflow")
    assert found is not None and found.origin is not None
    store, hashes = Path(found.origin).parent / "store", {}
    for file in (store / "db" / "utils.py", store / "db_migrations" / "env.py"):
        text = file.read_text("utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name in THEIRS:
                written = ast.get_source_segment(text, node) or ""
                hashes[node.name] = hashlib.sha256(written.encode()).hexdigest()[:12]
    return hashes


def test_the_installed_mlflow_is_the_one_that_was_proven() -> None:
    assert (metadata.version("mlflow"), tables.head()) == (PROVEN, HEAD), (
        "A new MLflow. Run tests/tracking, tests/operations and tests/test_path_postgres.py, the "
        "slow ones too: they hold the tables that studio/tracking/tables.py makes against "
        "MLflow's own, change an older schema and move records both ways. Back up a studio with "
        "the MLflow before and restore it with this one. Then write down version and head here."
    )


def test_mlflow_makes_its_tables_as_the_studio_does() -> None:
    assert _functions() == THEIRS, (
        "MLflow makes or changes its tables in another way: hold `migrate` in "
        "studio/tracking/tables.py against those of these functions that differ."
    )


def test_every_column_that_names_a_place_of_files_is_known() -> None:
    from mlflow.store.db.base_sql_model import Base
    from mlflow.store.model_registry.dbmodels import models as _registry  # noqa: F401
    from mlflow.store.tracking.dbmodels import models as _tracking  # noqa: F401
    from mlflow.store.workspace.dbmodels import models as _workspaces  # noqa: F401

    places = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in ("location", "artifact_uri", "artifact_root"))
    }
    assert places == (set(addresses.ADDRESSES) - {("model_versions", "source")}) | LEFT, (
        "MLflow keeps the place of files in another column: add it to ADDRESSES in "
        "studio/tracking/addresses.py, or a restored studio looks for them where they lay before."
    )
