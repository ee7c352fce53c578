"""What draws, where diffusion does: a style with its LoRA in production, others beside it, or the
base alone; and what there is to choose from for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages.upscale import field_help, target_fields
from pages.upscale.which import RIGHT
from studio import context
from studio.diffusion import bundled_bases, control_files
from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER
from studio.errors import StudioError
from studio.registry import version_choice
from studio.registry.models import Version
from studio.upscaling import models
from studio.web import addresses, drafts, record_cache, ui
from studio.web.drafts import Draft
from studio.workflows.model_kinds import table
from studio.workflows.version_loading import base_of

ALONE = "(none)"  # no style may be called so
MOST = 4  # LoRAs beside the style's own
WEIGHTS = (-2.0, 2.0)
GIVEN = ("openpose", "depth")  # kinds of ControlNet that no tile's own pixels can lead


@dataclass(frozen=True)
class Choice:
    """What draws: the style and its version, "" and 0 for a base alone."""

    style: str = ""
    version: int = 0
    base: str = ""

    @property
    def given(self) -> dict[str, Any]:
        """As settings say it."""
        if self.style:
            return {"style": self.style, "version": self.version}
        return {"base": self.base}


@dataclass(frozen=True)
class Offered:
    """What fields offer: upscaling models by name with what they are called, ControlNets that the
    base has in the same way, and IP-Adapters, without which it takes no reference picture."""

    models: Mapping[str, str]
    controls: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)


def chosen(studio: context.Studio, style: str) -> Choice:
    """The style whose version draws, the picture's own first; its production version."""
    live = [v for v in record_cache.versions() if table.is_adapter(v)]
    styles = sorted({v.style for v in live if v.stage == "production"})
    ui.gone("style", (*styles, ALONE), "style {} in production")
    first = style if style in styles else None
    picked = st.selectbox(
        "Style",
        [*styles, ALONE],
        format_func=lambda one: "None: the base alone" if one == ALONE else str(one),
        help="Its LoRA draws every tile; what is in production is used, or a rollout's for you.",
        **addresses.one_of("style", [*styles, ALONE], first=first),
    )
    if picked == ALONE:
        names = [base.name for base in bundled_bases.present()]
        base = st.selectbox(
            "Base",
            names,
            help="Draws without any style of yours.",
            **addresses.one_of("base", names, unsaid=bundled_bases.DEFAULT),
        )
        return Choice(base=str(base or ""))
    found = version_choice.choose(studio.engine, picked, ui.person())
    numbers = [v.number for v in live if v.style == picked]
    number = found.version if found.version in numbers else max(numbers)
    st.caption(f"Version {number}. {ui.plain(found.why)}")
    return Choice(picked, int(number))


def offered(studio: context.Studio, choice: Choice, method: str) -> Offered:
    """What the fields offer for what draws."""
    names = {one.name: f"{one.label}, {one.factor}x" for one in models.all(studio.home)}
    if method != "diffusion":
        return Offered(names)
    try:
        base = base_of(studio, version) if (version := of(choice)) else choice.base
    except StudioError:
        return Offered(names)
    there = control_files.offered(studio.home, base)
    nets = {
        one.name: one.label for one in there if one.part == CONTROLNET and one.kind not in GIVEN
    }
    adapters = {one.name: one.label for one in there if one.part == IP_ADAPTER}
    return Offered(names, nets, adapters)


def of(choice: Choice) -> Version | None:
    """The version of a choice; None for a base alone, and for one that is gone."""
    mine = record_cache.versions(choice.style) if choice.style else []
    return next((v for v in mine if v.number == choice.version), None)


def further(draft: Draft, choice: Choice) -> None:
    """LoRAs of other styles beside the style's own, each with its weight."""
    version = of(choice)
    if version is None:
        return
    st.slider(
        field_help.label("weight"), *WEIGHTS, step=0.05, **target_fields.field(draft, "weight")
    )
    known = {
        f"{v.style} version {v.number}": (v.style, v.number)
        for v in record_cache.versions()
        if table.is_adapter(v)
        and v.style != version.style
        and v.tags.get("base_name") == version.tags.get("base_name")
    }
    held = {f"{style} version {n}": weight for style, n, weight in drafts.value(draft, "adapters")}
    missing = [name for name in held if name not in known]
    if missing:
        st.warning(
            f"Not there for this base any more: {ui.plain(', '.join(missing))}. "
            "Choose again below; nothing is passed over silently.",
            icon=":material/search_off:",
        )
    key = f"upscale-loras {draft.subject}"
    st.session_state[key] = [name for name in held if name in known]
    st.multiselect(
        "Further LoRAs",
        list(known),
        key=key,
        max_selections=MOST,
        on_change=_choose,
        args=(draft, key, known),
        **ui.only(RIGHT, help="Mixed in beside the style's own, each at a weight of its own."),
    )
    for place, (name, weight) in enumerate(held.items()):
        if name in known:
            mine = f"{key} {name}"
            st.session_state[mine] = float(weight)
            st.slider(
                f"Weight of {name}",
                *WEIGHTS,
                step=0.05,
                key=mine,
                on_change=_weigh,
                args=(draft, mine, place),
                **ui.only(RIGHT),
            )


def _choose(draft: Draft, key: str, known: Mapping[str, tuple[str, int]]) -> None:
    held = {(style, number): weight for style, number, weight in drafts.value(draft, "adapters")}
    wanted = [known[name] for name in st.session_state[key] if name in known]
    drafts.put(draft, adapters=[[*one, held.get(one, 0.6)] for one in wanted])


def _weigh(draft: Draft, key: str, place: int) -> None:
    adapters = [list(one) for one in drafts.value(draft, "adapters")]
    adapters[place][2] = float(st.session_state[key])
    drafts.put(draft, adapters=adapters)
