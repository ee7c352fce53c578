"""What works on this machine and what is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Engine

from studio import context
from studio.assets import contents
from studio.database import engine as db
from studio.database import ledger
from studio.diffusion import bases, bundled_bases
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.masking import masked
from studio.operations import store_check
from studio.outbox import files
from studio.registry import models, reconcile, rollout_alias
from studio.settings import Settings
from studio.store.contents import MEND, store_of
from studio.tracking import bucket_files, tables, version_files
from studio.upscaling import bundled_models as upscaling_models

LEAST_ROOM = 2 * 1024**3  # bytes
MOST = 20  # files of one kind that are named one by one
OUTSIDE = "No backup has its files; copy them in: python -m studio doctor --fix"
SEND = "Send it again: python -m studio store check --fix"
UPSCALING = "upscaling models"
VERSIONED = (
    "it is versioned: what is deleted or replaced there stays, and costs. Suspend that, or let a "
    "lifecycle end old versions: docs/storage.md"
)
# Each gives the digests of the store's files that rows name; who keeps such rows adds theirs.
NAMED_BY: tuple[Callable[[Engine], Iterable[str]], ...] = ()


@dataclass(frozen=True)
class Check:
    """One thing looked at; `needed` is False for what the studio does without."""

    name: str
    ok: bool
    says: str
    needed: bool = True


def checks(settings: Settings, mend: bool = False) -> list[Check]:
    """Device, weights, database, MLflow, ledger, files and disk, each in one sentence.

    With `mend` what differs between ledger and MLflow is settled, and files of an older studio's
    gallery are read, so that a later change of one is seen.
    """
    found = [_device(settings), _pocket(), _upscaling(), _database(settings)]
    answers = found[-1].ok
    if answers:
        found += _mlflow(settings) + _versions(settings, mend)
        found += _ledger(settings, mend) + _files(settings, mend)
    found += _store(settings, answers)
    if answers and settings.store.in_s3:
        found += _bucket(settings)
    room = context.free_room(settings.home)
    found.append(
        Check("disk", room > LEAST_ROOM, f"{room / 1024**3:.1f} GB free at {settings.home}")
    )
    weights = settings.fid_weights
    has = weights is not None and weights.is_file()
    says = str(weights) if has else "no Inception weights; set STUDIO_FID_WEIGHTS for true FID"
    found.append(Check("fid", has, says, needed=False))
    for module in ("bitsandbytes", "xformers"):
        there = importlib.util.find_spec(module) is not None
        found.append(Check(module, there, "installed" if there else "not installed", needed=False))
    return found


def _device(settings: Settings) -> Check:
    try:
        return Check("device", True, bases.pick_device(settings.device).type)
    except StudioError as error:
        return Check("device", False, str(error))


def _pocket() -> Check:
    own = bundled_bases.BASES[bundled_bases.DEFAULT]
    parts = ("model_index.json", "unet", "vae", "text_encoder", "clip")
    gone = [part for part in parts if not (own.folder / part).exists()]
    said = f"lacks {', '.join(gone)}" if gone else f"whole, at {own.folder}"
    return Check(own.name, not gone, said)


def _upscaling() -> Check:
    flaws = upscaling_models.flaws()
    if flaws:
        return Check(
            UPSCALING, False, f"{'; '.join(flaws)}. {upscaling_models.AGAIN}", needed=False
        )
    names = ", ".join(model.name for model in upscaling_models.BUNDLED)
    return Check(UPSCALING, True, f"whole: {names}", needed=False)


def _database(settings: Settings) -> Check:
    try:
        studio = context.open_studio(settings)
        studio.client.search_registered_models(max_results=1)
    except Exception as error:  # whatever is wrong here is what the person wants to read
        return Check("database", False, masked(f"{type(error).__name__}: {error}"))
    return Check("database", True, f"{db.shown(studio.engine)} answers")


def _mlflow(settings: Settings) -> list[Check]:
    """Where MLflow's records are; a second line where they have not followed the database."""
    tracking = context.open_studio(settings).tracking
    found = [Check("MLflow", True, f"its records are at {tracking.shown}")]
    home, url = settings.home, settings.database_url
    if not settings.mlflow_uri and tables.kept_beside(home, url):
        found.append(Check("MLflow", False, tables.BESIDE, needed=False))
    elif db.address(home, url).get_backend_name() != "sqlite" and (home / "mlflow.db").is_file():
        unused = f"{home / 'mlflow.db'} is not in use: the records are elsewhere"
        found.append(Check("MLflow", True, unused, needed=False))
    return found


def _versions(settings: Settings, mend: bool) -> list[Check]:
    """A sentence for each version whose files are gone or lie elsewhere, or that there is none."""
    studio, count, unseen = context.open_studio(settings), 0, 0
    said: list[Check] = []
    if mend and studio.tracking.own:
        records = tables.make_engine(sa.make_url(studio.tracking.uri))
        try:
            version_files.bring_home(records, settings.artifacts)
        finally:
            records.dispose()
    for version in models.list_versions(studio.client):
        style, number, count = version.style, version.number, count + 1
        address = models.address_of(studio.client, style, number)
        folder = models.folder_of(address)
        if folder is None:
            unseen += not bucket_files.is_own(studio.engine, address)
            if flaw := bucket_files.flaw(studio.engine, address):
                said.append(Check("versions", False, f"{style} version {number}: {flaw}. {SEND}"))
        elif lost := version_files.look(style, number, folder, settings.artifacts):
            hint = "Put it back from a backup." if lost.flaw else OUTSIDE
            said.append(Check("versions", False, f"{lost}. {hint}", needed=bool(lost.flaw)))
    if said:
        more = len(said) - MOST
        rest = [Check("versions", False, f"And {more} more.", needed=False)] if more > 0 else []
        return sorted(said, key=lambda one: not one.needed)[:MOST] + rest
    elsewhere = f"; those of {unseen} are elsewhere, not looked at" if unseen else ""
    return [Check("versions", True, f"{count} versions, each with its files{elsewhere}")]


def _ledger(settings: Settings, mend: bool) -> list[Check]:
    """A sentence for each difference between ledger and MLflow, or that there is none."""
    studio, now = context.open_studio(settings), context.now()
    said = reconcile.reconcile(studio.engine, studio.client, now=now, mend=mend)
    said += rollout_alias.reconcile(studio.engine, studio.client, mend=mend)
    kept = set(ledger.flaws(studio.engine))  # nothing mends these
    if not said:
        return [Check("ledger", True, "whole, and as MLflow has it")]
    hint = "" if mend else " Settle it: python -m studio doctor --fix"
    return [
        Check("ledger", mend and one not in kept, one + ("" if one in kept else hint))
        for one in said
    ]


def _store(settings: Settings, database: bool) -> list[Check]:
    """A sentence for each file of the store that isn't as it was put, or that there is none.

    Without the database nobody can say which are gone. Every byte is read.
    """
    store = store_of(settings.home)
    named: set[str] = set()
    if database:
        engine = context.open_studio(settings).engine
        named = {digest for digests in NAMED_BY for digest in digests(engine)}
    try:
        count, flaws = sum(1 for _ in store.digests()), store.check(named)
        said = [
            *_some([f"{store.path(one)} was changed, or can't be read." for one in flaws.changed]),
            *_some([f"{store.path(one)} is gone." for one in flaws.gone]),
        ]
    except StudioError as error:
        return [Check("store", False, str(error))]
    if not said:
        return [Check("store", True, f"{count} files at {store.root}, each as it was put")]
    return [Check("store", False, f"{one} {MEND}") for one in said]


def _bucket(settings: Settings) -> list[Check]:
    """Whether the bucket can be written and is this studio's, and how many files wait."""
    studio = context.open_studio(settings)
    try:
        bucket = store_check.bucket_of(studio)
    except StudioError as error:
        return [Check("bucket", False, str(error))]
    told = files.tally(studio.engine)
    says = f"{bucket.place.shown} answers; {told.up:,} files are up, {told.waiting:,} wait"
    found = [Check("bucket", True, says)]
    if told.gone:
        gone = f"{told.gone:,} files went before they were sent: python -m studio store check"
        found.append(Check("bucket", False, gone, needed=False))
    if bucket.versioned():
        found.append(Check("bucket", False, VERSIONED, needed=False))
    return found


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - MOST
    return [*lines[:MOST], f"And {more} more such files."] if more > 0 else lines


def _files(settings: Settings, mend: bool) -> list[Check]:
    """A sentence for each file of an asset that is gone or was changed, or that there is none."""
    studio = context.open_studio(settings)
    if mend:
        gallery_table.read_files(studio.engine, studio.home)
    said = list(contents.flaws(studio.engine, studio.home))
    found = [Check("files", False, one, needed=False) for one in said[:MOST]]
    if len(said) > MOST:
        found.append(Check("files", False, f"and {len(said) - MOST:,} more", needed=False))
    unread = contents.unknown(studio.engine)
    if unread and not mend:
        hint = f"{unread:,} not read yet. Read them: python -m studio doctor --fix"
        found.append(Check("files", True, hint, needed=False))
    return found or [Check("files", True, "all that was made is there, as it was put in")]
