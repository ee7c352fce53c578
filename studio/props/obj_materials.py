"""The material library (MTL) that belongs to an OBJ, and the textures that it names.

Colour, opacity and textures are those that Wavefront's own format has; metal, roughness and glow
are `Pm`, `Pr` and `Ke`, the extension for physically based rendering that most tools read. A
library says nothing of samplers: textures of at most SHARP pixels a side are read as pixel art,
sampled by the nearest, all repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from studio.props import limits
from studio.props.model import Material, Model, Texture

SHARP = 128  # pixels
MOST_LIBRARY = 4 * 1024**2  # bytes that are read of all libraries
SUFFIXES = {limits.PNG: ".png", limits.JPEG: ".jpg"}
ROLES = {
    "map_kd": "colour",
    **dict.fromkeys(("norm", "map_bump", "bump"), "normal"),
    "map_ke": "emissive",
}
# How many words follow each option of a texture's line.
OPTIONS = {
    **dict.fromkeys(("-blendu", "-blendv", "-boost", "-bm", "-cc", "-clamp", "-imfchan"), 1),
    **dict.fromkeys(("-texres", "-type"), 1),
    "-mm": 2,
    **dict.fromkeys(("-o", "-s", "-t"), 3),
}


def file_name(name: str) -> str:
    """A name that every system takes for a file, and OBJ for one word; "" where nothing is left."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_-")[:80]


def names(model: Model) -> list[str]:
    """What the material of each part is called in the files: no two alike."""
    called: dict[int, str] = {}
    taken: set[str] = set()
    for part in model.parts:
        if id(part.material) not in called:
            first = name = file_name(part.material.name) or "material"
            number = 1
            while name in taken:
                number += 1
                name = f"{first}_{number}"
            taken.add(name)
            called[id(part.material)] = name
    return [called[id(part.material)] for part in model.parts]


def written(model: Model, name: str) -> tuple[bytes, dict[str, bytes]]:
    """The library's bytes, and the textures' files by their names."""
    lines = ["# Linear colours, as glTF has them"]
    files: dict[bytes, str] = {}
    done: set[str] = set()
    for part, called in zip(model.parts, names(model), strict=True):
        if called not in done:
            done.add(called)
            for texture in part.material.textures:
                if texture.data not in files:
                    suffix = SUFFIXES.get(limits.media_type(texture.data), ".png")
                    count = f"_{len(files) + 1}" if files else ""
                    files[texture.data] = f"{name}{count}{suffix}"
            lines += _described(part.material, called, files)
    return ("\n".join(lines) + "\n").encode(), {file: data for data, file in files.items()}


def read(libraries: Iterable[str], files: Mapping[str, bytes]) -> dict[str, Material]:
    """The materials of the libraries that an OBJ names, by their names; nothing of a library that
    is not among `files`. StudioError for a texture that is there and no picture."""
    found: dict[str, Material] = {}
    pictures: dict[str, Texture] = {}
    # Also by the last part alone: paths are often those of another machine.
    last = {file.rpartition("/")[2].lower(): data for file, data in files.items()}
    known = {**last, **files}
    room = MOST_LIBRARY
    for library in dict.fromkeys(libraries):
        name: str | None = None
        told = (_looked_up(library, known) or b"")[:room]
        room -= len(told)
        for line in told.splitlines():
            key, rest = (*line.decode("utf-8", "replace").split(None, 1), "", "")[:2]
            if key.lower() == "newmtl":
                name = rest.strip()
                found[name] = Material(name=name[:200])
            elif name is not None:
                found[name] = _told(found[name], key.lower(), rest.strip(), known, pictures)
    return found


def _described(material: Material, called: str, files: Mapping[bytes, str]) -> list[str]:
    red, green, blue, opacity = material.factor
    glow = " ".join(f"{one:.9g}" for one in material.emissive_factor)
    lines = [
        f"newmtl {called}",
        f"# alpha {material.alpha}, {'two sides' if material.double_sided else 'one side'}",
        f"Kd {red:.9g} {green:.9g} {blue:.9g}",
        "Ks 0 0 0",
        f"d {opacity:.9g}",
        f"Pr {material.roughness:.9g}",
        f"Pm {material.metallic:.9g}",
    ]
    if any(material.emissive_factor):
        lines.append(f"Ke {glow}")
    if (colour := material.colour) is not None:
        lines.append(f"# sampled {'by the nearest' if colour.nearest else 'linearly'}")
        lines.append(f"map_Kd {files[colour.data]}")
        if material.alpha != "opaque":
            lines.append(f"map_d {files[colour.data]}")
    if material.normal is not None:
        lines.append(f"norm {files[material.normal.data]}")
        lines.append(f"map_Bump {files[material.normal.data]}")
    if material.emissive is not None:
        lines.append(f"map_Ke {files[material.emissive.data]}")
    return lines


def _told(
    material: Material,
    key: str,
    rest: str,
    known: Mapping[str, bytes],
    pictures: dict[str, Texture],
) -> Material:
    """The material after one more line of its library."""
    if key == "map_d":
        return replace(material, alpha="mask" if material.alpha == "opaque" else material.alpha)
    if key in ROLES:
        texture = _texture(_file(rest), known, pictures)
        if texture is None:
            return material
        if ROLES[key] == "colour":
            return replace(material, colour=texture)
        if ROLES[key] == "normal":
            return replace(material, normal=texture)
        return replace(material, emissive=texture)
    values = _numbers(rest)
    if key == "kd" and len(values) >= 3:
        red, green, blue = values[:3]
        return replace(material, factor=(red, green, blue, material.factor[3]))
    if key == "ke" and len(values) >= 3:
        return replace(material, emissive_factor=(values[0], values[1], values[2]))
    if key in ("d", "tr") and values:
        opacity = values[0] if key == "d" else 1 - values[0]
        alpha = "blend" if opacity < 1 else material.alpha
        return replace(material, factor=(*material.factor[:3], opacity), alpha=alpha)
    if key == "pm" and values:
        return replace(material, metallic=values[0])
    if key == "pr" and values:
        return replace(material, roughness=values[0])
    return material


def _texture(name: str, known: Mapping[str, bytes], pictures: dict[str, Texture]) -> Texture | None:
    data = _looked_up(name, known)
    if data is None:
        return None
    if name not in pictures:
        size = limits.picture_size(data, f"Texture {name[:80]!r}")
        pictures[name] = Texture(data, max(size) <= SHARP, "repeat", "repeat")
    return pictures[name]


def _file(rest: str) -> str:
    """The file that a texture's line names, behind its options; names may hold spaces."""
    words = rest.split()
    while words and words[0].lower() in OPTIONS:
        left = OPTIONS[words[0].lower()]
        words = words[1:]
        while words and left and (left < 3 or _numbers(words[0])):
            words, left = words[1:], left - 1
            if left and not (words and _numbers(words[0])):
                break  # of -o, -s and -t the second and third number may be left out
    return " ".join(words)


def _looked_up(name: str, known: Mapping[str, bytes]) -> bytes | None:
    path = name.replace("\\", "/").removeprefix("./")
    return known.get(path, known.get(path.rpartition("/")[2].lower()))


def _numbers(text: str) -> list[float]:
    """The numbers that a line begins with, each taken as the nearest from 0 to 1."""
    found = []
    for word in text.split():
        try:
            found.append(min(max(float(word), 0.0), 1.0))
        except ValueError:
            break
    return [one for one in found if one == one]
