"""One picture: large, how it was made, what is said of it, and its painted-over version."""

import streamlit as st

from pages.generate import picture_walls
from studio import context
from studio.assets import family, verdicts
from studio.assets.verdicts import Judgement, Verdict
from studio.diffusion import prompt_tokens
from studio.errors import StudioError
from studio.generation import gallery_table, painted_over, reasons
from studio.generation.gallery_table import Picture
from studio.generation.lists import FACTORS
from studio.web import page_frame, session, ui

ICONS: dict[Verdict, str] = {
    "approved": ":material/check:",
    "edit": ":material/edit:",
    "rejected": ":material/close:",
}
KEYS: dict[Verdict, str] = {"approved": "A", "edit": "E", "rejected": "X"}
RELATIVES = 12  # of a picture, that are shown


def pinned(id: str) -> None:
    """A click on the picture moves the two number fields, which hold the pin."""
    x, y = st.session_state[f"picture-{id}"].placed
    st.session_state[f"x-{id}"], st.session_state[f"y-{id}"] = round(100 * x, 1), round(100 * y, 1)


def say(picture: Picture, verdict: Verdict | None) -> None:
    """Store the verdict with the reasons, note and pin that stand in the fields."""
    state, studio = st.session_state, session.studio()
    x, y = state.get(f"x-{picture.id}"), state.get(f"y-{picture.id}")
    said = Judgement(
        verdict,
        tuple(state.get(f"reasons-{picture.id}", ())),
        state.get(f"note-{picture.id}", ""),
        None if x is None or y is None else (x / 100, y / 100),
    )
    try:
        verdicts.judge(
            studio.engine, picture.id, said, by=ui.person(), now=context.now(), turn=picture.turn
        )
    except StudioError as error:
        state["refused"] = error


def judged(picture: Picture, studio: context.Studio) -> None:
    """What is said of it, and the fields to say something else."""
    if picture.verdict:
        who, at = ui.plain(picture.judged_by or ""), ui.moment(picture.judged_at or "")
        st.markdown(f"**{verdicts.NAMES[picture.verdict]}** by {who}, {at}")
    else:
        st.markdown("**Not judged yet**")
    id, now = picture.id, picture.judgement
    listed = reasons.read(studio.home)
    options = list(dict.fromkeys([*listed, *now.reasons]))
    st.pills(
        "Reasons",
        options,
        selection_mode="multi",
        default=list(now.reasons),
        format_func=ui.plain,
        wrap=True,
        key=f"reasons-{id}",
    )
    st.text_area(
        "Note for whoever edits it", now.note, key=f"note-{id}", height=80, max_chars=verdicts.NOTE
    )
    x, y = (100 * now.pin[0], 100 * now.pin[1]) if now.pin else (None, None)
    columns = st.columns(2)
    columns[0].number_input(
        "Pin, % from the left", 0.0, 100.0, x, 1.0, key=f"x-{id}", placeholder="click it"
    )
    columns[1].number_input(
        "Pin, % from the top", 0.0, 100.0, y, 1.0, key=f"y-{id}", placeholder="click it"
    )
    with st.container(horizontal=True):
        for verdict, name in verdicts.NAMES.items():
            st.button(
                name,
                icon=ICONS[verdict],
                shortcut=KEYS[verdict],
                on_click=say,
                args=(picture, verdict),
                key=f"say-{verdict}",
                type="primary" if picture.verdict == verdict else "secondary",
                **ui.only("judge pictures"),
            )
        if picture.verdict:
            st.button(
                "Take the verdict back",
                on_click=say,
                args=(picture, None),
                type="tertiary",
                **ui.only("judge pictures"),
            )
    with st.popover("Edit the list of reasons", type="tertiary"):
        text = st.text_area("Reasons, one a line", "\n".join(listed), height=200)
        if st.button("Save the list", **ui.only("judge pictures")):
            reasons.write(
                studio.engine, text.splitlines(), listed, by=ui.person(), now=context.now()
            )
            st.rerun()


def painted(picture: Picture, studio: context.Studio) -> None:
    """The painted-over version, and a place to drop one."""
    st.header("Painted over")
    if picture.painted:
        st.caption(
            f"By {ui.plain(picture.painted_by or '')}. Datasets and downloads take this version."
        )
        if st.button("Take it away again", **ui.only("judge pictures")):
            painted_over.take_off(studio.engine, picture.id, turn=picture.turn, by=ui.person())
            st.rerun()
    else:
        st.caption(
            "Download the picture, paint over it and drop the result here: datasets then "
            "take your version."
        )
    dropped = st.file_uploader(
        "The painted-over picture",
        type=["png", "webp"],
        key=f"painted-{picture.turn}",
        max_upload_size=painted_over.BYTES // 1024**2,
    )
    if dropped is not None:
        painted_over.paint_over(
            studio.engine,
            studio.home,
            picture.id,
            dropped.getvalue(),
            by=ui.person(),
            now=context.now(),
        )
        st.rerun()


def about(picture: Picture) -> None:
    """How it was made, in the team's words."""
    rows = {
        "Prompt": picture.prompt,
        "Sent as": picture.full_prompt,
        "Not wanted": picture.negative,
        "Read as": prompt_tokens.told(picture.reading),
        "Style": f"{picture.style} version {picture.version}, strength {picture.strength:g}",
        "Mixed in": ", ".join(
            f"{o['style']} version {o['version']} at {o['strength']:g}" for o in picture.adapters
        ),
        "Seed": str(picture.seed),
        "Steps, guidance": f"{picture.steps}, {picture.guidance:g}",
        "Begun from": f"a picture, {picture.change:.0%} may change" if picture.start else "",
        "In its list": f"{picture.name}, variant {picture.variant}" if picture.name else "",
        "Category": picture.category,
        "Size": f"{picture.width} x {picture.height}",
        "Drawn": f"{ui.moment(picture.at)} by {picture.by}",
    }
    st.table({name: ui.plain(value) for name, value in rows.items() if value}, border="horizontal")


def relatives(picture: Picture, studio: context.Studio) -> None:
    """What it was made from and what was made from it; other pictures are a click away."""
    beside = {
        "Made from": family.parents(studio.engine, picture.id),
        "Made from this": family.children(studio.engine, picture.id),
    }
    for title, found in beside.items():
        if found:
            st.caption(title if len(found) <= RELATIVES else f"{title}, the first {RELATIVES}")
        for one in found[:RELATIVES]:
            named = ui.plain(f"{one.style} version {one.version}, seed {one.seed}")
            if one.kind == gallery_table.KIND:
                st.page_link("pages/Picture.py", label=named, query_params={"id": one.id})
            else:
                st.markdown(ui.plain(f"{one.kind} {one.name or one.key}"))


with page_frame.page("Picture") as studio:
    st.page_link("pages/Generate.py", label="Gallery", icon=":material/arrow_back:")
    wanted = st.query_params.get("id", "")
    if not wanted:
        st.info("No picture is chosen. Open one in the gallery.")
        st.stop()
    if refused := st.session_state.pop("refused", None):
        ui.failed(refused)
    picture = gallery_table.get(studio.engine, wanted)
    left, right = st.columns([3, 2], gap="large")
    with left:
        pin = picture.judgement.pin
        x, y = (st.session_state.get(f"{axis}-{picture.id}") for axis in "xy")
        if x is not None and y is not None:
            pin = (x / 100, y / 100)
        picture_walls.pinned(picture, pin, key=f"picture-{picture.id}", on_placed=pinned)
        if picture.painted:
            ui.pictures([picture_walls.painted(picture)], side=512)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for icon, label, param in (
                ("replay", "Again with these settings", "again"),
                ("image", "Begin from this picture", "start"),
            ):
                st.page_link(
                    "pages/Generate.py",
                    label=label,
                    icon=f":material/{icon}:",
                    query_params={param: picture.id},
                )
            factor = st.selectbox(
                "Size to download",
                FACTORS,
                FACTORS.index("1"),
                key="factor",
                width=180,
                format_func=lambda f: f"{f}x" + (" as drawn" if f == "1" else ""),
            )
            st.link_button(
                "Download with alpha",
                icon=":material/download:",
                url=f"/download/picture/{picture.id}?factor={factor}",
            )
        about(picture)
        relatives(picture, studio)
    with right:
        judged(picture, studio)
        painted(picture, studio)
