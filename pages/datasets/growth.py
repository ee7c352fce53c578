"""The tab on which a dataset grows: is it time to train, what is missing, variants, additions."""

from __future__ import annotations

import streamlit as st

from pages.datasets import tab_state
from studio import context
from studio.datasets import augmentation, drawn_limit
from studio.datasets.augmentation import TURNS, WAYS
from studio.datasets.pictures import Picture
from studio.errors import StudioError
from studio.web import drafts, record_cache, session, ui
from studio.web.drafts import Draft
from studio.workflows import retraining

LABELS = {
    "mirror": "Mirrored",
    "upside down": "Turned over",
    "shift": "Moved by one pixel",
    "palette": "In other hues",
}


def tab(studio: context.Studio, name: str) -> None:
    """From the most urgent to the rarest."""
    if said := st.session_state.pop("grown", None):
        st.toast(ui.plain(said), icon=":material/add_photo_alternate:", duration="long")
    if wrong := st.session_state.pop("grow-wrong", None):
        ui.failed(wrong)
    head = tab_state.newest(name)
    pictures = [row.picture for row in tab_state.rows(name, head.digest) if not row.removed]
    _again(studio, name)
    _back(studio, name)
    _additions(studio, name, pictures)
    _vary(name, tab_state.version(name, head.digest).look.mirror, pictures)


def _again(studio: context.Studio, name: str) -> None:
    for one in retraining.grown(studio, record_cache.versions()):
        if one.dataset == name:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"**Time to train {ui.plain(one.style)} again**: {tab_state.count(one.new)} "
                    f"came since version {one.since}, which learned from {one.learned:,}."
                )
                st.page_link(
                    "pages/Train.py",
                    label="Train",
                    icon=":material/model_training:",
                    query_params={"style": one.style, "data": name},
                )


def _back(studio: context.Studio, name: str) -> None:
    st.header("Why drawn pictures are sent back")
    styles = retraining.styles_of(record_cache.versions(), name)
    found, sent_back, judged = retraining.reasons(studio, styles) if styles else ([], 0, 0)
    if not judged:
        st.caption("No drawn picture of a style of this dataset was judged yet.")
    else:
        st.caption(
            f"{sent_back:,} of {judged:,} judged pictures of {ui.plain(', '.join(styles))} were "
            "rejected or need an edit."
        )
    for one in found:
        count, said = st.columns([1, 4], vertical_alignment="center")
        count.metric(ui.plain(one.reason), f"{one.count:,}")
        said.markdown(ui.plain(one.remedy))
    with st.expander(
        "Change the remedies", icon=":material/edit:", key="remedies-open", on_change="rerun"
    ) as box:
        if box.open:
            _remedies(studio)


def _remedies(studio: context.Studio) -> None:
    st.caption("The reasons themselves are changed where pictures are judged.")
    now = retraining.remedies(studio.home)
    may = ui.only("edit datasets")
    typed = drafts.begin("remedies", now)
    drafts.tell(typed)
    for reason in now:
        st.text_input(
            ui.plain(reason), max_chars=retraining.LONGEST, **drafts.field(typed, reason), **may
        )
    st.button("Keep the remedies", key="remedies-keep", on_click=_keep, args=(typed,), **may)


def _keep(typed: Draft) -> None:
    new = {reason: drafts.value(typed, reason) for reason in typed.saved}
    try:
        retraining.set_remedies(
            session.studio().engine, new, typed.saved, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["grow-wrong"] = error
        return
    drafts.drop(typed)


def _additions(studio: context.Studio, name: str, pictures: list[Picture]) -> None:
    st.header("Additions")
    found, limit = drawn_limit.share(pictures), drawn_limit.limit(studio.home, name)
    room = drawn_limit.room(pictures, limit)
    told = {
        "drawn by people": found.imported,
        "drawn by a style": found.generated,
        "drawn by a style, painted over": found.painted,
        "augmented": found.augmented,
    }
    st.markdown(", ".join(f"**{n:,}** {what}" for what, n in told.items() if n) + ".")
    if room >= 0:
        more = f"{room:,} more fit" if room < 10**6 else "any number fits"
        st.caption(
            f"Pictures drawn by a style may be {limit:.0%} of the set; they are {found.of:.0%}, "
            f"and {more}. Approved ones come from Generate; painted-over ones teach most. None of "
            "them, nor what is augmented, is ever in a held-out part."
        )
    else:
        st.warning(f"{found.of:.0%} are drawn by a style, {limit:.0%} may be: {-room:,} too many.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if found.imported < len(pictures):
            tab_state.link("Show them", "Pictures", key="show-additions", show="Additions")
        new = st.number_input(
            "At most, in percent",
            0,
            100,
            round(limit * 100),
            5,
            width=180,
            key=f"limit-{name}-{limit}",
            **ui.only("edit datasets"),
        )
        st.button(
            "Keep this limit",
            key="limit-keep",
            on_click=_limit,
            args=(name, new / 100, limit),
            **ui.only("edit datasets", new == round(limit * 100)),
        )


def _limit(name: str, new: float, seen: float) -> None:
    try:
        drawn_limit.set_limit(
            session.studio().engine, name, new, seen=seen, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["grow-wrong"] = error


def _vary(name: str, mirror: bool, pictures: list[Picture]) -> None:
    st.header("Augment")
    st.caption(
        "Varies pictures, for more of them. Variants are pictures of their own, marked with what "
        "they were made from. No pixel is blended: hues are set to colours that the set has, and "
        "moves are by whole pixels."
    )
    real = [p for p in pictures if not p.added]
    chosen = set(tab_state.chosen(name))
    of_chosen = [p for p in real if p.hash in chosen]
    one, two, three = st.columns([3, 2, 2], vertical_alignment="bottom")
    ways = one.multiselect(
        "How",
        [w for w in WAYS if mirror or w != "mirror"],
        format_func=LABELS.__getitem__,
        key="vary-ways",
        **ui.only("edit datasets"),
    )
    turn = TURNS[1]
    if "palette" in ways:
        turn = two.selectbox("Hues turn by", TURNS, 1, format_func="{}°".format, key="vary-turn")
    options = {"chosen": f"{len(of_chosen):,} chosen", "all": f"all {len(real):,}"}
    to = three.segmented_control(
        "Which pictures",
        list(options),
        format_func=options.__getitem__,
        default="chosen" if of_chosen else "all",
        required=True,
        key="vary-to",
    )
    aimed = of_chosen if to == "chosen" else real
    count = len(aimed) * len(ways)
    st.button(
        f"Make {tab_state.count(count, 'variant')}" if count else "Make variants",
        key="vary",
        on_click=_varied,
        args=(name, [p.hash for p in aimed], ways, turn),
        **ui.only("edit datasets", not count),
    )
    if not mirror:
        st.caption("Mirrored ones are offered where Settings allow horizontal flips.")


def _varied(name: str, hashes: list[str], ways: list[augmentation.Way], turn: int) -> None:
    studio = session.studio()
    try:
        added = augmentation.vary(
            studio.home, name, hashes, ways, turn=turn, now=context.now(), actor=ui.person()
        )
    except StudioError as error:
        st.session_state["grow-wrong"] = error
        return
    left = f"; {len(added.refused):,} left out: {added.refused[0].reason}" if added.refused else ""
    st.session_state["grown"] = f"{tab_state.count(len(added.new), 'variant')} added{left}"
