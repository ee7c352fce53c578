"""`upscale` on the command line: pictures enlarged, tile by tile, in the house style if wanted."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import own_job, upscale_flags
from studio.cli.answer import Answer, Command, printer
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.context import Studio
    from studio.jobs.table import Job
    from studio.workflows.upscale_sources import Source
    from studio.workflows.upscaling import Wanted


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("upscale", upscale, "Enlarge pictures, tile by tile, in the house style")
    parser.add_argument(
        "pictures",
        nargs="*",
        metavar="PICTURE",
        help="a file, a folder of pictures, or a picture's id in the gallery",
    )
    upscale_flags.add(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="a copy of each result, too")
    parser.add_argument(
        "--estimate", action="store_true", help="only say how many tiles, how long, what it costs"
    )
    parser.add_argument(
        "--list", action="store_true", help="only list methods, models and saved settings"
    )
    parser.add_argument("--at", metavar="HH:MM", help="begin then, with --detach: over night")
    own_job.job_options(parser)


def upscale(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`upscale`. The exit code is 2 where a picture could not be enlarged; the others are."""
    from studio import context
    from studio.accounts.rights import check
    from studio.workflows import upscaling

    check(settings.user, upscaling.RIGHT)
    _check_flags(arguments)
    studio = context.open_studio(settings)
    if arguments.list:
        return _listed(studio, arguments)
    given, size = upscale_flags.read(studio, arguments)
    redo = upscale_flags.redo_of(arguments)
    if arguments.save:
        return _saved(studio, arguments, given)
    given = upscaling.pinned(studio, given, settings.user)
    found, bad = _sources(studio, arguments)
    asked: list[tuple[Source, Wanted]] = []
    for source in found:
        try:
            asked.append((source, upscaling.wanted(studio, source, given, size, redo)))
        except StudioError as error:
            bad.append(_problem(source.about, error, arguments))
    if arguments.estimate:
        return _estimated(studio, arguments, asked, bad)
    jobs = [_put_in(studio, source, wanted, arguments) for source, wanted in asked]
    if arguments.detach and jobs:
        return _with(own_job.detached(studio, jobs, arguments), bad)
    done: list[dict[str, Any]] = []
    for (source, _), job in zip(asked, jobs, strict=True):
        try:
            done.append(_result(studio, source, job, arguments))
        except StudioError as error:
            bad.append(_problem(source.about, error, arguments))
    return _with({"results": done}, bad)


def _check_flags(arguments: argparse.Namespace) -> None:
    if arguments.detach and arguments.out:
        raise StudioError(
            "With --detach nobody is left to copy results to --out.",
            "Leave it out: the results come into the gallery.",
        )
    if arguments.at and not arguments.detach:
        raise StudioError("--at needs --detach.", "Give both: a worker begins then.")
    alone = arguments.list or arguments.save
    if not alone and not arguments.pictures and not arguments.again_of:
        raise StudioError("No picture is named.", "Give files, folders, or ids of the gallery.")


def _sources(
    studio: Studio, arguments: argparse.Namespace
) -> tuple[list[Source], list[dict[str, Any]]]:
    """The pictures, those of folders one by one, and why others are none. With --again-of that
    job's own."""
    from studio.workflows import upscale_sources

    if arguments.again_of:
        return [_source_of(studio, arguments)], []
    names: list[str] = []
    for named in arguments.pictures:
        place = Path(named)
        folder = upscale_sources.files_in(place) if place.is_dir() else None
        names += [named] if folder is None else [str(file) for file in folder]
    found: list[Source] = []
    bad: list[dict[str, Any]] = []
    for named in dict.fromkeys(names):
        try:
            file = Path(named)
            found.append(
                upscale_sources.bring(studio, file)
                if file.is_file()
                else upscale_sources.source(studio, named)
            )
        except StudioError as error:
            bad.append(_problem(named, error, arguments))
    return found, bad


def _source_of(studio: Studio, arguments: argparse.Namespace) -> Source:
    from studio.jobs import queue
    from studio.workflows import upscale_sources

    if arguments.pictures:
        raise StudioError("--again-of has its picture.", "Leave the pictures out.")
    payload = queue.get(studio.engine, arguments.again_of).payload
    return upscale_sources.source(studio, str(payload.get("picture") or ""), "")


def _put_in(studio: Studio, source: Source, wanted: Wanted, arguments: argparse.Namespace) -> Job:
    """The job of one picture: with all settings filled in, so that what was told is what is
    done."""
    from studio import context
    from studio.worker import submit, train_schedule
    from studio.workflows import upscaling

    now = context.now()
    at = train_schedule.next_at(arguments.at, now.astimezone()) if arguments.at else None
    for sentence in upscaling.notes(wanted):
        printer(arguments)(sentence)
    payload = {
        "picture": source.named,
        "settings": upscaling.as_json(wanted.settings),
        "name": source.about,
        "again_of": arguments.again_of or 0,
        "redo": upscale_flags.redo_of(arguments),
    }
    return submit.ask(
        studio,
        "upscale",
        payload,
        asked_by=studio.settings.user,
        now=now,
        not_before=at,
        webhook=arguments.webhook,
        where=arguments.where,
    )


def _result(
    studio: Studio, source: Source, job: Job, arguments: argparse.Namespace
) -> dict[str, Any]:
    """What the job of one picture came to, told in a line."""
    import shutil

    from studio.store.publish import publishing

    told = own_job.result_of(studio, job, arguments)
    file = studio.home / told["file"]
    if arguments.out:
        target = arguments.out / f"{file.stem}-{told['picture'][:6]}.png"
        with publishing(target, flush=False) as aside:
            shutil.copyfile(file, aside)
        file = target
    size = f"{told['width']} x {told['height']}"
    printer(arguments)(f"{file}: {size}, {told['tiles']:,} tiles in {told['seconds']:.0f} s")
    return {"from": source.named, "job": job.id, **told, "file": str(file)}


def _estimated(
    studio: Studio,
    arguments: argparse.Namespace,
    asked: Sequence[tuple[Source, Wanted]],
    bad: list[dict[str, Any]],
) -> Answer:
    from studio import context
    from studio.upscaling import estimates
    from studio.workflows import upscaling

    told = []
    for source, wanted in asked:
        one = upscaling.estimate(studio, wanted, context.now()).as_json()
        size = {"width": wanted.settings.width, "height": wanted.settings.height}
        method = wanted.settings.method
        told.append({"from": source.named, "method": method, **size, **one})
        wide = f"{size['width']} x {size['height']}"
        printer(arguments)(f"{source.about}: {wide} by {method}, {estimates.said(one)}")
    return _with({"estimates": told}, bad)


def _listed(studio: Studio, arguments: argparse.Namespace) -> Answer:
    from studio.upscaling import models, saved
    from studio.upscaling.methods import offers

    say = printer(arguments)
    for method in offers.METHODS:
        say(f"method  {method:12} {offers.LABELS[method]}")
    there = models.all(studio.home)
    for model in there:
        say(f"model   {model.name:24} {model.factor}x, {model.licence}")
    kept = saved.listing(studio.engine)
    for one in kept:
        say(f"saved   {one.name} by {one.by}")
    return {
        "methods": list(offers.METHODS),
        "models": [models.as_record(model) for model in there],
        "saved": [vars(one) for one in kept],
    }


def _saved(studio: Studio, arguments: argparse.Namespace, given: dict[str, Any]) -> Answer:
    from studio import context
    from studio.upscaling import saved

    by = studio.settings.user
    one = saved.save(studio.engine, arguments.save, given, by=by, now=context.now())
    printer(arguments)(f"Saved as {one.name}.")
    return {"saved": vars(one)}


def _problem(named: str, error: StudioError, arguments: argparse.Namespace) -> dict[str, Any]:
    printer(arguments)(f"{named}: {error.message} {error.remedy}".rstrip())
    return {"picture": named, "error": error.message, "remedy": error.remedy}


def _with(answer: dict[str, Any], bad: list[dict[str, Any]]) -> Answer:
    found = {**answer, "problems": bad}
    return {**found, "exit": 2} if bad else found
