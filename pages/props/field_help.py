"""What each setting of a prop is called, and in one line what it does."""

from __future__ import annotations

HELP: dict[str, tuple[str, str]] = {
    # size
    "height_m": ("Height", "Metres, as engines count them. A person is 1.75 m."),
    "pivot": ("Pivot", "The point at 0, 0, 0: what engines place and turn it by."),
    # shape
    "depth": ("Depth", "A share of the height: 0.1 is a card, 1 as deep as it is high."),
    "bevel": ("Bevel", "How much the edges are rounded, a share of half the depth."),
    "detail": ("Detail", "How closely the form follows the picture; more triangles."),
    # back
    "back": ("Back", "What is seen from behind. Mirrored is the front once more."),
    "back_colour": ("Colour of the back", "For sides that no picture shows."),
    # edges
    "alpha": ("Transparency", "Hard edges sort well in every engine; soft ones are for glass."),
    "matte": (
        "Matte",
        "What shines through soft pixels, #rrggbb; empty: their own colour.",
    ),
    "shadow": ("Painted shadow", "A shadow under the figure becomes part of it, or is left out."),
    # normal map
    "normal_strength": ("Strength of the normal map", "How deep light finds the picture."),
    "normal_y": ("Green of the normal map", "Up for Unity and Godot, down for Unreal."),
}
PIVOTS = {"feet": "Feet", "centre": "Centre", "top": "Top", "corner": "Corner"}
BACKS = {"mirrored": "Mirrored front", "colour": "Plain colour", "picture": "Own picture"}
ALPHAS = {"": "What suits it", "mask": "Hard edges", "blend": "Soft"}
SHADOWS = {"dropped": "Left out", "kept": "Kept"}
GREENS = {"up": "Up (Unity, Godot)", "down": "Down (Unreal)"}


def label(name: str) -> str:
    """A setting's name on the page."""
    return HELP[name][0]


def line(name: str) -> str:
    """What it does, in one line."""
    return HELP[name][1]
