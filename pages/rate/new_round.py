"""New ratings, and the rubrics that pictures are rated by."""

import streamlit as st

from pages.rate import contact_sheets
from studio import context
from studio.errors import StudioError
from studio.jobs import idempotency, queue
from studio.review import rubrics
from studio.web import job_boxes, session, ui
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds

NEW = "A new rubric"


def form() -> None:
    """Choose versions; who rates several at once does not know which made a picture."""
    studio = session.studio()
    found = contact_sheets.of_style("style")
    if found is None:
        return
    style, ready = found
    known = {0: "base (without a LoRA)"} if any(map(kinds.has_base, ready)) else {}
    known |= {v.number: f"version {v.number}" for v in ready}
    chosen = st.multiselect(
        "Versions",
        list(known),
        default=[v.number for v in ready[:2]],
        format_func=known.__getitem__,
    )
    left, middle, right = st.columns(3)
    rubric = left.selectbox("Rubric", rubrics.names(studio.home), key="round-rubric")
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
    elif st.button("Start rating", type="primary", **ui.only("open ballots")):
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


def edit_rubric() -> None:
    """A rubric as YAML. A change is a new version; ratings keep the one they were made by."""
    studio = session.studio()
    names = rubrics.names(studio.home)
    chosen = st.selectbox("Rubric", [*names, NEW], key="rubric-which")
    st.caption("Weights add up to 1. Ratings that have begun keep the rubric they began with.")
    name, before = str(chosen), None
    if chosen == NEW:
        name = st.text_input("Its name", key="rubric-name", placeholder="for example icons")
        text = st.text_area("As YAML", rubrics.TEXT, height=340, key="rubric-new")
    else:
        before = rubrics.load(studio.home, name)
        # The version in the key: after somebody's change the field shows what is there now.
        text = st.text_area("As YAML", before.text, height=340, key=f"rubric-{before.reference}")
    if not st.button("Keep this rubric", **ui.only("change rubrics", disabled=not name)):
        return
    if before is None and name in names:
        ui.failed(StudioError(f"There is a rubric {name} already.", "Choose it above."))
        return
    try:
        rubrics.save(
            studio.engine,
            name,
            text,
            after=before.version if before else None,
            by=ui.person(),
            now=context.now(),
        )
    except StudioError as error:
        ui.failed(error)
        return
    st.rerun()
