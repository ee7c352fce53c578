"""The scene of the game that pictures are looked at in."""

from dataclasses import replace

import streamlit as st

from pages.guide import saving
from studio.registry import style_guides
from studio.registry.style_guides import Guide, Scene
from studio.web import components, session, ui
from studio.workflows import review_aids


def show(style: str, guide: Guide) -> None:
    """The screenshot, where pictures stand in it and how large, with one of them in it."""
    st.header("In the scene")
    st.caption(
        "A screenshot of the game. On Picture, Judge, Rate and Vote the key C shows what is judged "
        "in it, on its ground line, beside approved pictures."
    )
    scene = guide.scene
    dropped = st.file_uploader(
        "Screenshot",
        type=["png", "webp", "jpg", "jpeg"],
        max_upload_size=style_guides.PICTURE_BYTES // 1024**2,
        key=f"scene-{guide.version}",
        **saving.only(),
    )
    if dropped is not None:

        def added() -> Guide:
            digest, width, height = style_guides.keep_picture(
                session.studio().home, dropped.getvalue(), dropped.name, by=ui.person()
            )
            held = scene or Scene(digest, width, height)
            return replace(guide, scene=replace(held, picture=digest, width=width, height=height))

        if saving.keep(style, guide, added):
            st.rerun()
    if scene is None:
        return
    columns = st.columns(3)
    scale = columns[0].number_input(
        "Scale",
        1,
        16,
        scene.scale,
        key=f"scene-scale-{style}",
        **saving.only(help="Pixels of the screenshot for each pixel of a picture."),
    )
    across = columns[1].number_input(
        "Place, % from the left",
        0.0,
        100.0,
        100 * scene.x,
        1.0,
        format="%.1f",
        key=f"scene-x-{style}",
        **saving.only(),
    )
    ground = columns[2].number_input(
        "Ground line, % from the top",
        0.0,
        100.0,
        100 * scene.ground,
        1.0,
        format="%.1f",
        key=f"scene-ground-{style}",
        **saving.only(),
    )
    new = replace(scene, scale=int(scale), x=across / 100, ground=ground / 100)
    _preview(style, replace(guide, scene=new))
    with st.container(horizontal=True):
        if st.button("Keep the scene", type="primary", **saving.only(disabled=new == scene)):
            if saving.keep(style, guide, lambda: replace(guide, scene=new)):
                st.toast("Kept.")
                st.rerun()
        if st.button("Take the scene out", type="tertiary", **saving.only()):
            if saving.keep(style, guide, lambda: replace(guide, scene=None)):
                st.rerun()


def _preview(style: str, guide: Guide) -> None:
    """An approved picture, or else one of Do, in the scene as its numbers stand now."""
    approved = review_aids.approved(session.studio(), style)
    shown = approved or [review_aids.address(style, one.picture) for one in guide.do]
    if not shown:
        st.caption("Approve a picture, or add one to Do, to see it in the scene.")
        return
    data = {
        "picture": shown[0],
        "alt": "a picture in the scene",
        "scene": review_aids.scene(style, guide, shown[1:]),
    }
    components.screen("scene")(key="scene-preview", data=data)
