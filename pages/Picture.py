"""One picture: large, how it was made, what is said of it, and its painted-over version."""

import streamlit as st

from pages.export import sending
from pages.gallery import address, browsing, picture_keys, refusals
from pages.gallery.view import view
from pages.guide import beside as guide_beside
from pages.picture import (
    making,
    neighbours,
    other_kind,
    painted_over,
    repeated,
    verdict_form,
)
from studio.assets import listing
from studio.generation import gallery_table
from studio.web import page_frame, ui

AROUND = 330  # pixels of the window's height that the picture does not get

with page_frame.page("Picture") as studio:
    wanted = address.wanted()
    id = st.query_params.get("id", "")
    if not id:
        neighbours.back(wanted, {})
        st.info("No picture is chosen. Open one in the gallery.")
        st.stop()
    beside = neighbours.beside(studio, wanted, id)
    with st.container(horizontal=True, vertical_alignment="center"):
        neighbours.back(wanted, browsing.page_of(beside.place))
        neighbours.ways(beside)
    refusals.tell()
    if any(other_kind.shown(asset, studio) for asset in listing.of_ids(studio.engine, [id])):
        st.stop()
    picture = gallery_table.get(studio.engine, id)
    draft = verdict_form.begin(picture)
    left, right = st.columns([3, 2], gap="large")
    with left:
        ways = {"ArrowRight": "next", "n": "next"} if beside.after else {}
        if repeated.is_on():
            repeated.show(
                [picture],
                key="picture-repeated",
                around=AROUND,
                ways=ways,
                on_went=lambda: neighbours.go(beside.after),
            )
        else:
            view(
                picture,
                key=f"picture-{picture.id}",
                around=AROUND,
                pin=verdict_form.pin(draft),
                on_placed=verdict_form.placed(picture, draft) if ui.may("judge pictures") else None,
                on_pasted=painted_over.pasted(picture) if ui.may("judge pictures") else None,
                ways=ways,
                on_went=lambda: neighbours.go(beside.after),
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            picture_keys.drawn_on(picture)
            repeated.switch()
            sending.of_picture(picture)
        sending.tell()
        guide_beside.show(picture)
        making.taken(picture)
        making.recipe(picture)
        making.relatives(picture.id, studio)
    with right:
        verdict_form.judged(picture, studio, draft)
        making.on_boards(picture.id, studio)
        painted_over.beside(picture, studio)
