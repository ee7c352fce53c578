"""The styles: what is in production, what draws for the caller, and how it is asked for."""

from __future__ import annotations

from studio.api import known_versions, styles
from studio.api.calls import Caller
from studio.api.mcp.answers import Style, Styles, UsualSize
from studio.api.mcp.tool import Tool
from studio.generation import usual_sizes
from studio.worker.payload import Payload


class Nothing(Payload):
    """No arguments."""


def listed(caller: Caller, asked: Nothing) -> Styles:
    """Every style, those with something in production first."""
    names = {one.style for one in known_versions.of(caller.studio)}
    found = [_style(caller, name) for name in names]
    return Styles(items=sorted(found, key=lambda one: (one.production is None, one.style)))


def _style(caller: Caller, style: str) -> Style:
    yours = styles.production(caller, style)
    known = {one.number: one for one in known_versions.of(caller.studio, style)}
    draws = known.get(yours.version or 0)
    return Style(
        **styles.style(caller, style).model_dump(),
        yours=yours,
        kind=draws.kind if draws else "",
        trigger_word=draws.trigger_word if draws else "",
        usual_sizes=[
            UsualSize(name=one.name, width=one.size.width, height=one.size.height)
            for one in usual_sizes.read(caller.studio.home, style)
        ],
    )


LIST_STYLES = Tool(
    name="list_styles",
    title="List the house styles",
    says="The team's styles: what is in production since when, which version draws for you and "
    "why, its trigger word (put before prompts by itself), and the usual sizes in pixels. Call it "
    "before you generate.",
    right="look",
    takes=Nothing,
    gives=Styles,
    run=listed,
)
