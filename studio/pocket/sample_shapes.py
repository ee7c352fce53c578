"""What the sample style draws: fourteen kinds as layers of simple shapes, varied by a generator.

Coordinates are pixels of a 32 px canvas, y downwards; shapes keep 3 px clear for the outline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Y, X = np.mgrid[:32, :32] + 0.5


@dataclass(frozen=True)
class Layer:
    """A filled shape: `part` is body, accent, plain or ink; an inlay has no lead line around it."""

    mask: Mask
    part: str
    inlay: bool = False


Drawn = tuple[list[Layer], tuple[int, int]]


def _oval(x: float, y: float, rx: float, ry: float) -> Mask:
    return np.asarray(((X - x) / rx) ** 2 + ((Y - y) / ry) ** 2 <= 1)


def _box(x0: float, y0: float, x1: float, y1: float) -> Mask:
    return (X > x0) & (x1 > X) & (Y > y0) & (y1 > Y)


def _poly(*points: tuple[float, float]) -> Mask:
    """Even-odd fill of a polygon."""
    inside = np.zeros((32, 32), dtype=bool)
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > Y) != (y1 > Y)
        inside ^= crosses & (X < x0 + (Y - y0) * (x1 - x0) / (y1 - y0))
    return inside


def _bar(x0: float, y0: float, x1: float, y1: float, width: float) -> Mask:
    """A thick line with round ends."""
    dx, dy = x1 - x0, y1 - y0
    along = np.clip(((X - x0) * dx + (Y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    return np.asarray((X - x0 - along * dx) ** 2 + (Y - y0 - along * dy) ** 2 <= width * width / 4)


def _potion(rng: np.random.Generator) -> Drawn:
    r, level = int(rng.integers(8, 11)), int(rng.integers(-2, 3))
    neck = int(rng.integers(3, 5))
    form = int(rng.integers(3))
    y = 28 - r
    if form == 0:
        flask = _oval(16, y, r, r)
    elif form == 1:
        flask = _poly((16 - neck, 12), (16 + neck, 12), (17 + r, 27), (15 - r, 27)) | _box(
            16 - r, 25, 16 + r, 28
        )
    else:
        flask = _box(17 - r, 14, 15 + r, 28) | _oval(16, 15, r - 1, 4)
    glass = flask | _box(16 - neck, 8, 16 + neck, 14)
    liquid = flask & (y + level < Y)
    cork = _box(16 - neck + 1, 4, 16 + neck - 1, 8)
    plain = Layer(glass, "plain")
    return [plain, Layer(liquid, "body"), Layer(cork, "accent")], (int(y + level + 2), 11)


def _ring(rng: np.random.Generator) -> Drawn:
    r = int(rng.integers(8, 10))
    y = 28 - r
    band = _oval(16, y, r, r) & ~_oval(16, y, r - 4, r - 4)
    size = int(rng.integers(4, 6))
    top = y - r + 1
    if rng.integers(2):
        stone = _poly((16, top - size), (16 + size, top), (16, top + size), (16 - size, top))
    else:
        stone = _oval(16, top, size, size - 0.5)
    return [Layer(band, "body"), Layer(stone, "accent")], (top - 1, 14)


def _sword(rng: np.random.Generator) -> Drawn:
    wide = float(rng.choice([4.4, 5.4, 6.4]))
    h = wide / 2
    tip = 28 - int(rng.integers(0, 4))
    blade = _poly(
        (10 - h / 2, 22 - h),
        (tip - 3 - h / 2, 32 - tip + 3 - h),
        (tip + 1, 31 - tip),
        (tip - 3 + h, 35 - tip + h / 2),
        (10 + h, 22 + h / 2),
    )
    reach = float(rng.choice([4, 5]))
    guard = _bar(11 - reach, 21 - reach, 11 + reach, 21 + reach, 3.4)
    grip = _bar(10, 22, 6, 26, 3.2)
    pommel = _oval(5.5, 26.5, 2.4, 2.4)
    return [
        Layer(blade, "body"),
        Layer(grip, "plain"),
        Layer(guard, "accent"),
        Layer(pommel, "accent"),
    ], (int(34 - tip), tip - 5)


def _gem(rng: np.random.Generator) -> Drawn:
    w, top = int(rng.integers(10, 13)), int(rng.integers(5, 8))
    form = int(rng.integers(3))
    if form == 0:  # brilliant
        girdle = top + 7
        whole = _poly(
            (16 - w + 4, top), (16 + w - 4, top), (16 + w, girdle), (16, 28), (16 - w, girdle)
        )
        table = _poly((16 - w + 5, girdle), (16 + w - 5, girdle), (16, 26))
        return [Layer(whole, "body"), Layer(table & whole, "body")], (top + 2, 11)
    if form == 1:  # emerald cut
        w -= 2
        whole = _poly(
            (16 - w + 3, 4),
            (16 + w - 3, 4),
            (16 + w, 8),
            (16 + w, 24),
            (16 + w - 3, 28),
            (16 - w + 3, 28),
            (16 - w, 24),
            (16 - w, 8),
        )
        return [Layer(whole, "body"), Layer(_box(16 - w + 4, 9, 12 + w, 23), "body")], (11, 12)
    whole = _poly((16, 3), (16 + w - 3, 11), (16 + w - 5, 25), (16, 29), (21 - w, 25), (19 - w, 11))
    facet = _poly((16, 9), (16 + w - 7, 14), (16, 25), (23 - w, 14))
    return [Layer(whole, "body"), Layer(facet, "body")], (12, 14)


def _tree(rng: np.random.Generator) -> Drawn:
    trunk = _box(14, 20, 18, 29) | _bar(16, 28, 12, 28.2, 1.8) | _bar(16, 28, 20, 28.2, 1.8)
    if rng.integers(2):
        w = int(rng.integers(9, 12))
        low = _poly((16, 10), (16 + w, 24), (16 - w, 24))
        mid = _poly((16, 6), (14 + w, 18), (18 - w, 18))
        top = _poly((16, 2), (12 + w, 12), (20 - w, 12))
        return [
            Layer(trunk, "plain"),
            Layer(low, "body"),
            Layer(mid, "body"),
            Layer(top, "body"),
        ], (9, 14)
    spread = float(rng.choice([5, 6]))
    crown = _oval(16, 9, 7, 6) | _oval(16 - spread, 15, 6, 5.5) | _oval(16 + spread, 15, 6, 5.5)
    fruit = _oval(12, 15, 1.8, 1.8) | _oval(19, 11, 1.8, 1.8) | _oval(21, 17, 1.8, 1.8)
    return [
        Layer(trunk, "plain"),
        Layer(crown | _box(11, 10, 21, 19), "body"),
        Layer(fruit, "accent", inlay=True),
    ], (6, 12)


def _slime(rng: np.random.Generator) -> Drawn:
    w, tall = int(rng.integers(10, 13)), int(rng.integers(13, 20))
    top = 28 - tall
    body = (_oval(16, 25, w, tall - 3) & (Y < 25)) | (_oval(16, 24, w, 4.5) & (Y > 23))
    if rng.integers(2):
        body |= _bar(16, top + 4, 15, top + 1, 5) | _oval(13.5, top, 1.6, 1.6)
    y = int(27 - tall * 0.45)
    apart = int(rng.integers(3, 6))
    eyes, pupils = np.zeros((2, 32, 32), dtype=bool)
    for x in (16 - apart, 16 + apart):
        eyes |= _box(x - 2, y - 1, x + 2, y + 2) | _box(x - 1, y - 2, x + 1, y + 3)
        pupils |= _box(x - 1, y - 1, x + 1, y + 2)
    mouth = _box(15, y + 4, 17, y + 5)
    if rng.integers(2):
        mouth |= _box(14, y + 3, 15, y + 4) | _box(17, y + 3, 18, y + 4)
    return [
        Layer(body, "body"),
        Layer(eyes, "plain", inlay=True),
        Layer(pupils | mouth, "ink", inlay=True),
    ], (top + 4, 11)


def _shield(rng: np.random.Generator) -> Drawn:
    form, w = int(rng.integers(3)), int(rng.integers(9, 12))
    if form == 0:
        whole = _box(16 - w, 4, 16 + w, 15) | (_oval(16, 14, w, 15) & (Y > 14))
        inner = _box(19 - w, 7, 13 + w, 15) | (_oval(16, 14, w - 3, 11) & (Y > 14))
    elif form == 1:
        whole, inner = _oval(16, 16, 12, 12), _oval(16, 16, 8.5, 8.5)
    else:
        whole = _poly((16 - w, 7), (16, 3), (16 + w, 7), (16 + w - 2, 20), (16, 29), (18 - w, 20))
        inner = _poly((19 - w, 9), (16, 7), (13 + w, 9), (11 + w, 19), (16, 25), (21 - w, 19))
    sign = int(rng.integers(3))
    if sign == 0:
        mark = _box(14.5, 9, 17.5, 23) | _box(11, 12.5, 21, 15.5)
    elif sign == 1:
        mark = _poly((16, 10), (20.5, 15), (16, 20), (11.5, 15))
    else:
        mark = inner & (X > 16)
    return [Layer(whole, "plain"), Layer(inner, "body"), Layer(mark & inner, "accent")], (10, 11)


def _mushroom(rng: np.random.Generator) -> Drawn:
    w, tall = int(rng.integers(10, 13)), int(rng.integers(9, 14))
    foot = int(rng.integers(3, 6))
    stem = _box(16 - foot, 15, 16 + foot, 27) | _oval(16, 26, foot + 1, 3)
    cap = (_oval(16, 18, w, tall + 1) & (Y < 18)) | _oval(16, 17.5, w, 2.5)
    dots = _oval(16 + int(rng.integers(-2, 3)), 18 - tall * 0.55, 2.4, 2)
    dots |= _oval(16 - w * 0.6, 16, 1.9, 1.7) | _oval(16 + w * 0.58, 15.5, 1.9, 1.7)
    return [Layer(stem, "plain"), Layer(cap, "body"), Layer(dots & cap, "accent", inlay=True)], (
        int(18 - tall * 0.75),
        10,
    )


def _axe(rng: np.random.Generator) -> Drawn:
    shaft = _bar(9, 27, 19, 6, 3)
    if rng.integers(2):
        head = _poly((15, 5), (24, 3), (28, 10), (26, 18), (19, 14), (14, 13))
        layers, glint = [Layer(shaft, "plain"), Layer(head, "body")], (7, 22)
    else:
        head = _oval(16, 10, 11.5, 8) & ~_oval(16, 1.5, 6, 5.5) & ~_oval(17, 20.5, 6, 6.5)
        layers, glint = [Layer(head, "body"), Layer(_bar(12, 28, 17, 4.5, 3), "plain")], (8, 8)
    if rng.integers(2):
        layers.append(Layer(_oval(17, 10, 2.1, 2.1), "accent"))
    return layers, glint


def _book(rng: np.random.Generator) -> Drawn:
    w, h = int(rng.integers(8, 11)), int(rng.integers(10, 13))
    pages = _box(16 - w, 16 - h + 2, 17 + w, 16 + h)
    cover = _box(15 - w, 16 - h, 15 + w, 14 + h)
    spine = _box(15 - w, 16 - h, 18 - w, 16 + h)
    form = int(rng.integers(3))
    if form == 0:
        sign = _oval(17, 15, 3.4, 3.4)
    elif form == 1:
        sign = _poly((17, 9), (21, 14), (17, 20), (13, 14))
    else:
        sign = _box(12, 9, 22, 12) | _box(12, 14, 19, 16)
    return [
        Layer(pages, "plain"),
        Layer(cover, "body"),
        Layer(spine, "accent"),
        Layer(sign & cover, "accent"),
    ], (18 - h, 20 - w)


def _staff(rng: np.random.Generator) -> Drawn:
    shaft = _bar(7, 27, 19, 13, 3)
    form = int(rng.integers(3))
    if form == 0:
        head = _oval(21.5, 9.5, 5.5, 5.5)
        return [Layer(shaft, "plain"), Layer(head, "body")], (7, 19)
    if form == 1:
        hook = _oval(20, 10, 7.5, 7) & ~_oval(20, 10, 3.6, 3.2) & ~_box(12, 11, 18, 20)
        return [Layer(shaft | hook, "body"), Layer(_oval(20, 10, 2.4, 2.4), "accent")], (5, 18)
    star = _poly((23, 3), (25.5, 7), (29, 10), (24.5, 12), (22, 16), (19, 12), (15, 9), (20, 7.5))
    return [
        Layer(shaft, "plain"),
        Layer(star, "body"),
        Layer(_bar(9, 24.6, 11, 22.3, 4), "accent"),
    ], (
        8,
        21,
    )


def _helmet(rng: np.random.Generator) -> Drawn:
    w = int(rng.integers(9, 12))
    dome = (_oval(16, 16, w, 10.5) & (Y < 17)) | _box(
        16 - w, 16, 16 + w, 25 + int(rng.integers(0, 3))
    )
    layers = [Layer(dome, "body")]
    form = int(rng.integers(3))
    if form == 0:
        layers += [Layer(_box(16 - w, 15, 16 + w, 18.5) | _box(14.5, 15, 17.5, 28) & dome, "plain")]
    elif form == 1:
        face = _box(20 - w, 16, 12 + w, 19) | _box(14, 16, 18, 28) & dome
        layers += [Layer(face, "plain"), Layer(_bar(16, 4.5, 16, 10, 4), "accent")]
    else:
        horns = _bar(16 - w, 14, 4.5, 6, 4) | _bar(16 + w, 14, 27.5, 6, 4)
        layers = [Layer(horns, "plain"), *layers, Layer(_box(16 - w, 17, 16 + w, 20.5), "accent")]
    return layers, (10, 12)


def _crown(rng: np.random.Generator) -> Drawn:
    tall, w = int(rng.integers(5, 9)), int(rng.integers(11, 13))
    form = int(rng.integers(3))
    spikes = np.zeros((32, 32), dtype=bool)
    balls = np.zeros((32, 32), dtype=bool)
    for at in (18.5 - w, 16, 13.5 + w):
        top = tall + (0 if at == 16 else 2)
        half = w / 2.3
        spikes |= _poly((at, top), (at + half, 20), (at - half, 20))
        balls |= _oval(at, top, 1.9, 1.9)
    base = _box(16 - w, 18, 16 + w, 27)
    band = _box(16 - w, 22, 16 + w, 27)
    layers = [Layer(base | spikes & (np.abs(X - 16) < w), "body"), Layer(band, "accent")]
    if form:
        layers.append(Layer(balls, "accent" if form == 1 else "plain"))
    studs = _oval(16, 24.5, 1.8, 1.8)
    if form != 1:
        studs |= _oval(21 - w, 24.5, 1.8, 1.8) | _oval(11 + w, 24.5, 1.8, 1.8)
    layers.append(Layer(studs, "plain", inlay=True))
    return layers, (18, 16 - w + 2)


def _apple(rng: np.random.Generator) -> Drawn:
    w, low = float(rng.choice([6, 6.6, 7.2])), float(rng.choice([8, 9, 10]))
    fruit = _oval(16 - 4, 18, w, low) | _oval(16 + 4, 18, w, low)
    fruit |= _box(12, 12, 20, 25)
    fruit &= Y < 28.5
    stem = _bar(16, 12, 17, 6, 2.2)
    leaf = _oval(21, 7, 4, 2.6) if rng.integers(2) else _poly((17, 9), (20, 4), (26, 4), (23, 9))
    layers = [Layer(fruit, "body"), Layer(stem, "plain"), Layer(leaf, "accent")]
    if rng.integers(3) == 0:
        bite = _oval(26, 17, 4.5, 4.5)
        layers[0] = Layer(fruit & ~bite, "body")
    return layers, (13, 9)


_DRAWN: dict[str, Callable[[np.random.Generator], Drawn]] = {
    "potion": _potion,
    "ring": _ring,
    "sword": _sword,
    "gem": _gem,
    "tree": _tree,
    "slime": _slime,
    "shield": _shield,
    "mushroom": _mushroom,
    "axe": _axe,
    "book": _book,
    "staff": _staff,
    "helmet": _helmet,
    "crown": _crown,
    "apple": _apple,
}


def kinds() -> tuple[str, ...]:
    """The kinds in the order in which a sample goes through them."""
    return tuple(_DRAWN)


def draw_kind(kind: str, rng: np.random.Generator) -> Drawn:
    """Layers from back to front, and where the glint sits (row, column)."""
    return _DRAWN[kind](rng)
