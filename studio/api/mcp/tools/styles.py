"""The styles: what is in production, what draws for the caller, and how it is asked for."""

from __future__ import annotations

from studio.accounts.rights import check
from studio.api.mcp.answers import Production, Promoted, Rollout, Style, Styles, UsualSize
from studio.api.mcp.tool import Caller, Tool
from studio.generation import usual_sizes
from studio.registry import models, version_choice
from studio.worker.payload import Payload
from studio.workflows import style_overview
from studio.workflows.style_overview import Overview


class Nothing(Payload):
    """No arguments."""


def listed(caller: Caller, asked: Nothing) -> Styles:
    """Every style, those with something in production first."""
    check(caller.by, "look")
    known = models.list_versions(caller.studio.client)
    by_number = {(one.style, one.number): one for one in known}
    overviews = style_overview.overviews(caller.studio, known)
    return Styles(items=[_style(caller, one, by_number) for one in overviews])


def _style(caller: Caller, one: Overview, known: dict[tuple[str, int], models.Version]) -> Style:
    studio, style = caller.studio, one.style
    chosen = version_choice.choose(studio.engine, style, caller.by)
    draws = known.get((style, chosen.version or 0))
    live, since, going = one.live, one.promoted, one.rollout
    return Style(
        style=style,
        production=None
        if live is None
        else Promoted(
            version=live.number,
            since=since.at if since else None,
            by=since.by if since else None,
            why=since.why if since else None,
        ),
        newest=one.newest.number,
        rollout=None
        if going is None
        else Rollout(
            version=going.version,
            against=going.against,
            percent=going.percent,
            people=list(going.people),
            state=going.state,
        ),
        yours=Production(
            style=style,
            person=str(caller.by),
            version=chosen.version,
            why=chosen.why,
            pinned=chosen.pinned is not None,
        ),
        kind=draws.kind if draws else "",
        trigger_word=draws.trigger_word if draws else "",
        usual_sizes=[
            UsualSize(name=size.name, width=size.size.width, height=size.size.height)
            for size in usual_sizes.read(studio.home, style)
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
