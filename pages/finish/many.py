"""Many pictures before and after on a wall, those first that need a look; the same steps for all,
single ones left out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.finish import controls, figures_line, keeping, proposals, steps_draft
from pages.finish.figures_line import FIGURES
from pages.finish.which import Asked
from pages.gallery import refusals
from studio import context
from studio.errors import StudioError
from studio.finishing import doubts
from studio.finishing.steps import Steps
from studio.web import addresses, components, drafts, finished_previews, ui
from studio.web.drafts import Draft
from studio.web.finished_previews import Preview
from studio.workflows import real_figures
from studio.workflows.finishing_sources import Source, by_a_job
from studio.workflows.real_figures import Ranges

PAGE = 48
SIDE = 200
KEY, MARK = "finish-wall", "finish-wall-mark"


@dataclass(frozen=True)
class Looked:
    """A picture, what became of it, and what somebody should look at first, in words."""

    source: Source
    preview: Preview
    doubts: tuple[str, ...]

    @property
    def same(self) -> bool:
        done = self.preview.finished
        return done is not None and done.same and done.shadow is None


def show(studio: context.Studio, asked: Asked) -> None:
    """All of them, and what is done to them."""
    proposals.ways(studio, asked)
    _wall(studio, asked)


@st.fragment
def _wall(studio: context.Studio, asked: Asked) -> None:
    refusals.tell()
    proposal = proposals.proposal(studio, asked)
    draft = steps_draft.begin(asked.subject, proposal)
    left, right = st.columns([13, 7], gap="medium")
    with right:
        try:
            steps = steps_draft.steps_of(draft)
        except StudioError as error:
            steps = None
            ui.failed(error)
        place = st.container()
        kept = steps is not None and keeping.is_kept(draft, steps)
        proposals.told(draft, proposal, kept)
        controls.show(studio, draft)
    if steps is None:
        return
    job = by_a_job(asked.found)
    first = asked.found[:PAGE] if job else asked.found
    with left:
        looked = _looked(first, steps, figures_line.ranges(proposals.style_of(asked)))
        out = set(drafts.value(draft, "out"))
        st.markdown(_counted(asked, looked, out, job))
        done = [one.preview.finished for one in looked if one.preview.finished]
        figures_line.medians(proposals.style_of(asked), done)
        _leaving_out(draft, looked, out)
        pages = max(1, -(-len(looked) // PAGE))
        page = 1
        if pages > 1:
            page = st.pagination(
                pages, **addresses.one_of("page", range(1, pages + 1), unsaid=1, key="finish-page")
            )
        _tiles(asked, draft, looked[(page - 1) * PAGE : page * PAGE], steps, out)
    with place:
        wanted = [one for one in asked.found if one.asset.id not in out]
        keeping.many(wanted, steps, draft, job)


def _looked(found: Sequence[Source], steps: Steps, real: Ranges) -> list[Looked]:
    """Each of them after the steps, those first that need a look."""
    unknown = sum(not finished_previews.known(source, steps) for source in found)
    waiting = st.spinner(f"Finishing {unknown:,} pictures", show_time=True)
    with waiting if unknown else nullcontext():
        previews = [finished_previews.preview(source, steps) for source in found]
    looked = [
        Looked(source, preview, _doubts(preview, real))
        for source, preview in zip(found, previews, strict=True)
    ]
    return sorted(looked, key=lambda one: (not one.doubts, one.same))


def _doubts(preview: Preview, real: Ranges) -> tuple[str, ...]:
    done = preview.finished
    if done is None:
        return (preview.refused.message if preview.refused else "It could not be finished",)
    found = [doubts.SAYS[code] for code in done.doubts]
    for name in real_figures.outside(done.after, real, tuple(FIGURES)):
        label, said = FIGURES[name]
        low, high = real[name]
        found.append(
            f"{label} {said(getattr(done.after, name))}, real art {said(low)} to {said(high)}"
        )
    return tuple(found)


def _counted(asked: Asked, looked: Sequence[Looked], out: set[str], job: bool) -> str:
    told = [f"**{len(asked.found):,}** pictures"]
    if job:
        told.append(f"the first {len(looked):,} are shown")
    for count, says in (
        (sum(bool(one.doubts) for one in looked), "to look at first"),
        (len(out & {one.asset.id for one in asked.found}), "left out"),
        (sum(one.same for one in looked), "as the steps want them already"),
    ):
        if count:
            told.append(f"{count:,} {says}")
    return " · ".join(told)


def _leaving_out(draft: Draft, looked: Sequence[Looked], out: set[str]) -> None:
    """Those to look at first, all at once; and all back in."""
    doubted = [one.source.asset.id for one in looked if one.doubts]
    with st.container(horizontal=True, gap="small"):
        if set(doubted) - out:
            st.button(
                f"Leave out the {len(doubted):,} to look at",
                type="tertiary",
                on_click=_put_out,
                args=(draft, sorted(out | set(doubted))),
            )
        if out:
            st.button("Leave none out", type="tertiary", on_click=_put_out, args=(draft, []))


def _tiles(
    asked: Asked, draft: Draft, looked: Sequence[Looked], steps: Steps, out: set[str]
) -> None:
    """A page of the wall: before and after of each, a box that leaves it out; a click looks at
    one."""
    shown = [one.source.asset.id for one in looked]
    everything = [one.asset.id for one in asked.found]
    data = {
        "tiles": [_tile(one, steps, asked) for one in looked],
        "side": SIDE,
        "current": "",
        "choosing": True,
        "opening": True,
        "chosen": [id for id in everything if id not in out],
        # Another one whenever the choice changes otherwise than by a click.
        "mark": f"{draft.subject} {draft.at is None} {st.session_state.get(MARK, 0)}",
    }

    def chosen() -> None:
        told = st.session_state[KEY].chosen
        inside = {id for id in told if isinstance(id, str)} if isinstance(told, list) else set()
        elsewhere = out - set(shown)
        drafts.put(draft, out=sorted(elsewhere | (set(shown) - inside)))

    wall = components.screen("wall")(
        key=KEY, data=data, on_opened_change=lambda: None, on_chosen_change=chosen
    )
    if wall.opened in shown:
        st.switch_page("pages/Finish.py", query_params={**asked.all, "id": str(wall.opened)})


def _tile(one: Looked, steps: Steps, asked: Asked) -> dict[str, Any]:
    source, done = one.source, one.preview.finished
    width, height = finished_previews.pair_size(source, one.preview)
    name = source.asset.name or source.asset.recipe.get("prompt", "")
    address = finished_previews.address(source, steps, "pair")
    return {
        "id": source.asset.id,
        "kind": "picture",
        "url": address if done else "",
        "raw": finished_previews.address(source, steps, "before") if done else "",
        "href": f"/Finish?{urlencode({**asked.all, 'id': source.asset.id})}",
        "width": width,
        "height": height,
        "alt": f"Before and after: {name}",
        "said": "; ".join(one.doubts) or str(name),
        "about": f"{source.asset.style} v{source.asset.version}",
        "verdict": "edit" if one.doubts else "",
        "mark": "Look first" if one.doubts else "As it is" if one.same else "",
    }


def _put_out(draft: Draft, ids: list[str]) -> None:
    st.session_state[MARK] = st.session_state.get(MARK, 0) + 1
    drafts.put(draft, out=ids)
