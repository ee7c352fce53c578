"""Godot's files: sections and keys, exact times, pivots, and `res://` by the nearest project."""

import re

import pytest

from studio.errors import StudioError
from studio.export import godot
from studio.export.building import Place, build
from studio.export.pieces import Layout, Run
from studio.export.profiles import Profile
from tests.export.drawn import picture, sheet, walk

GODOT = Profile(engine="godot")


def sections(text):
    """Each section's head with its keys and values, values of several lines as one."""
    found = []
    for part in re.split(r"\n(?=\[(?:gd_|ext_|sub_|resource|node))", f"\n{text}")[1:]:
        head, _, body = part.partition("]\n")
        values = dict(re.findall(r"^([a-z_]+) = (.*?)(?=\n[a-z_]+ = |\Z)", body, re.S | re.M))
        found.append((head.strip("[]"), {key: value.strip() for key, value in values.items()}))
    return found


def test_sprite_frames_keep_the_canvas_by_margins_and_each_time_exactly():
    text = godot.sprite_frames(walk(), "res://ana.png", "res://ana_n.png")
    found = sections(text)
    assert found[0][0] == 'gd_resource type="SpriteFrames" load_steps=7 format=3'
    heads = [head for head, _ in found]
    assert heads[1:3] == [
        'ext_resource type="Texture2D" path="res://ana.png" id="1_sheet"',
        'ext_resource type="Texture2D" path="res://ana_n.png" id="2_normals"',
    ]
    assert found[3][1] == {
        "diffuse_texture": 'ExtResource("1_sheet")',
        "normal_texture": 'ExtResource("2_normals")',
        "texture_filter": "1",
    }
    first, second = found[4][1], found[5][1]
    assert first == {
        "atlas": 'SubResource("CanvasTexture_sheet")',
        "region": "Rect2(1, 1, 16, 12)",
    }
    assert second["region"] == "Rect2(19, 2, 6, 8)" and second["margin"] == "Rect2(5, 3, 10, 4)"
    told = found[-1][1]["animations"]
    assert re.findall(r'"name": &"(\w+)"', told) == ["walk", "hit"]
    assert re.findall(r'"loop": (\w+)', told) == ["true", "false"]
    speeds = [float(one) for one in re.findall(r'"speed": ([\d.e-]+)', told)]
    lasts = [float(one) for one in re.findall(r'"duration": ([\d.e-]+)', told)]
    assert lasts == [1, 1, 2, 1, 1]
    ms = [1000 * one / speeds[0] for one in lasts[:4]] + [1000 * lasts[4] / speeds[1]]
    assert ms == pytest.approx([83, 83, 166, 83, 166], abs=1e-9)


def test_a_scene_has_the_pivot_at_its_place():
    files = build(sheet(), "heroes/ana", GODOT, Place()).files
    assert set(files) == {f"heroes/ana{ending}" for ending in (".png", "_n.png", ".tres", ".tscn")}
    (_, head), (_, external), (node, said) = sections(files["heroes/ana.tscn"].decode())
    assert node == 'node name="ana" type="AnimatedSprite2D"'
    assert list(said) == [
        "texture_filter",
        "sprite_frames",
        "animation",
        "autoplay",
        "centered",
        "offset",
    ]
    assert said["offset"] == "Vector2(-8, -11)" and said["animation"] == '&"walk"'
    assert 'path="res://heroes/ana.tres"' in files["heroes/ana.tscn"].decode()


def test_a_picture_is_a_sprite_and_one_with_borders_a_panel():
    files = build(picture(), "gem", GODOT, Place()).files
    assert set(files) == {"gem.png", "gem.tscn"}
    said = sections(files["gem.tscn"].decode())[-1][1]
    assert said["offset"] == "Vector2(-4, -8)" and said["texture_filter"] == "1"
    panel = build(picture(borders=(1, 2, 3, 0)), "gem", GODOT, Place()).files["gem.tscn"]
    head, said = sections(panel.decode())[-1]
    assert head == 'node name="gem" type="NinePatchRect"'
    sides = {key: value for key, value in said.items() if key.startswith("patch")}
    assert sides == {"patch_margin_left": "1", "patch_margin_top": "2", "patch_margin_right": "3"}


def test_normals_of_a_picture_are_a_canvas_texture():
    lit = picture(normals=picture().image)
    files = build(lit, "a/gem", GODOT, Place()).files
    text = files["a/gem.tres"].decode()
    assert text.startswith('[gd_resource type="CanvasTexture" load_steps=3 format=3]')
    assert sections(text)[-1][1]["normal_texture"] == 'ExtResource("2_normals")'
    assert 'path="res://a/gem.tres"' in files["a/gem.tscn"].decode()
    plain = build(lit, "gem", Profile(engine="godot", normals=False), Place()).files
    assert set(plain) == {"gem.png", "gem.tscn"}


@pytest.mark.parametrize(
    ("project", "below", "wanted"),
    [
        ("", "art", "res://art/gem.png"),
        ("art", "art", "res://gem.png"),
        ("..", "art", "res://game/art/gem.png"),
        (None, "art", "res://art/gem.png"),
    ],
)
def test_the_nearest_project_names_the_files(tmp_path, project, below, wanted):
    root = tmp_path / "game"
    (root / below).mkdir(parents=True)
    if project is not None:
        (root / project / godot.PROJECT).resolve().write_text("config_version=5\n")
    place = Place(root)
    assert place.resource(f"{below}/gem.png") == wanted


def test_the_nearest_project_is_that_of_the_file(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / godot.PROJECT).write_text("config_version=5\n")
    place = Place(tmp_path)
    assert place.resource("client/art/gem.png") == "res://art/gem.png"
    text = build(sheet(), "client/art/ana", GODOT, place).files["client/art/ana.tres"].decode()
    assert 'path="res://art/ana.png"' in text


def test_what_is_shown_too_often_to_be_written_out_is_named():
    often = Layout(16, 12, walk().regions, (Run("walk", (0, 1, 2), 65_535),))
    with pytest.raises(StudioError, match="'walk' shows 3 frames 65,535 times"):
        godot.sprite_frames(often, "res://ana.png")
    some = Layout(16, 12, walk().regions, (Run("walk", (0, 1, 2), 4),))
    assert godot.sprite_frames(some, "res://ana.png").count('"duration"') == 12
