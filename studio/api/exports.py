"""Exports: assets into a game's files by a profile, what would be written, and what was."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from studio import context
from studio.api.calls import SAFE, Asking, Call, Keeping, needs
from studio.api.jobs import asked, put, puts_in
from studio.api.parts import Name, Said, Wait, Webhook
from studio.api.problems import looked_up
from studio.export import profiles, records
from studio.store import local
from studio.worker.kinds import export as kind
from studio.worker.kinds.export import KIND, Export
from studio.worker.payload import Counted, Payload
from studio.workflows import exports

router = APIRouter(tags=["export"], route_class=Call)

ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


class ExportProfile(BaseModel):
    """The newest revision of a profile; `profile` has its fields (docs/export.md)."""

    name: str
    revision: int
    profile: dict[str, Any]
    by: str
    at: str


class NewExportProfile(Payload):
    """Fields of a profile, of which any may be missing; those are as they are by default. `after`
    is the revision that was read, 0 for a new profile."""

    profile: dict[str, Any]
    after: Counted = 0


class ExportChange(BaseModel):
    """What becomes of a file: new, changed, same, or kept, since a person changed it."""

    path: str
    state: str


class ExportFlaw(BaseModel):
    """What is wrong with a file's name, and one that would do ("": none)."""

    path: str
    asset: str
    says: str
    instead: str


class ExportPlan(BaseModel):
    """What an export would do. `leftovers` lie there from before under other names, and would be
    deleted with `delete`; `changed_leftovers` were changed since, and stay."""

    profile: str
    revision: int
    destination: str
    changes: list[ExportChange]
    flaws: list[ExportFlaw]
    leftovers: list[str]
    changed_leftovers: list[str]


class ExportDone(BaseModel):
    """An export that was made: to a zip, the store or a folder; `asset` is the export itself, "" in
    a folder; `files` counts those that were written."""

    id: int
    profile: str
    revision: int
    destination: str
    asset: str
    job: int | None
    by: str
    at: str
    files: int


class ExportedFile(BaseModel):
    """A file that an asset became: `hash` is the SHA-256 of what was written, `fields` what it is
    named by."""

    path: str
    role: str
    hash: str
    state: str
    fields: dict[str, str]
    profile: str
    revision: int
    destination: str
    at: str


@router.get("/exports", **needs("look"))
def newest_exports(
    asking: Asking, most: Annotated[int, Query(ge=1, le=1000)] = 50
) -> list[ExportDone]:
    """The newest exports, the newest first."""
    return [ExportDone(**asdict(one)) for one in records.newest(asking.studio.engine, most)]


@router.post("/exports", **puts_in(KIND.right))
async def export_assets(
    asking: Keeping, body: Export, wait: Wait = 0, webhook: Webhook = ""
) -> Response:
    """Export assets by a profile; only changed files are written, and nothing is deleted unless it
    is asked for."""
    return await put(asking, asked(asking, KIND.name, body, webhook), wait)


@router.post("/exports/plan", **needs("look", **{SAFE: True}))
def plan_export(asking: Asking, body: Export) -> ExportPlan:
    """What an export would write; nothing is written."""
    found = exports.plan(asking.studio, kind.wanted(kind.check(asking.studio, body)))
    return ExportPlan(
        profile=found.profile,
        revision=found.revision,
        destination=found.destination,
        changes=[ExportChange(path=one.path, state=one.state) for one in found.changes],
        flaws=[ExportFlaw(**asdict(one)) for one in found.flaws],
        leftovers=list(found.leftovers),
        changed_leftovers=list(found.changed_leftovers),
    )


@router.head("/exports/{asset}/file", include_in_schema=False, **needs("look"))
@router.get("/exports/{asset}/file", response_class=Response, responses=ZIP, **needs("look"))
def exported_zip(asking: Asking, asset: Name) -> Response:
    """The zip of an export, by the id of the asset that it is."""
    with looked_up():
        file = local.present(exports.archive(asking.studio, asset))
    said = f'attachment; filename="{file.name}"'
    return Response(file.read_bytes(), 200, {"Content-Disposition": said}, "application/zip")


@router.get("/exported/{asset}", **needs("look"))
def exported_files(asking: Asking, asset: Name) -> list[ExportedFile]:
    """All files that an asset became, the newest first."""
    names = ExportedFile.model_fields
    return [
        ExportedFile(**{name: getattr(one, name) for name in names})
        for one in records.of_asset(asking.studio.engine, asset)
    ]


@router.get("/export-profiles", **needs("look"))
def export_profiles(asking: Asking, style: Said = "") -> list[ExportProfile]:
    """Every profile, by name; the one that the caller took last, for `style` where it is named,
    comes first."""
    engine = asking.studio.engine
    first = profiles.remembered(engine, asking.by, style)
    found = sorted(profiles.listing(engine), key=lambda one: (one.name != first, one.name))
    return [_told(one) for one in found]


@router.put("/export-profiles/{profile}", **needs("change export profiles"))
def save_export_profile(asking: Asking, profile: Name, body: NewExportProfile) -> ExportProfile:
    """Save a profile's next revision, or a new profile."""
    made = profiles.of_json(body.profile)
    engine, now = asking.studio.engine, context.now()
    saved = profiles.save(engine, profile, made, after=body.after, by=asking.by, now=now)
    return _told(saved)


def _told(one: profiles.Revision) -> ExportProfile:
    return ExportProfile(
        name=one.name, revision=one.revision, profile=profiles.told(one), by=one.by, at=one.at
    )
