"""`generate` on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import numbers
from studio.cli import drawing_inputs, own_job
from studio.cli.answer import Answer, Command, printer
from studio.cli.number_flags import AMOUNT, COUNT, whole
from studio.diffusion import opaque_fill, seamless
from studio.errors import StudioError
from studio.settings import Settings

if TYPE_CHECKING:
    from studio.cli.drawing_inputs import Inputs
    from studio.context import Studio
    from studio.generation.style_drawing import Loaded, Wish
    from studio.jobs.table import Job
    from studio.worker.supervisor import Worker

AT_ONCE = 64  # pictures of one prompt that are drawn for somebody who waits
A_JOB = 1_600  # pictures of a list of assets: whole batches, and far from a payload's limit


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("generate", generate, "Draw with what is in production")
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="unset: an interactive session")
    parser.add_argument("--style", required=True, metavar="STYLE")
    parser.add_argument(
        "--seed",
        type=whole(0, 2**64 - 1),
        default=0,
        help="of the first picture; then one more each",
    )
    parser.add_argument("--count", type=COUNT, default=1, help="pictures a prompt")
    drawing_options(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="unset: generated/STYLE/vN in the studio's folder",
    )
    parser.add_argument("--prompts-file", type=Path, metavar="FILE", help="one prompt a line")
    drawing_inputs.add(parser)
    own_job.job_options(parser)


def drawing_options(parser: argparse.ArgumentParser) -> None:
    """How pictures are drawn, as all commands that draw are told it."""
    parser.add_argument("--steps", type=COUNT, default=20, help="of denoising (20)")
    parser.add_argument("--guidance", type=AMOUNT, default=4.0, help="classifier-free (4)")
    parser.add_argument("--strength", type=AMOUNT, help="of the adapter; 0 switches it off")
    parser.add_argument("--negative", default="", help="negative prompt")
    parser.add_argument(
        "--size",
        metavar="SIZE",
        help="48 for both sides, 32x48, or one of the style's usual sizes by name; unset: as the "
        "version was trained",
    )
    parser.add_argument("--width", type=COUNT, metavar="PIXELS", help="in place of --size")
    parser.add_argument("--height", type=COUNT, metavar="PIXELS", help="in place of --size")
    parser.add_argument(
        "--seamless",
        choices=[way for way in seamless.WAYS if way],
        default="",
        help="a texture that repeats: over the sides, over top and bottom, or both",
    )
    parser.add_argument(
        "--keep-holes", action="store_true", help="of a seamless picture; unset: filled"
    )


def generate(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`generate`: one prompt, a file of prompts, or a session."""
    from studio import context
    from studio.accounts.rights import check
    from studio.diffusion.adapters import check_strength
    from studio.diffusion.sampling import Draw, check_draw
    from studio.generation import prompts, seam_verdicts
    from studio.workflows import recipes, release, seamless_styles
    from studio.workflows.model_kinds import table
    from studio.workflows.version_loading import generated

    check(settings.user, "generate")
    draw = check_draw(
        Draw(
            arguments.steps,
            arguments.guidance,
            arguments.negative,
            *sides(settings, arguments.style, arguments),
            arguments.seamless,
            fill_of(arguments) if arguments.seamless else "",
        )
    )
    if not 1 <= arguments.count <= 10_000:
        raise StudioError(f"count is {arguments.count}.", "Give 1 to 10000.")
    numbers.seed(arguments.seed)
    texts = prompts.read_prompts(arguments.prompts_file) if arguments.prompts_file else []
    if arguments.prompt is not None:
        if not arguments.prompt.strip():
            raise StudioError("The prompt is empty.", "Say what to draw.")
        texts.append(arguments.prompt)
    session = not texts and arguments.template is None
    if arguments.detach and (session or arguments.out):
        raise StudioError(
            "With --detach nobody is left to type prompts, or to copy pictures to --out.",
            "Give prompts and leave --out out: the pictures come into the gallery.",
        )
    studio = context.open_studio(settings)
    texts, negative = drawing_inputs.templated(studio, arguments, texts)
    draw = replace(draw, negative=negative)
    version, _ = release.drawn_with(studio, arguments.style, settings.user)
    table.check_takes(version)
    about = recipes.about(studio, version)
    strength = about.strength if arguments.strength is None else arguments.strength
    inputs = drawing_inputs.read(studio, version, arguments, texts, draw)
    texts = inputs.texts
    drawing = Drawing(
        studio, about, inputs, check_strength(strength), generated(studio, version), arguments
    )
    say = printer(arguments)
    on = f" on {about.base}" if about.base else f", {table.label(version)}"
    say(f"{version.style} version {version.number}{on}")
    if not draw.seamless and (way := seamless_styles.proposed(studio, version)):
        say(f"Its dataset is tileable: with --seamless {way} pictures repeat without a seam.")
    for sentence in drawing.notes(texts):
        say(sentence)
    if arguments.detach and (wishes := drawing.wishes(texts)):
        jobs = [drawing.put_in(part) for part in drawing.parts(drawing.missing(wishes) or wishes)]
        return {**own_job.detached(studio, jobs, arguments), "notes": drawing.notes(texts)}
    files = _typed(drawing) if session else drawing.files(texts)
    seams = _seams(files, draw.seamless)
    for place, file in enumerate(files if texts else []):
        say(f"{file}: {seam_verdicts.told(seams[place])}" if draw.seamless else str(file))
    return {
        **({"seams": seams} if draw.seamless else {}),
        "style": version.style,
        "version": version.number,
        "files": [str(f) for f in files],
        "notes": drawing.notes(texts),
    }


def fill_of(arguments: argparse.Namespace) -> str:
    """What becomes of the holes of seamless pictures."""
    return "" if arguments.keep_holes else opaque_fill.OPAQUE


def sides(
    settings: Settings, style: str, arguments: argparse.Namespace
) -> tuple[int | None, int | None]:
    """Width and height that are asked for, by --size or apart; StudioError for both at once."""
    from studio.diffusion import sizes
    from studio.generation import usual_sizes

    if arguments.size is None:
        return arguments.width, arguments.height
    if arguments.width is not None or arguments.height is not None:
        raise StudioError(
            "--size is given, and --width or --height too.", "Give the one or the other."
        )
    found = sizes.read(arguments.size) or usual_sizes.find(settings.home, style, arguments.size)
    return found.width, found.height


def _seams(files: Sequence[Path], way: str) -> list[dict[str, Any]]:
    """What is said of each picture's edges, where they are to fit."""
    from studio.generation import seam_verdicts

    return [seam_verdicts.of_file(file, way) for file in files] if way else []


def _typed(drawing: Drawing) -> list[Path]:
    """The pictures of a session, whose one process keeps its pipeline loaded."""
    from studio.worker.own_jobs import taking

    studio, files = drawing.studio, list[Path]()
    with taking(studio.settings, studio.engine, "interactive", warm=True) as taker:
        while True:
            try:
                line = input("prompt> ").strip()
            except EOFError:
                break
            if line == "quit":
                break
            if line:
                for sentence in drawing.notes([line]):
                    printer(drawing.arguments)(sentence)
                files += drawing.files([line], taker)
                printer(drawing.arguments)(str(files[-1]))
    return files


@dataclass(frozen=True)
class Drawing:
    """What all pictures of a command have in common; `kept` is where jobs keep the version's."""

    studio: Studio
    about: Loaded
    inputs: Inputs
    strength: float
    kept: Path
    arguments: argparse.Namespace

    def wishes(self, texts: list[str]) -> list[Wish]:
        """What is asked for, in order."""
        from studio.generation.style_drawing import Wish

        count = self.arguments.count
        seeds = [(self.arguments.seed + k) % numbers.SEEDS for k in range(count)]
        return [Wish(text, seed) for text in texts for seed in seeds]

    def notes(self, texts: list[str]) -> list[str]:
        """Sentences about prompts that are not drawn as they stand, or not at once."""
        from studio.generation.style_drawing import notes

        return notes(self.about, self.wishes(texts), self.inputs.draw)

    def found(self, wishes: list[Wish], jobs: Sequence[Job] = ()) -> list[Path | None]:
        """The pictures that are there: of these jobs, or of before."""
        from studio.generation.drawn_before import drawn_before

        folders = [*(self.kept / str(job.id) for job in jobs), self.arguments.out or self.kept]
        draw, besides = self.inputs.draw, self.inputs.besides
        return drawn_before(folders, self.about, wishes, draw, self.strength, besides)

    def missing(self, wishes: list[Wish]) -> list[Wish]:
        """What has to be drawn: batches of which a picture is missing, whole, since a batch of
        another size rounds otherwise."""
        from studio.diffusion.sampling import BATCH

        there = self.found(wishes)
        asked: list[Wish] = []
        for start in range(0, len(wishes), BATCH):
            batch = slice(start, start + BATCH)
            if not all(there[batch]):
                asked += wishes[batch]
        return asked

    def parts(self, wishes: list[Wish]) -> list[list[Wish]]:
        """As many as one job may have, time and again. What begins from a picture or is led by one
        is no list of assets: each job draws its one prompt for somebody who waits."""
        given = any(self.inputs.asked.get(name) for name in ("start", "leads", "reference"))
        return runs_of(wishes) if given else parts_of(wishes)

    def put_in(self, wishes: list[Wish]) -> Job:
        """A job for these: one prompt's as somebody waits for them, else a list of assets."""
        draw = self.inputs.draw
        asked = {
            "style": self.about.style,
            "version": self.about.version,
            "negative": draw.negative,
            "steps": draw.steps,
            "guidance": draw.guidance,
            "strength": self.strength,
            "width": draw.width,
            "height": draw.height,
            "seamless": draw.seamless,
            "fill": draw.fill,
            **self.inputs.asked,
        }
        assets = assets_of(wishes)
        if len(assets) == 1 and assets[0]["count"] <= AT_ONCE:
            kind, more = "generate", assets[0]
        else:
            kind, more = "batch", {"assets": assets}
        return own_job.put_in(self.studio, kind, {**asked, **more}, self.arguments)

    def files(self, texts: list[str], taker: Worker | None = None) -> list[Path]:
        """The pictures of these prompts, drawn where they are missing and copied to --out."""
        from studio.generation.drawn_before import hand_on

        wishes = self.wishes(texts)
        jobs: list[Job] = []
        told: dict[Wish, Path] = {}
        try:
            for part in self.parts(self.missing(wishes)):
                job = self.put_in(part)
                jobs.append(job)
                mine = taker if taker and job.lane in taker.lanes else None
                made = own_job.result_of(self.studio, job, self.arguments, mine)["pictures"]
                told |= zip(part, (self.studio.home / one["file"] for one in made), strict=True)
        finally:  # also what was finished before an error, or Ctrl-C
            found = self.found(wishes, jobs)
            files = [told.get(wish, file) for wish, file in zip(wishes, found, strict=True)]
            if self.arguments.out:
                files = hand_on(files, self.arguments.out)
        drawn = [file for file in files if file]
        if len(drawn) < len(wishes):
            raise StudioError(
                f"{len(wishes) - len(drawn)} pictures were drawn and are gone again.",
                "Ask for them once more.",
            )
        return drawn


def parts_of(wishes: list[Wish]) -> list[list[Wish]]:
    """As many as one job may have, time and again, whole batches each."""
    return [wishes[start : start + A_JOB] for start in range(0, len(wishes), A_JOB)]


def runs_of(wishes: list[Wish]) -> list[list[Wish]]:
    """Wishes of one prompt whose seeds follow each other, at most AT_ONCE in each part."""
    runs: list[list[Wish]] = []
    for wish in wishes:
        last = runs[-1] if runs else []
        if 0 < len(last) < AT_ONCE and len(assets_of([last[-1], wish])) == 1:
            last.append(wish)
        else:
            runs.append([wish])
    return runs


def assets_of(wishes: list[Wish]) -> list[dict[str, Any]]:
    """Wishes of one prompt whose seeds follow each other, as one asset each."""
    assets: list[dict[str, Any]] = []
    for wish in wishes:
        last = assets[-1] if assets else None
        if last and (last["prompt"], last["seed"] + last["count"]) == (wish.prompt, wish.seed):
            last["count"] += 1
        else:
            assets.append({"prompt": wish.prompt, "seed": wish.seed, "count": 1})
    return assets
