"""What is asked for: style, words, numbers, other styles, a picture to begin from."""

from typing import Any

import streamlit as st

from pages.generate.picture_walls import to_use
from studio.diffusion import bundled_bases, prompt_tokens, prompt_weights
from studio.diffusion.vocabulary import unknown_words
from studio.errors import StudioError
from studio.generation import gallery_table, prompts, start_pictures
from studio.numbers import SEEDS
from studio.registry import places, version_choice
from studio.registry.models import Version
from studio.web import session, ui
from studio.web.markup import Shown
from studio.workflows.model_kinds import table as kinds
from studio.workflows.version_loading import base_of

RANDOM, FIXED = "Random", "Fixed"
KEPT: dict[str, Any] = {"persist_state": "session"}  # a look at another page changes no setting


def asked(found: list[Version]) -> dict[str, Any] | None:
    """The whole form; what it asks for as the payload of a job, once the button is hit."""
    version = which(found)
    found = [version for version in found if kinds.draws(version)]
    kind = kinds.of(version)
    for said in kind.warnings(session.studio(), version):
        st.warning(ui.plain(said))
    place = st.container()
    settings = numbers(version)
    others = mixed(version, found) if kinds.is_adapter(version) else []
    start = beginning() if "start" in kind.takes else {}
    named = {(v.style, v.number): v.trigger_word for v in found}
    acting = [named[one["style"], one["version"]] for one in others if one["strength"]]
    with place:
        prompt, negative = words(version, acting)
        with st.container(horizontal=True, vertical_alignment="center"):
            # Not by on_click: its arguments would be those of the page before the last word typed.
            hit = st.button(
                "Draw",
                type="primary",
                icon=":material/brush:",
                shortcut="Ctrl+Enter",
                **ui.only("generate"),
            )
            st.page_link(
                "pages/Assets.py",
                label="Draw a whole list overnight",
                query_params={"style": version.style},
                icon=":material/bedtime:",
            )

    payload = {
        "style": version.style,
        "version": version.number,
        "prompt": prompt,
        "negative": negative,
        "adapters": others,
        **settings,
        **start,
    }
    return payload if hit else None


def take_over() -> None:
    """The settings of an earlier picture (?again=ID), or the picture itself (?start=ID)."""
    studio, state = session.studio(), st.session_state
    again, start = (st.query_params.pop(name, None) for name in ("again", "start"))
    if again:
        was = gallery_table.get(studio.engine, again)
        state["style"], state["wanted-version"] = was.style, was.version
        state["prompt"], state["negative"] = was.prompt, was.negative
        state["steps"], state["guidance"], state["strength"] = was.steps, was.guidance, was.strength
        state["seeds"], state["seed"], state["count"] = FIXED, was.seed % SEEDS, 1
        state["others"] = [f"{o['style']} version {o['version']}" for o in was.adapters]
        for other in was.adapters:
            state[f"strength of {other['style']} version {other['version']}"] = other["strength"]
        state["start"], state["change"] = was.start, was.change or 0.6
        state["wanted-size"] = was.width if was.width == was.height else None
    if start:
        with_it = to_use(gallery_table.get(studio.engine, start))
        state["start"] = start_pictures.keep_picture(studio.home, with_it, by=ui.person())


def which(found: list[Version]) -> Version:
    """The style and its version; what is in production unless another is chosen."""
    all_of, found = found, [v for v in found if kinds.draws(v)]
    live = {v.style: v for v in found if v.stage == "production"}
    styles = sorted({v.style for v in found}, key=lambda style: (style not in live, style))
    ui.gone("style", styles, "style {}")
    columns = st.columns(2)
    style = columns[0].selectbox("Style", styles, key="style", bind="query-params")
    mine = {v.number: v for v in found if v.style == style}
    ui.gone("version", mine, f"version {{}} of {style}")
    chosen = version_choice.choose(session.studio().engine, style, ui.person())
    there = chosen.version in mine
    usual = chosen.version if chosen.version in mine else max(mine)
    wanted = st.session_state.pop("wanted-version", ui.number_of("version"))
    st.query_params.pop("version", None)
    if wanted in mine:
        st.session_state[f"version of {style}"] = wanted
    where = places.places(session.studio().engine, style)
    labels = {n: f"{n} · {where.of(n)}" for n in mine}
    ui.relabelled(f"version of {style}", labels)
    number = columns[1].selectbox(
        "Version",
        list(mine),
        index=list(mine).index(usual),
        key=f"version of {style}",
        format_func=labels.__getitem__,
        **KEPT,
    )
    if chosen.version is not None and not there:
        named = (style, chosen.version)
        silent = next((v for v in all_of if (v.style, v.number) == named), None)
        ui.failed(_why_not(silent) if silent else version_choice.lost(style, chosen))
    elif style not in live:
        st.caption("Nothing of this style is in production; the newest version draws.")
    elif number != usual:
        st.caption(f"Default: {ui.plain(chosen.why)}")
    else:
        st.caption(ui.plain(chosen.why))
    return mine[number]


def _why_not(version: Version) -> StudioError:
    """Why a version that should draw does not, though it is there."""
    try:
        kinds.check_takes(version)
    except StudioError as error:
        return error
    raise AssertionError(f"{version} draws")


def words(version: Version, trigger_words: list[str]) -> tuple[str, str]:
    """Prompt and negative prompt, with what becomes of them."""
    prompt = st.text_area(
        "Prompt", key="prompt", placeholder="a red potion", height=80, max_chars=2000, **KEPT
    )
    negative = ""
    if kinds.takes(version, "negative"):
        negative = st.text_input(
            "Negative prompt: what should not be there", key="negative", max_chars=2000, **KEPT
        )
    full = prompts.with_triggers(prompt, [version.trigger_word, *trigger_words])
    if prompt.strip():
        st.caption(f"Sent as: {ui.plain(full)}")
    elif version.trigger_word:
        word = ui.plain(version.trigger_word)
        st.caption(
            f"The style's word {word} is put before it, or where you write "
            f"{ui.plain(prompts.TOKEN)}."
        )
    if kinds.is_adapter(version) and prompt.strip():
        length(version, full, negative)
    own = bundled_bases.find(version.tags.get("base_name", ""))
    if own and own in bundled_bases.present():
        plain = prompts.without_trigger(f"{prompt} {negative}", version.trigger_word)
        unknown = unknown_words(plain, own.folder)
        if unknown:
            st.warning(
                f"The practice base never learned: {ui.plain(', '.join(unknown))}. "
                "It draws something, but not that."
            )
    return prompt, negative


def length(version: Version, prompt: str, negative: str) -> None:
    """How many tokens the prompts have, and what of them is not drawn as it stands."""
    reader = prompt_tokens.of_base(base_of(session.studio(), version))
    counts = {"Prompt": prompt, "Negative prompt": negative}
    told = [f"{name}: {prompt_tokens.counted(reader, text)}" for name, text in counts.items()]
    st.caption(". ".join(told if negative else told[:1]) + ".")
    for name, text in counts.items():
        for sentence in prompt_tokens.said(reader, text, f"The {name.lower()}"):
            st.info(ui.plain(sentence), icon=":material/segment:")
        try:
            prompt_weights.check(text)
        except StudioError as error:
            ui.failed(error)


def numbers(version: Version) -> dict[str, Any]:
    """How it is drawn: seed and count first, the rest as it usually is."""
    left, right = st.columns([3, 2])
    how = left.segmented_control(
        "Seed", [RANDOM, FIXED], default=RANDOM, required=True, key="seeds", **KEPT
    )
    count = right.slider("Pictures", 1, 16, 4, key="count", **KEPT)
    seed = None
    if how == FIXED:
        seed = st.number_input("Seed of the first", 0, SEEDS - 1, 0, key="seed", **KEPT)
    numbers: dict[str, Any] = {"count": count, "seed": seed}
    columns = st.columns(3)
    if kinds.takes(version, "steps"):
        numbers["steps"] = columns[0].slider(
            "Steps", *ends("steps", 1, 60), 20, key="steps", **KEPT
        )
    if kinds.takes(version, "guidance"):
        numbers["guidance"] = columns[1].slider(
            "Guidance",
            *ends("guidance", 0.0, 15.0),
            4.0,
            0.5,
            key="guidance",
            **KEPT,
            help="How strictly it follows the prompt; high values look hard.",
        )
    if kinds.takes(version, "strength"):
        numbers["strength"] = columns[2].slider(
            "Style strength",
            *ends("strength", 0.0, 2.0),
            1.0,
            0.05,
            key="strength",
            **KEPT,
            help="0 is the base without the style, 1 as it was trained.",
        )
    if kinds.takes(version, "size"):
        numbers["size"] = sized(version)
    return numbers


def ends(key: str, low: float, high: float) -> tuple[Any, Any]:
    """Where a slider begins and ends: as usual, or at what was taken over from a picture that a
    command drew otherwise."""
    value = st.session_state.get(key, low)
    return min(low, value), max(high, value)


def sized(version: Version) -> int | None:
    """Pixels a side; at first those that the version learned at, None: the base's own."""
    trained = kinds.of(version).size(version)
    key = f"size of {version.style} {version.number}"
    wanted = st.session_state.pop("wanted-size", None)
    if wanted and wanted % 8 == 0:
        st.session_state[key] = wanted
    said = st.number_input(
        "Pixels a side",
        8,
        2048,
        trained,
        8,
        key=key,
        placeholder="the base's own",
        width=240,
        help=f"It learned at {trained} px, where it draws best."
        if trained
        else "Empty: what the base draws best.",
        **KEPT,
    )
    return int(said) - int(said) % 8 if said else None


def mixed(version: Version, found: list[Version]) -> list[dict[str, Any]]:
    """Other versions on the same base, each with its strength."""
    studio = session.studio()
    base = base_of(studio, version)
    others = {
        f"{v.style} version {v.number}": v
        for v in found
        if (v.style, v.number) != (version.style, version.number)
        and kinds.is_adapter(v)
        and base_of(studio, v) == base
    }
    chosen = [name for name in st.session_state.get("others", []) if name in others]
    # What is folded away is not drawn: the page is there sooner.
    box = st.expander("Mix in other styles", key="mix", on_change="rerun")
    if chosen and not box.open:
        st.caption(f"Mixed in: {ui.plain(', '.join(chosen))}")
    with box:
        if box.open and not others:
            st.caption("There is no other version on this base yet.")
        if box.open and others:
            st.session_state["others"] = chosen
            chosen = st.multiselect(
                "Further LoRAs", list(others), max_selections=4, key="others", **KEPT
            )
        return [
            {
                "style": others[name].style,
                "version": others[name].number,
                "strength": st.slider(
                    f"Strength of {name}",
                    *ends(f"strength of {name}", -1.0, 2.0),
                    0.6,
                    0.05,
                    key=f"strength of {name}",
                    **KEPT,
                )
                if box.open
                else st.session_state.get(f"strength of {name}", 0.6),
            }
            for name in chosen
        ]


def beginning() -> dict[str, Any]:
    """A picture to begin from, and how much of it may change."""
    studio, state = session.studio(), st.session_state
    start = state.get("start", "")
    if start and state.get("began") != start:  # chosen elsewhere, it is shown
        state["begin"] = True
    state["began"] = start
    box = st.expander("Begin from a picture", key="begin", on_change="rerun")
    with box:
        if not box.open:
            return {"start": start, "change": state.get("change", 0.6)} if start else {}
        dropped = st.file_uploader(
            "A picture, or open one of the gallery and choose it there",
            type=["png", "jpg", "jpeg", "webp"],
            key=f"drop-{state.get('drops', 0)}",
        )
        if dropped is not None:
            state["start"] = start = start_pictures.keep(
                studio.home, dropped.getvalue(), dropped.name, by=ui.person()
            )
            state["drops"] = state.get("drops", 0) + 1
            state["began"] = start
        if not start:
            return {}
        ui.pictures([Shown(f"/picture/start/{start}", alt="The picture to begin from")], 160)
        st.button("Begin without it", on_click=lambda: state.update(start=""))
        change = st.slider(
            "How much may change", *ends("change", 0.05, 1.0), 0.6, 0.05, key="change", **KEPT
        )
        return {"start": start, "change": change}
