"""Pictures: one as an assistant can look at it, with how it was made and what it is kin to."""

from __future__ import annotations

from fractions import Fraction

from pydantic import Field

from studio import images
from studio.api import assets
from studio.api.assets import AssetDetails
from studio.api.calls import Caller
from studio.api.mcp.tool import Picture, Tool
from studio.assets import listing, thumbnails
from studio.errors import StudioError
from studio.generation import lists
from studio.images import formats, shown
from studio.store import local
from studio.worker.payload import Counted, Payload, Text

SIDES = (16, 2048)  # pixels that a picture has in an answer
PLAIN = ("image/png", "image/jpeg", "image/webp", "image/gif")  # what every client can show


class Looked(Payload):
    """Which asset, and how large its picture is to be."""

    asset: Text = Field(description="The asset's id, from a job's assets or search_pictures.")
    side: Counted = Field(
        default=1024, description="Pixels a side at most, 16 to 2048; what is larger is scaled."
    )
    factor: Text = Field(
        default="1",
        description="Enlarges pixel art by a whole factor, each pixel sharp: 2, 4, 8 or 16; 1/2, "
        "1/4 and 1/8 make it smaller.",
    )


def looked_up(caller: Caller, asked: Looked) -> AssetDetails:
    """All about an asset."""
    return assets.asset(caller, asked.asset)


def seen(caller: Caller, asked: Looked) -> Picture:
    """The asset's picture: byte for byte where it is no larger than asked, else a smaller copy
    without loss; painted over where somebody did that."""
    low, high = SIDES
    if not low <= asked.side <= high:
        raise StudioError(f"side is {asked.side}.", f"Give {low} to {high}.")
    studio, used = caller.studio, assets.entry_of(caller, asked.asset).file
    path = used.path if used else listing.picture_path(studio.engine, asked.asset)
    file = studio.home / path
    if not local.present(file).is_file():
        raise StudioError(
            "The picture's file is gone.", "Whoever looks after the studio has backups."
        )
    if asked.factor == "1" and thumbnails.has_smaller(file):  # the file is too large to be read
        return Picture(*thumbnails.make(studio.home, file, asked.side))
    data = images.read_file(file)
    with formats.header(data, file.name) as header:
        longer = max(header.size)
    if asked.factor != "1":
        if asked.factor in lists.FACTORS and longer * Fraction(asked.factor) > high:
            raise StudioError(
                f"The picture has {longer:,} pixels on its longer side, {asked.factor} times that "
                "is too large.",
                f"Take a smaller factor: {high:,} pixels are the most.",
            )
        enlarged = lists.at_factor(images.decode(data, file.name), asked.factor)
        return Picture(lists.as_png(enlarged), "image/png")
    kind = shown.as_it_is(file)
    if longer <= asked.side and kind in PLAIN:
        return Picture(data, kind)
    return Picture(*thumbnails.make(studio.home, file, asked.side))


GET_PICTURE = Tool(
    name="get_picture",
    title="Get a picture",
    says="A picture to look at, with its verdict, how it was made (prompt, seed, settings, "
    "dataset, run) and the ids of what it was made from and of what was made from it.",
    right="look",
    takes=Looked,
    gives=AssetDetails,
    run=looked_up,
    shows=seen,
)
