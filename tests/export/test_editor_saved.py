"""Godot's and Unity's files held to those that the editors saved: the same sections, and keys in
the same order. Godot's are read by godot-parser, Unity's by a YAML reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
import yaml
from godot_parser import GDFile

from studio.export.building import Place, build
from studio.export.profiles import Profile
from tests.export.drawn import picture, sheet

# The order in which Godot 4's editor saves what each section says: godotengine/godot-demo-projects,
# 2d/platformer/gui/coins_counter.tscn (4bd91c1a: SpriteFrames of AtlasTextures),
# 2d/dodge_the_creeps/player.tscn (0d4514e1). What these don't say stands as the class has it.
HEADS = {
    "gd_scene": ("load_steps", "format", "uid"),
    "gd_resource": ("type", "load_steps", "format", "uid"),
    "ext_resource": ("type", "uid", "path", "id"),
    "sub_resource": ("type", "id"),
    "resource": (),
    "node": ("name", "type", "parent"),
}
KEYS = {
    "AtlasTexture": ("atlas", "region", "margin", "filter_clip"),
    "SpriteFrames": ("animations",),
    "CanvasTexture": (
        *("diffuse_texture", "normal_texture", "specular_texture", "specular_color"),
        *("specular_shininess", "texture_filter", "texture_repeat"),
    ),
    "AnimatedSprite2D": (
        *("texture_filter", "position", "scale", "sprite_frames", "animation", "autoplay"),
        *("frame", "centered", "offset"),
    ),
    "Sprite2D": ("texture_filter", "position", "scale", "texture", "centered", "offset"),
    "NinePatchRect": (
        *("texture_filter", "layout_mode", "anchors_preset", "offset_right", "offset_bottom"),
        *("texture", "patch_margin_left", "patch_margin_top"),
        *("patch_margin_right", "patch_margin_bottom"),
    ),
}
ANIMATION, FRAME = ("frames", "loop", "name", "speed"), ("duration", "texture")

# The order in which Unity saves a texture's importer: needle-mirror/com.unity.2d.tilemap.extras,
# Samples~/AutoTile3/Sprites/Sprite_Tiles_Stone_walkway.png.meta (e9c53936), which has sprites of
# its own; Unity-Technologies/2d-renderer-samples, .../03 Normal Maps/Ingredients/Sprites/
# Glow Rock.png.meta (141d4337) has the same order, and a secondary texture.
IMPORTER = (
    *("internalIDToNameTable", "externalObjects", "serializedVersion", "mipmaps", "bumpmap"),
    *("isReadable", "streamingMipmaps", "streamingMipmapsPriority", "vTOnly"),
    *("ignoreMipmapLimit", "grayScaleToAlpha", "generateCubemap", "cubemapConvolution"),
    *("seamlessCubemap", "textureFormat", "maxTextureSize", "textureSettings", "nPOTScale"),
    *("lightmap", "compressionQuality", "spriteMode", "spriteExtrude", "spriteMeshType"),
    *("alignment", "spritePivot", "spritePixelsToUnits", "spriteBorder"),
    *("spriteGenerateFallbackPhysicsShape", "alphaUsage", "alphaIsTransparency"),
    *("spriteTessellationDetail", "textureType", "textureShape", "singleChannelComponent"),
    *("flipbookRows", "flipbookColumns", "maxTextureSizeSet", "compressionQualitySet"),
    *("textureFormatSet", "ignorePngGamma", "applyGammaDecoding", "swizzle", "cookieLightType"),
    *("platformSettings", "spriteSheet", "mipmapLimitGroupName", "pSDRemoveMatte", "userData"),
    *("assetBundleName", "assetBundleVariant"),
)
MIPMAPS = (
    *("mipMapMode", "enableMipMap", "sRGBTexture", "linearTexture", "fadeOut", "borderMipMap"),
    *("mipMapsPreserveCoverage", "alphaTestReferenceValue", "mipMapFadeDistanceStart"),
    "mipMapFadeDistanceEnd",
)
BUMPS = (
    *("convertToNormalMap", "externalNormalMap", "heightScale", "normalMapFilter"),
    "flipGreenChannel",
)
TEXTURE = ("serializedVersion", "filterMode", "aniso", "mipBias", "wrapU", "wrapV", "wrapW")
PLATFORM = (
    *("serializedVersion", "buildTarget", "maxTextureSize", "resizeAlgorithm", "textureFormat"),
    *("textureCompression", "compressionQuality", "crunchedCompression", "allowsAlphaSplitting"),
    *("overridden", "ignorePlatformSupport", "androidETC2FallbackOverride"),
    "forceMaximumCompressionQuality_BC6H_BC7",
)
SPRITE = (
    *("serializedVersion", "name", "rect", "alignment", "pivot", "border", "outline"),
    *("physicsShape", "tessellationDetail", "bones", "spriteID", "internalID", "vertices"),
    *("indices", "edges", "weights"),
)
SPRITE_SHEET = (
    *("serializedVersion", "sprites", "outline", "physicsShape", "bones", "spriteID"),
    *("internalID", "vertices", "indices", "edges", "weights", "secondaryTextures"),
    "nameFileIdTable",
)
NEWER = {"customData", "spriteCustomMetadata"}  # of Unity 2022.3; these files are older


def godot(piece: Any, ending: str) -> GDFile:
    """A file of a piece as godot-parser has it. It knows no StringNames, which are &"..."."""
    files = build(piece, "heroes/ana", Profile(engine="godot"), Place()).files
    return GDFile.parse(files[f"heroes/ana{ending}"].decode().replace('&"', '"'))


def in_order(found: Iterable[str], wanted: Sequence[str]) -> bool:
    """Whether what was found is some of what is wanted, in its order."""
    places = [wanted.index(one) for one in found]
    return places == sorted(set(places))


@pytest.mark.parametrize(
    ("piece", "ending"),
    [
        (sheet(), ".tres"),
        (sheet(normals=False), ".tres"),
        (sheet(), ".tscn"),
        (picture(), ".tscn"),
        (picture(borders=(1, 2, 3, 4)), ".tscn"),
        (picture(normals=picture().image), ".tres"),
        (picture(normals=picture().image), ".tscn"),
    ],
)
def test_godot_s_sections_and_keys_are_the_editor_s(piece: Any, ending: str) -> None:
    file = godot(piece, ending)
    sections = file.get_sections()
    order = list(HEADS)
    kinds = [order.index(one.header.name) for one in sections]
    assert kinds == sorted(kinds)
    resources = [one for one in sections if one.header.name in ("ext_resource", "sub_resource")]
    assert sections[0].header["load_steps"] == len(resources) + 1
    assert sections[0].header["format"] == 3
    for one in sections:
        assert in_order(one.header.attributes, HEADS[one.header.name])
        kind = one.header.get("type")
        if one.header.name == "resource":
            kind = sections[0].header["type"]
        if one.header.name in ("node", "sub_resource", "resource"):
            assert one.properties and in_order(one.properties, KEYS[kind])


def test_godot_s_animations_refer_to_frames_that_are_there() -> None:
    file = godot(sheet(), ".tres")
    ids = {one.id for one in file.get_sub_resources()}
    textures = {one.id: one.path for one in file.get_ext_resources()}
    assert textures == {"1_sheet": "res://heroes/ana.png", "2_normals": "res://heroes/ana_n.png"}
    (resource,) = file.get_sections("resource")
    for animation in resource["animations"]:
        assert tuple(animation) == ANIMATION
        for frame in animation["frames"]:
            assert tuple(frame) == FRAME and frame["texture"].id in ids
    trimmed = file.get_sub_resources()[2]
    assert (trimmed["region"].args, trimmed["margin"].args) == ([19, 2, 6, 8], [5, 3, 10, 4])
    scene = godot(sheet(), ".tscn")
    (node,) = scene.get_nodes()
    assert (node["offset"].x, node["offset"].y) == (-8, -11) and node["centered"] is False
    assert scene.find_ext_resource(id=node["sprite_frames"].id).path == "res://heroes/ana.tres"


@pytest.mark.parametrize("piece", [sheet(), picture(normals=picture().image)])
def test_unity_s_keys_are_the_editor_s(piece: Any) -> None:
    files = build(piece, "heroes/ana", Profile(engine="unity"), Place()).files
    for ending in (".png.meta", "_n.png.meta"):
        told = yaml.safe_load(files[f"heroes/ana{ending}"](None))
        assert list(told) == ["fileFormatVersion", "guid", "TextureImporter"]
        importer = told["TextureImporter"]
        assert tuple(importer) == IMPORTER
        assert tuple(importer["mipmaps"]) == MIPMAPS and tuple(importer["bumpmap"]) == BUMPS
        assert tuple(importer["textureSettings"]) == TEXTURE
        assert all(tuple(one) == PLATFORM for one in importer["platformSettings"])
        whole = importer["spriteSheet"]
        assert tuple(key for key in whole if key not in NEWER) == SPRITE_SHEET
        for one in whole["sprites"]:
            assert tuple(key for key in one if key not in NEWER) == SPRITE
            assert list(one["rect"]) == ["serializedVersion", "x", "y", "width", "height"]
        for one in whole["secondaryTextures"]:
            assert list(one) == ["texture", "name"]
