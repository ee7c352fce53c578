"""A rubric as a form: criteria with their weights, their question and what each score means."""

from typing import Any

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.errors import StudioError
from studio.review import rubrics
from studio.review.rubrics import STANDARD, Criterion, Rubric
from studio.web import addresses, drafts, session, ui
from studio.web.drafts import Draft

NEW = "A new rubric"
MOST = 12  # criteria
WHOLE = 100  # per cent that the weights come to


def edit() -> None:
    """A rubric, to be changed by who may, to be read by all. A change is a new version; ratings
    keep the one that they began with."""
    studio = session.studio()
    names = rubrics.names(studio.home)
    may = ui.may("change rubrics")
    options = [*names, NEW] if may else names
    chosen = st.selectbox("Rubric", options, **addresses.one_of("rubric", options, unsaid=STANDARD))
    if not may:
        st.caption(f"Rubrics are changed by {rights.who_may('change rubrics')}.")
        _shown(rubrics.load(studio.home, chosen))
        return
    before = None if chosen == NEW else rubrics.load(studio.home, chosen)
    start = before or rubrics.parse("new", rubrics.TEXT)
    draft = drafts.begin(f"rubric/{before.reference if before else 'new'}", _fields(start))
    drafts.tell(draft)
    if refused := st.session_state.pop("rubric-refused", None):
        ui.failed(refused)
    if before is None:
        st.text_input("Name", placeholder="for example icons", **drafts.field(draft, "name"))
    rows = drafts.value(draft, "rows")
    for row in rows:
        _criterion(draft, row, alone=len(rows) == 1)
    total = sum(_weight(draft, row) for row in rows)
    st.caption(f"The weights add up to {total:g} %. Ratings that have begun keep their rubric.")
    with st.container(horizontal=True):
        st.button(
            "Add a criterion",
            icon=":material/add:",
            on_click=_add,
            args=(draft,),
            disabled=len(rows) == MOST,
        )
        even = abs(total - WHOLE) < 1e-6
        st.button("Make them 100 %", on_click=_share, args=(draft,), disabled=even or not total)
        st.button("Save rubric", type="primary", on_click=_save, args=(draft, before))


def _criterion(draft: Draft, row: int, alone: bool) -> None:
    with st.container(border=True):
        name, weight, low, high, away = st.columns([4, 2, 1.5, 1.5, 1], vertical_alignment="bottom")
        name.text_input("Criterion", **drafts.field(draft, f"name {row}"))
        weight.number_input(
            "Weight, %", 0.0, 100.0, step=5.0, format="%g", **drafts.field(draft, f"weight {row}")
        )
        low.number_input("From", 0, 9, **drafts.field(draft, f"low {row}"))
        high.number_input("To", 0, 9, **drafts.field(draft, f"high {row}"))
        away.button(
            "Remove",
            key=f"remove-criterion-{row}",
            on_click=_remove,
            args=(draft, row),
            disabled=alone,
        )
        st.text_input("Question", **drafts.field(draft, f"help {row}"))
        with st.expander("What each score means"):
            scores = _scores(draft, row)
            for first in range(0, len(scores), 5):
                for column, score in zip(st.columns(5), scores[first : first + 5], strict=False):
                    field = drafts.field(draft, f"anchor {row} {score}")
                    column.text_input(str(score), max_chars=rubrics.ANCHOR, **field)


def _shown(rubric: Rubric) -> None:
    """The rubric for who may not change it."""
    for one in rubric.criteria:
        means = " · ".join(f"{number} {text}" for number, text in one.anchors)
        st.markdown(
            f"**{ui.plain(one.name)}** · {one.weight:.0%} · {one.low} to {one.high}  \n"
            f"{ui.plain(one.help)}" + (f"  \n{ui.plain(means)}" if means else "")
        )


def _fields(rubric: Rubric) -> dict[str, Any]:
    """What a rubric puts into the fields of the form, those of further criteria empty."""
    fields: dict[str, Any] = {"name": "", "rows": list(range(len(rubric.criteria)))}
    fields |= {"scale": [rubric.low, rubric.high]}
    for row in range(MOST):
        known = rubric.criteria[row] if row < len(rubric.criteria) else None
        one = known or Criterion("", 0.0, "", rubric.low, rubric.high)
        told = {
            "name": one.name,
            "weight": round(WHOLE * one.weight, 4),
            "help": one.help,
            "low": one.low,
            "high": one.high,
        }
        fields |= {f"{name} {row}": value for name, value in told.items()}
        means = dict(one.anchors)
        fields |= {f"anchor {row} {score}": means.get(score, "") for score in range(10)}
    return fields


def _scores(draft: Draft, row: int) -> list[int]:
    low, high = (int(drafts.value(draft, f"{end} {row}")) for end in ("low", "high"))
    return list(range(low, high + 1))


def _weight(draft: Draft, row: int) -> float:
    return float(drafts.value(draft, f"weight {row}"))


def _add(draft: Draft) -> None:
    rows = drafts.value(draft, "rows")
    free = next(row for row in range(MOST) if row not in rows)
    drafts.put(draft, rows=[*rows, free])


def _remove(draft: Draft, row: int) -> None:
    drafts.put(draft, rows=[other for other in drafts.value(draft, "rows") if other != row])


def _share(draft: Draft) -> None:
    """Bring the weights to 100 % in their proportions; what rounding leaves goes to the first."""
    rows = drafts.value(draft, "rows")
    total = sum(_weight(draft, row) for row in rows)
    shares = {row: round(WHOLE * _weight(draft, row) / total, 1) for row in rows}
    shares[rows[0]] = round(shares[rows[0]] + WHOLE - sum(shares.values()), 1)
    drafts.put(draft, **{f"weight {row}": share for row, share in shares.items()})


def _read(draft: Draft, row: int) -> Criterion:
    """A criterion as the fields have it."""
    low, high = (int(drafts.value(draft, f"{end} {row}")) for end in ("low", "high"))
    means = [(score, drafts.value(draft, f"anchor {row} {score}")) for score in range(10)]
    return Criterion(
        name=drafts.value(draft, f"name {row}"),
        weight=_weight(draft, row) / WHOLE,
        help=drafts.value(draft, f"help {row}"),
        low=low,
        high=high,
        anchors=tuple((n, text) for n, text in means if text.strip() and low <= n <= high),
    )


def _save(draft: Draft, before: Rubric | None) -> None:
    studio, now = session.studio(), context.now()
    name = before.name if before else str(drafts.value(draft, "name")).strip()
    low, high = drafts.value(draft, "scale")
    try:
        if before is None and name in rubrics.names(studio.home):
            raise StudioError(f"There is a rubric {name} already.", "Choose it above.")
        criteria = [_read(draft, row) for row in drafts.value(draft, "rows")]
        text = rubrics.written((low, high), criteria)
        after = before.version if before else None
        rubrics.save(studio.engine, name, text, after=after, by=ui.person(), now=now)
    except StudioError as error:
        st.session_state["rubric-refused"] = error
        return
    drafts.drop(draft)
    st.session_state["rubric"] = name
    st.toast(f"Rubric {ui.plain(name)} is saved.")
