"""What of an upload is cut: sheets by a grid that is seen over them, layered files, animations."""

from __future__ import annotations

import io
from pathlib import Path

import streamlit as st

from pages.datasets import tab_state
from studio import context, images
from studio.datasets import uploads
from studio.datasets.pictures import listed
from studio.datasets.sheets import animation, grid, grid_guess
from studio.datasets.sheets.preview import preview
from studio.datasets.sheets.requests import Asked
from studio.errors import StudioError
from studio.web import ui

WAYS = {"x": "Size of a cell", "by": "Columns and rows"}
FIRST = 32  # pixels of a cell's side where no grid was found


def form(studio: context.Studio, found: uploads.Waiting) -> Asked:
    """Says what is cut in any case, asks for the rest, and gives all that is asked."""
    files = uploads.folder_of(studio.home, found.token) / "files"
    moving = _moving(str(files), found.pictures)
    cuts: dict[str, str] = st.session_state.setdefault(f"cuts-{found.token}", {})
    with st.expander(
        "Sheets, layers and frames",
        icon=":material/grid_on:",
        expanded=bool(found.layered or moving or cuts),
    ):
        _told(found)
        every = False
        if moving:
            every = st.toggle(
                f"All frames of {tab_state.count(len(moving), 'animation')}",
                key=f"frames-{found.token}",
            )
            st.caption(f"{ui.plain(listed(moving))}. Without it the first frame of each is taken.")
        if found.pictures:
            _sheet(files, found, cuts)
    asked = Asked(tuple(f"{name}={how}" for name, how in cuts.items()), every)
    return asked


def _told(found: uploads.Waiting) -> None:
    """What needs no question."""
    if found.layered:
        st.caption(
            f"{ui.plain(listed(found.layered))}: layers are flattened as they are seen, frames "
            "become pictures, and tags categories."
        )
    if found.tables:
        st.caption(
            f"{ui.plain(listed(found.tables))}: where it tells of a sheet beside it, the sheet is "
            "cut by it."
        )
    if found.zips:
        st.caption("A sheet in a zip can't be shown here: send it by itself to cut it by a grid.")


def _sheet(files: Path, found: uploads.Waiting, cuts: dict[str, str]) -> None:
    """The sheets that are cut, and one more under its grid."""
    for name, how in cuts.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{ui.plain(name)}** is cut by {ui.plain(how)}.")
            st.button(
                "Leave it whole",
                key=f"whole-{name}",
                on_click=_drop,
                args=(cuts, name),
                **ui.only("edit datasets"),
            )
    chosen = st.selectbox(
        "A sheet to cut",
        [name for name in found.pictures if name not in cuts],
        index=None,
        placeholder="Choose a picture that holds several",
        key=f"sheet-{found.token}",
    )
    if chosen is None:
        return
    try:
        how = _how(files / chosen, chosen)
        seen, said = _seen(*_mark(files / chosen), chosen, how)
    except StudioError as error:
        ui.failed(error)
        return
    st.image(seen)
    st.caption(said)
    st.button(
        "Cut it so",
        key="cut-so",
        on_click=_keep,
        args=(cuts, chosen, how),
        **ui.only("edit datasets"),
    )


def _how(path: Path, name: str) -> str:
    """The grid that is typed, as a request has it; it begins with the one that the sheet seems to
    have."""
    size, guessed = _guessed(*_mark(path), name)
    first = guessed or grid.Grid(min(FIRST, size[0]), min(FIRST, size[1]))
    st.caption(
        f"{size[0]} × {size[1]} pixels. "
        + (f"It seems to have cells of {guessed}." if guessed else "No grid was found in it.")
    )
    way = st.segmented_control(
        "Grid by",
        list(WAYS),
        format_func=WAYS.__getitem__,
        default="x",
        required=True,
        key="cut-by",
    )
    columns, rows = first.counts(size)
    values = (first.width, first.height) if way != "by" else (columns, rows)
    labels = ("Width", "Height") if way != "by" else ("Columns", "Rows")
    one, two, three, four = st.columns(4)
    stem = f"{name}-{way}"
    wide = one.number_input(labels[0], 1, grid.LARGEST, values[0], key=f"cut-wide-{stem}")
    high = two.number_input(labels[1], 1, grid.LARGEST, values[1], key=f"cut-high-{stem}")
    margin = three.number_input(
        "Margin", 0, 4096, first.margin, key=f"cut-margin-{stem}", help="Pixels around all cells."
    )
    spacing = four.number_input(
        "Spacing",
        0,
        4096,
        first.spacing,
        key=f"cut-spacing-{stem}",
        help="Pixels between two cells.",
    )
    beside = "".join(f",{n}={v}" for n, v in (("margin", margin), ("spacing", spacing)) if v)
    return f"{wide}{way or 'x'}{high}{beside}"


def _keep(cuts: dict[str, str], name: str, how: str) -> None:
    cuts[name] = how


def _drop(cuts: dict[str, str], name: str) -> None:
    cuts.pop(name, None)


def _mark(path: Path) -> tuple[str, int]:
    """What a cached answer about a file is kept by."""
    return str(path), path.stat().st_mtime_ns


@st.cache_data(max_entries=64, show_spinner=False)
def _moving(files: str, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if animation.moves(Path(files) / name)]


@st.cache_data(max_entries=16, show_spinner="Looking for its grid")
def _guessed(path: str, changed_ns: int, name: str) -> tuple[tuple[int, int], grid.Grid | None]:
    sheet = images.open_picture(Path(path))
    return sheet.size, grid_guess.guess(sheet, name)


@st.cache_data(max_entries=16, show_spinner=False)
def _seen(path: str, changed_ns: int, name: str, how: str) -> tuple[bytes, str]:
    """The sheet under the grid as PNG, and what would come of it."""
    sheet = images.open_picture(Path(path))
    made = preview(sheet, grid.parse(how, sheet.size))
    data = io.BytesIO()
    made.picture.save(data, "PNG")
    said = f"{tab_state.count(made.cells - made.empty)} of {tab_state.count(made.cells, 'cell')}"
    said += f"; {made.empty:,} empty and left out" if made.empty else ""
    right, down = made.rest
    sides = [f"{n} at the {where}" for n, where in ((right, "right"), (down, "bottom")) if n]
    said += f". Pixels in no cell: {', '.join(sides)}" if sides else ""
    return data.getvalue(), f"{said}. Of cells that are alike one is taken."
