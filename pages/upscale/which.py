"""Which pictures are enlarged: the address names one or some; files from elsewhere are dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from studio import context
from studio.accounts import rights, unsaved
from studio.assets.search import Wanted
from studio.errors import StudioError
from studio.generation import gallery_table, start_pictures, start_room
from studio.web import session, ui
from studio.web.markup import Shown
from studio.workflows import upscale_sources
from studio.workflows.upscale_sources import MOST, Source

RIGHT = "generate"
IN_ADDRESS = 200  # pictures that an address names; more are kept for the person under a word
FILES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tga", "tiff"]
MEGABYTES = 64
NEWEST, SIDE = 12, 96


@dataclass(frozen=True)
class Asked:
    """The pictures that the address names and that are there, and how many are not."""

    found: tuple[Source, ...]
    gone: int

    @property
    def one(self) -> Source | None:
        """The picture, where it is a single one."""
        return self.found[0] if len(self.found) == 1 else None

    @property
    def subject(self) -> str:
        """What a draft of settings for these is about."""
        return subject([source.named for source in self.found])


def subject(named: Sequence[str]) -> str:
    """What a draft of settings for these pictures is about."""
    if len(named) == 1:
        return f"upscale/{named[0]}"
    return f"upscale/{hashlib.sha256(','.join(sorted(named)).encode()).hexdigest()[:16]}"


def asked(studio: context.Studio) -> Asked:
    """What the address names; those that are gone are told."""
    named, found = _named(studio), list[Source]()
    for one in named:
        try:
            found.append(upscale_sources.source(studio, one))
        except (StudioError, OSError):
            continue
    gone = len(named) - len(found)
    if gone:
        says = "This picture is not there any more. Choose another."
        if len(named) > 1:
            are = "is" if gone == 1 else "are"
            says = f"{gone:,} of {len(named):,} pictures {are} not there any more."
        st.warning(says, icon=":material/search_off:")
    return Asked(tuple(found), gone)


def _named(studio: context.Studio) -> list[str]:
    query = st.query_params
    if listed := query.get("ids", ""):
        named = listed.split(",")
    elif word := query.get("chosen", ""):
        held = unsaved.find(studio.engine, ui.person(), f"upscale/{word[:40]}/chosen")
        named = list(held.fields.get("ids", [])) if held else []
    else:
        named = [query.get("id", "")]
    return list(dict.fromkeys(filter(None, named)))[:MOST]


def of_chosen(ids: Sequence[str]) -> dict[str, str]:
    """The address that names these pictures; many of them are kept for this person, as a draft."""
    if len(ids) == 1:
        return {"id": ids[0]}
    if len(ids) <= IN_ADDRESS:
        return {"ids": ",".join(ids)}
    word = hashlib.sha256(",".join(ids).encode()).hexdigest()[:16]
    engine, now = session.studio().engine, context.now()
    unsaved.keep(engine, ui.person(), f"upscale/{word}/chosen", {"ids": list(ids)}, now=now)
    return {"chosen": word}


def choosing(studio: context.Studio) -> None:
    """No picture is chosen: where they are, the newest ones, and a place for files."""
    with st.container(horizontal=True):
        st.page_link(
            "pages/Gallery.py", label="Choose in the gallery", icon=":material/photo_album:"
        )
        st.page_link("pages/Lists.py", label="Choose a list", icon=":material/list_alt:")
    newest = gallery_table.search(studio.engine, Wanted(), size=NEWEST).found
    if newest:
        st.caption("The newest of the gallery:")
        shown = [
            Shown(
                f"/picture/made/{one.id}",
                "",
                one.width,
                one.height,
                alt=f"Enlarge {one.prompt or one.id[:6]}",
                href=f"/Upscale?id={one.id}",
            )
            for one in newest
        ]
        ui.pictures(shown, SIDE)
    _dropping(studio)


def _dropping(studio: context.Studio) -> None:
    """Files from elsewhere: they are kept, and enlarged."""
    dropped = st.file_uploader(
        "Pictures from elsewhere",
        type=FILES,
        accept_multiple_files=True,
        key=f"upscale-drop-{st.session_state.get('upscale-drops', 0)}",
        max_upload_size=MEGABYTES,
        **ui.only(RIGHT, help="PNG, JPEG, WebP and others; one or many."),
    )
    if not dropped:
        return
    st.session_state["upscale-drops"] = st.session_state.get("upscale-drops", 0) + 1
    kept, by = list[str](), ui.person()
    for file in dropped[:IN_ADDRESS]:
        try:
            start_room.check(studio, by)
            kept.append(start_pictures.keep(studio.home, file.getvalue(), file.name, by=by))
        except StudioError as error:
            ui.failed(error)
    if kept:
        st.query_params.from_dict(of_chosen(list(dict.fromkeys(kept))))
        if len(kept) == len(dropped):
            st.rerun()
        st.page_link(
            "pages/Upscale.py",
            label=f"Go on with the {len(kept):,} that can be",
            icon=":material/arrow_forward:",
            query_params=of_chosen(list(dict.fromkeys(kept))),
        )


def barred() -> None:
    """Why somebody may only look."""
    if not ui.may(RIGHT):
        st.caption(f"Enlarging is for {rights.who_may(RIGHT)}; you see all of it.")


def ways(found: Asked) -> None:
    """Back to the picture, and to another one."""
    with st.container(horizontal=True):
        if found.one is not None and found.one.asset is not None:
            st.page_link(
                "pages/Picture.py",
                label="Picture",
                icon=":material/image:",
                query_params={"id": found.one.asset.id},
            )
        st.page_link(
            "pages/Upscale.py", label="Another picture", icon=":material/add_photo_alternate:"
        )
