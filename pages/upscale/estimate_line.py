"""What it will take, said before it begins: tiles, time, memory, money."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio import context
from studio.charges.money import Money
from studio.upscaling import estimates
from studio.upscaling.estimates import Estimate
from studio.web import ui
from studio.workflows import upscaling
from studio.workflows.upscaling import Wanted

CAREFUL_S = 3_600.0  # from so long on one is told that it can be left alone


def show(studio: context.Studio, asked: Sequence[Wanted], count: int = 1) -> None:
    """Of one picture, or of `count` together, of which these stand for all."""
    now = context.now()
    found = [upscaling.estimate(studio, one, now) for one in asked]
    if count == 1:
        _one(asked[0], found[0])
    else:
        _many(found, count)
    for sentence in dict.fromkeys(note for one in asked[:20] for note in upscaling.notes(one)):
        st.caption(f":material/info: {ui.plain(sentence)}")
    seconds = [one.seconds for one in found]
    share = count / len(found)
    if None not in seconds and share * sum(filter(None, seconds)) > CAREFUL_S:
        st.caption("It goes on when the browser is closed, and after a restart.")


def _one(asked: Wanted, found: Estimate) -> None:
    size = f"{asked.settings.width:,} x {asked.settings.height:,} px"
    st.markdown(f"**{size}** · {ui.plain(estimates.said(found.as_json()))}")


def _many(found: Sequence[Estimate], count: int) -> None:
    told = [f"**{count:,} pictures**"]
    share = count / len(found)
    if tiles := round(share * sum(one.tiles for one in found)):
        told.append(f"{'about ' if share > 1 else ''}{tiles:,} tiles")
    known = [one.seconds for one in found if one.seconds is not None]
    if len(known) == len(found):
        told.append(f"about {_length(share * sum(known))}")
    else:
        told.append("time not measured on this machine yet")
    told.append(f"{max(one.memory_gb for one in found):.1f} GB of memory")
    costs = [one.cost for one in found if one.cost is not None]
    if len(costs) == len(found):
        micros = round(share * sum(one.micros for one in costs))
        told.append(str(Money(micros, costs[0].currency)))
    st.markdown(" · ".join(told))


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"
