"""A style's scene and guide beside a picture of the gallery that is judged."""

from studio.generation.gallery_table import Picture
from studio.web import components, session
from studio.workflows import review_aids


def show(picture: Picture) -> None:
    """The scene behind the key C, and the guide; nothing where the style has neither."""
    studio, style = session.studio(), picture.style
    kept = review_aids.kept_of(studio, style)
    data = {
        "picture": f"/picture/made/{picture.id}",
        "alt": picture.prompt,
        "guide": review_aids.guide(style, kept),
        "scene": review_aids.scene(
            style, kept, review_aids.approved(studio, style, but=picture.id) if kept.scene else []
        ),
    }
    if data["guide"] or data["scene"]:
        components.screen("scene")(key="scene-and-guide", data=data)
