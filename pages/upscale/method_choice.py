"""How it is enlarged: what suits the picture first, with honest words on each way."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.upscaling import models
from studio.upscaling.methods.offers import Offer
from studio.web import addresses, ui
from studio.workflows import upscaling
from studio.workflows.upscale_sources import Source

DIFFUSION, MODEL = "diffusion", "model"
TILED = (MODEL, DIFFUSION)


def of(studio: context.Studio, source: Source) -> str:
    """The method for a picture."""
    return chosen(upscaling.offered(source, by_model=bool(models.all(studio.home))))


def chosen(offered: Sequence[Offer]) -> str:
    """The method that stands in the address, else the one that suits the picture best."""
    there = {one.method: one for one in offered if one.offered}
    ui.gone("method", there, "way {} for this picture")
    method = st.radio(
        "Method",
        list(there),
        format_func=lambda one: there[one].label if one in there else str(one),
        captions=[one.why for one in there.values()],
        **addresses.one_of("method", list(there)),
    )
    if barred := [one for one in offered if not one.offered]:
        st.caption(" ".join(f"{one.label}: {one.why}" for one in barred))
    return str(method)
