"""The former page of LoRA files: its addresses lead to their tab on Versions."""

import streamlit as st

kept = {key: value for key, value in st.query_params.to_dict().items() if key != "show"}
files = {"files": shown} if (shown := st.query_params.get("show")) else {}
st.switch_page("pages/Registry.py", query_params={"show": "LoRA files", **files, **kept})
