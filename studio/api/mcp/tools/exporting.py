"""Exports by an assistant: what would be written, and the job that writes it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from studio import context
from studio.api import exports
from studio.api.calls import Caller
from studio.api.mcp import once
from studio.api.mcp.answers import Asked, Planned
from studio.api.mcp.tool import Tool
from studio.api.mcp.tools.waiting import told
from studio.errors import StudioError
from studio.jobs import table
from studio.worker import submit
from studio.worker.kinds.export import Export
from studio.worker.payload import Payload, Text, Words

MOST = 100  # assets of one call
ASSETS = Field(description="Ids of pictures, sheets, props or tilesets, at most 100.")
PROFILE = Field(
    description="The project's export profile by name; an unknown one is answered with "
    "those that there are."
)
NAMES: Any = Field(
    default_factory=dict,
    description="What files are named by, by the asset's id, such as {'3f0c': {'name': 'potion', "
    "'variant': '2'}}; also category, direction and frame.",
)
FOLDER = Field(default="", description="Another destination: zip, store, or a folder's name.")


class PlanExport(Payload):
    """Which assets, by which profile."""

    assets: list[Text] = ASSETS
    profile: Text = PROFILE
    names: dict[Text, dict[Text, Words]] = NAMES
    folder: Text = FOLDER


class ExportAssets(PlanExport):
    """The same, and what else may be written."""

    overwrite: bool = Field(
        default=False, description="Also what a person changed in the game. Ask them first."
    )
    idempotency_key: Text = Field(
        default="",
        description="A text of your own, 1 to 200 visible ASCII characters: for 24 hours the same "
        "call with it gives the first one's job.",
    )


def planned(caller: Caller, asked: PlanExport) -> Planned:
    """What would be written."""
    found = exports.plan_export(caller, Export(**_payload(asked)))
    return Planned(**found.model_dump())


def exported(caller: Caller, asked: ExportAssets) -> Asked:
    """The job that exports."""
    payload = {**_payload(asked), "overwrite": asked.overwrite}

    def ask(mark: str | None) -> table.Job:
        return submit.ask(
            caller.studio, "export", payload, asked_by=caller.by, now=context.now(), key=mark
        )

    return told(caller, once.job(caller, "export_assets", asked.idempotency_key, payload, ask))


def _payload(asked: PlanExport) -> dict[str, Any]:
    if len(asked.assets) > MOST:
        raise StudioError(f"{len(asked.assets):,} assets are named.", f"Name at most {MOST}.")
    return {name: getattr(asked, name) for name in ("assets", "profile", "names", "folder")}


PLAN_EXPORT = Tool(
    name="plan_export",
    title="What an export would write",
    says="Tells which files of a game an export would write, change or leave, and which names are "
    "wrong. Nothing is written.",
    right="look",
    takes=PlanExport,
    gives=Planned,
    run=planned,
)
EXPORT_ASSETS = Tool(
    name="export_assets",
    title="Export assets into a game",
    says="Writes assets into a game's folder, a zip or the store by the project's profile: named "
    "files with what the engine reads beside them, and a manifest. Only changed files are written, "
    "and nothing is deleted.",
    right="export",
    takes=ExportAssets,
    gives=Asked,
    run=exported,
    kind="export",
    changes=True,
    again=False,
)
