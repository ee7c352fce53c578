"""Lists: paste one, check it, let it be drawn overnight, judge it in the morning."""

from dataclasses import asdict

import streamlit as st

from studio import context
from studio.assets.search import Wanted
from studio.diffusion import prompt_tokens, vocabulary
from studio.errors import StudioError
from studio.generation import gallery_table, lists, prompts
from studio.generation.lists import PictureList
from studio.jobs import idempotency, queue
from studio.registry import version_choice, version_pins
from studio.text import decoding
from studio.web import job_boxes, page_frame, record_cache, session, ui
from studio.worker import submit
from studio.workflows.model_kinds import table as kinds
from studio.workflows.version_loading import base_of

TOLD = 10  # lines that are told of
EXAMPLE = """name, prompt, count, seed
potion_red, a red potion, 4, 1
potion_blue, a blue potion, 4, 1
gem_coral, a coral gem, 2,"""


def given() -> PictureList | None:
    """The list that was pasted or dropped, read line by line; None where there is none yet."""
    columns = st.columns([3, 2], gap="large")
    text = columns[0].text_area(
        "Paste from a table, or write CSV: name, prompt, count, seed",
        key="list",
        height=220,
        placeholder=EXAMPLE,
        persist_state="session",
    )
    dropped = columns[1].file_uploader(
        "Or drop a CSV file", type=["csv", "tsv", "txt"], max_upload_size=2
    )
    count = columns[1].number_input("Pictures where a line gives no count", 1, 100, 4)
    columns[1].caption(
        "Each name becomes files NAME_1.png, NAME_2.png, ... Without a seed the name decides one, "
        "so the same list draws the same pictures."
    )
    if dropped is not None:
        try:
            found = decoding.decode(dropped.getvalue(), dropped.name)
        except StudioError as error:
            ui.failed(error)
            return None
        text = found.text
        if found.read_as:
            st.caption(f"{ui.plain(dropped.name)} is not UTF-8 and read as {found.read_as}.")
    return lists.read_list(text, int(count)) if text.strip() else None


def ask(payload: dict[str, object]) -> None:
    """Ask for the whole list as one job, however often the button is hit."""
    studio, who = session.studio(), ui.person()
    key = idempotency.key(studio.engine, "batch", payload, who)
    job = submit.ask(studio, "batch", payload, asked_by=who, now=context.now(), key=key)
    st.toast(f"{job.payload['style']} draws the list; judge it here when it is done.")


def which(studio: context.Studio, style: str, named: str) -> int | None:
    """The version that draws the set, why, and the pin that keeps it for the set."""
    chosen = version_choice.choose(studio.engine, style, ui.person(), named)
    there = chosen.version is None or chosen.version in {
        v.number for v in record_cache.versions(style)
    }
    if there:
        st.caption(ui.plain(chosen.why))
    else:
        ui.failed(version_choice.lost(style, chosen))
    if not named:
        return chosen.version
    pinned = next(
        (p for p in version_pins.pins_of(studio.engine, style, ui.person()) if p.assets == named),
        None,
    )
    label = f"Draw “{ui.plain(named)}” with version {chosen.version} whatever is promoted later"
    st.checkbox(
        label,
        pinned is not None,
        key=f"pin-{style}-{named}",
        on_change=pin,
        args=(style, named, chosen.version),
    )
    return chosen.version


def pin(style: str, named: str, version: int) -> None:
    """Keep the version for the person's list, or take the pin off."""
    kept = st.session_state[f"pin-{style}-{named}"]
    version_pins.pin(
        session.studio().engine,
        style,
        ui.person(),
        named,
        version if kept else None,
        why=f"kept for {named}",
        now=context.now(),
    )


def new(studio: context.Studio) -> None:
    """A list, what is wrong with it, and what draws it."""
    found = given()
    styles = sorted({v.style for v in record_cache.versions() if v.stage == "production"})
    if not styles:
        st.info("A list is drawn with what is in production, and nothing is yet.")
        st.page_link("pages/Registry.py", label="Promote a version", icon=":material/inventory_2:")
        return
    if found:
        for problem in found.problems[:10]:
            st.error(ui.plain(problem))
        if len(found.problems) > 10:
            st.error(f"And {len(found.problems) - 10} lines more.")
        st.dataframe(
            [asdict(one) for one in found.lines],
            hide_index=True,
            height=320 if len(found.lines) > 8 else "auto",
        )
    columns = st.columns([2, 1, 1, 1])
    style = columns[0].selectbox("Style", styles, key="style", bind="query-params")
    steps = columns[1].number_input("Steps", 1, 60, 20)
    guidance = columns[2].number_input("Guidance", 0.0, 15.0, 4.0, 0.5)
    strength = columns[3].number_input("Style strength", 0.0, 2.0, 1.0, 0.05)
    negative = st.text_input("Negative prompt, for all", max_chars=2000)
    named = st.text_input(
        "Name of this list", key="set", max_chars=200, placeholder="level 3 props"
    ).strip()
    version = which(studio, style, named)
    if found:
        told_of(studio, found, negative, style, version)
    payload: dict[str, object] = {
        "style": style,
        "set": named,
        "version": version,
        "steps": steps,
        "guidance": guidance,
        "strength": strength,
        "negative": negative,
        "assets": [asdict(one) for one in found.lines] if found else [],
    }
    ready = found is not None and not found.problems
    label = f"Draw {found.pictures:,} pictures" if found and ready else "Draw the list"
    if st.button(
        label, type="primary", icon=":material/bedtime:", **ui.only("generate", not ready)
    ):
        ask(payload)


def told_of(
    studio: context.Studio, found: PictureList, negative: str, style: str, number: int | None
) -> None:
    """Lines whose prompt is not drawn as it stands, or not at once, before anything is drawn."""
    version = next((v for v in record_cache.versions(style) if v.number == number), None)
    if version is None or not kinds.is_adapter(version):
        return
    reader = prompt_tokens.of_base(base_of(studio, version))
    base, word = version.tags.get("base_name", ""), version.trigger_word
    said = prompt_tokens.said(reader, negative, "The negative prompt")
    said += [
        f"{line.name}: {sentence}"
        for line in found.lines
        for sentence in (
            *prompt_tokens.said(reader, prompts.with_trigger(line.prompt, word)),
            *vocabulary.said(base, prompts.without_trigger(line.prompt, word)),
        )
    ]
    for sentence in said[:TOLD]:
        st.info(ui.plain(sentence), icon=":material/segment:")
    if len(said) > TOLD:
        st.info(f"And {len(said) - TOLD:,} more like these.")


def earlier(studio: context.Studio) -> None:
    """Lists so far: how far they are, and the way to judge them."""
    jobs = queue.listing(studio.engine, kind="batch", limit=30)
    if not jobs:
        st.caption("No list has been drawn yet.")
    for job in jobs:
        counts = gallery_table.tally(studio.engine, Wanted(job=job.id))
        drawn = sum(counts.values())
        wanted = sum(asset["count"] for asset in job.payload["assets"])
        with st.container(border=True):
            st.markdown(
                f"**{len(job.payload['assets'])} assets of {ui.plain(job.payload['style'])}** · "
                f"asked by {ui.plain(job.asked_by)}, {ui.moment(job.asked_at)}"
            )
            if job.state != "done":
                job_boxes.show(job.id)
            st.caption(
                f"{drawn} of {wanted} drawn, {counts.get('open', 0)} not judged yet, "
                f"{counts.get('approved', 0)} approved"
            )
            if drawn:
                there = {"job": str(job.id)}
                st.page_link(
                    "pages/Sort.py",
                    label="Judge and download",
                    query_params=there,
                    icon=":material/keyboard:",
                )


with page_frame.page("Lists", "A list in the evening, a contact sheet in the morning.") as studio:
    st.page_link("pages/Generate.py", label="Generate", icon=":material/arrow_back:")
    new(studio)
    st.header("Lists so far")
    earlier(studio)
