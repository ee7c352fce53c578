"""What each setting of an enlarging is called, and in one line what it does."""

from __future__ import annotations

HELP: dict[str, tuple[str, str]] = {
    # target
    "factor": ("Factor", "How many times as wide and as high."),
    "long_side": ("Long side", "Pixels of the longer side; the other follows."),
    "exact_width": ("Width", "Pixels. The picture is stretched where its shape is another."),
    "exact_height": ("Height", "Pixels. The picture is stretched where its shape is another."),
    # what is drawn
    "prompt": ("Prompt", "What the picture shows: said of every tile, its own words beside it."),
    "negative": ("Negative prompt", "What no tile is to show."),
    "append": (
        "Append a tile's own prompt",
        "A tile's words follow the prompt for all; off, they stand in its place.",
    ),
    "weight": ("Style strength", "LoRA weight: 0 is the base alone, 1 the style as it learned."),
    "strength": ("Denoising strength", "How much may change: near 0 nothing, from .5 on shapes."),
    "steps": ("Steps", "Of denoising; a tile takes as large a part of them as it may change."),
    "guidance": ("Guidance (CFG)", "How closely the prompt is followed."),
    "sampler": ("Sampler", "How noise is taken away from step to step."),
    "seed": ("Seed", "Begins the noise of the whole picture; empty: another each time."),
    "hold": (
        "Keep source colours",
        "Low frequencies of the source are put back: 1 keeps its colours, 0 lets them drift.",
    ),
    "palette_lock": ("Lock the palette", "Each pixel takes the nearest colour of the source."),
    # tiles
    "tile": ("Tile size", "Pixels of a tile's side; best is what the base was made for."),
    "overlap": ("Overlap", "Pixels that neighbours share, and are blended over."),
    "drawn": ("Drawn at", "Pixels at which a tile is drawn, then reduced; 0: as it is."),
    "batch": (
        "Batch size",
        "Tiles drawn at once: faster, takes memory; a part of the recipe.",
    ),
    "first": ("Enlarged first by", "What makes it large before the base adds detail."),
    "model": ("Model", "The upscaling model that is used."),
    # seams
    "seam": ("Seam pass", "Draws once more, only around the edges where tiles meet."),
    "seam_strength": ("Seam strength", "Denoising strength of that pass."),
    "feather": ("Feather", "Pixels over which the seam pass fades out."),
    "wrap": ("Tileable", "A texture: left and right edges meet (X), top and bottom ones (Y)."),
    # control
    "controlnet": ("ControlNet", "Holds the tile's shapes while it is drawn; empty: none."),
    "control": ("Control scale", "How firmly shapes are held."),
    "control_start": ("Control from", "Part of the steps after which it begins."),
    "control_end": ("Control until", "Part of the steps after which it lets go."),
    "reference": ("Reference picture", "IP-Adapter: every tile is drawn in the look of this one."),
    "ip_adapter": ("IP-Adapter", "Through which the reference acts; empty: the base's first."),
    "reference_scale": ("Reference scale", "How much of that look."),
    # transparency
    "alpha": ("Transparency", "Kept from the source, or drawn by a base that draws it."),
}
METHODS = {
    "nearest": ("Nearest neighbour", "Pixel art: whole factors, no colour that was not there."),
    "epx": ("EPX", "Pixel art with rounder edges: it redraws shapes, at 2, 3 or 4 times."),
    "lanczos": ("Lanczos", "Any size, at once; adds no detail."),
    "model": ("Upscaling model", "Real-ESRGAN and its kin: clean edges for painted pictures."),
    "diffusion": ("Diffusion", "Draws new detail tile by tile, in the style in production."),
}
FIRST = {"lanczos": "Lanczos", "nearest": "Nearest neighbour", "model": "Upscaling model"}
WRAPS = {"": "No", "x": "X", "y": "Y", "xy": "X and Y"}
ALPHAS = {"kept": "The source's", "drawn": "Drawn"}


def label(name: str) -> str:
    """A setting's name on the page."""
    return HELP[name][0]


def line(name: str) -> str:
    """What it does, in one line."""
    return HELP[name][1]
