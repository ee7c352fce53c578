"""A profile's fields, saved as its next revision by whoever may, and who changed it when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.export import profile_choice
from pages.gallery import refusals
from studio import context
from studio.export import profiles
from studio.export.presets import FACTORS, PRESETS
from studio.export.profiles import ENGINES, FILTERS, FRAMES, PER_UNIT, PIVOTS, Profile, Revision
from studio.web import drafts, session, ui
from studio.web.drafts import Draft
from studio.workflows import exports

PRESET_NAMES = {"native": "All colours", "16": "16 colours", "64": "64 colours"}
PIVOT_NAMES = {"feet": "Middle of the lower edge", "centre": "Centre", "corner": "Upper left"}
CHOICES: tuple[tuple[str, str, Mapping[str, Any], Mapping[str, str]], ...] = (
    ("engine", "Engine", ENGINES, ENGINES),
    ("preset", "Colours", PRESETS, PRESET_NAMES),
    ("filter", "Filter", FILTERS, FILTERS),
    ("pivot", "Pivot", PIVOTS, PIVOT_NAMES),
    ("frames", "Sheets", FRAMES, FRAMES),
)


def show(studio: context.Studio) -> None:
    """The profile that is chosen, and a place for a new one."""
    refusals.tell()
    found = profile_choice.chosen(studio)
    if found is not None:
        _fields(studio, f"export/{found.name}", found.profile, found)
        _revisions(studio, found.name)
    st.header("New profile")
    _fields(studio, "export/+", Profile(), None)


def _fields(
    studio: context.Studio, subject: str, profile: Profile, before: Revision | None
) -> None:
    draft = drafts.begin(subject, {**vars(profile), **({} if before else {"called": ""})})
    drafts.tell(draft, "the profile")
    if before is None:
        st.text_input(
            "Name of the profile",
            max_chars=40,
            placeholder="a-z, 0-9, - and _",
            **_field(draft, "called"),
        )
    left, right = st.columns(2)
    for number, (name, label, known, said) in enumerate(CHOICES):
        (left if number % 2 == 0 else right).selectbox(
            label, list(known), format_func=_said(said), **_field(draft, name)
        )
    places = list(dict.fromkeys((*exports.destinations(studio), drafts.value(draft, "folder"))))
    right.selectbox(
        "Destination",
        places,
        **_field(draft, "folder", "A zip, the store, or a folder of STUDIO_EXPORT_FOLDERS."),
    )
    left.text_input("Folder within it", **_field(draft, "below", "Such as assets/sprites."))
    right.text_input(
        "File names",
        **_field(draft, "pattern", "Of {category}, {name}, {variant}, {direction}, {frame}."),
    )
    left.number_input("Enlarged by", FACTORS[0], FACTORS[-1], **_field(draft, "factor"))
    right.number_input(
        "Pixels per unit", *PER_UNIT, **_field(draft, "pixels_per_unit", "Of Unity's sprites.")
    )
    left.toggle("Normal maps", **_field(draft, "normals"))
    st.button(
        "Save the profile" if before is None else f"Save as revision {before.revision + 1}",
        key=f"{subject} save",
        on_click=_save,
        args=(draft, before),
        **ui.only(profiles.RIGHT),
    )


def _said(names: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda one: names.get(str(one), str(one))


def _field(draft: Draft, name: str, help: str | None = None) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(profiles.RIGHT, help=help)}


def _save(draft: Draft, before: Revision | None) -> None:
    with refusals.kept():
        told = {name: drafts.value(draft, name) for name in profiles.NAMES}
        name = before.name if before else str(drafts.value(draft, "called")).strip()
        saved = profiles.save(
            session.studio().engine,
            name,
            profiles.of_json(told),
            after=before.revision if before else 0,
            by=ui.person(),
            now=context.now(),
        )
        drafts.drop(draft)
        st.query_params[profile_choice.NAME] = saved.name
        st.toast(f"{saved.name} is revision {saved.revision}.", icon=":material/save:")


def _revisions(studio: context.Studio, name: str) -> None:
    with st.expander("Revisions"):
        for one in profiles.revisions(studio.engine, name):
            st.caption(
                f"{one.revision}: {ui.plain(profile_choice.said(one))}, by {ui.plain(one.by)}, "
                f"{ui.moment(one.at)}"
            )
