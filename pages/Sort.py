"""Where judging one by one stood before: it leads to that mode of the gallery."""

import streamlit as st

st.switch_page("pages/Gallery.py", query_params={**st.query_params.to_dict(), "mode": "judge"})
