"""The history of a style in plain words, as people read it on a page."""

from __future__ import annotations

from studio.database.ledger import LedgerRow
from studio.tracking import audit

STAGES = {
    "candidate": "a candidate",
    "staging": "in staging",
    "production": "in production",
    "archived": "archived",
}

# Rows that move no version.
OTHERS = {
    "rollout": "changed the rollout of",
    "imported": "brought in",
    "merged": "merged others into",
    "deleted": "deleted",
    "abort": "ended the rollout of",
    "request of production": "asked for production of",
    "accepted of production": "accepted the request for",
    "refused of production": "refused the request for",
    "withdrawn of production": "took back the request for",
    "reopening of production": "left open the request for",
    "labels": "labelled",
}


def sentence(row: LedgerRow) -> str:
    """What somebody did, without the reason: "ana put version 2 into production, ..."."""
    if row.action == audit.ACTION:
        return f"{row.actor} changed something on MLflow's pages"
    if row.version is not None and row.action in OTHERS:
        return f"{row.actor} {OTHERS[row.action]} version {row.version}"
    if row.version is None or row.to_stage is None:
        return f"{row.actor}: {row.action}"
    version = f"version {row.version}"
    instead = f", in place of version {row.previous}" if row.previous else ""
    if row.action == "move" and row.actor != "mlflow":
        return (
            f"{row.actor} moved {version} on MLflow's pages: "
            f"it is {STAGES[row.to_stage]} now{instead}{_end(row)}"
        )
    if row.action == "move":
        said = f"{version} was moved by hand in MLflow and is {STAGES[row.to_stage]}"
        return f"{said[0].upper()}{said[1:]}{instead}{_end(row)}"
    if row.action == "rollback":
        back = f" from version {row.previous}" if row.previous else ""
        return f"{row.actor} went back to {version}{back}{_end(row)}"
    if row.to_stage in ("production", "staging"):
        return f"{row.actor} put {version} into {row.to_stage}{instead}{_end(row)}"
    left = f"took {version} out of {row.from_stage}: it is {STAGES[row.to_stage]} now"
    if row.from_stage not in ("production", "staging"):
        left = {"archived": f"archived {version}"}.get(
            row.to_stage, f"made {version} a candidate again"
        )
    return f"{row.actor} {left}{_end(row)}"


def _end(row: LedgerRow) -> str:
    """What became of it, where that is not simply done."""
    if row.state == "intent":
        return " (interrupted; the next change finishes it)"
    return " (it failed, nothing was changed)" if row.state == "failed" else ""


def outlook(to: str, number: int, stage: str, held: int | None) -> str:
    """What would happen if version `number`, now in `stage`, went to stage `to`.

    `held` is the version that is in `to` now, where that is staging or production.
    """
    if to == "production":
        then = f" Version {held} is archived." if held else ""
        return f"Everybody draws with version {number} from then on.{then}"
    if to == "staging":
        then = f" Version {held} becomes a candidate again." if held else ""
        gone = " Nothing is in production then." if stage == "production" else ""
        return f"Version {number} is the next to go into production.{then}{gone}"
    if stage == "production":
        return f"Nothing is in production then; version {number} becomes {STAGES[to]}."
    return f"Version {number} becomes {STAGES[to]}."
