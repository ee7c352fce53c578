"""The tab of pictures: found by filter and words, described in place, a page at a time."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.datasets import bulk_edits, draft, picture_details, tab_state
from studio import context
from studio.datasets import duplicate_groups, inspection, manifests, picture_filter
from studio.datasets.duplicate_groups import Groups
from studio.datasets.edits import Change, Row
from studio.datasets.inspection import Findings
from studio.datasets.manifests import Head
from studio.datasets.picture_filter import Wanted
from studio.datasets.pictures import without_caption
from studio.errors import StudioError
from studio.web import addresses, components, ui

PER_PAGE = 48
ORIGINS = {"generated": "drawn by a style", "painted": "painted over", "augmented": "augmented"}
SIDES = {"Small": 96, "Medium": 160, "Large": 288}
SHOW = {
    "All": "all",
    "Changed in the draft": "changed",
    "Removed in the draft": "removed",
    "Without a caption": "no-caption",
    "Short caption": "short-caption",
    "Without a licence": "no-licence",
    "Without a consent": "no-consent",
    "With a mask": "mask",
    "Without a mask": "no-mask",
    "Mask of an earlier drawing": "stale-mask",
    "Wholly transparent": "empty",
    "Additions": "additions",
    "Near duplicates": "alike",
    "Unlike the others": "apart",
    "Odd scaling": "scaled",
    "Smoothed pixels": "blurred",
    "Stray colours": "palette",
}


def tab(studio: context.Studio, name: str) -> None:
    """The newest version with its draft, or an earlier one to look at."""
    heads = manifests.heads(studio.home, name)
    head = _asked_for(heads)
    if head is heads[0]:
        _desk(name, head.digest)
        return
    said = ui.plain(tab_state.label(head))
    st.info(f"An earlier version, as it was: {said}.", icon=":material/history:")
    st.button("Back to the newest", on_click=_newest, key="newest")
    rows = tuple(Row(p, p) for p in tab_state.version(name, head.digest).pictures)
    _grid(name, head.digest, rows, newest=False)
    if asked := st.query_params.get("picture"):
        picture_details.look(rows, asked)


def _asked_for(heads: list[Head]) -> Head:
    """The version in the address; the newest, and a word, where it is not there any more."""
    asked = st.query_params.get("version")
    found = [head for head in heads if head.version == asked]
    if asked and not found:
        st.warning(
            f"There is no version {ui.plain(asked[:40])} of this dataset; this is the newest.",
            icon=":material/search_off:",
        )
    return found[0] if found else heads[0]


def _newest() -> None:
    st.query_params.pop("version", None)


@st.fragment
def _desk(name: str, digest: str) -> None:
    """Only this part is drawn anew while somebody works, unless a button leads elsewhere."""
    if st.session_state.pop("redraw", False):
        st.rerun()
    draft.bar(name, digest)
    _grid(name, digest, tab_state.rows(name, digest), newest=True)
    draft.news(name)
    if asked := st.query_params.get("picture"):
        picture_details.show(name, tab_state.rows(name, digest), asked)


def _grid(name: str, digest: str, rows: tuple[Row, ...], newest: bool) -> None:
    groups = tab_state.groups(name, digest)
    wanted = _filter(rows, newest)
    found_out = tab_state.found_out(name, digest)
    found = picture_filter.pick(rows, wanted, groups, found_out)
    fresh = tab_state.fresh(name) if newest else frozenset[str]()
    if fresh and wanted.show != "alike":
        found.sort(key=lambda row: row.picture.hash not in fresh)
    editable = newest and ui.may("edit datasets")
    if editable:
        bulk_edits.panel(name, rows, found)
    side = _line(name, rows, found, editable)
    if not found:
        _nothing(wanted, groups, found_out)
        return
    place = st.container()
    with st.container(horizontal_alignment="center"):  # another filter begins with its first one
        page = tab_state.page("page", len(found), PER_PAGE, key=f"page {name} {wanted}")
    stay = {row.picture.hash for row in rows if not row.removed}
    near = duplicate_groups.among(groups, stay)
    alike = {hash: group for group in near for hash in group}
    names = {row.picture.hash: row.picture.file_name for row in rows} if alike else {}
    part = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    data = {
        "pictures": [_card(row, side, alike, names, found_out, fresh) for row in part],
        "side": side,
        "editable": editable,
        "chosen": tab_state.chosen(name) if editable else [],
        "chosen_mark": st.session_state.get("chosen-mark", 0),
        "taken": st.session_state.get("taken", [])[-200:],
        "place": f"{ui.person()} {name}",
        "reveal": st.session_state.get("reveal", 0),
    }
    with place:
        components.screen("pictures")(
            key="grid", data=data, on_said_change=lambda: _said(name, digest)
        )


def _line(name: str, rows: tuple[Row, ...], found: list[Row], editable: bool) -> int:
    """How many are shown and chosen, and how large they are: the side that is chosen."""
    line, size = st.columns([3, 1], vertical_alignment="center")
    chosen = tab_state.chosen(name) if editable else []
    said = f"{len(found):,} of " if len(found) < len(rows) else ""
    gone = sum(row.removed for row in rows)
    also = f", {gone:,} of them removed in the draft" if gone else ""
    also += f" · {len(chosen):,} chosen" if chosen else ""
    line.caption(f"{said}{tab_state.count(len(rows))}{also}")
    with size:
        return SIDES[
            st.segmented_control(
                "Size",
                list(SIDES),
                required=True,
                label_visibility="collapsed",
                **addresses.one_of("size", list(SIDES), first="Medium"),
            )
        ]


def _nothing(wanted: Wanted, groups: Groups | None, found_out: Findings | None) -> None:
    unknown = wanted.show in inspection.KINDS and found_out is None
    if unknown or (wanted.show == "alike" and groups is None):
        st.info("Check not run on this version.")
        tab_state.link("Look for them", "Statistics", key="look")
        return
    st.info("No picture fits. Take a word or a filter away.", icon=":material/search_off:")
    tab_state.link("Show all", "Pictures", key="show-all")


def _filter(rows: tuple[Row, ...], newest: bool) -> Wanted:
    words, category, tag, show = st.columns([3, 2, 2, 2])
    names = sorted({row.picture.category for row in rows})
    tags = sorted({tag for row in rows for tag in row.picture.tags})
    shows = list(SHOW) if newest else [label for label in SHOW if "draft" not in label]
    return Wanted(
        words=words.text_input(
            "Search",
            type="search",
            live=True,
            placeholder="words of captions, tags, file names",
            **addresses.text("q"),
        ),
        category=_one_of(category, "Category", names, "category"),
        tag=_one_of(tag, "Tag", tags, "tag"),
        show=SHOW[  # type: ignore[arg-type]
            show.selectbox("Show", shows, **addresses.one_of("show", shows, unsaid="All"))
        ],
    )


def _one_of(place: Any, label: str, names: list[str], key: str) -> str | None:
    options = [tab_state.ANY, *(name or tab_state.NONE for name in names)]
    found = place.selectbox(label, options, **addresses.one_of(key, options, unsaid=tab_state.ANY))
    return {tab_state.ANY: None, tab_state.NONE: ""}.get(found, found)


def _card(
    row: Row,
    side: int,
    alike: dict[str, tuple[str, ...]],
    names: dict[str, str],
    found_out: Findings | None,
    fresh: frozenset[str],
) -> dict[str, Any]:
    picture = row.picture
    notes = [("new", "mine")] if picture.hash in fresh else []
    if without_caption(picture):
        notes += [("words of the file name" if picture.caption else "no caption", "bad")]
    notes += [] if picture.licence else [("no licence", "bad")]
    others = [names[hash] for hash in alike.get(picture.hash, ()) if hash != picture.hash]
    notes += [(f"like {others[0].rpartition('/')[2]}", "bad")] if others else []
    notes += [(said, "bad") for said in (found_out.said(picture.hash) if found_out else [])]
    notes += [("mask of an earlier drawing", "bad")] if picture.mask_of else []
    notes += [(ORIGINS[picture.origin], "tag")] if picture.added else []
    notes += [(tag, "tag") for tag in picture.tags]
    if row.withdrawn:
        notes.append((f"withdrawn by {row.by}", "bad"))
    elif row.changed:
        notes.append((f"{'removed' if row.removed else 'changed'} by {row.by}", "mine"))
    return {
        "hash": picture.hash,
        "name": picture.file_name,
        "url": tab_state.shown(picture, side=side).url,
        "width": picture.width,
        "height": picture.height,
        "caption": picture.caption,
        "category": picture.category,
        "notes": notes,
        "masked": bool(picture.mask),
        "changed": list(row.changed),
        "removed": row.removed,
    }


def _said(name: str, digest: str) -> None:
    """The browser tells what was done and has not been confirmed yet."""
    taken = st.session_state.setdefault("taken", [])
    rows = {row.picture.hash: row for row in tab_state.rows(name, digest)}
    for action in st.session_state["grid"].said or []:
        if isinstance(action, dict) and isinstance(action.get("id"), str):
            if action["id"] not in taken:
                _take(name, rows, action)
                taken.append(action["id"])
    del taken[:-400]


def _take(name: str, rows: dict[str, Row], action: dict[str, Any]) -> None:
    does = action.get("do")
    if does == "choose":
        tab_state.choose(name, [hash for hash in action.get("hashes", []) if hash in rows])
        return
    row = rows.get(str(action.get("hash")))
    if row is None:
        return
    hash, file = row.picture.hash, row.picture.file_name
    if does == "open":
        st.query_params["picture"] = hash
    elif does == "caption":
        change = Change(hash, "caption", str(action.get("value", "")))
        draft.write(name, [change], f"Caption of {file}", key=action["id"])
    elif row.withdrawn and does == "bring back":
        said = StudioError(f"{file} was withdrawn by {row.by}.", "See the tab Consent.")
        st.session_state["draft-wrong"] = said
    elif does in ("remove", "bring back"):
        what = "Removed" if does == "remove" else "Brought back"
        change = Change(hash, "removed", does == "remove")
        draft.write(name, [change], f"{what} {file}", key=action["id"])
