"""Again with the settings of a prop: the address names it, and the fields have them."""

from __future__ import annotations

import streamlit as st

from pages.props import method_choice, settings_fields
from studio import context
from studio.errors import StudioError
from studio.web import ui
from studio.workflows import props

LIKE = "like"  # in the address


def address(studio: context.Studio, id: str) -> dict[str, str] | None:
    """The address at which the picture of a prop is made into another one with its settings; None
    where it was not made from a picture, or not by a local method."""
    asked = props.again(studio, id)
    if asked["kind"] != props.MADE_BY or not asked["pictures"]:
        return None
    return {"id": str(asked["pictures"][0]), LIKE: id}


def take(studio: context.Studio, subject: str) -> None:
    """Put the settings of the prop that the address names into the fields, once."""
    if not (id := st.query_params.get(LIKE, "")):
        return
    del st.query_params[LIKE]
    try:
        told = props.again(studio, id)
    except StudioError as error:
        ui.failed(error)
        return
    method = settings_fields.take(studio, subject, told["settings"], told["edits"])
    st.query_params["method"] = st.session_state[method_choice.FIELD] = method
