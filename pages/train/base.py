"""Which base learns: one that is offered, or the team's own."""

import streamlit as st

from studio import ui, workflows
from studio.diffusion import bases, offered, own
from studio.errors import StudioError
from studio.pocket import bundled

OWN = "One of your own"


def chosen(studio: workflows.Studio, device: str) -> offered.Offer | None:
    """The base, what it is, weighs and allows; None while none of one's own can be used."""
    offers = {o.label: o for o in offered.offers(device)}
    label = st.segmented_control(
        "Base", [*offers, OWN], default=next(iter(offers)), required=True, key="base",
        bind="query-params",
    )  # fmt: skip
    offer = _own(studio) if label == OWN else offers[label]
    if offer is None:
        return None
    st.markdown(f"**{ui.plain(offer.label)}** (licence {ui.plain(offer.licence)}). {offer.about}")
    if offer.size and (share := offered.fetched(offer)) < 0.99:
        st.progress(share, f"Fetched once, by the first training: {offer.size / 1e9:.1f} GB")
    reason = offered.why_no_more(device)
    if reason and label != OWN:
        st.caption(reason)
    return offer


def _own(studio: workflows.Studio) -> offered.Offer | None:
    """One of the folder bases/, or a Hub id; what can't be used is named with the reason."""
    listed = own.listing(studio.home)
    there = {one.path: one for one in listed if not one.wrong}
    # What versions were trained on may be named again.
    had = {workflows.base_of(studio, version) for version in ui.versions()}
    had -= {"", *bundled.BASES, *there, *(offer.name for offer in offered.REAL)}

    def spoken(name: str) -> str:
        one = there.get(name)
        return f"{one.name} · {one.kind} · {one.size / 1e9:.1f} GB" if one else name

    name = st.selectbox(
        "Your own base", [*there, *sorted(had)], index=None, accept_new_options=True,
        key="own-base", bind="query-params", format_func=spoken,
        placeholder="Choose one, or type a Hub id such as somebody/some-model",
        help=f"A .safetensors file or a folder in diffusers' layout lies in {own.FOLDER}/ of the "
        "studio's folder; whoever looks after the studio's machine puts it there. Admins may also "
        "type another place on that machine.",
    )  # fmt: skip
    for one in listed:
        if one.wrong:
            st.caption(f"Can't be used: {ui.plain(one.name)}. {ui.plain(one.wrong)}")
    if not name:
        said = "Choose one above" if there else f"Nothing lies in {own.FOLDER}/ yet"
        st.info(f"{said}, or type the id of a base on the Hub. Stable Diffusion 1.x and 2.x and "
                "SDXL can be taught, and practice bases of your own.")  # fmt: skip
        return None
    name = name.strip()
    if not (name in had or own.free_to_name(studio.home, name) or ui.may(own.RIGHT)):
        ui.failed(StudioError(
            f"{name} is a place on the studio's own machine, which you may not name.",
            f"Choose what lies in {own.FOLDER}/, or ask an admin to put the base there.",
        ))  # fmt: skip
        return None
    try:
        return own.offer(own.check(name) if name in there else _looked_up(name))
    except StudioError as error:
        ui.failed(error)
        return None


@st.cache_data(ttl=300, max_entries=50, show_spinner="Looking the base up.")
def _looked_up(name: str) -> bases.Base:
    """The base, asked for once in a while: the Hub may take seconds to answer."""
    return own.check(name)
