"""Every picture so far, found by filters that stand in the address."""

from dataclasses import replace

import streamlit as st

from pages.generate.picture_walls import wall
from studio import context
from studio.assets import verdicts
from studio.assets.search import Wanted
from studio.datasets import manifests
from studio.generation import gallery_table
from studio.web import session, ui
from studio.workflows import gallery_to_dataset

PAGE = 24
JUDGED = {"": "Any verdict", "open": "Not judged yet"}
JUDGED |= {str(verdict): name for verdict, name in verdicts.NAMES.items()}


@st.fragment
def gallery(studio: context.Studio) -> None:
    """Every picture so far, found by filters that stand in the address; only this part of the page
    is drawn anew while somebody looks through it."""
    styles, people = gallery_table.choices(studio.engine)
    columns = st.columns([3, 2, 2, 2, 2])
    text = columns[0].text_input(
        "Search prompts and names", key="find", bind="query-params", icon=":material/search:"
    )
    of = columns[1].selectbox("Of style", ["All styles", *styles], key="of", bind="query-params")
    every = sorted({n for ns in styles.values() for n in ns}, reverse=True)
    versions = ["All versions", *(str(n) for n in styles.get(of, every))]
    v = columns[2].selectbox("Of version", versions, key="v", bind="query-params")
    names = {name: verdict for verdict, name in JUDGED.items()}
    said = columns[3].selectbox("Verdict", list(names), key="verdict", bind="query-params")
    who = columns[4].selectbox("Drawn by", ["Anybody", *people], key="by", bind="query-params")
    wanted = Wanted(
        style="" if of == "All styles" else of,
        version=None if v == "All versions" else int(v),
        verdict=names[said],
        by="" if who == "Anybody" else who,
        text=text or "",
    )
    counts = gallery_table.tally(studio.engine, wanted)
    total = sum(counts.values())
    pages = max(1, -(-total // PAGE))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{total:,}** pictures" if total != 1 else "**1** picture")
        page = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
        if total:
            st.page_link(
                "pages/Sort.py",
                label="Judge them one by one",
                icon=":material/keyboard:",
                query_params={k: str(val) for k, val in vars(wanted).items() if val},
            )
        handed_on(studio, wanted, counts.get("approved", 0))
        st.button(
            "Import CLI outputs",
            on_click=taken_up,
            type="tertiary",
            help="Looks for pictures that the command line drew into the studio's folder.",
        )
    found = gallery_table.search(studio.engine, wanted, min(page, pages), PAGE).found
    if found:
        wall(found, key="gallery", side=160)
    else:
        st.info(
            "No picture fits. Draw one above, or ask for less."
            if styles
            else "No picture yet. Write a prompt above and draw."
        )


def handed_on(studio: context.Studio, wanted: Wanted, count: int) -> None:
    """The approved ones of what the filters show, `count`, into a dataset."""
    if not count:
        return
    with st.popover(f"{count:,} approved into a dataset", type="tertiary"):
        names = manifests.names(studio.home)
        name = st.selectbox(
            "Dataset",
            names,
            index=None,
            accept_new_options=True,
            placeholder="Choose one, or type a new name",
        )
        st.caption(
            "Where an artist painted over a picture, that version is taken. Each keeps its "
            "prompt as caption and says which version drew it."
        )
        if st.button("Add them", **ui.only("edit datasets", not name)):
            approved = replace(wanted, verdict="approved")
            found = gallery_table.all_of(studio.engine, approved)
            added = gallery_to_dataset.hand_on(studio, str(name).strip(), found, actor=ui.person())
            st.success(f"{len(added.new)} added; {len(added.refused)} were there already.")
            st.page_link(
                "pages/Datasets.py",
                label="See the dataset",
                query_params={"set": added.version.name},
            )


def taken_up() -> None:
    """Pictures that the command line drew, into the gallery."""
    studio = session.studio()
    new = gallery_table.take_up(studio.engine, studio.home, by=studio.settings.user)
    st.toast(f"{new} pictures taken up." if new else "Nothing new was found.")
