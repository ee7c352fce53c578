"""The list that is written or dropped: read line by line, and what comes of it."""

from collections import Counter
from dataclasses import asdict
from functools import lru_cache

import streamlit as st

from studio import context
from studio.diffusion import sizes
from studio.diffusion.sizes import Size
from studio.errors import StudioError
from studio.generation import list_draft, lists
from studio.generation.lists import COLUMNS, PictureList
from studio.text import decoding
from studio.web import ui

EXAMPLE = """name, prompt, count, width, height, category
chest, "a {wood,iron} chest", 4, 32, 32, props
hero, a knight, 8, 32, 48, heroes
cave, a dark cave, 2, 160, 90, backgrounds"""
TOLD = 10  # of what is wrong
SIZES = 4  # that are named in one line
TALL = 8  # lines from which on the table scrolls


def given(studio: context.Studio) -> PictureList | None:
    """The list that was pasted or dropped, read line by line; None where there is none yet. What
    was pasted is kept as the person's draft."""
    drafting = ui.may("generate")
    if drafting and "list" not in st.session_state:
        st.session_state["list"] = list_draft.read(studio.home, ui.person())
    columns = st.columns([3, 2], gap="large")
    text = columns[0].text_area(
        "Paste from a table, or write CSV",
        key="list",
        height=220,
        placeholder=EXAMPLE,
        persist_state="session",
        **ui.only("generate"),
    )
    if drafting:
        list_draft.keep(studio.home, text, by=ui.person())
    dropped = columns[1].file_uploader(
        "Or drop a CSV file", type=["csv", "tsv", "txt"], max_upload_size=2, **ui.only("generate")
    )
    count = columns[1].number_input(
        "Pictures where a line gives no count", 1, 100, 4, key="list-count", bind="query-params"
    )
    with columns[1].expander("Columns and alternatives"):
        st.markdown(
            f"Columns: {', '.join(f'`{name}`' for name in COLUMNS)}; the first two are needed. A "
            "first line of their names gives another order.\n\n"
            "`{wood,iron}` in a prompt makes a line of each, several groups of all combinations; "
            "`\\{` is a plain brace.\n\n"
            "Each name becomes files NAME_1.png, NAME_2.png, ..., each category a folder. Without "
            "a seed the name decides one, so the same list draws the same pictures."
        )
    if dropped is not None:
        try:
            found = decoding.decode(dropped.getvalue(), dropped.name)
        except StudioError as error:
            ui.failed(error)
            return None
        text = found.text
        if found.read_as:
            st.caption(f"{ui.plain(dropped.name)} is not UTF-8 and read as {found.read_as}.")
    return _read(text, int(count)) if text.strip() else None


def shown(found: PictureList) -> None:
    """What is wrong with the list, and every line that it makes."""
    for problem in found.problems[:TOLD]:
        st.error(ui.plain(problem))
    if len(found.problems) > TOLD:
        st.error(f"And {len(found.problems) - TOLD} lines more.")
    if not found.lines:
        return
    rows = [asdict(line) for line in found.lines]
    used = [name for name in COLUMNS if any(row[name] not in (None, "") for row in rows)]
    st.dataframe(
        [{name: row[name] for name in used} for row in rows],
        hide_index=True,
        height=320 if len(rows) > TALL else "auto",
    )


def comes_to(found: PictureList, width: int | None, height: int | None, native: int) -> None:
    """How many pictures come of the list, and of which sizes; what a line leaves open is as is
    said for all."""
    counts: Counter[Size] = Counter()
    for line in found.lines:
        size = Size(line.width or width or native, line.height or height or native)
        counts[size] += line.count
    lines, more = _counted(found.written, "line"), len(found.lines) != found.written
    lines += f", {len(found.lines):,} with their alternatives" if more else ""
    st.markdown(f"**{_counted(found.pictures, 'picture')}** from {lines}: {_sizes(counts)}")
    for size, _ in counts.most_common(SIZES):
        for sentence in sizes.remarks(size, native):
            st.caption(sentence)


def _sizes(counts: Counter[Size]) -> str:
    most = counts.most_common(SIZES)
    said = [f"{count:,} of {size}" for size, count in most]
    left = counts.total() - sum(count for _, count in most)
    return ", ".join([*said, *([f"{left:,} of other sizes"] if left else [])])


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


# A long list takes a while to be read, and each click elsewhere on the page would read it anew.
@lru_cache(maxsize=4)
def _read(text: str, count: int) -> PictureList:
    return lists.read_list(text, count)
