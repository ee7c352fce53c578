"""`generate` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from studio.cli.answer import Answer, Command, printer
from studio.errors import StudioError
from studio.settings import Settings


def add(command: Command, commands: Any) -> None:
    """Add it; `command` makes one with what all take."""
    parser = command("generate", generate, "Draw with what is in production")
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="unset: an interactive session")
    parser.add_argument("--style", required=True, metavar="STYLE")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the first picture; then one more each"
    )
    parser.add_argument("--count", type=int, default=1, help="pictures a prompt")
    parser.add_argument("--steps", type=int, default=20, help="of denoising (20)")
    parser.add_argument("--guidance", type=float, default=4.0, help="classifier-free (4)")
    parser.add_argument("--strength", type=float, help="of the adapter; 0 switches it off")
    parser.add_argument("--negative", default="", help="negative prompt")
    parser.add_argument("--size", type=int, help="pixels a side; unset: as the version was trained")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="unset: generated/STYLE/vN in the studio's folder"
    )
    parser.add_argument("--prompts-file", type=Path, metavar="FILE", help="one prompt a line")


def generate(settings: Settings, arguments: argparse.Namespace) -> Answer:
    """`generate`: one prompt, a file of prompts, or a session."""
    from studio import context
    from studio.accounts.rights import check
    from studio.diffusion.sampling import Draw, check_draw
    from studio.generation import gallery_table, prompts, style_drawing
    from studio.workflows import release
    from studio.workflows.model_kinds import table
    from studio.workflows.version_loading import generated

    check(settings.user, "generate")
    asked = check_draw(
        Draw(arguments.steps, arguments.guidance, arguments.negative, arguments.size)
    )
    if not 1 <= arguments.count <= 10_000:
        raise StudioError(f"count is {arguments.count}.", "Give 1 to 10000.")
    texts = prompts.read_prompts(arguments.prompts_file) if arguments.prompts_file else []
    if arguments.prompt is not None:
        if not arguments.prompt.strip():
            raise StudioError("The prompt is empty.", "Say what to draw.")
        texts.append(arguments.prompt)
    studio = context.open_studio(settings)
    version, _ = release.drawn_with(studio, arguments.style, settings.user)
    loaded = table.load(studio, version)
    strength = loaded.strength if arguments.strength is None else arguments.strength
    say = printer(arguments)
    on = f" on {loaded.base}" if loaded.base else f", {table.label(version)}"
    say(f"{version.style} version {version.number}{on}")
    out = arguments.out or generated(studio, version)

    def draw(lines: list[str]) -> list[Path]:
        wishes = [
            style_drawing.Wish(text, arguments.seed + k)
            for text in lines
            for k in range(arguments.count)
        ]
        clock = context.Countdown(say)
        return style_drawing.draw(loaded, wishes, asked, strength, out, clock.at)

    files = draw(texts) if texts else []
    while not texts or not (arguments.prompt or arguments.prompts_file):
        try:
            line = input("prompt> ").strip()
        except EOFError:
            break
        if line == "quit":
            break
        if line:
            files += draw([line])
            say(str(files[-1]))
    for file in files if texts else []:
        say(str(file))
    gallery_table.take_up(studio.engine, studio.home, by=settings.user)
    return {"style": version.style, "version": version.number, "files": [str(f) for f in files]}
