"""How a picture was made, what it is kin to, the boards that it is on, and its files to take."""

from __future__ import annotations

import streamlit as st

from pages.palettes import indexed_choice
from pages.upscale import again
from studio import context
from studio.assets import boards, family, records
from studio.diffusion import prompt_tokens
from studio.finishing import step_words
from studio.generation import gallery_table, raw_pictures, seam_verdicts
from studio.generation.gallery_table import Picture
from studio.generation.lists import FACTORS
from studio.web import components, session, ui
from studio.workflows import finishing

RELATIVES = 12  # of a picture, that are shown
COPIED = ("Prompt", "Negative prompt", "Seed")


def taken(picture: Picture) -> None:
    """The same once more, and the file at a whole factor of its size."""
    enlarged = again.address(session.studio(), picture.id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.page_link(
            "pages/Upscale.py" if enlarged else "pages/Generate.py",
            label="Again with these settings",
            icon=":material/replay:",
            query_params=enlarged or {"again": picture.id},
        )
        st.page_link(
            "pages/Generate.py",
            label="Change a part of it",
            icon=":material/format_paint:",
            query_params={"part": picture.id},
        )
        st.page_link(
            "pages/Finish.py",
            label="Finish",
            icon=":material/auto_fix_high:",
            query_params={"id": picture.id},
        )
        st.page_link(
            "pages/Upscale.py",
            label="Enlarge",
            icon=":material/zoom_out_map:",
            query_params={"id": picture.id},
        )
        st.page_link(
            "pages/Props.py",
            label="Make a prop of it",
            icon=":material/deployed_code:",
            query_params={"id": picture.id},
        )
        st.page_link(
            "pages/Animate.py",
            label="Animate",
            icon=":material/animation:",
            query_params={"id": picture.id},
        )
        factor = st.selectbox(
            "Size to download",
            FACTORS,
            FACTORS.index("1"),
            key="factor",
            width=180,
            format_func=lambda f: f"{f}x" + (" as drawn" if f == "1" else ""),
        )
        indexed = indexed_choice.query("picture")
        st.link_button(
            "Download with alpha",
            icon=":material/download:",
            url=f"/download/picture/{picture.id}?factor={factor}{indexed}",
        )


def recipe(picture: Picture) -> None:
    """How it was made, in the team's words; what can be used again is copied."""
    rows = {
        "Prompt": picture.prompt,
        "Sent as": picture.full_prompt,
        "Negative prompt": picture.negative,
        "Read as": prompt_tokens.told(picture.reading),
        "Style": f"{picture.style} version {picture.version}, strength {picture.strength:g}"
        if picture.version
        else f"for {picture.style}, from elsewhere",
        "Mixed in": ", ".join(
            f"{o['style']} version {o['version']} at {o['strength']:g}" for o in picture.adapters
        ),
        "Seed": str(picture.seed) if picture.version else "",
        "Steps, guidance": f"{picture.steps}, {picture.guidance:g}" if picture.version else "",
        "Begun from": _begun(picture),
        "Led by": ", ".join(f"{o['controlnet']} at {o['scale']:g}" for o in picture.leads),
        "Drawn after": _after(picture),
        "Seamless": _seamless(picture),
        "Seams": seam_verdicts.told(picture.seams),
        "Finished by hand": _finished(picture),
        "In its list": f"{picture.name}, variant {picture.variant}" if picture.name else "",
        "Category": picture.category,
        "Size": f"{picture.width} x {picture.height}",
        "Finished by": f"recipe {picture.finish}" if picture.finish else "",
        "Made": f"{ui.moment(picture.at)} by {picture.by}",
    }
    told = [
        {"name": name, "value": value, "copied": name in COPIED}
        for name, value in rows.items()
        if value
    ]
    st.header("How it was made")
    components.screen("recipe")(key=f"recipe-{picture.id}", data={"rows": told})


def _seamless(picture: Picture) -> str:
    if not picture.seamless:
        return ""
    way = seam_verdicts.WAYS.get(picture.seamless, picture.seamless)
    return f"{way}, {'holes filled' if picture.fill else 'as drawn'}"


def _begun(picture: Picture) -> str:
    if not picture.start:
        return ""
    where = ", where its mask is white" if picture.mask else ""
    return f"a picture, {picture.change:.0%} may change{where}"


def _after(picture: Picture) -> str:
    if not picture.reference:
        return ""
    return f"a picture, {picture.reference['ip_adapter']} at {picture.reference['scale']:g}"


def _finished(picture: Picture) -> str:
    steps = finishing.steps_of(records.get(session.studio().engine, picture.id))
    return ", ".join(step_words.words(steps)) if steps else ""


def relatives(id: str, studio: context.Studio) -> None:
    """What an asset was made from and what was made from it, a click away."""
    beside = {
        "Made from": family.parents(studio.engine, id),
        "Made from this": family.children(studio.engine, id),
    }
    for title, found in beside.items():
        if found:
            st.caption(title if len(found) <= RELATIVES else f"{title}, the first {RELATIVES}")
        for one in found[:RELATIVES]:
            named = f"{one.style} version {one.version}, seed {one.seed}"
            if one.kind == raw_pictures.KIND:
                named = raw_pictures.named(one)
            elif one.kind != gallery_table.KIND:
                named = f"{one.kind} {one.name or one.key}"
            elif finishing.steps_of(one):
                named = f"Finished by {one.by}, {ui.moment(one.at)}"
            label = ui.plain(named)
            st.page_link("pages/Picture.py", label=label, query_params={"id": one.id})


def on_boards(id: str, studio: context.Studio) -> None:
    """The boards that an asset is on."""
    found = boards.of_asset(studio.engine, id)
    if not found:
        return
    st.caption("On the boards" if len(found) > 1 else "On the board")
    with st.container(horizontal=True):
        for board in found:
            st.page_link(
                "pages/Gallery.py",
                label=ui.plain(board.name),
                icon=":material/dashboard:",
                query_params={"board": board.id},
            )
