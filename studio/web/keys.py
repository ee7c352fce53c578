"""The one table of keys, by page: what `?` shows. A key means the same wherever it is there."""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = "Every page"


@dataclass(frozen=True)
class Key:
    """On a page (its name in the address; "Datasets, masks" for a part of it) the keys that do
    something, either of which will do, and what that is."""

    page: str
    keys: tuple[str, ...]
    does: str


def _looking(page: str) -> tuple[Key, ...]:
    """What the same keys do wherever one picture is judged."""
    return (
        Key(page, ("A",), "Approves"),
        Key(page, ("E",), "Asks for an edit"),
        Key(page, ("X",), "Rejects"),
        Key(page, ("V",), "Draws four variations"),
        Key(page, ("I",), "Begins from it on Generate"),
        Key(page, ("S", "N", "→"), "Goes on to the next picture"),
        Key(page, ("←",), "Goes back to the picture before"),
        Key(page, ("Z",), "The size in the game"),
        Key(page, ("+", "-", "0"), "Larger, smaller, as it fits"),
        Key(page, ("G",), "The engine's colour behind the picture"),
        Key(page, ("C",), "In the game's scene, and back"),
        Key(page, ("R",), "The raw picture that a finished one came from, and back"),
        Key(page, ("Ctrl+C",), "Copies it at its own size"),
    )


def _playing(page: str) -> tuple[Key, ...]:
    """What the same keys do wherever frames are played."""
    return (
        Key(page, ("Space",), "Plays, stops"),
        Key(page, ("←", "→"), "The frame before, the next one"),
        Key(page, ("O",), "Onion skin: the frames before and after shine through"),
        Key(page, ("+", "-"), "Larger, smaller"),
    )


def _repeating(page: str) -> tuple[Key, ...]:
    """What the same keys do wherever pictures are seen repeated."""
    return (
        Key(page, ("Arrows",), "Move the picture that has the focus"),
        Key(page, ("+", "-", "0"), "Larger, smaller, three by three"),
        Key(page, ("L",), "Lines where it begins again"),
        Key(page, ("G",), "The engine's colour behind the picture"),
        Key(page, ("[", "]"), "The picture before, the next one"),
    )


KEYS = (
    Key(EVERYWHERE, ("?",), "Shows these keys"),
    Key(EVERYWHERE, ("Tab",), "As the first key: the way past the menu, which Enter takes"),
    Key(EVERYWHERE, ("Esc",), "Closes what lies over the page"),
    Key("Generate", ("Ctrl+Enter",), "Draws"),
    Key("Generate", ("T",), "Shows what was drawn repeated, as textures, or alone"),
    *_repeating("Generate, repeated"),
    Key("Gallery", ("Arrows", "Home", "End"), "Move among the pictures"),
    Key("Gallery", ("Space", "Ctrl+click"), "Chooses a picture, or no longer"),
    Key("Gallery", ("Shift+arrows", "Shift+click"), "Chooses all up to this one"),
    Key("Gallery", ("Ctrl+A",), "Chooses the whole page"),
    Key("Gallery", ("Enter",), "Opens a picture"),
    Key("Gallery", ("A",), "Approves all that are chosen"),
    Key("Gallery", ("E",), "Asks for an edit of all that are chosen"),
    Key("Gallery", ("X",), "Rejects all that are chosen"),
    Key("Gallery", ("P",), "Puts those of the chosen into the game that are approved"),
    Key("Gallery", ("R",), "The raw pictures of those that are finished, and back"),
    Key("Gallery", ("U",), "Takes back what was done with them last"),
    Key("Gallery", ("Esc",), "Chooses none"),
    *_looking("Gallery, judging"),
    Key("Gallery, judging", ("1-9",), "A reason for the next verdict, or no longer"),
    Key("Gallery, judging", ("U",), "Takes the last verdict back"),
    Key("Gallery, judging", ("Esc",), "Back to the gallery"),
    *_looking("Picture"),
    Key("Picture", ("T",), "Shows it repeated, as a texture, or alone"),
    Key("Picture", ("P",), "Puts it into the game, once it is approved"),
    *_repeating("Picture, repeated"),
    Key("Picture", ("Ctrl+V",), "Takes a painted-over version from the clipboard"),
    Key("Finish", ("R",), "The raw picture, while it is held or until it is pressed again"),
    Key("Finish", ("W",), "Slider: one picture over the other"),
    Key("Finish", ("L",), "Shows and hides the grid's lines"),
    Key("Finish", ("G",), "The engine's colour behind the pictures"),
    Key("Finish", ("+", "-", "0"), "Larger, smaller, as it fits"),
    Key("Finish", ("Y", "N"), "Takes, leaves the proposal"),
    Key("Finish", ("Shift+Y", "Shift+N"), "Takes, leaves all proposals"),
    Key("Finish", ("Arrows",), "Go from proposal to proposal; move a line that was clicked"),
    Key("Finish", ("Esc",), "Lets go of the line"),
    Key("Finish", ("1", "2"), "Stray pixels, holes: cleaned, or no longer"),
    Key("Finish", ("3", "4", "5", "6"), "Outline: adds, thins, recolours, breaks it, or no longer"),
    Key("Finish", ("Ctrl+Enter",), "Keeps what is shown"),
    Key("Finish", ("U",), "Takes back what was kept last"),
    Key("Finish, many", ("R",), "What they were, and back"),
    Key("Finish, many", ("Space", "Ctrl+click"), "Leaves a picture out, or no longer"),
    Key("Finish, many", ("Enter",), "Looks at one"),
    Key("Upscale", ("Arrows",), "Go from tile to tile"),
    Key("Upscale", ("[", "]"), "The tile before, the next one, in the order of drawing"),
    Key("Upscale", ("Enter",), "Shows the tile large"),
    Key("Upscale", ("D",), "Draws the tile anew, with another seed"),
    Key("Upscale", ("K",), "Locks the tile's prompt, or no longer"),
    Key("Upscale", ("R",), "The picture before, while it is held or until it is pressed again"),
    Key("Upscale", ("W",), "Slider: before and after"),
    Key("Upscale", ("L",), "Shows and hides the grid's lines"),
    Key("Upscale", ("G",), "The engine's colour behind the picture"),
    Key("Upscale", ("+", "-", "0"), "Larger, smaller, as it fits"),
    Key("Upscale", ("Alt+arrows",), "Move the picture"),
    Key("Upscale", ("Esc",), "Lets go of the tile"),
    Key("Upscale", ("Ctrl+Enter",), "Enlarges"),
    Key("Props", ("Ctrl+Enter",), "Makes the prop, or takes the edit"),
    Key("Props", ("Arrows",), "Turn the model in the viewer"),
    Key("Props", ("T",), "Turntable: it turns by itself, or no longer"),
    Key("Props", ("L",), "Lines: the model as wires"),
    Key("Props", ("M",), "Its normals"),
    Key("Props", ("H",), "A person beside it, for its height"),
    Key("Props", ("G",), "The ground: dark, light, the engine's colour"),
    Key("Props", ("+", "-", "0"), "Larger, smaller, as it fits"),
    *_playing("Characters"),
    *_playing("Animate"),
    Key("Animate", ("Alt ←", "Alt →"), "Moves the frame earlier, later"),
    Key("Animate", ("C",), "The game's scene behind it, or no longer"),
    Key("Animate", ("D",), "Duplicates the frame"),
    Key("Animate", ("Del",), "Takes the frame out"),
    Key("Animate", ("U",), "Takes the last change back"),
    Key("Animate", ("P",), "The next click sets the pivot"),
    Key("Animate", ("Ctrl+Enter",), "Makes the sheet"),
    Key("Tiles", ("Arrows", "Shift+arrows"), "Go one place on the map, five places"),
    Key("Tiles", ("Space",), "Paints there"),
    Key("Tiles", ("X",), "Swaps the two brushes"),
    Key("Tiles", ("Del",), "Clears the map"),
    Key("Tiles", ("Ctrl+Z", "Ctrl+Y"), "Undo, redo"),
    Key("Rate", ("0-9",), "Scores what is marked, and marks the next"),
    Key("Rate", ("↑", "↓"), "Mark the question above, below"),
    Key("Rate", ("←", "→"), "One less, one more"),
    Key("Rate", ("Enter",), "Next picture"),
    Key("Rate", ("S", "N"), "Goes on without a rating"),
    Key("Rate", ("U",), "Takes the last rating back"),
    Key("Rate", ("Z",), "The size in the game"),
    Key("Rate", ("+", "-"), "Nearer, farther"),
    Key("Rate", ("G",), "The engine's colour behind the picture"),
    Key("Rate", ("C",), "In the game's scene, and back"),
    Key("Vote", ("←", "→"), "Left, right is better"),
    Key("Vote", ("T",), "Tie"),
    Key("Vote", ("B",), "Both are bad"),
    Key("Vote", ("S", "N"), "Goes on without a vote"),
    Key("Vote", ("U",), "Takes the last vote back"),
    Key("Vote", ("Z",), "The size in the game"),
    Key("Vote", ("+", "-"), "Nearer, farther"),
    Key("Vote", ("W",), "Wipe: one picture over the other"),
    Key("Vote", ("F",), "Flicker: one after the other"),
    Key("Vote", ("G",), "The engine's colour behind the pictures"),
    Key("Vote", ("C",), "In the game's scene, and back"),
    Key("Palettes", ("Arrows", "Home", "End"), "Move among the colours"),
    Key("Palettes", ("Shift+←", "Shift+→"), "The colour, or those chosen, one place on"),
    Key("Palettes", ("Space", "Ctrl+click"), "Chooses a colour, or no longer"),
    Key("Palettes", ("Ctrl+A",), "Chooses all colours"),
    Key("Palettes", ("Enter",), "Edits the colour"),
    Key("Palettes", ("Del",), "Deletes the colours"),
    Key("Palettes", ("Ctrl+Z",), "Takes the last change back"),
    Key("Palettes", ("Esc",), "Chooses none"),
    Key("Datasets, captions", ("Enter", "Shift+Enter"), "Next, previous caption"),
    Key("Datasets, captions", ("Esc",), "The caption as it was"),
    Key("Datasets, captions", ("Shift+click",), "Chooses all pictures up to this one"),
    Key("Datasets, masks", ("B", "E", "U", "G", "H"), "Brush, eraser, rectangle, fill, move about"),
    Key("Datasets, masks", ("Arrows", "Shift+arrows"), "Go one pixel, eight pixels"),
    Key("Datasets, masks", ("Space",), "Paints, fills, or sets a rectangle's corners"),
    Key("Datasets, masks", ("Enter",), "Puts the brush down, and lifts it"),
    Key("Datasets, masks", ("[", "]", ",", "."), "Narrower, wider brush"),
    Key("Datasets, masks", ("X",), "Swaps leave out and learn"),
    Key("Datasets, masks", ("I",), "Inverts the mask"),
    Key("Datasets, masks", ("Del",), "Clears the mask"),
    Key("Datasets, masks", ("O",), "Shows and hides the mask"),
    Key("Datasets, masks", ("+", "-", "0"), "Nearer, farther, the whole picture"),
    Key("Datasets, masks", ("Ctrl+Z", "Ctrl+Y"), "Undo, redo"),
    Key("Datasets, masks", ("Ctrl+S",), "Saves to the draft"),
    Key("Datasets, masks", ("Esc",), "Ends a rectangle or a stroke"),
)


def of(page: str) -> list[tuple[str, list[Key]]]:
    """All keys by place: this page's first, then those that are everywhere, then the others."""
    places = list(dict.fromkeys(key.page for key in KEYS))
    places.sort(key=lambda place: (not _is_of(place, page), place != EVERYWHERE))
    return [(place, [key for key in KEYS if key.page == place]) for place in places]


def _is_of(place: str, page: str) -> bool:
    return place.partition(",")[0] == page
