"""A style's guide: what its pictures look like, in words, colours and examples, and a scene of the
game to look at new ones in.

home/guides/<style>.yaml   the guide
its pictures               in the store, as PNG, by the SHA-256 of their bytes

"Style match" of the usual rubric refers to it, and whoever judges sees it beside the pictures.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image
from sqlalchemy import Engine

from studio import images, numbers, yaml_files
from studio.accounts.rights import check
from studio.database import recorded_files
from studio.database.engine import file_lock, home_of
from studio.errors import StudioError
from studio.registry.models import STYLE_NAME
from studio.store.contents import store_of

CHANGE = "change the style guide"  # in the ledger
# What it says in words: key, label, and what belongs there.
ASPECTS = (
    ("outline", "Outline", "Its width, its colour, where there is none."),
    ("light", "Light", "Where it comes from, how many steps of shade, highlights."),
    ("view", "View", "From the front, from three quarters above, isometric."),
    ("sizes", "Sizes", "What is how large in the game, in pixels."),
)
LONGEST = 400  # characters of one text
MOST_EXAMPLES, MOST_COLOURS = 12, 64
PICTURE_BYTES = 32 * 1024 * 1024
PICTURE_SIDE = 4096
COLOUR = re.compile(r"#[0-9a-f]{6}")
REMEDY = "Mend the file, or keep the guide anew on the page Style guide."


@dataclass(frozen=True)
class Example:
    """A picture of the store, by its digest, and what is right or wrong with it."""

    picture: str
    says: str = ""


@dataclass(frozen=True)
class Scene:
    """A screenshot of the game, by its digest, of `width` x `height` pixels. A pixel of a picture
    takes `scale` of its pixels; what is looked at stands at `x`, a share of the width, on the
    ground line `ground`, a share of the height from the top."""

    picture: str
    width: int
    height: int
    scale: int = 1
    x: float = 0.5
    ground: float = 0.8


@dataclass(frozen=True)
class Guide:
    """What a style's pictures look like; empty parts say nothing. Colours are "#rrggbb"."""

    outline: str = ""
    light: str = ""
    view: str = ""
    sizes: str = ""
    palette: tuple[str, ...] = ()
    do: tuple[Example, ...] = ()
    dont: tuple[Example, ...] = ()
    scene: Scene | None = None

    @property
    def version(self) -> str:
        """Names what it says; empty where it says nothing."""
        return "" if self == Guide() else hashlib.sha256(_text(self).encode()).hexdigest()[:12]

    @property
    def pictures(self) -> frozenset[str]:
        """The digests of all its pictures."""
        shown = {one.picture for one in (*self.do, *self.dont)}
        return frozenset(shown | ({self.scene.picture} if self.scene else set()))


def load(home: Path, style: str) -> Guide:
    """The style's guide; an empty one where there is none. StudioError where its file can't be
    understood."""
    if not STYLE_NAME.fullmatch(style):
        return Guide()
    file = _file(home, style)
    try:
        about = file.stat()
        return _read(file, about.st_mtime_ns, about.st_size)
    except FileNotFoundError:
        return Guide()
    except (OSError, UnicodeDecodeError) as error:
        raise StudioError(f"{file} can't be read: {error}.", REMEDY) from error


@functools.lru_cache(maxsize=64)  # it is asked for at every vote
def _read(file: Path, changed_ns: int, size: int) -> Guide:
    return _parsed(yaml_files.read(file.read_text("utf-8"), str(file), REMEDY), str(file))


def styles(home: Path) -> list[str]:
    """Those that have a guide."""
    return sorted(file.stem for file in (home / "guides").glob("*.yaml"))


def save(engine: Engine, style: str, guide: Guide, *, after: str, by: str, now: datetime) -> Guide:
    """Keep it as the style's guide. `after` is the version that the person saw: StudioError where
    another is there by now, lest somebody's change get lost."""
    check(by, "change style guides")
    if not STYLE_NAME.fullmatch(style):
        raise StudioError(f"{style[:80]!r} is no style.", "Give the name of a style.")
    cleaned, home = _checked(guide, f"The guide of {style}"), home_of(engine)
    missing = [one for one in sorted(cleaned.pictures) if not store_of(home).has(one)]
    if missing:
        raise StudioError(f"Picture {missing[0][:12]} of the guide is gone.", "Add it again.")
    file = _file(home, style)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(file.with_suffix(".lock")):
        before = load(home, style)
        if before == cleaned:
            return cleaned  # nothing changed, or the same was sent twice
        if before.version != after:
            was = recorded_files.last_change(engine, CHANGE, style)
            raise StudioError(
                f"The guide of {style} was changed meanwhile{was}.",
                "Load the page again, and make your change to what is there now.",
            )
        recorded_files.publish(
            engine,
            file,
            _text(cleaned),
            at=now,
            actor=by,
            action=CHANGE,
            style=style,
            reason=_difference(before, cleaned),
        )
    return cleaned


def keep_picture(home: Path, data: bytes, name: str, *, by: str) -> tuple[str, int, int]:
    """Put a picture into the store for a guide: its digest, width and height. StudioError where
    `data` is no picture that is read here, or too large; `name` is what errors call it."""
    check(by, "change style guides")
    if len(data) > PICTURE_BYTES:
        raise StudioError(
            f"{name} has {len(data) / 1e6:.0f} MB.",
            f"Stay below {PICTURE_BYTES // 1024**2} MB.",
        )
    picture = images.decode(data, name)
    if max(picture.size) > PICTURE_SIDE:
        raise StudioError(
            f"{name} has {picture.width} x {picture.height} pixels.",
            f"Make it at most {PICTURE_SIDE} a side.",
        )
    png = io.BytesIO()
    picture.save(png, "PNG")
    return store_of(home).put(png.getvalue()), picture.width, picture.height


def picture_path(home: Path, style: str, digest: str) -> Path:
    """The file of a picture that the style's guide shows; StudioError for any other."""
    if digest not in load(home, style).pictures:
        raise StudioError("The guide shows no such picture.", "Load the page again.")
    return store_of(home).path(digest)


def colours_of(pictures: Sequence[Image.Image], most: int = 16) -> tuple[str, ...]:
    """The colours of the opaque pixels of all of them, the most frequent first: each where there
    are at most `most`, else so many that stand for all (median cut)."""
    opaque = []
    for picture in pictures:
        small = picture.convert("RGBA")
        small.thumbnail((256, 256), Image.Resampling.NEAREST)
        pixels = np.asarray(small)
        opaque.append(pixels[pixels[..., 3] >= images.OPAQUE][:, :3])
    together = np.concatenate([np.zeros((0, 3), np.uint8), *opaque])
    if not len(together):
        return ()
    strip = Image.fromarray(together[None])
    counted = strip.getcolors(most)
    if counted is None:
        few = strip.quantize(most, Image.Quantize.MEDIANCUT).convert("RGB")
        counted = few.getcolors(most) or []
    ordered = sorted(counted, key=lambda one: one[0], reverse=True)
    return tuple("#" + bytes(rgb).hex() for _, rgb in ordered if isinstance(rgb, tuple))


def _file(home: Path, style: str) -> Path:
    return home / "guides" / f"{style}.yaml"


def _text(guide: Guide) -> str:
    said = {name: value for name, value in asdict(guide).items() if value}
    if "palette" in said:
        said["palette"] = list(said["palette"])
    return (
        "# What pictures of this style look like; kept on the page Style guide.\n"
        + yaml.safe_dump(_plain(said), allow_unicode=True, sort_keys=False)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _parsed(found: Any, what: str) -> Guide:
    known = _table(found or {}, what, {*Guide.__dataclass_fields__})
    texts = {key: str(known.get(key) or "") for key, _, _ in ASPECTS}
    scene = known.get("scene")
    guide = Guide(
        **texts,
        palette=tuple(str(one) for one in _list(known.get("palette"), f"{what}: palette")),
        do=_examples(known.get("do"), f"{what}: do"),
        dont=_examples(known.get("dont"), f"{what}: dont"),
        scene=_scene(scene, f"{what}: scene") if scene else None,
    )
    return _checked(guide, what)


def _examples(found: Any, what: str) -> tuple[Example, ...]:
    tables = [_table(one, what, {"picture", "says"}) for one in _list(found, what)]
    return tuple(Example(str(one.get("picture")), str(one.get("says") or "")) for one in tables)


def _scene(found: Any, what: str) -> Scene:
    known = _table(found, what, {*Scene.__dataclass_fields__})
    return Scene(
        str(known.get("picture")),
        numbers.whole(f"{what}: width", known.get("width"), 1, PICTURE_SIDE),
        numbers.whole(f"{what}: height", known.get("height"), 1, PICTURE_SIDE),
        numbers.whole(f"{what}: scale", known.get("scale", 1), 1, 16),
        numbers.number(f"{what}: x", known.get("x", 0.5), 0, 1),
        numbers.number(f"{what}: ground", known.get("ground", 0.8), 0, 1),
    )


def _table(found: Any, what: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise StudioError(f"{what} is no table of names and values.", REMEDY)
    strange = sorted(str(name) for name in found if name not in known)
    if strange:
        raise StudioError(
            f"{what} has an unknown {', '.join(strange)}.", f"Known are {', '.join(sorted(known))}."
        )
    return found


def _list(found: Any, what: str) -> list[Any]:
    if found is not None and not isinstance(found, list):
        raise StudioError(f"{what} is no list.", REMEDY)
    return found or []


def _checked(guide: Guide, what: str) -> Guide:
    """With texts in one line each and colours written alike; StudioError names what is too much
    and what is none."""
    texts = {key: " ".join(getattr(guide, key).split()) for key, _, _ in ASPECTS}
    shown = {
        name: tuple(
            Example(one.picture, " ".join(one.says.split())) for one in getattr(guide, name)
        )
        for name in ("do", "dont")
    }
    says = [one.says for listed in shown.values() for one in listed]
    long = next((one for one in (*texts.values(), *says) if len(one) > LONGEST), "")
    if long:
        raise StudioError(
            f"{what}: {long[:40]!r}... has {len(long)} characters.", f"Use at most {LONGEST}."
        )
    palette = tuple(dict.fromkeys(one.strip().lower() for one in guide.palette if one.strip()))
    wrong = next((one for one in palette if not COLOUR.fullmatch(one)), "")
    if wrong:
        raise StudioError(f"{what}: {wrong[:40]!r} is no colour.", "Write it as #rrggbb.")
    if len(palette) > MOST_COLOURS:
        raise StudioError(
            f"{what} lists {len(palette)} colours.", f"Keep the leading {MOST_COLOURS}."
        )
    for name, listed in shown.items():
        if len(listed) > MOST_EXAMPLES:
            raise StudioError(
                f"{what} shows {len(listed)} pictures under {name}.", f"Keep {MOST_EXAMPLES}."
            )
    for digest in (*(o.picture for listed in shown.values() for o in listed), *_of(guide.scene)):
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise StudioError(f"{what}: {digest[:80]!r} is no SHA-256 of a picture.", REMEDY)
    return Guide(
        outline=texts["outline"],
        light=texts["light"],
        view=texts["view"],
        sizes=texts["sizes"],
        palette=palette,
        do=shown["do"],
        dont=shown["dont"],
        scene=guide.scene,
    )


def _of(scene: Scene | None) -> tuple[str, ...]:
    return (scene.picture,) if scene else ()


def _difference(before: Guide, after: Guide) -> str:
    """Which parts came, went or changed, in words."""
    parts = [n for n in Guide.__dataclass_fields__ if getattr(before, n) != getattr(after, n)]
    return ", ".join("don't" if part == "dont" else part for part in parts)
