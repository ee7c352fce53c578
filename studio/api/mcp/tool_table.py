"""The tools that there are. None judges: verdicts, ratings, votes and promotions are people's."""

from __future__ import annotations

from typing import Any

from studio.api.mcp.tool import Tool
from studio.api.mcp.tools import (
    characters,
    drawing,
    exporting,
    finishing,
    palettes,
    pictures,
    prop_edits,
    props,
    report,
    search,
    sheets,
    status,
    styles,
    upscaling,
    waiting,
    wishes,
)

TOOLS: dict[str, Tool[Any]] = {
    tool.name: tool
    for tool in (
        status.GET_STATUS,
        styles.LIST_STYLES,
        drawing.GENERATE,
        drawing.CHECK_LIST,
        drawing.DRAW_LIST,
        waiting.WAIT_FOR_JOB,
        waiting.CANCEL_JOB,
        search.SEARCH_PICTURES,
        pictures.GET_PICTURE,
        palettes.LIST_PALETTES,
        finishing.FINISH_PICTURES,
        upscaling.UPSCALE_PICTURES,
        upscaling.UPSCALE_TILES,
        upscaling.LIST_UPSCALING,
        props.MAKE_PROPS,
        props.LIST_PROPS,
        prop_edits.EDIT_PROP,
        prop_edits.DRAW_PROP_SHEET,
        prop_edits.EDIT_PICTURES,
        exporting.PLAN_EXPORT,
        exporting.EXPORT_ASSETS,
        sheets.MAKE_SHEET,
        characters.GET_CHARACTER,
        characters.DRAW_CELLS,
        characters.MAKE_CHARACTER_SHEET,
        wishes.EXPAND_WISHES,
        wishes.SEARCH_WISHES,
        wishes.GET_WISH,
        wishes.EDIT_WISH,
        report.GET_REPORT,
    )
}
