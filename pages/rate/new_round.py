"""New ratings: which versions, by which rubric, how often, until when."""

import streamlit as st

from pages.rate import contact_sheets
from studio import context
from studio.accounts import rights
from studio.jobs import idempotency, queue
from studio.review import rubrics
from studio.web import addresses, job_boxes, session, ui
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds


def form() -> None:
    """Choose versions; who rates several at once does not know which made a picture."""
    studio = session.studio()
    if not ui.may("open ballots"):
        st.info(f"Ratings are opened by {rights.who_may('open ballots')}.")
        return
    found = contact_sheets.of_style("style")
    if found is None:
        return
    style, ready = found
    known = {0: "base (without a LoRA)"} if any(map(kinds.has_base, ready)) else {}
    known |= {v.number: f"version {v.number}" for v in ready}
    newest = [v.number for v in ready[:2]]
    chosen = st.multiselect(
        "Versions",
        list(known),
        format_func=known.__getitem__,
        **addresses.some_of("versions", list(known), newest, key=f"rated-{style}"),
    )
    left, middle, right = st.columns(3)
    names = rubrics.names(studio.home)
    with left:
        rubric = st.selectbox("By rubric", names, **addresses.one_of("by", names))
    wanted = middle.number_input(
        "Ratings for each picture",
        0,
        100,
        0,
        help="0: everybody rates every picture. With a number, pictures that have it are done.",
    )
    due = right.date_input("Due", value=None, key="round-due")
    if not chosen:
        st.info("Choose one or more versions.")
    elif st.button("Start rating", type="primary"):
        version = rubrics.load(studio.home, rubric).reference
        asked = {
            "style": style,
            "versions": chosen,
            "rubric": version,
            "wanted": int(wanted),
            "due": due.isoformat() if due else None,
        }
        key = idempotency.key(studio.engine, "round", asked, ui.person())
        job = submit.ask(studio, "round", asked, asked_by=ui.person(), now=context.now(), key=key)
        st.session_state["round-job"] = job.id
        st.rerun()


def awaited() -> None:
    """Ratings that are being prepared; they open by themselves."""
    studio, number = session.studio(), st.session_state.get("round-job")
    if number is None:
        return
    job = queue.get(studio.engine, number)
    if job.ended:
        st.session_state.pop("round-job")
    if job.state == "done" and job.result:
        st.switch_page("pages/Rate.py", query_params={"round": str(job.result["round"])})
    job_boxes.show(number)
