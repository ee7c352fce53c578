"""Pictures as the body of a call."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from PIL import Image

from studio import images
from studio.api.calls import beside

# In a route's description; FastAPI itself does not read such a body.
PICTURE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def picture_in(request: Request) -> Image.Image:
    """The picture that was sent, as RGBA. StudioError where it is none."""
    data = await request.body()
    return await beside(images.decode, data, "The picture")
