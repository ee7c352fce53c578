"""Which base learns: one that is offered, or the team's own."""

import streamlit as st

from studio import context
from studio.diffusion import base_offers, bases, bundled_bases, team_bases
from studio.errors import StudioError
from studio.web import addresses, record_cache, ui
from studio.workflows.model_kinds import table as kinds
from studio.workflows.version_loading import base_of

OWN = "One of your own"


def chosen(studio: context.Studio, device: str) -> base_offers.Offer | None:
    """The base, what it is, weighs and allows; None while none of one's own can be used."""
    offers = {o.label: o for o in base_offers.offers(device)}
    label = st.segmented_control(
        "Base",
        [*offers, OWN],
        required=True,
        **addresses.one_of("base", [*offers, OWN]),
    )
    offer = _own(studio) if label == OWN else offers[label]
    if offer is None:
        return None
    st.markdown(f"**{ui.plain(offer.label)}** (licence {ui.plain(offer.licence)}). {offer.about}")
    if offer.size and (share := base_offers.fetched(offer)) < 0.99:
        st.progress(share, f"Fetched once, by the first training: {offer.size / 1e9:.1f} GB")
    reason = base_offers.why_no_more(device)
    if reason and label != OWN:
        st.caption(reason)
    return offer


def _own(studio: context.Studio) -> base_offers.Offer | None:
    """One of the folder bases/, or a Hub id; what can't be used is named with the reason."""
    listed = team_bases.listing(studio.home)
    there = {one.path: one for one in listed if not one.wrong}
    # What versions were trained on may be named again.
    had = {base_of(studio, v) for v in record_cache.versions() if kinds.has_base(v)}
    had -= {"", *bundled_bases.BASES, *there, *(offer.name for offer in base_offers.REAL)}

    def spoken(name: str) -> str:
        one = there.get(name)
        return f"{one.name} · {one.kind} · {one.size / 1e9:.1f} GB" if one else name

    known = [*there, *sorted(had)]
    name = st.selectbox(
        "Your own base",
        known,
        index=None,
        accept_new_options=True,
        format_func=spoken,
        placeholder="Choose one, or type a Hub id such as somebody/some-model",
        help="A .safetensors file or a folder in diffusers' layout lies in "
        f"{team_bases.FOLDER}/ of the studio's folder; whoever looks after "
        "the studio's machine puts it there. Admins may also type another place on that machine.",
        **addresses.one_of("own-base", known, empty=True, free=True, once=spoken),
    )
    for one in listed:
        if one.wrong:
            st.caption(f"Can't be used: {ui.plain(one.name)}. {ui.plain(one.wrong)}")
    if not name:
        said = "Choose one above" if there else f"Nothing lies in {team_bases.FOLDER}/ yet"
        st.info(
            f"{said}, or type the id of a base on the Hub. Stable Diffusion 1.x and 2.x and "
            "SDXL can be taught, and practice bases of your own."
        )
        return None
    name = name.strip()
    if not (name in had or team_bases.free_to_name(studio.home, name) or ui.may(team_bases.RIGHT)):
        ui.failed(
            StudioError(
                f"{name} is a place on the studio's own machine, which you may not name.",
                f"Choose what lies in {team_bases.FOLDER}/, or ask an admin to put the base there.",
            )
        )
        return None
    try:
        return team_bases.offer(team_bases.check(name) if name in there else _looked_up(name))
    except StudioError as error:
        ui.failed(error)
        return None


@st.cache_data(ttl=300, max_entries=50, show_spinner="Looking the base up.")
def _looked_up(name: str) -> bases.Base:
    """The base, asked for once in a while: the Hub may take seconds to answer."""
    return team_bases.check(name)
