"""Pictures that leave the studio as downloads say how they came about, as exports do: IPTC's
DigitalSourceType. Large ones, which are handed on as they lie, do not."""

from __future__ import annotations

from studio.export import iptc
from studio.generation.gallery_table import Picture


def labelled(picture: Picture, data: bytes) -> bytes:
    """The file of a picture with its label; one that no model drew has none."""
    if not (picture.version or picture.base):
        return data
    return iptc.labelled(data, iptc.PAINTED_OVER if picture.painted else iptc.DRAWN)
