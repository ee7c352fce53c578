"""The history in plain words, as people read it on a page: what was done, and the reason given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from studio.database.ledger import LedgerRow
from studio.registry.gates import Checked
from studio.tracking import audit

STAGES = {
    "candidate": "a candidate",
    "staging": "in staging",
    "production": "in production",
    "archived": "archived",
}

# Rows that move no version, by their action. What stands in {said} is no reason of its own.
SENTENCES = {
    "imported": "{who} brought version {number} in from a LoRA file",
    "merged": "{who} merged LoRA files into version {number}",
    "deleted": "{who} deleted version {number}",
    "labels": "{who} labelled version {number}: {said}",
    "request of production": "{who} asked for version {number} in production",
    "accepted of production": "{who} accepted the request for version {number} in production",
    "refused of production": "{who} refused the request for version {number} in production",
    "withdrawn of production": "{who} took back the request for version {number} in production",
    "reopening of production": "The request for version {number} in production is open again",
    "change gates": "{who} changed the style's gates: version {said}",
    "open ballot": "{who} opened a ballot: {said}",
    "close ballot": "{who} closed the ballot: {said}",
    "invite voter": "{who} invited to a ballot: {said}",
    "remove voter": "{who} took out of a ballot: {said}",
    "remind voters": "{who} reminded voters: {said}",
    "open ratings": "{who} opened ratings of {said}",
    "close ratings": "{who} closed the ratings of {said}",
    "change rubric": "{who} changed the rubric: {said}",
    "create board": "{who} made the board {said}",
    "rename board": "{who} renamed the board {said}",
    "delete board": "{who} deleted the board {said}",
    "save palette": "{who} saved the palette {said}",
    "approve palette": "{who} approved the palette {said}",
    "lock palette": "{who} locked the palette {said}",
    "unlock palette": "{who} unlocked the palette {said}",
    "withdraw palette": "{who} withdrew the palette {said}",
    "bring palette back": "{who} brought the palette {said} back",
    "change sizes": "{who} changed the usual sizes: {said}",
    "change recipes": "{who} changed the recipe: {said}",
    "change the style guide": "{who} changed the style guide: {said}",
    "change reasons": "{who} changed the reasons of verdicts: {said}",
    "change remedies": "{who} changed what to do about pictures sent back, {said}",
    "change limit": "{who} changed a limit on spending: {said}",
    "set prices": "{who} set the prices {said}",
    "settle charge": "{who} settled a call: {said}",
    "enter cost": "{who} entered a cost: {said}",
    "withdraw cost": "{who} took back a cost entered by hand: {said}",
    "limit additions": "{who} limited drawn pictures in dataset {said}",
    "freeze": "{who} froze dataset {said}",
    "discard draft": "{who} discarded the draft of dataset {said} steps",
    "withdraw": "{who} withdrew pictures: {said}",
    "take a withdrawal back": "{who} took a withdrawal back: {said}",
    "base moved": "{who} moved a base: {said}",
    "follow folder": "The studio followed its folder: {said}",
    "move store": "{who} moved the studio's files {said}",
    "add person": "{who} added {said}",
    "change role": "{who} changed the role of {said}",
    "shut out": "{who} deactivated {said}",
    "let in again": "{who} reactivated {said}",
    "change password": "{who} gave a new password to {said}",
    "unlock": "{who} unlocked {said}",
    "end sessions": "{who} signed out {said} sessions",
    "make token": "{who} made a token of {said}",
    "withdraw token": "{who} withdrew a token of {said}",
    "make webhook": "{who} made a webhook of {said}",
    "change webhook secret": "{who} gave another secret to a webhook of {said}",
    "withdraw webhook": "{who} withdrew a webhook of {said}",
    "upscaling model added": "{who} brought in an upscaling model: {said}",
    "upscaling model removed": "{who} took away an upscaling model: {said}",
    "control added": "{who} brought in a ControlNet or IP-Adapter: {said}",
    "control removed": "{who} took away a ControlNet or IP-Adapter: {said}",
    audit.ACTION: "{who} {said} on MLflow's pages",
}
RATER_OUT = "remove rater "  # an action that names the rater
# How a rollout's rows begin, which have their words and the reason in one text.
ROLLED = {
    "began to roll version {number} out to ": "{who} began the rollout of version {number} to ",
    "rolls version {number} out to ": "{who} changed the rollout: version {number} now goes to ",
    "paused rolling version {number} out": "{who} paused the rollout of version {number}",
    "went on with rolling version {number} out": "{who} resumed the rollout of version {number}",
    "aborted the rollout of version {number}": "{who} ended the rollout of version {number}",
}


def sentence(row: LedgerRow) -> str:
    """What somebody did, without the reason: "ana put version 2 into production, ..."."""
    return _parted(row)[0]


def reason(row: LedgerRow) -> str:
    """Why, as the person wrote it; empty where the sentence says all."""
    return _parted(row)[1]


def overridden(checked: Iterable[tuple[Checked, str]]) -> list[tuple[str, list[str]]]:
    """Each override reason once, with the names of the gates that it overrode."""
    found: dict[str, list[str]] = {}
    for one, why in checked:
        if why:
            found.setdefault(why, []).append(one.gate)
    return list(found.items())


def _parted(row: LedgerRow) -> tuple[str, str]:
    """The sentence, and the reason that is left."""
    said = row.reason.removeprefix("gates ").replace(", after none", ", the first")
    said = said.replace(", after ", ", in place of ")
    about = {"who": row.actor, "number": row.version, "said": said}
    if row.to_stage is not None and row.version is not None:
        return _moved(row), row.reason
    if row.action in ("rollout", "abort"):
        return _rolled(row, about)
    if row.action.endswith(" ratings"):  # the rubric's name without its version
        about["said"] = re.sub(r"@[0-9a-f]+$", "", said)
    if row.action.startswith(RATER_OUT):
        rater = row.action.removeprefix(RATER_OUT)
        return f"{row.actor} took {rater}'s ratings out of those of {row.reason}", ""
    told = SENTENCES.get(row.action)
    if told is None:  # of a later program
        return f"{row.actor}: {row.action}", row.reason
    return told.format(**about), "" if "{said}" in told else row.reason


def _moved(row: LedgerRow) -> str:
    assert row.to_stage is not None
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


def _rolled(row: LedgerRow, about: Mapping[str, object]) -> tuple[str, str]:
    beside = f", beside version {row.previous} in production" if row.previous else ""
    for begins, told in ROLLED.items():
        begins = begins.format(**about)
        if row.reason.startswith(begins):
            to, _, why = row.reason.removeprefix(begins).partition(": ")
            said = f"{told.format(**about)}{to}"
            return f"{said}{beside}" if row.reason.startswith("began") else said, why
    return f"{row.actor} changed the rollout of version {row.version}", row.reason


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
