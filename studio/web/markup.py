"""HTML of pictures and of figures on a line. What people wrote is escaped here, once for all."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.evaluation.comparison import Mark

_SIGNS = frozenset("\\`*_{}[]()<>#+-.!|~$:=&")
# Streamlit's pages look for these after the markdown is read: web and mail addresses, :icons:.
_FOUND_LATER = re.compile(
    r"(?=https?://|www\.)|(?<=[-.\w+])(?=@)|(?<=:)(?=(?:[\w+-]+|material/\w+):)", re.IGNORECASE
)


@dataclass(frozen=True)
class Shown:
    """A picture on a page: address, what stands under it, its size in pixels (0: unknown), and
    where a click leads."""

    url: str
    caption: str = ""
    width: int = 0
    height: int = 0
    alt: str = ""
    href: str = ""


def row(shown: Sequence[Shown], side: int) -> str:
    """Pictures that wrap, each at most `side` pixels, small ones enlarged sharply."""
    return f'<div class="hs-row">{"".join(figure(one, side) for one in shown)}</div>'


def pairs(shown: Sequence[tuple[Shown, Shown | None]], side: int) -> str:
    """Pictures of two, one under the other, the pairs beside each other and wrapping."""
    cells = "".join(
        f'<div class="hs-pair">{figure(above, side)}{figure(below, side) if below else ""}</div>'
        for above, below in shown
    )
    return f'<div class="hs-row hs-pairs">{cells}</div>'


def shelf(shown: Sequence[Shown], side: int) -> str:
    """One line of pictures, as many as fit, each in a square of `side` pixels; of large ones
    copies of twice that."""
    small = [
        replace(one, url=f"{one.url}{'&' if '?' in one.url else '?'}side={2 * side}")
        if max(one.width, one.height) > 2 * side
        else one
        for one in shown
    ]
    figures = "".join(figure(one, side) for one in small)
    return f'<div class="hs-shelf" style="--side:{side}px">{figures}</div>'


def table(
    heads: Sequence[str], rows: Sequence[tuple[str, Sequence[Sequence[tuple[Shown, int]]]]]
) -> str:
    """Rows with a name, the first head's, and pictures under each other, with the side of each."""
    top = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th>'
        + "".join(
            f'<td><div class="hs-row">{"".join(figure(*one) for one in cell)}</div></td>'
            for cell in cells
        )
        + "</tr>"
        for name, cells in rows
    )
    return (
        f'<div class="hs-table" tabindex="0"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def colours(shown: Sequence[str]) -> str:
    """Patches of colours, "#rrggbb" each, that wrap."""
    named = map(quoted, shown)
    patches = "".join(f'<i style="background:{one}" title="{one}"></i>' for one in named)
    return f'<div class="hs-colours">{patches}</div>'


def shares(label: str, counted: Sequence[tuple[str, int]], all: int) -> str:
    """How many of `all` pictures each name has, in a table that scrolls, with a bar."""
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{count:,}</td>'
        f'<td><div class="hs-share"><b style="width:{count / all:.1%}"></b></div></td>'
        f"<td>{count / all:.0%}</td></tr>"
        for name, count in counted
    )
    heads = "".join(f'<th scope="col">{html.escape(h)}</th>' for h in (label, "pictures"))
    return (
        f'<div class="hs-shares" tabindex="0"><table><thead><tr>{heads}'
        f'<th scope="col" colspan="2">share</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def scale(marks: Sequence[Mark], digits: int) -> str:
    """Values on one line each, with their intervals; where the base and real art lie goes
    through all of them."""
    known = [v for m in marks for v in (m.value, m.low, m.high) if v is not None]
    ends = [value for value in known if math.isfinite(value)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    room = (high - low) * 0.04 or 1.0

    def place(value: float) -> float:
        return round(100 * min(max((value - low + room) / (high - low + 2 * room), 0), 1), 2)

    guides = "".join(
        f'<i style="left:{place(m.value)}%"></i>' for m in marks if m.kind in ("real", "base")
    )
    lanes = []
    for mark in marks:
        bar, said = "", f"{mark.value:,.{digits}f}"
        if mark.low is not None and mark.high is not None:
            left, right = place(mark.low), place(mark.high)
            bar = f'<b style="left:{left}%;width:{round(right - left, 2)}%"></b>'
            said += f" ({mark.low:,.{digits}f} to {mark.high:,.{digits}f})"
        dot = f'<u style="left:{place(mark.value)}%"></u>'
        lanes.append(
            f'<div class="hs-lane"><span>{html.escape(mark.label)}</span>'
            f'<span class="hs-track hs-{mark.kind}" aria-hidden="true">{guides}{bar}{dot}</span>'
            f"<span>{said}</span></div>"
        )
    return f'<div class="hs-scale"><div class="hs-lanes">{"".join(lanes)}</div></div>'


def figure(shown: Shown, side: int) -> str:
    """One picture with what stands under it."""
    longest = max(shown.width, shown.height)
    factor = side // longest if longest and longest <= side else 0
    shrunk = round(side * shown.width / longest) if longest else side
    width = shown.width * factor if factor else shrunk
    smooth = ' class="hs-smooth"' if longest > side else ""
    alt = quoted(shown.alt or shown.caption or "picture")
    said = f'<figcaption style="width:{side}px">{html.escape(shown.caption)}</figcaption>'
    url = html.escape(shown.url, quote=True)
    image = f'<img src="{url}" width="{width}" alt="{alt}" loading="lazy"{smooth}>'
    if shown.href:
        image = f'<a href="{quoted(shown.href)}" target="_self">{image}</a>'
    return f"<figure>{image}{said if shown.caption else ''}</figure>"


def lead(text: str) -> str:
    """A sentence that says what the rest comes to."""
    return f'<p class="hs-lead">{html.escape(text)}</p>'


def meters(shown: Sequence[tuple[str, float, str]]) -> str:
    """How full things are: a name, a share from 0 to 1, and the same in words."""
    rows = "".join(
        f"<span>{html.escape(name)}</span>"
        f'<span class="hs-meter" aria-hidden="true">'
        f'<b style="width:{min(max(share, 0), 1):.1%}"></b></span><span>{html.escape(said)}</span>'
        for name, share, said in shown
    )
    return f'<div class="hs-meters">{rows}</div>'


def interval(left: str, right: str, low: float, high: float) -> str:
    """A band on the line from `left` (share 0) to `right` (share 1), with the even middle."""
    names = f"<span>{html.escape(left)}</span><span>{html.escape(right)}</span>"
    place = f"left:{low:.1%};right:{1 - high:.1%}"
    label = html.escape(f"between {low:.0%} and {high:.0%} for {right}", quote=True)
    return (
        f'<div class="hs-interval" role="img" aria-label="{label}"><div class="hs-line">'
        f'<b style="{place}"></b><i></i></div><div class="hs-ends">{names}</div></div>'
    )


def plain(text: str) -> str:
    """Text for markdown in which nothing is markup: no signs, no links, no icons.

    Signs are escaped. Addresses and icons are sought in the text that comes out of that, so what
    begins one has a character before it that nobody sees and that belongs to no word (U+2060).
    """
    parted = _FOUND_LATER.sub("\u2060", text)
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in parted)


def quoted(text: str) -> str:
    """Text for an attribute of HTML. "</" is parted: the browser's cleaner drops whole attributes
    in which it sees the end of a script."""
    return html.escape(text.replace("</", "< /"), quote=True)
