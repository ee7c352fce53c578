"""Reads GLB files in Blender, and tells of each what it has made of it, as one line of JSON.

Run by .blender/bin/python, which has bpy and nothing of the studio (`make blender`):

    .blender/bin/python tests/props/in_blender.py FILE...
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

import bpy
import numpy as np


def look(path: str) -> dict[str, Any]:
    """Bounds in glTF's axes, triangles, and materials by name with their textures."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=path)
    lows, highs, triangles = [], [], 0
    for thing in bpy.data.objects:
        if thing.type != "MESH":
            continue
        mesh = thing.data
        mesh.calc_loop_triangles()
        triangles += len(mesh.loop_triangles)
        placed = np.array([tuple(thing.matrix_world @ point.co) for point in mesh.vertices])
        x, y, z = placed.T  # Blender's z is up, and its -y is the front
        there = np.stack([x, z, -y], axis=1)
        lows.append(there.min(axis=0))
        highs.append(there.max(axis=0))
    return {
        "low": np.min(lows, axis=0).tolist(),
        "high": np.max(highs, axis=0).tolist(),
        "triangles": triangles,
        "materials": {one.name: material(one) for one in bpy.data.materials if one.node_tree},
    }


def material(one: Any) -> dict[str, Any]:
    """Whether backs are left out, and of each texture how it is sampled and its pixels' hash."""
    nodes = [node for node in one.node_tree.nodes if node.type == "TEX_IMAGE" and node.image]
    return {
        "culled": one.use_backface_culling,
        "textures": [
            {
                "size": [*node.image.size],
                "pixels": pixels(node.image),
                "interpolation": node.interpolation,
                "extension": node.extension,
            }
            for node in nodes
        ],
    }


def pixels(image: Any) -> str:
    """The SHA-256 of a picture's RGBA bytes from the top down."""
    width, height = image.size
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    rows = np.rint(values * 255).astype(np.uint8).reshape(height, width, 4)
    return hashlib.sha256(rows[::-1].tobytes()).hexdigest()


if __name__ == "__main__":
    for given in sys.argv[1:]:
        print("TOLD " + json.dumps(look(given)), flush=True)
