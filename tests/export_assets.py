"""Assets to export, and a studio whose settings name a game's folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from studio import context
from studio.accounts.rights import Actor
from studio.assets import files, records, verdicts
from studio.assets.records import New
from studio.assets.verdicts import Judgement, Verdict
from studio.context import Studio
from studio.export import profiles
from studio.export.profiles import Profile
from studio.generation import gallery_table, picture_files
from studio.generation.gallery_table import Kept
from studio.generation.lists import as_png
from studio.generation.picture_files import Made
from studio.settings import load_settings
from studio.sheets import packing
from studio.sheets.packing import Packing, Placed, Rect
from studio.sheets.sheet import Animation, Frame, Slice, Tag, check
from studio.store.publish import publish
from studio.workflows import animation_files, exports
from studio.workflows.export_preparing import Wanted
from tests.export.drawn import sprite
from tests.worker.kinds.step_by_step import NOW

LEAD = Actor("bo", "art lead")


def opened(place: Path) -> Studio:
    """A studio with a game's folder, `game`, beside it."""
    game = place / "game"
    game.mkdir()
    given = {"STUDIO_EXPORT_FOLDERS": f"game={game}"}
    return context.open_studio(load_settings(given, home=str(place / "home")))


def profile(studio: Studio, name: str = "game", **fields: object) -> Profile:
    """A profile that exports into the game's folder unless something else is said."""
    before = [one for one in profiles.listing(studio.engine) if one.name == name]
    made = profiles.of_json({"folder": "game", **fields})
    after = before[0].revision if before else 0
    saved = profiles.save(studio.engine, name, made, after=after, by=LEAD, now=NOW)
    return saved.profile


def drawn(studio: Studio, image: Image.Image, prompt: str = "a red gem", name: str = "") -> str:
    """A picture of the gallery, by version 3 of props."""
    count = len(records.keys_of(studio.engine, gallery_table.KIND))
    made = Made("props", 3, "pocket", "", "", prompt, prompt, "", 7, 9, 2.5, 1.0)
    file = picture_files.keep(studio.home / "generated" / "props", f"p{count}", image, made)
    row = Kept(file, made, name, category="gems" if name else "")
    (id,) = gallery_table.record(studio.engine, studio.home, [row], by="ana", now=NOW)
    return id


def judged(studio: Studio, id: str, verdict: Verdict, note: str = "") -> None:
    """Say something of a picture as bo."""
    turn = gallery_table.get(studio.engine, id).turn
    said = Judgement(verdict, ("blurry",) if verdict == "edit" else (), note)
    verdicts.judge(studio.engine, id, said, by="bo", now=NOW, turn=turn)


def sheet(studio: Studio, image: Image.Image, **more: Any) -> str:
    """A sheet of two frames of 8 x 8, the second trimmed, whose one tag plays backwards; `more` as
    `kept_sheet`."""
    rects = (Rect(0, 0, 8, 8, 0, 0), Rect(8, 0, 4, 6, 2, 1))
    placed = Placed(image, rects, (8, 8), Packing())
    animation = check(
        Animation(
            "walk",
            8,
            8,
            tuple(Frame(one, 83) for one in packing.frames_of(placed)),
            (Tag("walk", 0, 1, "reverse"),),
            (Slice("all", (1, 1, 6, 6), (1, 2, 1, 2)),),
            (4.0, 7.0),
        )
    )
    return kept_sheet(studio, animation, placed, **more)


def kept_sheet(studio: Studio, animation: Animation, placed: Placed, **more: Any) -> str:
    """A sheet under the key `key`; `more` is what else its asset says."""
    key = str(more.pop("key", "sheets/1"))
    folder = studio.home / key
    names = animation_files.write(folder, animation, placed)
    held = {role: (folder / name, files.read(folder / name)) for role, name in names.items()}
    said = {"style": "props", "version": 3, "name": animation.name, "category": "heroes", **more}
    (id,) = records.put(studio.engine, [New("sheet", key, held, **said)], by="ana", now=NOW)
    return id


def export(
    studio: Studio, *ids: str, by: str = "ana", at: int = 0, profile: str = "game", **how: Any
) -> exports.Done:
    """Export these assets by a profile, `at` minutes after NOW."""
    wanted = Wanted(tuple(ids), profile, **how)
    return exports.export(studio, wanted, by=by, now=NOW + timedelta(minutes=at))


def there(game: Path) -> list[str]:
    """The files in a game's folder."""
    return sorted(one.relative_to(game).as_posix() for one in game.rglob("*") if one.is_file())


def directions(studio: Studio) -> str:
    """A prop's sheet of two directions."""
    frames = [
        {"name": name, "left": 8 * k, "top": 0, "width": 8, "height": 8, "pivot_x": 4, "pivot_y": 7}
        for k, name in enumerate(("south", "east"))
    ]
    file = studio.home / "props" / "sheets" / "sign.png"
    publish(file, as_png(sprite(16).crop((0, 0, 16, 8))))
    recipe = {"made_by": "prop_sheet", "frames": frames, "prompt": "a sign"}
    said: dict[str, Any] = {"name": "sign", "category": "props", "recipe": recipe}
    new = New("picture", "sheets/sign", {"picture": (file, files.read(file))}, **said)
    (id,) = records.put(studio.engine, [new], by="ana", now=NOW)
    return id
