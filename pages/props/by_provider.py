"""A prop by a service that is paid: which, with which settings, what it costs at most, and the
question before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.props import calls_list, field_help, starting
from studio import context
from studio.charges.prices import Quote
from studio.errors import StudioError
from studio.props.providers import tables
from studio.props.providers.shapes import Makes, Offer, Parameter, Provider
from studio.web import addresses, drafts, ui
from studio.web.drafts import Draft
from studio.workflows import provider_calls
from studio.workflows.props import RIGHT
from studio.workflows.provider_calls import MADE_BY, Wanted
from studio.workflows.upscale_sources import Source

LABELS = {
    "steps": ("Steps", "More take longer, and may be finer."),
    "guidance": ("Guidance", "How closely the picture is followed."),
    "octree": ("Octree resolution", "How fine the shape is that is looked for."),
    "triangles": ("Triangles", "About how many the model has."),
    "texture": ("Texture", "Colours on the model; off, it is the shape alone."),
    "seed": ("Seed", "The same seed gives the same, where the service keeps to it."),
}
HEIGHT_M = 1.0
PAYING = "props-paying"  # of what the dialog stands open


@dataclass(frozen=True)
class From:
    """What it is made from: a picture, words, or a prop that gets a texture; `subject` names the
    draft of the settings, `given` joins what is asked."""

    makes: Makes
    subject: str
    given: Mapping[str, Any]
    name: str
    words: str = ""


def show(studio: context.Studio, source: Source) -> None:
    """From a picture."""
    show_from(
        studio,
        From("picture", f"props/{source.named}", {"picture": source.named}, source.about),
    )


def show_from(studio: context.Studio, of: From) -> None:
    """The services that take it, the settings of one, and its price."""
    offers = _offers(of.makes)
    name = st.selectbox(
        "Service and model",
        list(offers),
        format_func=lambda one: _called(*offers[one]) if one in offers else str(one),
        help="Each was written from its documents; none was tried against the service yet.",
        **addresses.one_of("model", list(offers), key=f"props-model-{of.makes}"),
    )
    provider, offer = offers[str(name)]
    st.caption(
        f"Not tried against the service: written from {ui.plain(provider.documents)}, read on "
        f"{provider.dated}."
    )
    if offer.notice:
        st.warning(ui.plain(offer.notice), icon=":material/gavel:")
    draft = _fields(offer, of)
    payload = _payload(provider, offer, of, draft)
    asked = _priced(studio, payload)
    label = "Have it made" + (f", for at most {asked.money}" if asked else "")
    st.button(
        label,
        key=f"props-pay {of.subject}",
        type="primary",
        icon=":material/payments:",
        on_click=_open,
        args=(of.subject,),
        **ui.only(RIGHT, asked is None, help="You are asked once more before it is sent."),
    )
    if asked is not None and st.session_state.get(PAYING) == of.subject:
        confirm(payload, asked, provider.label)
    drafts.tell(draft)
    calls_list.show(studio)


def _open(subject: str) -> None:
    """As a callback: ask once more, until it is sent or closed."""
    st.session_state[PAYING] = subject


def _close() -> None:
    st.session_state.pop(PAYING, None)


@st.dialog("Have it made, and pay for it", on_dismiss=_close)
def confirm(payload: Mapping[str, Any], quote: Quote, label: str) -> None:
    """The last question before money is spent."""
    st.markdown(
        f"**{ui.plain(label)}** makes “{ui.plain(str(payload['name']))}” for at most "
        f"**{quote.money}**, by price list {ui.plain(quote.price_list)}@{quote.version}."
    )
    st.caption(
        "It is sent once. Where its answer is lost it is looked for, never sent again by itself; "
        "what it did cost stands on Costs."
    )
    if st.button(
        f"Send it, for at most {quote.money}",
        key="props-pay-now",
        type="primary",
        icon=":material/send:",
        **ui.only(RIGHT),
    ):
        _close()
        starting.ask(MADE_BY, payload)
        st.rerun()


def _offers(makes: Makes) -> dict[str, tuple[Provider, Offer]]:
    return {
        f"{provider.name}/{offer.name}": (provider, offer)
        for provider in tables.PROVIDERS.values()
        for offer in provider.offers
        if offer.makes == makes
    }


def _called(provider: Provider, offer: Offer) -> str:
    return f"{provider.label}: {offer.name}"


def _fields(offer: Offer, of: From) -> Draft:
    """The settings that the model has, folded away, and the height that it gets."""
    begun: dict[str, Any] = {one.name: one.default for one in offer.parameters}
    begun |= {"height_m": HEIGHT_M, "matte": ""}
    begun |= {"words": of.words} if offer.text else {}
    draft = drafts.begin(f"{of.subject}/by/{offer.name}", begun)
    if offer.text:
        st.text_area(
            "Words",
            height=90,
            max_chars=offer.longest,
            **_field(draft, "words", "What the service is told, beside the picture if there is."),
        )
    st.number_input(
        f"{field_help.label('height_m')}, m",
        0.01,
        100.0,
        step=0.1,
        format="%.2f",
        **_field(draft, "height_m", field_help.line("height_m")),
    )
    if of.makes == "picture":
        usual = "the picture's transparency" if offer.alpha else "white, since it takes none"
        st.text_input(
            field_help.label("matte"),
            max_chars=7,
            placeholder="#rrggbb",
            **_field(draft, "matte", f"What is sent behind the picture; empty: {usual}."),
        )
    if offer.parameters:
        with st.expander("Settings of the service"):
            _parameters(offer.parameters, draft)
    return draft


def _parameters(parameters: Sequence[Parameter], draft: Draft) -> None:
    for one in parameters:
        label, help = LABELS.get(one.name, (one.name.capitalize(), "As the service has it."))
        if one.is_switch:
            st.toggle(label, **_field(draft, one.name, help))
            continue
        given = {"placeholder": "theirs", **_field(draft, one.name, help)}
        low, high = one.low or 0, one.high or 0
        if one.whole:
            st.number_input(label, int(low), int(high), None, **given)
        else:
            st.number_input(label, float(low), float(high), None, step=0.5, **given)


def _field(draft: Draft, name: str, help: str) -> dict[str, Any]:
    return {**drafts.field(draft, name), **ui.only(RIGHT, help=help)}


def _payload(provider: Provider, offer: Offer, of: From, draft: Draft) -> dict[str, Any]:
    told = {one.name: drafts.value(draft, one.name) for one in offer.parameters}
    return {
        "provider": provider.name,
        "model": offer.name,
        "prompt": str(drafts.value(draft, "words")) if offer.text else "",
        "parameters": {name: value for name, value in told.items() if value is not None},
        "matte": str(drafts.value(draft, "matte")),
        "height_m": float(drafts.value(draft, "height_m") or HEIGHT_M),
        "name": of.name,
        **of.given,
    }


def _priced(studio: context.Studio, payload: Mapping[str, Any]) -> Quote | None:
    """The most that it costs; why it can't be sent, or has no price, is said."""
    try:
        meant = _wanted(studio, payload)
        provider_calls.check(studio, meant)
        quote = provider_calls.estimate(studio, meant)
    except StudioError as error:
        ui.failed(error)
        return None
    st.markdown(
        f"At most **{quote.money}**, by price list {ui.plain(quote.price_list)}@{quote.version}."
    )
    return quote


def _wanted(studio: context.Studio, payload: Mapping[str, Any]) -> Wanted:
    return provider_calls.wanted(
        studio,
        str(payload["provider"]),
        str(payload["model"]),
        picture=str(payload.get("picture", "")),
        prompt=str(payload["prompt"]),
        mesh=str(payload.get("mesh", "")),
        parameters=payload["parameters"],
        matte=str(payload["matte"]),
        name=str(payload["name"]),
        style=str(payload.get("style", "")),
    )
