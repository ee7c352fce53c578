"""A new ballot: what is compared, on which prompts, who votes, and whether it can end."""

import math
import secrets
from datetime import date
from typing import Any

import streamlit as st

from pages.vote.purposes import ASKS
from studio import context
from studio.accounts import people
from studio.database import engine as db
from studio.errors import StudioError
from studio.evaluation import prompt_sets
from studio.jobs import queue
from studio.review import ballots, statistics, tally, voter_prompts
from studio.review.pictures import Side
from studio.web import addresses, job_boxes, record_cache, session, ui
from studio.worker import submit
from studio.workflows import review_sources
from studio.workflows.model_kinds import table as kinds

ATTENTION = "Pairs of a picture and its spoilt copy: who looks prefers the picture."
WHICH = {"set": "A saved prompt set", "own": "Each voter's own"}


def form() -> None:
    """The form; what it asks for is drawn and kept by a job, and the ballot opens when it ends."""
    studio = session.studio()
    if not any(map(kinds.draws, record_cache.versions())):
        st.info("There is no version to judge yet: train a style first.")
        st.page_link("pages/Train.py", label="Train a style", icon=":material/model_training:")
        return
    sides = _sides(studio)
    question = st.text_input("The one question", ballots.QUESTION, max_chars=200)
    which = st.segmented_control(
        "Prompts",
        list(WHICH),
        default="set",
        required=True,
        key="ballot-which",
        format_func=WHICH.__getitem__,
    )
    styles = list(dict.fromkeys(side["style"] for side in sides if not side.get("hand")))
    asked: dict[str, Any] = {"question": question, "sides": sides}
    if which == "own":
        number = st.number_input("Prompts that each voter writes", 1, voter_prompts.OWN, 4)
        asked |= {"own": int(number)}
    elif styles:
        asked |= _prompts(studio, styles)
    asked |= _people(studio, which == "own")
    if len(sides) < 2 or not styles:
        st.info("Choose two or more, at least one of them a version.")
        return
    pairs = _pairs(studio, asked)
    if pairs is None:
        return
    if not _can_end(asked, pairs):
        st.warning(_too_small(asked, pairs))
    if asked["asks"] == "people":
        many = len(asked["invited"]) or asked["voters"]
        st.caption(f"Each of the {many} voters counts once, however many pairs they see.")
    _open(studio, asked)


def _sides(studio: context.Studio) -> list[dict[str, Any]]:
    """Versions of any style, bases, and pictures that people made."""
    known: dict[str, dict[str, Any]] = {}
    drawn = [v for v in record_cache.versions() if kinds.draws(v)]
    styles = sorted({v.style for v in drawn})
    for style in styles:
        mine = [v for v in drawn if v.style == style]
        for version in mine:
            known[f"{style} version {version.number}"] = {"style": style, "version": version.number}
        if any(map(kinds.has_base, mine)):
            known[f"{style} base (without a LoRA)"] = {"style": style, "version": 0}
    wanted = st.query_params.get("style")
    first = wanted if wanted in styles else drawn[0].style
    usual = [label for label in known if label.startswith(f"{first} ")]
    field = addresses.some_of("sides", list(known), usual[:2], key="ballot-sides")
    chosen = st.multiselect("What is compared", list(known), **field)
    sides = [known[label] for label in chosen]
    with st.expander("Pictures made by hand"):
        st.caption(
            "Each named by its prompt, for example a red potion.png; several of one prompt with a "
            "number behind it. They stand against the versions on those prompts."
        )
        name = st.text_input("What they are called", "by hand", max_chars=40)
        files = st.file_uploader(
            "Pictures",
            type=["png", "webp", "jpg", "jpeg"],
            accept_multiple_files=True,
            key="ballot-hand",
            label_visibility="collapsed",
        )
        if files:
            try:
                token = review_sources.keep_by_hand(
                    studio.home, [(f.name, f.getvalue()) for f in files]
                )
                sides.append({"style": name, "version": 0, "hand": token})
            except StudioError as error:
                ui.failed(error)
    return sides


def _prompts(studio: context.Studio, styles: list[str]) -> dict[str, Any]:
    """The prompt set, the current one of the first style unless another is chosen."""
    found: dict[str, dict[str, Any]] = {}
    for style in styles:
        for file in sorted((studio.home / "prompts" / style).glob("*.json")):
            one = prompt_sets.load(studio.home, style, file.stem)
            current = prompt_sets.load(studio.home, style).version == one.version
            label = f"{style}: {len(one.prompts)} prompts, {len(one.seeds)} seeds each"
            label += " (current)" if current else f" ({one.version})"
            found[label] = {"of": style, "prompts": one.version, "now": current}
    if not found:
        st.info("The style has no saved prompt set yet; its first training makes one.")
        return {}
    usual = next((n for n, label in enumerate(found) if found[label]["now"]), 0)
    label = st.selectbox("Prompt set", list(found), index=usual, key="ballot-prompts")
    return {"of": found[label]["of"], "prompts": found[label]["prompts"]}


def _people(studio: context.Studio, only_invited: bool) -> dict[str, Any]:
    """Who votes, how much, until when, and what is asked of them."""
    known = sorted(_known_people(studio, db.revision(studio.engine)))
    invited = st.multiselect(
        "Who votes" + ("" if only_invited else " (nobody named: everybody may)"),
        known,
        accept_new_options=True,
        key="ballot-invited",
        placeholder="Choose, or type a name",
    )
    left, middle, right = st.columns(3)
    voters = len(invited)
    if not invited and not only_invited:
        voters = int(left.number_input("Voters expected", 1, 500, 5))
    share = None
    if not only_invited:
        share = middle.number_input("Pairs for each voter", 1, value=None, placeholder="all")
    due = right.date_input("Due", value=None)
    asks = st.radio(
        "What is asked", list(ASKS), index=int(voters >= ballots.PANEL), format_func=ASKS.get
    )
    repeats = golds = 0
    if not only_invited:
        with st.expander("Check the voters"):
            st.caption(
                "Off for small panels: these cost votes and decide nothing. A pair shown twice "
                "tells how consistent somebody is; an attention check whether they look."
            )
            one, two = st.columns(2)
            repeats = int(one.number_input("Pairs shown twice", 0, ballots.CHECKS, 0))
            golds = int(two.number_input("Attention checks", 0, ballots.CHECKS, 0, help=ATTENTION))
    return {
        "invited": [" ".join(name.split()) for name in invited],
        "voters": max(voters, 1),
        "share": share,
        "due": due.isoformat() if due else None,
        "asks": asks,
        "repeats": repeats,
        "golds": golds,
    }


@st.cache_data(max_entries=4, show_spinner=False)
def _known_people(_studio: context.Studio, revision: int) -> set[str]:
    """Accounts, and whoever has asked for something here."""
    names = {str(person.name) for person in people.listing(_studio.engine)}
    return names | {job.asked_by for job in queue.listing(_studio.engine, limit=200)}


def _pairs(studio: context.Studio, asked: dict[str, Any]) -> int | None:
    """How many pairs of pictures there will be; None where the sides can't be compared."""
    matches = math.comb(len(asked["sides"]), 2)
    if "own" in asked:
        return asked["own"] * matches
    if "of" not in asked:
        return None
    known = prompt_sets.load(studio.home, asked["of"], asked["prompts"])
    cells = [(prompt, seed) for prompt in known.prompts for seed in known.seeds]
    try:
        for side in asked["sides"]:
            if side.get("hand"):
                cells = list(review_sources.by_hand(studio.home, side["hand"], cells))
                prompts = len({prompt for prompt, _ in cells})
                st.caption(f"By hand: {prompts} of {len(known.prompts)} prompts have a picture.")
    except StudioError as error:
        ui.failed(error)
        return None
    return len(cells) * matches


def _can_end(asked: dict[str, Any], pairs: int) -> bool:
    return tally.reachable(
        asked["asks"],
        len(asked["invited"]) or asked["voters"],
        asked["share"] or pairs,
        len(asked["sides"]),
        own="own" in asked,
    )


def _too_small(asked: dict[str, Any], pairs: int) -> str:
    """Why no verdict can come of it, in numbers."""
    matches = math.comb(len(asked["sides"]), 2)
    least = statistics.least_blocks(statistics.ALPHA / matches)
    voters = len(asked["invited"]) or asked["voters"]
    people = asked["asks"] == "people"
    have = voters if people else (asked["share"] or pairs) // matches
    most = statistics.e_value(have, 0)
    what = "voters" if people else "pairs of each two versions"
    return (
        f"As it stands, no verdict can come of this ballot: if all {have} {what} agreed, the "
        f"evidence would be {most:.3g} and {20 * matches} are needed. It takes {least} {what}. "
        + ("Ask more voters, or what these voters prefer." if people else "Ask more pairs.")
    )


def _open(studio: context.Studio, asked: dict[str, Any]) -> None:
    """The button, and the job that it asked for."""
    key = st.session_state.setdefault("ballot-key", secrets.token_hex(8))
    if not st.button("Open the ballot", type="primary", **ui.only("open ballots")):
        return
    if "own" in asked:
        made = voter_prompts.open_ballot(
            studio.engine,
            sides=[Side(s["style"], s["version"]) for s in asked["sides"]],
            question=asked["question"],
            own=asked["own"],
            invited=asked["invited"],
            by=ui.person(),
            key=key,
            now=context.now(),
            asks=asked["asks"],
            due=date.fromisoformat(asked["due"]) if asked["due"] else None,
        )
        st.switch_page("pages/Vote.py", query_params={"ballot": str(made.id)})
    job = submit.ask(
        studio,
        "ballot",
        {**asked, "form": key},
        asked_by=ui.person(),
        now=context.now(),
        key=f"ballot {key}",
    )
    st.session_state["ballot-job"] = job.id
    st.session_state.pop("ballot-key")  # the next form is another ballot
    st.rerun()


def awaited() -> None:
    """The ballot that is being prepared for this person; it opens by itself."""
    studio = session.studio()
    number = st.session_state.get("ballot-job")
    if number is None:
        running = queue.listing(
            studio.engine, kind="ballot", user=ui.person(), states=("queued", "running")
        )
        number = running[0].id if running else None
    if number is None:
        return
    job = queue.get(studio.engine, number)
    if job.state == "done" and job.result:
        st.session_state.pop("ballot-job", None)
        st.switch_page("pages/Vote.py", query_params={"ballot": str(job.result["ballot"])})
    if job.ended:
        st.session_state.pop("ballot-job", None)
    job_boxes.show(number)
