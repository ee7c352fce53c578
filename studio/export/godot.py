"""Godot 4's own files: SpriteFrames (`.tres`), a scene that sets the pivot (`.tscn`), and a
CanvasTexture for normals.

The names are those of Godot's classes (4.x), in the order in which its editor saves them. A trimmed
frame keeps its canvas by the margin of its AtlasTexture: position, and how much larger the canvas
is. SpriteFrames knows tags forward only, so others are written out, and how long a frame is shown
is its duration divided by the animation's speed: both come from the milliseconds exactly.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from studio.errors import StudioError
from studio.export.pieces import Borders, Layout, Run, unit

PROJECT = "project.godot"
FILTERS = {"nearest": 1, "linear": 2}  # of CanvasItem.texture_filter
MOST_SHOWN = 10_000  # frames of an animation that is written out


def project_of(folder: Path) -> Path | None:
    """The nearest folder from here upwards that holds a Godot project; None where none does."""
    above = (folder, *folder.parents)
    return next((one for one in above if os.path.isfile(one / PROJECT)), None)


def resource(folder: Path | None, path: str) -> str:
    """How the nearest project above the file names it, which lies at `path` below `folder`:
    `res://...`. Without a project, as in a zip, it is as if `folder` were one."""
    file = None if folder is None else folder / path
    project = None if file is None else project_of(file.parent)
    if file is None or project is None:
        return f"res://{path}"
    return f"res://{file.relative_to(project).as_posix()}"


def sprite_frames(layout: Layout, sheet: str, normals: str = "", filter: str = "nearest") -> str:
    """The text of a SpriteFrames whose frames lie on the texture `sheet`, lit by the texture
    `normals` of the same size ("": by none); both as the project names them."""
    textures = [("1_sheet", sheet), *([("2_normals", normals)] if normals else [])]
    steps = len(textures) + len(layout.regions) + bool(normals) + 1
    lines = [f'[gd_resource type="SpriteFrames" load_steps={steps} format=3]', ""]
    lines += [_external("Texture2D", path, id) for id, path in textures]
    atlas = 'ExtResource("1_sheet")'
    if normals:
        lines += ["", '[sub_resource type="CanvasTexture" id="CanvasTexture_sheet"]']
        lines += _canvas("1_sheet", "2_normals", filter)
        atlas = 'SubResource("CanvasTexture_sheet")'
    for number, one in enumerate(layout.regions):
        lines += ["", f'[sub_resource type="AtlasTexture" id="{_id(number)}"]', f"atlas = {atlas}"]
        lines.append(f"region = Rect2({one.x}, {one.y}, {one.width}, {one.height})")
        more = (layout.width - one.width, layout.height - one.height)
        if any((one.left, one.top, *more)):
            lines.append(f"margin = Rect2({one.left}, {one.top}, {more[0]}, {more[1]})")
    told = ", ".join(_animation(run, layout) for run in layout.played)
    return "\n".join([*lines, "", "[resource]", f"animations = [{told}]"]) + "\n"


def canvas_texture(picture: str, normals: str, filter: str = "nearest") -> str:
    """The text of a CanvasTexture of a picture and its normal map."""
    return "\n".join(
        [
            '[gd_resource type="CanvasTexture" load_steps=3 format=3]',
            "",
            _external("Texture2D", picture, "1_picture"),
            _external("Texture2D", normals, "2_normals"),
            "",
            "[resource]",
            *_canvas("1_picture", "2_normals", filter),
            "",
        ]
    )


def animated_scene(
    name: str, frames: str, layout: Layout, pivot: tuple[float, float], filter: str = "nearest"
) -> str:
    """The text of a scene: the SpriteFrames `frames` with the pivot, in pixels of the canvas, at
    the node's place; its first animation plays."""
    first = _quoted(layout.played[0].name)
    return _scene(
        _external("SpriteFrames", frames, "1_frames"),
        name,
        "AnimatedSprite2D",
        [
            f"texture_filter = {FILTERS[filter]}",
            'sprite_frames = ExtResource("1_frames")',
            f"animation = &{first}",
            f"autoplay = {first}",
            *_placed(pivot),
        ],
    )


def picture_scene(
    name: str, texture: str, pivot: tuple[float, float], filter: str = "nearest"
) -> str:
    """The text of a scene of one picture, with its pivot, in pixels, at the node's place."""
    return _scene(
        _external("Texture2D", texture, "1_picture"),
        name,
        "Sprite2D",
        [
            f"texture_filter = {FILTERS[filter]}",
            'texture = ExtResource("1_picture")',
            *_placed(pivot),
        ],
    )


def panel_scene(
    name: str, texture: str, size: tuple[int, int], borders: Borders, filter: str = "nearest"
) -> str:
    """The text of a scene of a picture that is stretched in nine parts."""
    sides = zip(("left", "top", "right", "bottom"), borders, strict=True)
    return _scene(
        _external("Texture2D", texture, "1_picture"),
        name,
        "NinePatchRect",
        [
            f"texture_filter = {FILTERS[filter]}",
            f"offset_right = {float(size[0])}",
            f"offset_bottom = {float(size[1])}",
            'texture = ExtResource("1_picture")',
            *(f"patch_margin_{side} = {pixels}" for side, pixels in sides if pixels),
        ],
    )


def _scene(external: str, name: str, kind: str, properties: Sequence[str]) -> str:
    node = f'[node name={_quoted(name.replace(".", "_"))} type="{kind}"]'  # none has dots
    return (
        "\n".join(["[gd_scene load_steps=2 format=3]", "", external, "", node, *properties]) + "\n"
    )


def _animation(run: Run, layout: Layout) -> str:
    """A run that is shown a number of times and not for ever is written out as often. StudioError
    where that is too often."""
    step, times = unit(run, layout), max(run.repeat, 1)
    if len(run.frames) * times > MOST_SHOWN:
        raise StudioError(
            f"{run.name[:60]!r} shows {len(run.frames):,} frames {times:,} times, which Godot has "
            "to have written out.",
            f"Have it repeat without end, or less often: {MOST_SHOWN:,} frames are the most.",
        )
    shown = run.frames * times
    frames = ", ".join(
        f'{{\n"duration": {_number(layout.regions[number].duration_ms / step)},\n'
        f'"texture": SubResource("{_id(number)}")\n}}'
        for number in shown
    )
    loops = "false" if run.repeat else "true"
    speed = _number(1000 / step)
    return (
        f'{{\n"frames": [{frames}],\n"loop": {loops},\n"name": &{_quoted(run.name)},\n'
        f'"speed": {speed}\n}}'
    )


def _canvas(picture: str, normals: str, filter: str) -> list[str]:
    return [
        f'diffuse_texture = ExtResource("{picture}")',
        f'normal_texture = ExtResource("{normals}")',
        f"texture_filter = {FILTERS[filter]}",
    ]


def _placed(pivot: tuple[float, float]) -> list[str]:
    x, y = (_number(-side).removesuffix(".0") for side in pivot)
    return ["centered = false", f"offset = Vector2({x}, {y})"]


def _external(kind: str, path: str, id: str) -> str:
    return f'[ext_resource type="{kind}" path={_quoted(path)} id="{id}"]'


def _id(number: int) -> str:
    return f"AtlasTexture_{number:03d}"


def _number(value: float) -> str:
    return repr(float(value) + 0.0)  # no -0.0


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
