"""What was spent and on what, what may be spent, and what things cost."""

import streamlit as st

from pages.admin.done import told
from pages.costs import charge_list, limit_form, one_time, overview, price_lists, unconfirmed
from studio.accounts import rights
from studio.charges.report import RIGHT
from studio.web import addresses, page_frame, ui

ABOUT = (
    "What calls, machines and all else cost, and what may be spent. A call that costs is counted "
    "before it is sent."
)
SHOWN = {
    "Spending": overview.shown,
    "Charges": charge_list.shown,
    "Unconfirmed": unconfirmed.shown,
    "One-time costs": one_time.shown,
    "Limits": limit_form.shown,
    "Prices": price_lists.shown,
}

with page_frame.page("Costs", ABOUT) as studio:
    if not ui.may(RIGHT):
        st.info(f"Costs are for {rights.who_may(RIGHT)}.")
        st.stop()
    show = st.segmented_control(
        "Show",
        list(SHOWN),
        required=True,
        label_visibility="collapsed",
        **addresses.one_of("show", list(SHOWN)),
    )
    told()
    SHOWN[show](studio)
