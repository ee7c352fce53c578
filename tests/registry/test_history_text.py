"""The ledger's rows as sentences."""

import ast
from pathlib import Path

import pytest

from studio.database.ledger import LedgerRow
from studio.registry.gates import Checked
from studio.registry.history_text import outlook, overridden, reason, sentence
from studio.settings import CHECKOUT

# Actions that are made of parts, with what they come to.
MADE = {
    "f'{action} of production'": [
        f"{what} of production"
        for what in ("request", "accepted", "refused", "withdrawn", "reopening")
    ],
    "f'remove rater {rater}'": ["remove rater bo"],
}


def row(
    action,
    to,
    version=2,
    was="candidate",
    previous=None,
    actor="ana",
    state="done",
    reason="why",
):
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
        reason,
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
        (
            row("asked MLflow", None, reason="set staging to version 2"),
            "ana set staging to version 2 on MLflow's pages",
        ),
        (
            row("promote", "production", state="intent"),
            "ana put version 2 into production (interrupted; the next change finishes it)",
        ),
        (
            row("rollback", "production", state="failed"),
            "ana went back to version 2 (it failed, nothing was changed)",
        ),
        (
            row("open ballot", None, version=None, reason="Nicer? (version 1, version 2)"),
            "ana opened a ballot: Nicer? (version 1, version 2)",
        ),
        (
            row("change gates", None, version=None, reason="gates 1a2b, after none"),
            "ana changed the style's gates: version 1a2b, the first",
        ),
        (
            row("labels", None, reason="crisp, icons, after nothing"),
            "ana labelled version 2: crisp, icons, in place of nothing",
        ),
        (
            row("close ratings", None, version=None, reason="version 2 by standard@607bc64eb5af"),
            "ana closed the ratings of version 2 by standard",
        ),
        (row("from the future", None), "ana: from the future"),
    ],
)
def test_a_row_is_a_sentence(told, said):
    assert sentence(told) == said


@pytest.mark.parametrize(
    ("action", "text", "said"),
    [
        (
            "rollout",
            "began to roll version 2 out to 10 % of the people and ana: try: the hands",
            "ana began the rollout of version 2 to 10 % of the people and ana, "
            "beside version 1 in production",
        ),
        (
            "rollout",
            "rolls version 2 out to 40 % of the people: try: the hands",
            "ana changed the rollout: version 2 now goes to 40 % of the people",
        ),
        (
            "rollout",
            "paused rolling version 2 out: try: the hands",
            "ana paused the rollout of version 2",
        ),
        (
            "rollout",
            "went on with rolling version 2 out: try: the hands",
            "ana resumed the rollout of version 2",
        ),
        (
            "abort",
            "aborted the rollout of version 2: try: the hands",
            "ana ended the rollout of version 2",
        ),
    ],
)
def test_a_step_of_a_rollout_is_a_sentence_with_the_persons_own_reason(action, text, said):
    told = row(action, None, previous=1, reason=text)
    assert (sentence(told), reason(told)) == (said, "try: the hands")


@pytest.mark.slow
def test_every_action_that_the_code_can_write_has_a_sentence():
    found = _written()
    assert {"promote", "move", "rollout", "labels", "change gates", "freeze", "unlock"} <= found
    for action in found - {"promote", "rollback", "move"}:
        told = row(action, None, reason="what was said")
        assert not sentence(told).startswith(f"ana: {action}"), action
        assert (sentence(told) + reason(told)).count("what was said") == 1, action


def test_an_override_reason_is_said_once_with_its_gates():
    kid, votes, copies = (Checked(name, "", "", "missed") for name in ("kid", "vote", "copies"))
    assert overridden([(kid, "a demo"), (votes, ""), (copies, "a demo")]) == [
        ("a demo", ["kid", "copies"])
    ]


def _written() -> set[str]:
    """Every action that is handed to who writes the ledger, anywhere in the studio."""
    found: set[str] = set()
    for file in sorted((CHECKOUT / "studio").rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        named = _constants(tree)
        writers = _writers(tree)
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            name = call.func.id if isinstance(call.func, ast.Name) else name
            given = next((k.value for k in call.keywords if k.arg == "action"), None)
            if name in writers and given is None and len(call.args) > writers[name]:
                given = call.args[writers[name]]
            elif name not in ("record", "publish", *writers):
                continue
            if given is not None:
                found |= _values(given, named, file)
    return found


def _writers(tree: ast.Module) -> dict[str, int]:
    """The functions of a file that hand their `action` on to the ledger, with its place."""
    return {
        node.name: [one.arg for one in node.args.args].index("action")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and "action" in [one.arg for one in node.args.args]
        and "ledger.record(" in ast.unparse(node)
        and "action=action" in ast.unparse(node)
    }


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """The names at the top of a file with their values."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            found |= {
                ast.unparse(n): v
                for n, v in zip(node.targets[0].elts, node.value.elts, strict=True)
            }
        else:
            found |= {ast.unparse(target): node.value for target in node.targets}
    return found


def _values(given: ast.expr, named: dict[str, ast.expr], file: Path) -> set[str]:
    """The texts that an expression can be; those of a parameter are found where it is given."""
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return {given.value}
    if isinstance(given, ast.Name) and given.id in named:
        return _values(named[given.id], named, file)
    if isinstance(given, ast.Name) and given.id in ("action", "origin"):
        return {"imported", "merged"} if given.id == "origin" else set()
    assert ast.unparse(given) in MADE, f"{file}: {ast.unparse(given)}"
    return set(MADE[ast.unparse(given)])


def test_what_would_happen_is_said_before():
    assert "Version 1 is archived" in outlook("production", 2, "candidate", 1)
    assert "Nothing is in production then" in outlook("archived", 2, "production", None)
    assert outlook("candidate", 2, "archived", None) == "Version 2 becomes a candidate."
    assert "candidate again" in outlook("staging", 2, "candidate", 1)
