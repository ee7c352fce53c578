"""The bundled sample style, "candy enamel": drawn by this module, so nobody else's pictures.

32 px sprites on transparent ground: two pixels of deep indigo around flat fills, one indigo line
between neighbouring parts as in a stained-glass window, four hues only (teal, coral, mustard,
cream), a checkered shadow on the lower right and one glint on the upper left. Captions call coral
red, mustard golden and cream white: the words that a person would type.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.errors import StudioError
from studio.pocket.sample_shapes import Layer, Mask, draw_kind, kinds

EDGE = 32
INDIGO = (38, 24, 92)
GLINT = (255, 252, 236)
# Light and shadow of each hue.
HUES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "teal": ((38, 178, 170), (18, 116, 130)),
    "red": ((244, 108, 92), (186, 58, 84)),
    "golden": ((240, 186, 54), (196, 124, 36)),
    "white": ((250, 236, 204), (206, 178, 158)),
}
COLOURS = tuple(HUES)
KINDS = kinds()
LICENCE = "CC0-1.0"
AUTHOR = "Housestyle"
SOURCE = "studio/sample.py"  # as it was when the sample was drawn: its metadata stay what they are


def draw_sprite(kind: str, seed: int, colour: str | None = None) -> Image.Image:
    """An RGBA sprite of 32 px; shape, accent and (unless given) `colour` follow from `seed`.

    Alpha is 0 or 255 and transparent pixels are black. Raises StudioError for unknown names.
    """
    if kind not in KINDS or (colour is not None and colour not in HUES):
        raise StudioError(
            f"The sample style has no {kind!r} in {colour or 'any colour'!r}.",
            f"Kinds: {', '.join(KINDS)}. Colours: {', '.join(COLOURS)}.",
        )
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    picked = COLOURS[int(rng.integers(len(COLOURS)))]
    body = colour or picked
    others = [hue for hue in COLOURS if hue != body]
    accent = others[int(rng.integers(len(others)))]
    # Handles, trunks and metal stay readable: the quieter hue beside the body.
    plain = "white" if body != "white" else "golden"
    names = {"body": body, "accent": accent, "plain": plain}
    layers, glint = draw_kind(kind, rng)
    return Image.fromarray(_enamel(layers, names, glint), "RGBA")


def _enamel(
    layers: list[Layer], names: dict[str, str], glint: tuple[int, int]
) -> NDArray[np.uint8]:
    """Paints the layers, later ones on top, and gives them shadow, lead lines and outline."""
    owner = np.full((EDGE, EDGE), -1)
    for index, layer in enumerate(layers):
        owner[layer.mask] = index
    whole = owner >= 0
    picture = np.zeros((EDGE, EDGE, 4), np.uint8)
    rows, columns = np.mgrid[:EDGE, :EDGE]
    for index, layer in enumerate(layers):
        light, dark = HUES[names[layer.part]] if layer.part != "ink" else (INDIGO, INDIGO)
        mine = owner == index
        picture[mine] = (*light, 255)
        # Small parts stay flat: shadow would swallow them.
        if layer.inlay or layer.mask.sum() < 44:
            continue
        # Measured on the layer's whole shape, so that a label does not cast a shadow around it.
        near = layer.mask & ~_shifted(layer.mask, -2, -2)
        far = layer.mask & ~_shifted(layer.mask, -4, -4)
        checker = (rows + columns) % 2 == 0
        picture[mine & (near | far & checker)] = (*dark, 255)
    # The lead between parts is drawn on the part beneath: what is on top keeps its shape.
    lead = np.zeros_like(whole)
    for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        neighbour = np.roll(owner, (dy, dx), (0, 1))
        lead |= whole & (neighbour > owner)
    for index, layer in enumerate(layers):
        if layer.inlay:
            around = _grown(layer.mask, 1) & ~layer.mask & (owner < index)
            lead &= ~around
    picture[lead] = (*INDIGO, 255)
    outline = _grown(_grown(whole, 1), 2) & ~whole
    picture[outline] = (*INDIGO, 255)
    y, x = glint
    for at in ((y, x), (y, x + 1), (y + 1, x)):
        if whole[at] and not lead[at]:
            picture[at] = (*GLINT, 255)
    return picture


def _shifted(mask: Mask, dy: int, dx: int) -> Mask:
    """The mask moved by (dy, dx); what enters from the edge is empty."""
    found = np.zeros_like(mask)
    height, width = mask.shape
    found[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = mask[
        max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)
    ]
    return found


def _grown(mask: Mask, ring: int) -> Mask:
    """One pixel more: ring 1 by edges only, ring 2 by corners too, which rounds the outline."""
    found = mask.copy()
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            if ring == 2 or 0 in (dy, dx):
                found |= _shifted(mask, dy, dx)
    return found


def write_sample(folder: Path, count: int = 56, held_out: int = 24, seed: int = 7) -> None:
    """Writes `folder`/train and `folder`/held_out: <kind>/*.png and metadata.jsonl in each.

    Training shows each kind in all colours but one; the held-out pictures start with those.
    Captions hold no trigger word; training adds it.
    """
    missing = {kind: COLOURS[index % len(COLOURS)] for index, kind in enumerate(KINDS)}

    def shown(kind: str, turn: int) -> str:
        rest = [hue for hue in COLOURS if hue != missing[kind]]
        return rest[turn % len(rest)]

    def unseen(kind: str, turn: int) -> str:
        return missing[kind] if turn == 0 else shown(kind, turn)

    drawn: set[bytes] = set()
    _write_part(folder / "train", count, seed * 1000, shown, drawn)
    _write_part(folder / "held_out", held_out, seed * 1000 + 500, unseen, drawn)


def _write_part(
    folder: Path,
    count: int,
    first_seed: int,
    choose: Callable[[str, int], str],
    drawn: set[bytes],
) -> None:
    """Writes `count` pictures; one that is in `drawn` already gives way to the next seed's."""
    lines = []
    for index in range(count):
        kind, turn = KINDS[index % len(KINDS)], index // len(KINDS)
        colour = choose(kind, turn)
        name = f"{kind}/{colour}_{kind}_{turn + 1}.png"
        (folder / kind).mkdir(parents=True, exist_ok=True)
        # After 50 seeds the shapes of this kind are used up, and a repetition is let through.
        for again in range(50):
            sprite = draw_sprite(kind, first_seed + index + 10_000 * again, colour)
            if sprite.tobytes() not in drawn:
                break
        drawn.add(sprite.tobytes())
        sprite.save(folder / name, optimize=True)
        record = {
            "file_name": name,
            "text": f"a {colour} {kind}",
            "category": kind,
            "source": SOURCE,
            "author": AUTHOR,
            "licence": LICENCE,
        }
        lines.append(json.dumps(record))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
