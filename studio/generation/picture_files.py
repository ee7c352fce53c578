"""Generated pictures as files: PNG with alpha, everything about how they came to be inside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from studio import images, numbers
from studio.errors import StudioError
from studio.store.publish import publishing

KEY = "housestyle"
FINISH = "housestyle-recipe"  # the chunk that holds the recipe that a picture was finished by
PARAMETERS = "parameters"  # A1111's chunk
# Of `Made`, not of all pictures.
LATER = ("reading", "mask", "finish", "seamless", "fill", "leads", "reference")
OF_FILE = ("schema", "width", "height")  # what the chunk says beside how the picture was made


@dataclass(frozen=True)
class Made:
    """How a picture was made; it stands in the PNG's text chunk `housestyle` as JSON.

    `adapters` are the LoRAs beside the style's own, each with style, version and strength; `start`
    is the hash of the picture that it began from ("" for none), `change` how much of that could
    change, 0 to 1, `mask` the hash of where ("": everywhere). `reading` says what of the prompts
    acted (`prompt_tokens.taken`); empty: each as it stands, as far as the base's context reaches.
    So it was with all pictures before it was kept. `finish` is the mark of the recipe that it was
    finished by, "" for none. `seamless` and `fill` are those of its `sampling.Draw`. `leads` are
    the pictures that led it, each with the ControlNet, its kind, the SHA-256 of its weights, and
    how it acted; `reference` the one that it took after, with the IP-Adapter; empty for none.
    """

    style: str
    version: int
    base: str
    run: str
    dataset: str
    prompt: str
    full_prompt: str
    negative: str
    seed: int
    steps: int
    guidance: float
    strength: float
    adapters: tuple[dict[str, Any], ...] = ()
    start: str = ""
    change: float = 0.0
    reading: dict[str, Any] = field(default_factory=dict)
    mask: str = ""
    finish: str = ""
    seamless: str = ""
    fill: str = ""
    leads: tuple[dict[str, Any], ...] = ()
    reference: dict[str, Any] = field(default_factory=dict)

    @property
    def begun_from(self) -> tuple[str, ...]:
        """The hashes of all pictures that it was made from, each once."""
        beside = [str(lead.get("picture", "")) for lead in self.leads]
        named = (self.start, *beside, str(self.reference.get("picture", "")))
        return tuple(dict.fromkeys(hash for hash in named if hash))


def recipe_of(made: Made) -> dict[str, Any]:
    """As JSON has it. What came later is left out where it is empty, so that pictures of before
    are found."""
    told = asdict(made)
    return {k: value for k, value in told.items() if value or k not in LATER}


def keep(folder: Path, name: str, picture: Image.Image, made: Made, finish: str = "") -> Path:
    """Write `name`.png aside and rename it; `finish` is the recipe behind `made.finish` as JSON.
    Raises StudioError if it can't."""
    file = folder / f"{name}.png"
    about = PngImagePlugin.PngInfo()
    size = {"width": picture.width, "height": picture.height}
    about.add_itxt(KEY, json.dumps({"schema": 1, **recipe_of(made), **size}))
    if finish:
        about.add_itxt(FINISH, finish)
    about.add_itxt(PARAMETERS, parameters(made, picture.size))
    write_png(file, picture, about)
    return file


def parameters(made: Made, size: tuple[int, int]) -> str:
    """How the picture was made as A1111 writes it, for programs that read that."""
    settings = {
        "Steps": made.steps,
        "CFG scale": f"{made.guidance:g}",
        "Seed": made.seed,
        "Size": f"{size[0]}x{size[1]}",
        "Model": made.base,
    }
    if made.seamless:
        settings["Tiling"] = "True" if made.seamless == "both" else made.seamless.upper()
    if made.start:
        settings["Denoising strength"] = f"{made.change:g}"
    lines = [made.full_prompt]
    if made.negative:
        lines.append(f"Negative prompt: {made.negative}")
    lines.append(", ".join(f"{name}: {value}" for name, value in settings.items() if value != ""))
    return "\n".join(lines)


def write_png(
    file: Path, picture: Image.Image, about: PngImagePlugin.PngInfo | None = None
) -> None:
    """Publish a PNG. Raises StudioError if it can't."""
    with publishing(file, flush=False) as aside:
        picture.save(aside, format="PNG", pnginfo=about)


def read_made(file: Path) -> Made | None:
    """How the picture was made, or None for a picture that is not ours or not whole."""
    try:
        with images.result(file) as picture:
            picture.load()
            text = str(getattr(picture, "text", {}).get(KEY))
        found = {k: v for k, v in json.loads(text).items() if k not in OF_FILE}
        several = {name: tuple(found.get(name, ())) for name in ("adapters", "leads")}
        return _counted(Made(**{**found, **several}))
    except (OSError, TypeError, ValueError, SyntaxError, AttributeError, StudioError):
        return None


def _counted(made: Made) -> Made:
    """The same with numbers that a database holds; StudioError where some are none."""
    return replace(
        made,
        version=numbers.whole("version", made.version, 0, numbers.HIGHEST_ID),
        seed=numbers.whole("seed", made.seed, 0, 2**63 - 1),
        steps=numbers.whole("steps", made.steps, 0, numbers.HIGHEST_ID),
        guidance=numbers.number("guidance", made.guidance, -1e6, 1e6),
        strength=numbers.number("strength", made.strength, -1e6, 1e6),
        change=numbers.number("change", made.change, 0, 1),
    )
