"""Again with the settings of a result: the address names it, and the fields have them."""

from __future__ import annotations

import streamlit as st

from pages.upscale import saved_settings, settings_draft
from studio import context
from studio.assets import family, records
from studio.errors import StudioError
from studio.generation import start_pictures
from studio.web import ui
from studio.workflows import upscaling
from studio.workflows.upscale_sources import Source

LIKE = "like"  # in the address


def address(studio: context.Studio, id: str) -> dict[str, str] | None:
    """The address at which the picture that became this one is enlarged with the same settings;
    None for one that was not enlarged, and where that picture is gone."""
    asset = records.get(studio.engine, id)
    if upscaling.settings_of(asset) is None:
        return None
    hash = str(asset.recipe.get("of", {}).get("hash", ""))
    try:
        start_pictures.path(studio.home, hash)
    except StudioError:
        parents = family.parents(studio.engine, id)
        return {"id": parents[0].id, LIKE: id} if parents else None
    return {"id": hash, LIKE: id}


def take(studio: context.Studio, source: Source, subject: str) -> None:
    """Put the settings of the result that the address names into the fields, once."""
    if not (id := st.query_params.get(LIKE, "")):
        return
    del st.query_params[LIKE]
    try:
        settings = upscaling.again(studio, id)
        method = saved_settings.choose(settings, "")
        what = {name: settings[name] for name in ("style", "version", "base") if settings.get(name)}
        chosen = {"method": method, **(what if method == "diffusion" else {})}
        draft = settings_draft.begin(studio, subject, source, chosen)
    except StudioError as error:
        ui.failed(error)
        return
    settings_draft.put(draft, settings)
