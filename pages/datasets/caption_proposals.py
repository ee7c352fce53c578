"""The tab of captions: ask a model for words, and accept, edit or refuse what it proposes."""

from __future__ import annotations

import streamlit as st

from pages.datasets import draft, tab_state
from studio import context
from studio.accounts import rights
from studio.datasets import caption_proposals, picture_filter
from studio.datasets.caption_proposals import Into, Proposal
from studio.datasets.edits import Row
from studio.datasets.pictures import SHORT_WORDS
from studio.errors import StudioError
from studio.jobs import queue
from studio.web import components, drafts, job_boxes, session, ui
from studio.web.drafts import Draft
from studio.worker import submit
from studio.worker.kinds import describe

AT_ONCE = 20
MEANS = {
    "words": "The practice base's CLIP: a few words, offline",
    "vision": "A vision model on this machine",
    "endpoint": "A server's model",
}
INTO: dict[Into, str] = {"caption": "Captions", "tags": "Tags"}
WHICH = {
    "no-caption": "Without a caption",
    "short-caption": "With a short caption",
    "chosen": "Chosen",
    "all": "All",
}


def tab(studio: context.Studio, name: str) -> None:
    """The form above, what waits below."""
    rows = [row for row in tab_state.rows(name, tab_state.newest(name).digest) if not row.removed]
    if said := st.session_state.pop("described", None):
        st.toast(ui.plain(said), icon=":material/edit_note:")
    if wrong := st.session_state.pop("described-wrong", None):
        ui.failed(wrong)
    _progress(rows)
    if ui.may("edit datasets"):
        _form(studio, name, rows)
    else:
        st.caption(f"Captions are written by {rights.who_may('edit datasets')}.")
    for job in queue.listing(studio.engine, kind="describe", limit=20):
        if job.payload.get("dataset") == name and not job.ended:
            job_boxes.show(job.id)
    _waiting(studio, name, rows)


def _progress(rows: list[Row]) -> None:
    """How many have captions, and the way to those that have none or a short one."""
    without, short = (len(_fit(rows, show)) for show in ("no-caption", "short-caption"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{len(rows) - without:,} of {tab_state.count(len(rows))}** have a caption that "
            f"somebody wrote; **{short:,}** have fewer than {SHORT_WORDS} words."
        )
        if without:
            tab_state.link(
                "Write the others", "Pictures", key="without-caption", show="Without a caption"
            )
        if short:
            tab_state.link("Show short ones", "Pictures", key="short-caption", show="Short caption")


def _fit(rows: list[Row], show: str) -> list[Row]:
    return picture_filter.pick(rows, picture_filter.Wanted(show=show), None)  # type: ignore[arg-type]


def _form(studio: context.Studio, name: str, rows: list[Row]) -> None:
    settings = studio.settings
    has = {
        "words": True,
        "vision": bool(settings.caption_model),
        "endpoint": bool(settings.caption_url and settings.caption_name),
    }
    with st.container(border=True):
        st.markdown("**Have captions proposed.** What somebody wrote by hand is left alone.")
        one, two, three = st.columns([3, 2, 2])
        means = one.selectbox(
            "By whom",
            [m for m in MEANS if has[m]],
            format_func=MEANS.__getitem__,
            key="describe-means",
        )
        into = two.segmented_control(
            "What",
            list(INTO),
            default="caption",
            format_func=INTO.__getitem__,
            required=True,
            wrap=True,
            key="describe-into",
        )
        which = three.selectbox(
            "Which pictures", list(WHICH), format_func=WHICH.__getitem__, key="describe-which"
        )
        prompt = describe.PROMPT
        if means != "words":
            prompt = st.text_area("What the model is asked", prompt, key="describe-prompt")
        if means == "endpoint":
            st.caption(f":orange[The pictures are sent to {ui.plain(settings.caption_url)}.]")
        if not (has["vision"] or has["endpoint"]):
            st.caption(
                "Whole sentences come from a vision model: set STUDIO_CAPTION_MODEL to one on this "
                "machine, or STUDIO_CAPTION_URL and STUDIO_CAPTION_NAME to a server's."
            )
        aimed = [
            row for row in _which(name, rows, which) if caption_proposals.wants(row.picture, into)
        ]
        st.button(
            f"Propose for {tab_state.count(len(aimed))}",
            type="primary",
            key="describe",
            on_click=_ask,
            args=(name, [r.picture.hash for r in aimed], means, into, prompt),
            **ui.only("edit datasets", not aimed),
        )


def _which(name: str, rows: list[Row], which: str) -> list[Row]:
    if which == "all":
        return rows
    if which == "chosen":
        chosen = set(tab_state.chosen(name))
        return [row for row in rows if row.picture.hash in chosen]
    return _fit(rows, which)


def _ask(name: str, hashes: list[str], means: str, into: str, prompt: str) -> None:
    asked = {"dataset": name, "hashes": hashes, "means": means, "field": into, "prompt": prompt}
    try:
        submit.ask(
            session.studio(),
            "describe",
            asked,
            asked_by=ui.person(),
            now=context.now(),
            key=draft.token("describe"),
        )
        draft.spent("describe")
    except StudioError as error:
        st.session_state["described-wrong"] = error


def _waiting(studio: context.Studio, name: str, rows: list[Row]) -> None:
    found = caption_proposals.waiting(studio.engine, name)
    there = {row.picture.hash: row for row in rows}
    found = [one for one in found if one.hash in there]
    if not found:
        st.caption("Nothing is proposed. What is accepted goes into the draft.")
        return
    line, all_of, none_of = st.columns([4, 2, 2], vertical_alignment="center")
    line.markdown(f"**{tab_state.count(len(found), 'proposal')}** wait.")
    all_of.button(
        f"Accept all {len(found):,}",
        key="accept-all",
        on_click=_accept,
        args=(name, found),
        **ui.only("edit datasets"),
    )
    if none_of.button(f"Refuse all {len(found):,} …", key="refuse-all", **ui.only("edit datasets")):
        _ask_to_refuse(found)
    components.screen("typing")(key="typing proposals", data={})
    page = tab_state.page("proposals", len(found), AT_ONCE)
    for one in found[(page - 1) * AT_ONCE : page * AT_ONCE]:
        _proposal(name, one, there[one.hash])


def _proposal(name: str, one: Proposal, row: Row) -> None:
    with st.container(border=True):
        shown, texts, yes, no = st.columns([1, 7, 1, 1], vertical_alignment="center")
        with shown:
            ui.pictures([tab_state.shown(row.picture, "", side=64)], side=64)
        now = row.picture.caption if one.field == "caption" else ", ".join(row.picture.tags)
        typed = _typed(one)
        texts.text_input(
            f"{'Caption' if one.field == 'caption' else 'Tags'} by {ui.plain(one.model)}; "
            f"now: {ui.plain(now or 'none')}",
            **drafts.field(typed, "text"),
            **ui.only("edit datasets"),
        )
        yes.button(
            "Accept",
            key=f"accept-{one.id}",
            on_click=_accept,
            args=(name, [one]),
            **ui.only("edit datasets"),
        )
        no.button(
            "Refuse",
            key=f"refuse-{one.id}",
            on_click=_refuse,
            args=([one],),
            **ui.only("edit datasets"),
        )


def _typed(one: Proposal) -> Draft:
    """What a person has made of a proposal so far."""
    return drafts.begin(f"proposal/{one.id}", {"text": one.text})


def _accept(name: str, found: list[Proposal]) -> None:
    """With what people made of them in their fields, where those are on the screen."""
    studio = session.studio()
    typed = {one.id: Draft(f"proposal/{one.id}", {"text": one.text}, None) for one in found}
    texts = {id: str(drafts.value(draft, "text")) for id, draft in typed.items()}
    rows = tab_state.rows(name, tab_state.newest(name).digest)
    try:
        taken, left = caption_proposals.accept(
            studio.engine, name, rows, texts, by=ui.person(), now=context.now()
        )
    except StudioError as error:
        st.session_state["described-wrong"] = error
        return
    for one in typed.values() if len(typed) <= AT_ONCE else ():  # a draft of more is let be
        drafts.drop(one)
    kept = f"; {left} left, since somebody wrote a caption meanwhile" if left else ""
    st.session_state["described"] = (
        f"{tab_state.count(taken, 'proposal')} taken into the draft{kept}."
    )


@st.dialog("Refuse what is proposed")
def _ask_to_refuse(found: list[Proposal]) -> None:
    """Whether really: what somebody made of them in their fields goes, too."""
    tab_state.lead_on()
    st.markdown(
        f"**{tab_state.count(len(found), 'proposal')}** go for everybody, with what was made of "
        "them in the fields. The captions and tags that are there stay."
    )
    st.button(
        "Refuse them",
        type="primary",
        key="refuse-now",
        on_click=_refuse,
        args=(found,),
        **ui.only("edit datasets"),
    )


def _refuse(found: list[Proposal]) -> None:
    ids = [one.id for one in found]
    count = caption_proposals.refuse(
        session.studio().engine, ids, by=ui.person(), now=context.now()
    )
    st.session_state["described"] = f"{tab_state.count(count, 'proposal')} refused."
    tab_state.draw_anew()
