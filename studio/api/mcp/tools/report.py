"""The success report, for whoever asks whether all this pays."""

from __future__ import annotations

from pydantic import Field

from studio.api import report
from studio.api.calls import Caller
from studio.api.mcp.answers import Success
from studio.api.mcp.tool import Tool
from studio.worker.payload import Payload, Text


class GetReport(Payload):
    """Which style, and of which month."""

    style: Text
    month: Text = Field(default="", description='As "2026-11", by UTC; left out: all months.')


def told(caller: Caller, asked: GetReport) -> Success:
    """The figures of a style."""
    return Success(**report.of(caller, asked.style, asked.month).model_dump())


GET_REPORT = Tool(
    name="get_report",
    title="Get the success report",
    says="What was promised of a style, figure by figure: style match, used with minimal edits, "
    "time saved and more, each met, not met or not shown, with its count, 95 % interval and why. "
    "Not shown is no failure: too little is known. Say interval and count with each value.",
    right="look",
    takes=GetReport,
    gives=Success,
    run=told,
)
