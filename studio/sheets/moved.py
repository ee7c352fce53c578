"""What motions do to pixels [h, w, 4]: each frame takes whole pixels of the picture, by nearest."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from studio.pixels.hex_colours import Pixels

Settings = Mapping[str, float]
Room = tuple[int, int, int, int]  # pixels left, top, right, bottom
LIGHT = np.array([0.2126, 0.7152, 0.0722])  # of sRGB, Rec. 709: close enough to choose a colour
EYES = (0.3, 0.22, 0.4, 0.1)  # of a standing figure: left, top, width and height in its own box


def no_room(rgba: Pixels, settings: Settings) -> Room:
    """For what stays within its canvas."""
    return 0, 0, 0, 0


def room_to_breathe(rgba: Pixels, settings: Settings) -> Room:
    """What the head rises above the canvas."""
    return 0, max(0, int(settings["depth"]) - box_of(rgba)[1]), 0, 0


def room_to_rise(rgba: Pixels, settings: Settings) -> Room:
    """What it rises above the canvas."""
    return 0, max(0, int(settings["height"]) - box_of(rgba)[1]), 0, 0


def room_to_squash(rgba: Pixels, settings: Settings) -> Room:
    """What it grows to the sides, and upwards when it stretches."""
    left, top, right, bottom = box_of(rgba)
    wide = math.ceil((right - left) * settings["amount"] / 2) + 1
    high = math.ceil((bottom - top) * settings["amount"] / 2) + 1
    return max(0, wide - left), max(0, high - top), max(0, wide - rgba.shape[1] + right), 0


def breathing(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """What is above the waist is stretched upwards and back; the feet never move."""
    _, top, _, bottom = box_of(rgba)
    waist = top + round((bottom - top) * settings["waist"])
    out = []
    for rise in _waves(settings, settings["depth"]):
        frame = rgba.copy()
        if rise:
            high = waist - top
            rows = top + np.arange(high + rise) * high // (high + rise) if high else np.arange(0)
            frame[:waist] = 0
            frame[waist - len(rows) : waist] = rgba[rows]
        out.append(frame)
    return out


def hover(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """The whole of it rises and sinks again."""
    return [_shifted(rgba, -rise) for rise in _waves(settings, settings["height"])]


def blink(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """Eyes shut once in the middle: the skin above them comes down to their lowest row, which takes
    their darkest colour. Half shut before and after."""
    left, top, width, height = _eyes(rgba, settings)
    count = int(settings["frames"])
    out = []
    for k in range(count):
        shut = max(0.0, 1 - abs(k - count // 2) / 2)  # 1 in the middle, half beside it
        rows = math.ceil(height * shut)
        frame = rgba.copy()
        if rows:
            part = rgba[top : top + height, left : left + width]
            skin = rgba[max(0, top - 1), left : left + width]
            drawn = part[:rows, :, 3] > 0
            # Colours alone: skin that is half transparent leaves no hole in the face.
            lid = np.where(skin[None, :, 3:] > 0, skin[None, :, :3], part[:rows, :, :3])
            frame[top : top + rows, left : left + width, :3] = np.where(
                drawn[..., None], lid, part[:rows, :, :3]
            )
            line = frame[top + rows - 1, left : left + width, :3]
            line[drawn[rows - 1]] = _darkest(part)
        out.append(frame)
    return out


def squash(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """Lower and wider, then a little higher and narrower, about its feet, and back."""
    count, amount = int(settings["frames"]), settings["amount"]
    x, y = feet(rgba)
    out = []
    for k in range(count):
        wave = math.sin(2 * math.pi * k / count)
        by = amount * wave if wave > 0 else amount / 2 * wave
        out.append(_scaled(rgba, 1 + by, 1 - by, x, y))
    return out


def flash(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """The silhouette in the picture's own lightest colour, so many times, and as it is between."""
    count, times = int(settings["frames"]), int(settings["times"])
    white = rgba.copy()
    drawn = rgba[..., 3] > 0
    white[drawn, :3] = _lightest(rgba)
    return [white if int(2 * times * k / count) % 2 == 0 else rgba.copy() for k in range(count)]


def spin(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """Turned round its upright axis as a card is; never narrower than a pixel."""
    count = int(settings["frames"])
    left, _, right, bottom = box_of(rgba)
    middle = (left + right) / 2
    thin = 1 / max(1, right - left)
    out = []
    for k in range(count):
        across = math.cos(2 * math.pi * k / count)
        width = max(abs(across), thin)
        back = across < 0 and settings["mirrored"]
        out.append(_scaled(rgba, -width if back else width, 1.0, middle, bottom))
    return out


def dissolve(rgba: Pixels, settings: Settings) -> list[Pixels]:
    """Blocks of it go in an order by chance, until nothing is left."""
    count, grain = int(settings["frames"]), int(settings["grain"])
    high, wide = (-(-side // grain) for side in rgba.shape[:2])
    chance = np.random.default_rng(int(settings["seed"])).permutation(high * wide)
    ranks = (chance.reshape(high, wide) + 0.5) / (high * wide)
    ranks = np.kron(ranks, np.ones((grain, grain)))[: rgba.shape[0], : rgba.shape[1]]
    out = []
    for k in range(count):
        frame = rgba.copy()
        frame[ranks < k / (count - 1)] = 0
        out.append(frame)
    return out


def box_of(rgba: Pixels) -> tuple[int, int, int, int]:
    """Left, top, right and lower end of what is seen; there is something."""
    drawn = rgba[..., 3] > 0
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def feet(rgba: Pixels) -> tuple[float, float]:
    """The middle of the lower edge of what is seen."""
    left, _, right, bottom = box_of(rgba)
    return (left + right) / 2, float(bottom)


def _waves(settings: Settings, height: float) -> list[int]:
    """Up and down once in whole pixels, from 0 on: half a cosine each way."""
    count = int(settings["frames"])
    return [round(height * (1 - math.cos(2 * math.pi * k / count)) / 2) for k in range(count)]


def _shifted(rgba: Pixels, down: int) -> Pixels:
    frame = np.zeros_like(rgba)
    if down > 0:
        frame[down:] = rgba[:-down]
    elif down < 0:
        frame[:down] = rgba[-down:]
    else:
        frame[:] = rgba
    return frame


def _scaled(rgba: Pixels, across: float, down: float, x: float, y: float) -> Pixels:
    """Scaled about a place, mirrored by a width below 0; the nearest pixel of each, and nothing
    outside."""
    high, wide = rgba.shape[:2]
    columns = np.floor((np.arange(wide) + 0.5 - x) / across + x).astype(int)
    rows = np.floor((np.arange(high) + 0.5 - y) / down + y).astype(int)
    frame = rgba[np.clip(rows, 0, high - 1)][:, np.clip(columns, 0, wide - 1)].copy()
    frame[(rows < 0) | (rows >= high)] = 0
    frame[:, (columns < 0) | (columns >= wide)] = 0
    return frame


def _eyes(rgba: Pixels, settings: Settings) -> tuple[int, int, int, int]:
    """Their box within the picture: as given, else where a standing figure has them."""
    if settings["width"] and settings["height"]:
        left, top, width, height = (int(settings[n]) for n in ("left", "top", "width", "height"))
    else:
        start, up, right, low = box_of(rgba)
        shares = (s * side for s, side in zip(EYES, (right - start, low - up) * 2, strict=True))
        left, top, width, height = (round(one) for one in shares)
        left, top = left + start, top + up
    left, top = min(left, rgba.shape[1] - 1), min(top, rgba.shape[0] - 1)
    width = max(1, min(width, rgba.shape[1] - left))
    return left, top, width, max(1, min(height, rgba.shape[0] - top))


def _lightest(rgba: Pixels) -> Pixels:
    colours = rgba[rgba[..., 3] > 0][:, :3]
    return np.asarray(colours[int((colours @ LIGHT).argmax())], np.uint8)


def _darkest(part: Pixels) -> Pixels:
    seen = part[part[..., 3] > 0]
    if not len(seen):
        return np.zeros(3, np.uint8)
    return np.asarray(seen[int((seen[:, :3] @ LIGHT).argmin()), :3], np.uint8)
