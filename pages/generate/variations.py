"""Variations: a wall of a GAN's sprites, seed by seed, of which those that please are kept."""

from typing import Any

import streamlit as st

from pages.generate.beginning import begin_from
from studio import context
from studio.errors import StudioError
from studio.gan import wishes
from studio.gan.wishes import Wish
from studio.generation import start_pictures
from studio.jobs import idempotency, queue
from studio.jobs.table import Job
from studio.registry.models import Version
from studio.web import addresses, components, job_boxes, session, ui
from studio.web.markup import Shown
from studio.worker import submit
from studio.worker.kinds import variations
from studio.workflows.model_kinds import gan

PROMPT, VARIATIONS = "Prompt", "Variations"
COUNTS = (120, 480, 1_000, 4_000)
MIXED = 4  # classes at once
KEPT = 24  # seeds that are kept at once
CHOSEN, WALL = "variations-chosen", "variations-wall"


def of(found: list[Version]) -> list[Version]:
    """The versions that draw variations."""
    return [one for one in found if one.kind == gan.NAME]


def which(found: list[Version]) -> str:
    """Whether it is drawn by prompt or by seed; without a GAN nothing is asked."""
    if not of(found):
        return PROMPT
    return str(
        st.segmented_control(
            "Draw by",
            (PROMPT, VARIATIONS),
            required=True,
            label_visibility="collapsed",
            **addresses.one_of("show", (PROMPT, VARIATIONS)),
        )
    )


def show(studio: context.Studio, found: list[Version]) -> None:
    """What is asked for at the left; the wall at the right."""
    left, right = st.columns([3, 9], gap="large")
    with left:
        _form(studio, of(found))
    with right:
        _shown(studio)


def _form(studio: context.Studio, gans: list[Version]) -> None:
    by_name = {f"{one.style} version {one.number}": one for one in gans}
    first = next((name for name, one in by_name.items() if one.stage == "production"), None)
    version = by_name[
        st.selectbox("GAN", list(by_name), **addresses.one_of("of", list(by_name), first=first))
    ]
    names = gan.class_names(version)
    weights = list[tuple[str, float]]()
    if names:
        chosen = st.multiselect(
            "Classes",
            names,
            placeholder="All, as often as it learned them",
            max_selections=MIXED,
            key=f"variations-classes-{version.style}-{version.number}",
            help="Several are mixed in each sprite.",
        )
        for name in chosen:
            share = (
                st.slider(ui.plain(name), 0.0, 1.0, 1.0, 0.05, key=f"variations-weight-{name}")
                if len(chosen) > 1
                else 1.0
            )
            weights.append((name, share))
    own = float(version.tags.get("truncation", "0") or 0)
    truncation = st.slider(
        "Truncation",
        0.0,
        2.0,
        own,
        0.1,
        key=f"variations-truncation-{version.style}-{version.number}",
        help="Low: usual and alike; higher: more varied; 0: as varied as it learned.",
    )
    count = st.selectbox("Sprites", COUNTS, format_func="{:,}".format, key="variations-count")
    seed = st.number_input("First seed", 0, 2**31 - 1 - COUNTS[-1], 0, key="variations-seed")
    wish = Wish(tuple(weights), truncation if truncation != own else None)
    asked = {
        "style": version.style,
        "version": version.number,
        "wish": wishes.written(wish) if wish != Wish() else "",
        "seed": int(seed),
        "count": count,
    }
    if st.button(
        "Draw",
        type="primary",
        icon=":material/brush:",
        key="variations-draw",
        **ui.only("generate"),
    ):
        _ask(studio, asked)


def _ask(studio: context.Studio, asked: dict[str, Any]) -> None:
    who = ui.person()
    key = idempotency.key(studio.engine, "variations", asked, who)
    try:
        job = submit.ask(studio, "variations", asked, asked_by=who, now=context.now(), key=key)
    except StudioError as error:
        ui.failed(error)
        return
    st.query_params["wall"] = str(job.id)
    st.session_state[CHOSEN] = []
    st.rerun()


def _shown(studio: context.Studio) -> None:
    """The wall that was asked for last, and what is chosen of it."""
    wanted = ui.number_of("wall")
    if wanted is None:
        st.caption("The wall comes here: thousands of sprites, each with a seed of its own.")
        return
    try:
        job = queue.get(studio.engine, wanted)
    except StudioError as error:
        ui.failed(error)
        return
    if job.kind != "variations":
        st.warning(f"Job {job.id} is no wall.")
        return
    if job.state != "done" or job.result is None:
        job_boxes.show(job.id)
        return
    chosen = [seed for seed in st.session_state.get(CHOSEN, []) if _of(job, seed)]
    if chosen:
        _chosen(job, chosen)
    else:
        st.caption("Click the sprites that please you.")
    _wall(job, chosen)


def _of(job: Job, seed: int) -> bool:
    told = job.result or {}
    return bool(told["seed"] <= seed < told["seed"] + told["count"])


def _wall(job: Job, chosen: list[int]) -> None:
    told = job.result or {}
    tiles = [
        {
            "id": str(seed),
            "url": f"/picture/variation/{job.id}/{seed}",
            "href": f"/picture/variation/{job.id}/{seed}",
            "width": told["width"],
            "height": told["height"],
            "alt": f"seed {seed}",
            "said": str(seed),
            "about": "",
            "verdict": "approved" if seed in chosen else "",
            "mark": "chosen" if seed in chosen else "",
        }
        for seed in range(told["seed"], told["seed"] + told["count"])
    ]

    def clicked() -> None:
        opened = st.session_state[WALL].opened
        if opened is None:
            return
        seed, now = int(opened), list(st.session_state.get(CHOSEN, []))
        st.session_state[CHOSEN] = (
            [one for one in now if one != seed] if seed in now else [*now, seed][-KEPT:]
        )

    data = {"tiles": tiles, "side": max(48, told["width"]), "current": ""}
    components.screen("wall")(key=WALL, data=data, on_opened_change=clicked)


def _chosen(job: Job, chosen: list[int]) -> None:
    """What can be done with the chosen seeds."""
    told = job.result or {}
    ui.pictures(
        [Shown(f"/picture/variation/{job.id}/{seed}", str(seed)) for seed in chosen], side=96
    )
    with st.container(horizontal=True):
        st.button(
            "Keep it" if len(chosen) == 1 else f"Keep {len(chosen)}",
            icon=":material/save:",
            key="variations-keep",
            on_click=_keep,
            args=(told, tuple(chosen)),
            **ui.only("generate"),
        )
        st.button(
            "Draw over it in the style",
            icon=":material/image:",
            key="variations-over",
            on_click=_draw_over,
            args=(job.id, chosen[-1]),
            **ui.only("generate"),
        )
        st.button("Choose none", key="variations-none", on_click=_choose_none)
    if kept := st.session_state.pop("variations-kept", 0):
        st.success(f"{kept} on the way into the gallery.", icon=":material/check:")
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    if len(chosen) > 1:
        seeds = ",".join(map(str, chosen))
        name = f"{told['style']}:{told['version']}"
        st.caption("A walk between them, as a file:")
        st.code(f"python -m studio gan walk {name} --seeds {seeds} --out walk.webp", language=None)


def _choose_none() -> None:
    st.session_state[CHOSEN] = []


def _keep(told: dict[str, Any], chosen: tuple[int, ...]) -> None:
    """Draw the seeds again, as pictures of the gallery: the same bytes."""
    studio, who = session.studio(), ui.person()
    try:
        for seed in chosen:
            asked = {
                "style": told["style"],
                "version": told["version"],
                "prompt": told["wish"] or wishes.written(Wish()),
                "seed": seed,
            }
            key = idempotency.key(studio.engine, "generate", asked, who)
            submit.ask(studio, "generate", asked, asked_by=who, now=context.now(), key=key)
        st.session_state["variations-kept"] = len(chosen)
    except StudioError as error:
        st.session_state["refused"] = error


def _draw_over(job: int, seed: int) -> None:
    """Make it the picture that a LoRA's drawing begins from."""
    studio, who = session.studio(), ui.person()
    try:
        data = variations.file(studio.home, job, seed).read_bytes()
        begin_from(start_pictures.keep(studio.home, data, f"seed {seed}", by=who))
        st.session_state["show"] = PROMPT
    except StudioError as error:
        st.session_state["refused"] = error
