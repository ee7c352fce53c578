"""`export` and `sync` on the command line: assets into a game's files, what needs an edit out to a
folder and back."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import whole
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.export.profiles import Revision

FORMS = ("png", "aseprite")


def add(command: Command, commands: Any) -> None:
    """Add both to the top's `commands`; `command` makes one with what all take."""
    top = commands.add_parser("export", help="Assets into a game: names, folders, engines' files")
    inner = top.add_subparsers(required=True, metavar="COMMAND")
    parser = command(
        "run", run, "Export assets by a profile; only changed files are written", inner
    )
    parser.add_argument("assets", nargs="+", metavar="ID")
    parser.add_argument("--profile", default="", metavar="NAME", help="unset: the last one used")
    parser.add_argument("--to", default="", metavar="PLACE", help="zip, store, or a folder's name")
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="ID.FIELD=TEXT",
        help="a field that an asset's files are named by, as 3f0c2a91b7d45e60.name=potion",
    )
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be written")
    parser.add_argument(
        "--overwrite", action="store_true", help="also files that were changed in the game"
    )
    parser.add_argument(
        "--delete", action="store_true", help="what these assets left under other names"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="a copy of the zip")
    own_job.job_options(parser)
    command("profiles", profiles, "The profiles, as they are now", inner)
    parser = command("profile", profile, "Save a profile: its next revision", inner)
    parser.add_argument("name", metavar="NAME")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="others stay as they are"
    )
    parser = command("list", listed, "The newest exports", inner)
    parser.add_argument("--most", type=whole(1, 1000), default=20, help="how many (20)")
    parser = command("sync", sync, "What needs an edit into a folder, and what is saved there back")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--style", default="", help="of this style alone")
    parser.add_argument("--form", choices=FORMS, default="png", help="of the files (png)")
    parser.add_argument("--take", action="store_true", help="also what another person has")


def run(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`export run`. The exit code of a dry run is 2 where a name is wrong."""
    from studio import context
    from studio.accounts.rights import check
    from studio.store import local
    from studio.store.publish import publishing
    from studio.workflows import exports

    check(settings.user, exports.RIGHT)
    if arguments.detach and arguments.out:
        raise StudioError(
            "With --detach nobody is left to copy the zip to --out.", "Leave one of them out."
        )
    studio = context.open_studio(settings)
    payload = {
        "assets": list(arguments.assets),
        "profile": arguments.profile or _remembered(studio, arguments.assets[0]),
        "names": _names(arguments.name),
        "folder": arguments.to,
        "overwrite": arguments.overwrite,
        "delete": arguments.delete,
    }
    if arguments.dry_run:
        return _planned(studio, payload, arguments)
    job = own_job.put_in(studio, "export", payload, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    told = own_job.result_of(studio, job, arguments)
    for path in told["written"]:
        printer(arguments)(path)
    if arguments.out:
        if not told["asset"] or told["destination"] != "zip":
            raise StudioError("It did not become a zip.", "Leave --out out, or say --to zip.")
        file = local.present(exports.archive(studio, told["asset"]))
        with publishing(arguments.out, flush=False) as aside:
            shutil.copyfile(file, aside)
    return {"job": job.id, **told}


def profiles(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`export profiles`."""
    from studio import context
    from studio.export import profiles as all_profiles

    engine = context.open_records(settings)[0]
    found, say = all_profiles.listing(engine), printer(arguments)
    for one in found:
        say(f"{one.name} revision {one.revision}, by {one.by}, {one.at[:16]}")
        for name, value in all_profiles.told(one).items():
            say(f"  {name:16} {value}")
    return {"profiles": [_told(one) for one in found]}


def profile(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`export profile`."""
    from studio import context
    from studio.export import profiles as all_profiles

    engine = context.open_records(settings)[0]
    there = [one for one in all_profiles.listing(engine) if one.name == arguments.name]
    held = all_profiles.told(there[0]) if there else {}
    made = all_profiles.of_json({**held, **_given(arguments.set)})
    saved = all_profiles.save(
        engine,
        arguments.name,
        made,
        after=there[0].revision if there else 0,
        by=settings.user,
        now=context.now(),
    )
    printer(arguments)(f"{saved.name} is revision {saved.revision}.")
    return _told(saved)


def listed(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`export list`."""
    from studio import context
    from studio.export import records

    engine = context.open_records(settings)[0]
    found = records.newest(engine, arguments.most)
    for one in found:
        printer(arguments)(
            f"{one.id}  {one.at[:16]}  {one.by}  {one.profile}@{one.revision} to "
            f"{one.destination}, {one.files:,} files written  {one.asset}".rstrip()
        )
    return {"exports": [asdict(one) for one in found]}


def sync(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`sync`. The exit code is 2 where something was left."""
    from studio import context
    from studio.workflows import round_trip

    studio = context.open_studio(settings)
    done = round_trip.sync(
        studio,
        arguments.folder,
        by=settings.user,
        now=context.now(),
        style=arguments.style,
        form=arguments.form,
        take=arguments.take,
    )
    say = printer(arguments)
    for name in done.returned:
        say(f"{name}: back, as painted over")
    for name in done.fetched:
        say(f"{name}: fetched")
    for name, who in done.others:
        say(f"{name}: {who} has it")
    for name, why in done.left:
        say(f"{name}: left, {why}")
    for name, remark in done.remarks:
        say(f"{name}: {remark}")
    answer: Answer = {
        "fetched": list(done.fetched),
        "returned": list(done.returned),
        "others": [{"file": name, "who": who} for name, who in done.others],
        "left": [{"file": name, "why": why} for name, why in done.left],
        "remarks": [{"file": name, "remark": remark} for name, remark in done.remarks],
    }
    return {**answer, "exit": 2} if done.left else answer


def _planned(studio: Studio, payload: dict[str, Any], arguments: argparse.Namespace) -> Answer:
    from studio.worker.kinds import export as kind
    from studio.worker.payload import read
    from studio.workflows import exports

    ask = kind.check(studio, read(kind.Export, payload))
    found, say = exports.plan(studio, kind.wanted(ask)), printer(arguments)
    for one in found.changes:
        say(f"{one.state:8} {one.path}")
    for path in found.leftovers:
        say(f"{'deletes' if arguments.delete else 'leaves':8} {path}")
    for path in found.changed_leftovers:
        say(f"{'leaves':8} {path}, which was changed in the game")
    for flaw in found.flaws:
        say(f"{flaw.path} {flaw.says}. {flaw.instead}".rstrip())
    answer: Answer = {
        "profile": found.profile,
        "revision": found.revision,
        "destination": found.destination,
        "changes": [{"path": one.path, "state": one.state} for one in found.changes],
        "leftovers": list(found.leftovers),
        "changed_leftovers": list(found.changed_leftovers),
        "flaws": [asdict(flaw) for flaw in found.flaws],
    }
    return {**answer, "exit": 2} if found.flaws else answer


def _remembered(studio: Studio, asset: str) -> str:
    """The profile that was last used for the asset's style."""
    from studio.assets import records
    from studio.export import profiles as all_profiles

    style = records.get(studio.engine, asset).style
    name = all_profiles.remembered(studio.engine, studio.settings.user, style)
    if not name:
        raise StudioError(
            "No profile was used yet.", "Name one: --profile NAME; export profiles lists them."
        )
    return name


def _names(said: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for one in said:
        place, _, text = one.partition("=")
        asset, dot, name = place.partition(".")
        if not dot or not name:
            raise StudioError(f"{one[:60]!r} names no field.", "Write ID.FIELD=TEXT.")
        found.setdefault(asset, {})[name] = text
    return found


def _given(said: list[str]) -> dict[str, Any]:
    """Fields of a profile as its own types."""
    from studio import numbers
    from studio.export.profiles import Profile

    found: dict[str, Any] = {}
    for one in said:
        name, sign, text = one.partition("=")
        if not sign:
            raise StudioError(f"{one[:60]!r} sets nothing.", "Write FIELD=VALUE.")
        usual = getattr(Profile, name, "")
        if isinstance(usual, bool):
            if text not in ("yes", "no"):
                raise StudioError(f"{name} is {text[:40]!r}.", "Give yes or no.")
            found[name] = text == "yes"
        elif isinstance(usual, int):
            found[name] = numbers.whole(name, text, 0, numbers.HIGHEST_ID)
        else:
            found[name] = text
    return found


def _told(one: Revision) -> dict[str, Any]:
    return asdict(one)
