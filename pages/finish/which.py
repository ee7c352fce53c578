"""Which pictures are finished: the address names one, some, or what a filter of the gallery finds;
a file from elsewhere is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.gallery import address
from studio import context
from studio.accounts import unsaved
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.web import addresses, record_cache, session, ui
from studio.workflows import bringing
from studio.workflows.finishing import RIGHT
from studio.workflows.finishing_sources import MOST, Source, sources

IN_ADDRESS = 200  # ids that an address names; more are kept for the person under a word
FILES = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tga", "tiff"]
MEGABYTES = 64
KEPT = "kept"  # what the address calls the job that keeps many
OWN = ("id", "page", KEPT)  # of the address, what does not lead back to all


@dataclass(frozen=True)
class Asked:
    """The pictures that the address asks for and that are there; how many are not; which one of
    them is looked at, and the rest of the address, which leads back to all."""

    found: tuple[Source, ...]
    gone: int
    one: Source | None
    all: Mapping[str, str]

    @property
    def subject(self) -> str:
        """What a draft of steps for these is about."""
        return subject([source.asset.id for source in self.found])

    @property
    def style(self) -> str:
        """The style that most of them are of."""
        styles = [source.asset.style for source in self.found]
        return max(sorted(set(styles)), key=styles.count, default="")


def subject(ids: Sequence[str]) -> str:
    """What a draft of steps for these pictures is about."""
    if len(ids) == 1:
        return f"finish/{ids[0]}"
    return f"finish/{hashlib.sha256(','.join(sorted(ids)).encode()).hexdigest()[:16]}"


def asked(studio: context.Studio) -> Asked:
    """What the address asks for; those that are gone are told."""
    query = st.query_params
    ids = _named(studio)
    raw = query.get("begin") != "finished"
    found = tuple(sources(studio, ids, raw=raw))
    gone = len(ids) - len(found)
    if gone and ids:
        st.warning(
            f"{gone:,} of {len(ids):,} pictures {'is' if gone == 1 else 'are'} not there any more."
            if len(ids) > 1
            else "This picture is not there any more. Choose another.",
            icon=":material/search_off:",
        )
    wanted = query.get("id", "")
    one = next((source for source in found if source.asset.id == wanted), None)
    if one is None and len(found) == 1:
        one = found[0]
    rest = {name: text for name, text in query.to_dict().items() if name not in OWN}
    return Asked(found, gone, one, rest)


def _named(studio: context.Studio) -> list[str]:
    """The ids that the address stands for."""
    query, wanted = st.query_params, address.wanted()
    if listed := query.get("ids", ""):
        ids = listed.split(",")
    elif word := query.get("chosen", ""):
        held = unsaved.find(studio.engine, ui.person(), f"finish/{word[:40]}/chosen")
        ids = list(held.fields.get("ids", [])) if held else []
    elif address.told(wanted):
        ids = gallery_table.ids_of(studio.engine, address.pictures(wanted), MOST)
    else:
        ids = [query.get("id", "")]
    return list(dict.fromkeys(filter(None, ids)))[:MOST]


def of_chosen(ids: Sequence[str]) -> dict[str, str]:
    """The address that names these pictures; many of them are kept for this person, as a draft."""
    if len(ids) == 1:
        return {"id": ids[0]}
    if len(ids) <= IN_ADDRESS:
        return {"ids": ",".join(ids)}
    word = hashlib.sha256(",".join(ids).encode()).hexdigest()[:16]
    engine, now = session.studio().engine, context.now()
    subject = f"finish/{word}/chosen"
    unsaved.keep(engine, ui.person(), subject, {"ids": list(ids)}, now=now)
    return {"chosen": word}


def nothing(studio: context.Studio, asked: Asked) -> None:
    """No picture is chosen: where they are, and a place for a file."""
    with st.container(horizontal=True):
        st.page_link(
            "pages/Gallery.py", label="Choose in the gallery", icon=":material/photo_album:"
        )
        st.page_link("pages/Lists.py", label="Choose a list", icon=":material/list_alt:")
    dropping(studio)


def dropping(studio: context.Studio) -> None:
    """A file from elsewhere: it is kept, and shown."""
    styles = sorted({version.style for version in record_cache.versions()})
    style = ""
    if styles:
        style = st.selectbox(
            "For the style",
            styles,
            help="Its recipe comes first, and what is kept stands among its pictures.",
            **addresses.one_of("recipe", styles, key="finish-dropped-for"),
        )
    dropped = st.file_uploader(
        "A picture from elsewhere",
        type=FILES,
        key=f"finish-drop-{st.session_state.get('finish-drops', 0)}",
        max_upload_size=MEGABYTES,
        **ui.only(RIGHT, help="Pixel art that was scaled, softened or saved as JPEG."),
    )
    if dropped is None:
        return
    st.session_state["finish-drops"] = st.session_state.get("finish-drops", 0) + 1
    by, now = ui.person(), context.now()
    try:
        data = dropped.getvalue()
        id, said = bringing.bring(studio, data, dropped.name, style, by=by, now=now)
    except StudioError as error:
        ui.failed(error)
        return
    st.session_state["finish-said"] = said
    st.query_params.from_dict({"id": id, **({"recipe": style} if style else {})})
    st.rerun()


def said_of_file() -> None:
    """What there was to say of the file that was dropped last."""
    for sentence in st.session_state.pop("finish-said", []):
        st.info(ui.plain(sentence), icon=":material/info:")
