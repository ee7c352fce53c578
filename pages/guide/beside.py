"""A style's scene and guide for a picture of the gallery that is judged."""

from typing import Any

from studio.generation.gallery_table import Picture
from studio.web import components, session
from studio.workflows import review_aids


def scene(picture: Picture) -> dict[str, Any] | None:
    """The scene of the picture's style, with approved ones beside it; None where there is none."""
    studio, style = session.studio(), picture.style
    kept = review_aids.kept_of(studio, style)
    beside = review_aids.approved(studio, style, but=picture.id) if kept.scene else []
    return review_aids.scene(style, kept, beside)


def show(picture: Picture) -> None:
    """The guide; nothing where the style has none."""
    studio, style = session.studio(), picture.style
    guide = review_aids.guide(style, review_aids.kept_of(studio, style))
    if guide:
        data = {"picture": "", "alt": "", "guide": guide, "scene": None}
        components.screen("scene")(key="guide", data=data)
