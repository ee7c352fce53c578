"""The styles: what is in production, what draws for the caller, and how it is asked for."""

from __future__ import annotations

from studio.api import known_versions, styles
from studio.api.calls import Caller
from studio.api.mcp.answers import Style, Styles, UsualSize
from studio.api.mcp.tool import Tool
from studio.generation import usual_sizes
from studio.worker.payload import Payload
from studio.workflows.style_overview import Overview, overviews


class Nothing(Payload):
    """No arguments."""


def listed(caller: Caller, asked: Nothing) -> Styles:
    """Every style, those with something in production first."""
    known = known_versions.of(caller.studio)
    return Styles(items=[_style(caller, one) for one in overviews(caller.studio, known)])


def _style(caller: Caller, one: Overview) -> Style:
    yours = styles.production(caller, one.style)
    known = {version.number: version for version in known_versions.of(caller.studio, one.style)}
    draws = known.get(yours.version or 0)
    return Style(
        **styles.at_a_glance(one).model_dump(),
        yours=yours,
        kind=draws.kind if draws else "",
        trigger_word=draws.trigger_word if draws else "",
        usual_sizes=[
            UsualSize(name=size.name, width=size.size.width, height=size.size.height)
            for size in usual_sizes.read(caller.studio.home, one.style)
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
