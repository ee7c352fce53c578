"""Assets of any kind on a wall: a click opens one, and several can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.gallery import address
from pages.gallery.chosen import Chosen, clicked, see
from pages.generate.picture_walls import tile
from studio.assets import listing
from studio.assets.boards import Board
from studio.assets.listing import Listed
from studio.assets.search import Wanted
from studio.generation import raw_pictures
from studio.web import components, session

KEY = "gallery"


def wall(found: Sequence[Listed], wanted: Wanted, side: int, chosen: Chosen) -> None:
    """A page of what is looked for; whoever opens one can go on to those beside it."""
    see(chosen, found)
    told = address.told(wanted)
    raw = raw_pictures.having(session.studio().engine, [one.id for one in found])
    tiles = [
        tile(
            one,
            one.said,
            f"/picture/asset/{one.id}" if one.width or one.kind == "picture" else "",
            f"/Picture?{urlencode({'id': one.id, **told})}",
        )
        | {"kind": one.kind, "raw": f"/picture/made/{one.id}/raw" if one.id in raw else ""}
        for one in found
    ]
    data = {
        "tiles": tiles,
        "side": side,
        "current": "",
        "choosing": True,
        "chosen": chosen.ids,
        "mark": chosen.mark,
    }
    shown = components.screen("wall")(
        key=KEY,
        data=data,
        on_opened_change=lambda: None,
        on_chosen_change=lambda: clicked(chosen, st.session_state[KEY].chosen),
    )
    if shown.opened:
        st.switch_page("pages/Picture.py", query_params={"id": str(shown.opened), **told})


def board_wall(found: Sequence[Board]) -> None:
    """Boards with their newest picture; a click opens one."""
    covers = [board.cover for board in found if board.cover]
    shown_by = {one.id: one for one in listing.of_ids(session.studio().engine, covers)}
    size = {id: (one.width, one.height) for id, one in shown_by.items() if one.width}
    tiles = [
        {
            "id": one.id,
            "kind": "no picture",
            "url": f"/picture/asset/{one.cover}" if one.cover in size else "",
            "href": f"/Gallery?board={one.id}",
            "width": size.get(one.cover, (0, 0))[0],
            "height": size.get(one.cover, (0, 0))[1],
            "alt": "",
            "said": one.name,
            "about": f"{one.count:,} on it · by {one.by}",
            "verdict": "",
            "mark": "",
        }
        for one in found
    ]
    data = {"tiles": tiles, "side": 160, "current": ""}
    shown = components.screen("wall")(key="boards", data=data, on_opened_change=lambda: None)
    if shown.opened:
        st.switch_page("pages/Gallery.py", query_params={"board": str(shown.opened)})
