"""A sheet that was made: played at the game's size, its figures, its files, its frames again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.animate import desk, draft, making, scenes, teaching
from pages.export import sending
from pages.gallery import refusals
from pages.picture import making as family
from studio import context
from studio.errors import StudioError
from studio.generation import start_room
from studio.sheets import checks, effects
from studio.sheets import sheet as parts
from studio.web import addresses, session, ui
from studio.web.drafts import Draft
from studio.web.markup import Shown
from studio.workflows import animation_files, animation_sources
from studio.workflows.animation_files import FORMATS, Kept
from studio.workflows.animations import RIGHT

LABELS = {
    "sheet": "Sheet (PNG)",
    "aseprite": "Aseprite (.aseprite)",
    "aseprite_json": "Aseprite JSON, hash",
    "aseprite_array": "Aseprite JSON, array",
    "texturepacker": "Phaser and Pixi (TexturePacker)",
    "apng": "APNG",
    "webp": "WebP",
    "gif": "GIF",
    "frames": "Single frames (PNG)",
}
USUAL = ("sheet", "aseprite", "texturepacker")


def show(studio: context.Studio, id: str, begun: Draft) -> None:
    """All of it."""
    try:
        kept = animation_files.get(studio.engine, studio.home, id)
    except StudioError as error:
        ui.failed(error)
        return
    _played(studio, kept)
    _figures(kept)
    _export(kept)
    teaching.show(studio, kept)
    st.button(
        "Change it: frames into a new sheet",
        icon=":material/edit:",
        on_click=_again,
        args=(begun, kept),
        **ui.only(RIGHT, help="The sheet stays; its frames keep their places on the new one."),
    )
    width, height = kept.placed.image.size
    st.caption(
        f"Made by {ui.plain(kept.asset.by)}, {ui.moment(kept.asset.at)}. {width} x {height} pixels"
        f"{_book(kept)}."
    )
    for remark in kept.asset.recipe.get("remarks", ()):
        st.caption(ui.plain(remark))
    family.relatives(id, studio)
    st.page_link(
        "pages/Picture.py",
        label="Boards and family",
        icon=":material/image:",
        query_params={"id": id},
    )


def _played(studio: context.Studio, kept: Kept) -> None:
    animation, id = kept.animation, kept.asset.id
    frames = [
        {
            "src": f"/picture/asset/{id}",
            "box": [rect.x, rect.y, rect.width, rect.height],
            "left": rect.left,
            "top": rect.top,
            "ms": frame.duration_ms,
            "name": frame.name,
        }
        for frame, rect in zip(animation.frames, kept.placed.rects, strict=True)
    ]
    told = parts.to_json(animation)
    desk.desk(
        frames,
        (animation.width, animation.height),
        key=f"animate-{id}",
        tags=told["tags"],
        slices=told["slices"],
        pivot=told["pivot"],
        scene=scenes.shown(studio, kept.asset.style),
    )
    with st.expander("The sheet"):
        width, height = kept.placed.image.size
        shown = [Shown(f"/picture/asset/{id}", "", width, height, alt="The sheet")]
        if kept.placed.normals is not None:
            url = f"/picture/sheet/{id}/normal"
            shown.append(Shown(url, "Normal maps", width, height, alt="Its normal maps"))
        ui.pictures(shown, max(width, height))


def _book(kept: Kept) -> str:
    """What an engine that divides the sheet is told, and its blending where it is not the usual."""
    told = ""
    book = effects.book_of(kept.placed)
    if book and len(kept.animation.frames) > 1:
        told = f", {book.columns} x {book.rows} cells of {book.width} x {book.height}"
    effect = animation_files.blend_of(kept.asset)
    return told if effect == effects.WAYS[0] else f"{told}; {making.BLENDS[effect].lower()}"


def _figures(kept: Kept) -> None:
    """How the frames follow each other, by the bars of a walk."""
    held: dict[str, Any] | None = kept.asset.recipe.get("figures")
    if not held:
        return
    found = checks.Figures(**{**held, "contact": tuple(held["contact"])})
    with st.expander("Figures of a walk"):
        tag = str(kept.asset.recipe.get("figures_of", ""))
        of = f" Of the tag {ui.plain(tag)}, whose frames count from 1." if tag else ""
        st.caption(f"A walk meets all of them; other motions need not.{of}")
        for one in checks.verdicts(found):
            sign = ":material/check:" if one.met else ":material/close:"
            st.markdown(f"{sign} **{one.name}**: {ui.plain(one.says)}")


def _export(kept: Kept) -> None:
    wanted = st.multiselect(
        "Formats",
        FORMATS,
        format_func=LABELS.__getitem__,
        help="A GIF changes durations and half-transparent pixels; APNG and WebP change nothing.",
        **addresses.some_of("formats", FORMATS, USUAL),
    )
    query = urlencode({"format": ",".join(wanted)})
    st.link_button(
        "Download as a zip",
        f"/download/sheet/{kept.asset.id}?{query}",
        icon=":material/folder_zip:",
        disabled=not wanted,
    )
    sending.link(kept.asset.id)


def _again(begun: Draft, kept: Kept) -> None:
    """As a callback: the frames of a sheet become those of the draft, with all that it was made by;
    those of a motion, which no picture has, are kept as pictures first."""
    told, asked = parts.to_json(kept.animation), kept.asset.recipe["asked"]
    lists = {name: told[name] for name in ("tags", "slices", "pivot")}
    lists["colours"] = asked["palette"]
    fields = {name: asked[name] for name in ("drawn", "effect", "pad")}
    fields |= {name: getattr(kept.placed.packing, name) for name in draft.PACKING}
    with refusals.kept():
        if asked["motion"]:
            studio, who = session.studio(), ui.person()
            start_room.check(studio, who)
            frames = animation_sources.payload(studio, kept.animation, by=who)["frames"]
            fields["drawn"] = asked["effect"]  # they are blended as the sheet is
        else:
            frames = asked["frames"]
        fields |= {"name": kept.asset.name, "before": kept.asset.id, "palette": draft.OWN}
        draft.put(begun, {"frames": frames, **lists}, **fields)
        st.session_state["animate-show"] = "Frames"
