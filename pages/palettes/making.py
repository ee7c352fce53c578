"""A new palette: of files, of a dataset, of a style's approved pictures, or typed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.palettes.cards import strip
from studio import context
from studio.assets.search import Wanted
from studio.database import engine as db
from studio.datasets import manifests
from studio.errors import StudioError
from studio.finishing import palette_files, palettes
from studio.finishing.colour_table import MOST
from studio.finishing.palette_files import Read
from studio.finishing.palettes import EDIT
from studio.generation import gallery_table
from studio.web import addresses, drafts, session, ui
from studio.workflows import palette_sources

SOURCES = ("A file", "A dataset", "Approved pictures", "Typed")
ENDINGS = ("hex", "gpl", "pal", "txt", "ase", "act", "png", "gif", "webp")


def new(studio: context.Studio) -> None:
    """Where its colours come from, what they are, and its name; folded away until it is opened."""
    box = st.expander("New palette", key="palette-new", on_change="rerun", icon=":material/add:")
    with box:
        if not box.open:
            return
        source = st.segmented_control(
            "From", SOURCES, required=True, **addresses.one_of("from", SOURCES)
        )
        if source == "Typed":
            found, said = _typed()
        elif source == "A file":
            found, said = _file()
        else:
            found, said = _pictures(studio, str(source))
        if found is not None:
            _told(found)
            _name(studio, found, said)


def _file() -> tuple[Read | None, str]:
    dropped = st.file_uploader(
        "File",
        type=list(ENDINGS),
        max_upload_size=palette_files.FILE_BYTES // 1024**2,
        key="palette-file",
        **ui.only(
            EDIT,
            help=".hex, .gpl (GIMP), .pal (JASC or RIFF), .txt (Paint.NET), Adobe's .ase and .act, "
            "an indexed PNG's own table, or a picture's colours.",
        ),
    )
    merge = st.toggle(
        "Let the most alike colours become one",
        key="palette-merge",
        **ui.only(EDIT, help="For a file with more colours than are wanted."),
    )
    most = _most() if merge else None
    if dropped is None:
        return None, ""
    return _shown(lambda: _of_file(dropped.getvalue(), dropped.name, most), dropped.name)


@st.cache_data(max_entries=8, show_spinner="Reading the file")
def _of_file(data: bytes, name: str, most: int | None) -> Read:
    return palette_files.read(data, name, most)


def _pictures(studio: context.Studio, source: str) -> tuple[Read | None, str]:
    """Of a dataset, or of the pictures of a style that are approved."""
    if source == "A dataset":
        names = manifests.names(studio.home)
    else:
        names = sorted(gallery_table.choices(studio.engine)[0])
    if not names:
        st.info("There is none yet.")
        return None, ""
    label = "Dataset" if source == "A dataset" else "Style"
    name = st.selectbox(label, names, width=360, **addresses.one_of("of", names))
    most = _most()
    if not st.toggle("Read its colours", key=f"palette-read {source} {name}", **ui.only(EDIT)):
        return None, ""  # some hundred pictures are opened
    now = db.revision(studio.engine)
    if source == "A dataset":
        return _shown(lambda: _of_dataset(name, most, now), f"dataset {name}")
    ids = gallery_table.ids_of(studio.engine, Wanted(style=name, verdict="approved"), 500)
    if not ids:
        st.info(f"No picture of {ui.plain(name)} is approved yet.")
        return None, ""
    said = f"{len(ids)} approved pictures of {name}"
    return _shown(lambda: _of_gallery(ids, most, now), said)


@st.cache_data(max_entries=8, show_spinner="Reading the pictures")
def _of_dataset(name: str, most: int, revision: int) -> Read:
    return Read(palette_sources.of_dataset(session.studio(), name, most), "dataset", ())


@st.cache_data(max_entries=8, show_spinner="Reading the pictures")
def _of_gallery(ids: list[str], most: int, revision: int) -> Read:
    return Read(palette_sources.of_gallery(session.studio(), ids, most), "pictures", ())


def _typed() -> tuple[Read | None, str]:
    draft = drafts.begin("palette/new", {"colours": ""})
    drafts.tell(draft)
    text = st.text_area(
        "Colours",
        height=120,
        placeholder="#2b1a0f\n#5c3a1c\n#a87848",
        **drafts.field(draft, "colours"),
        **ui.only(EDIT, help="One a line, or with spaces or commas between them."),
    )
    if not text.strip():
        return None, ""
    lines = "\n".join(text.replace(",", " ").split())
    return _shown(lambda: palette_files.read(lines.encode(), "The colours"), "typed")


def _most() -> int:
    return int(
        st.number_input(
            "At most",
            1,
            MOST,
            width=160,
            **addresses.number("most", 1, MOST, first=16, key="palette-most"),
        )
    )


def _shown(read: Callable[[], Read], said: str) -> tuple[Read | None, str]:
    try:
        return read(), said
    except StudioError as error:
        ui.failed(error)
        return None, ""


def _told(found: Read) -> None:
    """The colours, the ramps, and what was left out."""
    st.html(strip(found.table.colours, "The colours"))
    ramps = f", {len(found.table.ramps)} ramps" if found.table.ramps else ""
    st.caption(f"{len(found.table.colours)} colours{ramps}")
    for remark in found.remarks:
        st.warning(ui.plain(remark), icon=":material/info:")


def _name(studio: context.Studio, found: Read, said: str) -> None:
    with st.form("palette-named", border=False, enter_to_submit=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                "Name", max_chars=palettes.NAME, key="palette-name", **ui.only(EDIT)
            )
            made = st.form_submit_button("Make the palette", type="primary", **ui.only(EDIT))
    if not made:
        return
    try:
        kept = palettes.save(
            studio.engine,
            name,
            found.table,
            after=0,
            source=said,
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        ui.failed(error)
        return
    st.session_state.pop("palette-file", None)
    st.query_params.clear()
    st.query_params["palette"] = kept.name
    st.rerun()
