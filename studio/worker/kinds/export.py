"""The job that exports assets into a zip, a game's folder, or the store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import Field

from studio.context import Studio, now
from studio.errors import StudioError
from studio.export import profiles
from studio.worker.context import Context
from studio.worker.kind import Kind, Outcome
from studio.worker.payload import Payload, Text, Words
from studio.workflows import export_preparing, exports
from studio.workflows.export_preparing import Wanted


class Export(Payload):
    """These assets, by a profile. `names` gives fields of assets by their ids, such as
    {"3f0c...": {"name": "potion"}}; `folder` is another destination than the profile's: zip, store,
    or a name of STUDIO_EXPORT_FOLDERS. `overwrite` and `delete` as docs/export.md has them."""

    assets: list[Text] = Field(title="asset")
    profile: Text
    names: dict[Text, dict[Text, Words]] = Field(default_factory=dict)
    folder: Text = ""
    overwrite: bool = False
    delete: bool = False


def wanted(ask: Export) -> Wanted:
    """What is asked as the workflow has it."""
    return Wanted(tuple(ask.assets), ask.profile, ask.names, ask.folder, ask.overwrite, ask.delete)


def check(studio: Studio, ask: Export) -> Export:
    """The profile is there, and the destination is one."""
    destination = ask.folder or profiles.current(studio.engine, ask.profile).profile.folder
    if destination not in exports.destinations(studio):
        raise StudioError(
            f"There is no destination {destination[:40]!r}.",
            f"Known: {', '.join(exports.destinations(studio))}.",
        )
    if not 1 <= len(ask.assets) <= export_preparing.MOST:
        raise StudioError(
            f"{len(ask.assets):,} assets are named.", f"Name 1 to {export_preparing.MOST}."
        )
    return ask


def commit(context: Context, ask: Export, outcome: Outcome) -> dict[str, Any]:
    """Export what changed. Cut off anywhere and called again, it writes the rest."""
    job = context.job
    done = exports.export(
        context.studio,
        wanted(ask),
        by=job.asked_by,
        now=now(),
        job=job.id,
        within=context.visible,
    )
    context.report(done.says)
    return asdict(done)


KIND = Kind(
    name="export",
    label="Exporting by {profile}",
    payload=Export,
    right=exports.RIGHT,
    lane="short",
    commit=commit,
    check=check,
)
