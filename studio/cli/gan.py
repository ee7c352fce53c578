"""`gan` on the command line: train a generator of sprites, draw with it, walk between seeds."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from studio.cli import own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import number, whole
from studio.cli.train import flags
from studio.errors import StudioError
from studio.settings import Settings

SHEET = 1_024  # pictures on one


def add(command: Command, commands: Any) -> None:
    """Add them; `command` makes one with what all take."""
    help = "A generator of one's own: thousands of sprites a second, by seed"
    inner = commands.add_parser("gan", help=help, description=help)
    inner = inner.add_subparsers(required=True, metavar="ACTION")
    parser = command("train", train, "Train a GAN and register it as a candidate", inner)
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE.ini", help="settings")
    parser.add_argument("--style", default="", help="whose version it becomes; the file's name")
    parser.add_argument("--dataset", default="", metavar="NAME[@VERSION]")
    parser.add_argument("--folder", default="", metavar="DIR", help="frames, read in place")
    parser.add_argument(
        "--from", dest="before", default="", metavar="STYLE:VERSION|FILE", help="an earlier GAN"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one setting; may be given many times",
    )
    own_job.job_options(parser)
    parser = command("draw", draw, "Draw sprites by their seeds, on the CPU", inner)
    _drawn(parser)
    parser.add_argument("--seeds", default="0-63", help="such as 7, 1,5,9 or 0-99 (0-63)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="all on one sheet, too")
    parser = command("walk", walk, "A file that moves from seed to seed", inner)
    _drawn(parser)
    parser.add_argument("--seeds", required=True, help="two or more, such as 1,7,12")
    parser.add_argument("--steps", type=whole(1, 500), default=12, help="from seed to seed (12)")
    parser.add_argument("--loop", action="store_true", help="back to the first seed")
    parser.add_argument(
        "--milliseconds", type=whole(10, 60_000), default=80, help="that a frame stands (80)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.png|FILE.webp")


def _drawn(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="STYLE[:VERSION]|FILE")
    parser.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="NAME[=WEIGHT]",
        help="only this class; several are mixed by their weights",
    )
    parser.add_argument(
        "--truncation",
        type=number(0, 10),
        help="near 0: all alike and usual; 0: as varied as it learned (the GAN's own)",
    )
    parser.add_argument("--raw", action="store_true", help="as the GAN draws it, not finished")


def train(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`gan train`."""
    from dataclasses import asdict

    from studio import context
    from studio.accounts.rights import check
    from studio.gan import ini_files
    from studio.gan import settings as all_settings
    from studio.workflows import model_cards

    check(settings.user, "train")
    given = ini_files.read(arguments.file) if arguments.file else []
    given += [(name, value, name) for name, value in flags(arguments.set).items()]
    found = all_settings.load(given)
    named = found.model_name or (arguments.file.stem if arguments.file else "")
    style = arguments.style or re.sub("[^a-z0-9_-]+", "-", named.lower()).strip("-_")
    if not style:
        raise StudioError("There is no style.", "Give --style NAME, or a file with model_name.")
    studio = context.open_studio(settings)
    folder = arguments.folder or ("" if arguments.dataset else found.train_dir)
    asked = {
        "style": style,
        "dataset": arguments.dataset,
        "folder": folder and str(Path(folder).expanduser().resolve()),
        "before": arguments.before,
        "settings": asdict(found),
    }
    job = own_job.put_in(studio, "gan", asked, arguments)
    if arguments.detach:
        return own_job.detached(studio, [job], arguments)
    made = own_job.result_of(studio, job, arguments)
    model_cards.write(studio, made["style"], made["number"])
    return made


def draw(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`gan draw`."""
    from studio import context
    from studio.store.publish import publishing
    from studio.workflows import gan_drawing

    seeds = gan_drawing.seeds(arguments.seeds)
    if arguments.sheet and len(seeds) > SHEET:
        raise StudioError(
            f"{len(seeds):,} pictures do not fit on a sheet.", f"Give at most {SHEET:,} seeds."
        )
    ready = gan_drawing.ready(context.open_studio(settings), arguments.what)
    say, files, pictures = printer(arguments), list[str](), []
    named = gan_drawing.classes(arguments.classes)
    for start in range(0, len(seeds), SHEET):
        part = seeds[start : start + SHEET]
        drawn = ready.sampler.draw(part, named, arguments.truncation)
        if not arguments.raw:
            drawn = [ready.finish(one) for one in drawn]
        for seed, picture in zip(part, drawn, strict=True):
            file = arguments.out / f"{ready.name}-{seed:010d}.png"
            with publishing(file, flush=False) as aside:
                picture.save(aside, format="PNG")
            files.append(str(file))
        pictures += drawn if arguments.sheet else []
    if arguments.sheet:
        from studio.workflows import gan_figures

        with publishing(arguments.sheet) as aside:
            gan_figures.sheet(pictures, 16).save(aside, format="PNG")
        say(str(arguments.sheet))
    say(f"{len(files):,} pictures in {arguments.out}")
    return {"files": files, "seeds": seeds}


def walk(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`gan walk`."""
    from studio import context
    from studio.gan import walks
    from studio.workflows import gan_drawing

    seeds = gan_drawing.seeds(arguments.seeds)
    walks.check_name(arguments.out)
    ready = gan_drawing.ready(context.open_studio(settings), arguments.what)
    frames = walks.frames(
        ready.sampler,
        seeds,
        arguments.steps,
        gan_drawing.classes(arguments.classes),
        arguments.truncation,
        arguments.loop,
    )
    if not arguments.raw:
        frames = [ready.finish(one) for one in frames]
    walks.write(arguments.out, frames, arguments.milliseconds)
    printer(arguments)(f"{len(frames):,} frames in {arguments.out}")
    return {"file": str(arguments.out), "frames": len(frames), "seeds": seeds}
