"""The picture as it is sent to a provider: large enough, not too large, and on the stated matte
where the model takes no transparency, so that nothing of it goes black."""

from __future__ import annotations

import base64
import io

from PIL import Image

from studio import images
from studio.errors import StudioError
from studio.props.providers.shapes import Offer

WHITE = "#ffffff"
LEAST, MOST = 512, 2_048  # pixels of the long side: enlarged by whole factors, made smaller
LARGEST_DATA = 15 * 1024**2  # bytes that go as a data: URI
MODEL_TYPE = "application/octet-stream"


def matte_of(offer: Offer, stated: str) -> str:
    """The matte that the picture is laid on, "#rrggbb"; "" where it keeps its transparency.
    StudioError for what is no colour."""
    if stated:
        return "#{:02x}{:02x}{:02x}".format(*images.parse_colour(stated))
    return "" if offer.alpha else WHITE


def prepared(picture: Image.Image, matte: str) -> bytes:
    """A picture as the PNG that is sent: RGB on the matte, or RGBA without one. A small one is
    enlarged by a whole factor, so that pixel art stays what it is. StudioError where nothing is
    drawn on it."""
    whole = picture.convert("RGBA")
    if whole.getchannel("A").getbbox() is None:
        raise StudioError("The picture is empty.", "Choose one on which something is drawn.")
    longest = max(whole.size)
    if longest * 2 <= LEAST:
        factor = LEAST // longest
        size = (whole.width * factor, whole.height * factor)
        whole = whole.resize(size, Image.Resampling.NEAREST)
    elif longest > MOST:
        size = (
            max(1, whole.width * MOST // longest),
            max(1, whole.height * MOST // longest),
        )
        whole = images.fitted(whole, size, "lanczos")
    out = io.BytesIO()
    laid = images.on_matte(whole, images.parse_colour(matte)) if matte else whole
    laid.save(out, format="PNG")
    return out.getvalue()


def as_data(data: bytes, media_type: str) -> str:
    """Bytes as a data: URI; StudioError for more than LARGEST_DATA."""
    if len(data) > LARGEST_DATA:
        raise StudioError(
            f"What is to be sent has {len(data) / 1024**2:.1f} MB.",
            f"At most {LARGEST_DATA // 1024**2} MB go in a call: choose a smaller one.",
        )
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
