"""The ledger's rows as sentences."""

import pytest

from studio.database.ledger import LedgerRow
from studio.registry.history_text import outlook, sentence


def row(action, to, version=2, was="candidate", previous=None, actor="ana", state="done"):
    return LedgerRow(
        1,
        "2026-01-01T12:00:00.000000+00:00",
        actor,
        action,
        "props",
        version,
        was,
        to,
        previous,
        "why",
        state,
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            row("promote", "production", previous=1),
            "ana put version 2 into production, in place of version 1",
        ),
        (row("promote", "staging"), "ana put version 2 into staging"),
        (
            row("promote", "archived", was="production"),
            "ana took version 2 out of production: it is archived now",
        ),
        (row("promote", "archived"), "ana archived version 2"),
        (row("promote", "candidate", was="archived"), "ana made version 2 a candidate again"),
        (row("rollback", "production", previous=3), "ana went back to version 2 from version 3"),
        (
            row("move", "production", actor="mlflow", previous=1),
            "Version 2 was moved by hand in MLflow and is in production, in place of version 1",
        ),
        (
            row("move", "production", previous=1),
            "ana moved version 2 on MLflow's pages: it is in production now, in place of version 1",
        ),
        (row("asked MLflow", None), "ana changed something on MLflow's pages"),
        (
            row("promote", "production", state="intent"),
            "ana put version 2 into production (interrupted; the next change finishes it)",
        ),
        (
            row("rollback", "production", state="failed"),
            "ana went back to version 2 (it failed, nothing was changed)",
        ),
        (row("open ballot", None, version=None), "ana: open ballot"),
    ],
)
def test_a_row_is_a_sentence(told, said):
    assert sentence(told) == said


def test_what_would_happen_is_said_before():
    assert "Version 1 is archived" in outlook("production", 2, "candidate", 1)
    assert "Nothing is in production then" in outlook("archived", 2, "production", None)
    assert outlook("candidate", 2, "archived", None) == "Version 2 becomes a candidate."
    assert "candidate again" in outlook("staging", 2, "candidate", 1)
