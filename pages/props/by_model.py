"""A prop by a model on a GPU of one's own, where somebody installed one."""

from __future__ import annotations

import streamlit as st

from pages.props import field_help, starting
from studio import context
from studio.props import own_models
from studio.web import addresses, drafts, ui, where_boxes
from studio.workflows.props import RIGHT
from studio.workflows.upscale_sources import Source

KIND = "prop_by_model"


def show(studio: context.Studio, source: Source) -> None:
    """The models, what each asks for, and its licence."""
    names = list(own_models.MODELS)
    name = st.selectbox(
        "Model",
        names,
        format_func=lambda one: own_models.MODELS[one].label,
        help="Installed by whoever looks after the studio; nothing is fetched by itself.",
        **addresses.one_of("own", names, key="props-own"),
    )
    one = own_models.MODELS[str(name)]
    st.markdown(
        f"{ui.plain(one.about)}  \nLicence: {ui.plain(one.licence)}. About {one.memory_gb:g} GB of "
        "the GPU's memory."
    )
    st.caption(ui.plain(own_models.HUNYUAN))
    missing = not own_models.weights(studio.settings, one)
    if missing:
        st.info(
            f"{ui.plain(one.label)} is not set up here. Whoever looks after the studio installs it "
            f"({ui.plain(one.source)}) and sets `{one.setting}`. The local ways need nothing.",
            icon=":material/memory:",
        )
    draft = drafts.begin(f"props/{source.named}/own/{one.name}", {"height_m": 1.0, "seed": None})
    st.number_input(
        f"{field_help.label('height_m')}, m",
        0.01,
        100.0,
        step=0.1,
        format="%.2f",
        **drafts.field(draft, "height_m"),
        **ui.only(RIGHT, help=field_help.line("height_m")),
    )
    st.number_input(
        "Seed",
        0,
        2**31 - 1,
        None,
        placeholder="another each time",
        **drafts.field(draft, "seed"),
        **ui.only(RIGHT, help="The same seed gives the same shape."),
    )
    payload = {
        "picture": source.named,
        "model": one.name,
        "height_m": float(drafts.value(draft, "height_m") or 1.0),
        "seed": drafts.value(draft, "seed"),
        "name": source.about,
    }
    where_boxes.shown(KIND)
    st.button(
        "Make it on the GPU",
        type="primary",
        icon=":material/memory:",
        on_click=starting.ask,
        args=(KIND, payload),
        **ui.only(RIGHT, missing, help="As a job like any other; it costs nothing but time."),
    )
    drafts.tell(draft)
