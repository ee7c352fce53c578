"""What the versions drew: a row for each prompt and seed, beside the base and real art."""

from pathlib import Path

import streamlit as st

from pages.evaluate.evaluation_form import label
from studio import context
from studio.errors import StudioError
from studio.evaluation import comparison, contact_sheet
from studio.registry.models import Version
from studio.web import addresses, record_cache, ui
from studio.web.markup import Shown

ROWS = 4  # prompts with a seed on one page


def pictures(studio: context.Studio, chosen: list[Version]) -> None:
    """Real pictures of the style, the base and the versions, a row for each prompt and seed."""
    sheets = [(v, found) for v in chosen if (found := contact_sheet.read_sheet(_folder(studio, v)))]
    if not sheets:
        return
    near = st.toggle("Nearest training picture beside each output", **addresses.flag("near"))
    # The base beside them, of the first that has one.
    based = next(((v, found) for v, found in sheets if found.has_base), None)
    cells, real = (based or sheets[0])[1].cells, _real(chosen[0])
    table = st.container()
    pages = range(1, -(-len(cells) // ROWS) + 1)
    page = st.pagination(len(pages), **addresses.one_of("page", pages, unsaid=1))
    first = (page - 1) * ROWS
    side = 160 if len(sheets) < 3 and not near else 128
    rows = []
    for cell in cells[first : first + ROWS]:
        row = [[(_data(real, hash), 96) for hash in _like(*real, cell.prompt)] if real else []]
        if based:
            row.append([(_drawn(studio, based[0], cell.base, f"base: {cell.prompt}"), side)])
        for version, found in sheets:
            own = [c for c in found.cells if (c.prompt, c.seed) == (cell.prompt, cell.seed)]
            row.append([one for c in own for one in _output(studio, version, c, near, side)])
        rows.append((f"{cell.prompt} · seed {cell.seed}", row))
    heads = ["Base"] if based else []
    heads += [label(version.number).capitalize() for version, _ in sheets]
    with table:
        ui.picture_table(["Prompt and seed", "Real art", *heads], rows)
        if real and not all(row[0] for _, row in rows):
            st.caption(
                "No real art stands beside a prompt where no caption names what it asks for."
            )
        if near and not any(cell.nearest for _, found in sheets for cell in found.cells):
            st.caption(
                "These test sheets are older than this search: measure the versions once more."
            )


def poses(studio: context.Studio, chosen: list[Version]) -> None:
    """The sheets of poses of those that learned one character, the base's above."""
    for version in chosen:
        file = _folder(studio, version) / contact_sheet.POSES
        if file.is_file():
            who = ui.plain(version.params.get("instance_prompt", ""))
            st.markdown(f"**{who}** in eight poses: the base above, {label(version.number)} below.")
            st.image(str(file))


def _folder(studio: context.Studio, version: Version) -> Path:
    return contact_sheet.folder_of(studio.home, version.style, version.number)


def _output(
    studio: context.Studio, version: Version, cell: contact_sheet.Cell, near: bool, side: int
) -> list[tuple[ui.Shown, int]]:
    """What the version drew, and the training picture nearest to it where that is wanted."""
    shown = [
        (_drawn(studio, version, cell.version, f"{label(version.number)}: {cell.prompt}"), side)
    ]
    if near and cell.nearest:
        data = (version.dataset, version.dataset_digest)
        shown.append((_data(data, cell.nearest, f"{cell.alike:.0%} alike"), 96))
    return shown


def _drawn(studio: context.Studio, version: Version, file: str, alt: str) -> Shown:
    """A picture of a sheet; its address changes when the sheet is drawn anew."""
    folder = _folder(studio, version)
    at = (folder / "sheet.json").stat().st_mtime_ns
    where = f"/picture/sheet/{version.style}/{version.number}/{file}?at={at}"
    return ui.Shown(where, "", *contact_sheet.size(folder), alt=alt)


def _data(data: tuple[str, str], hash: str, says: str | None = None) -> Shown:
    """A picture of a dataset, with its caption under it unless told otherwise."""
    one = next((p for p in record_cache.dataset(*data).pictures if p.hash == hash), None)
    url = f"/picture/data/{hash}?side=128"
    if one is None:
        return Shown(url, says or "")
    caption = one.caption if says is None else says
    return Shown(url, caption, one.width, one.height, alt=one.caption)


def _real(version: Version) -> tuple[str, str] | None:
    """Name and digest of the dataset measured against, else of the version's own; None where
    neither is here any more."""
    name, _, digest = version.tags.get("against", "").partition("@")
    for found in ((name, digest), (version.dataset, version.dataset_digest)):
        try:
            record_cache.dataset(*found)
            return found
        except StudioError:
            continue
    return None


@st.cache_data(max_entries=500, show_spinner=False)
def _like(name: str, digest: str, prompt: str) -> list[str]:
    """The hashes of two real pictures of what the prompt asks for."""
    captions = {p.hash: p.caption for p in record_cache.dataset(name, digest).pictures}
    return comparison.likest(prompt, captions, 2)
