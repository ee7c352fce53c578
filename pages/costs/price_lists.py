"""Price lists: what providers and own machines cost, each version, and the form for the next."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st
from sqlalchemy import Engine

from pages.admin.done import done
from pages.costs import fields
from studio import context
from studio.charges import currencies, price_text, prices, reasons
from studio.charges.prices import OWN, RIGHT, UNITS, PriceList
from studio.errors import StudioError
from studio.jobs import workers
from studio.web import addresses, drafts, ui
from studio.web.drafts import Draft
from studio.workflows import own_hours

NEW = "New list"


def shown(studio: context.Studio) -> None:
    """One list with all its versions, and the form."""
    st.header("Prices")
    st.caption(
        "Every change is a version of its own, and a charge names the version that it was "
        "reckoned by. Studios without prices count no hours of their own machines."
    )
    known = {one.name: one for one in prices.newest(studio.engine)}
    options = list(dict.fromkeys((*known, OWN, NEW)))
    ui.gone("list", options, "price list {}")
    name = str(st.selectbox("Price list", options, width=360, **addresses.one_of("list", options)))
    if name == OWN:
        _machines(studio)
    if name in known:
        _versions(prices.versions(studio.engine, name))
    _form(name, known.get(name))


def _machines(studio: context.Studio) -> None:
    alive = workers.alive(studio.engine, context.now())
    names = sorted({own_hours.machine_of(one.name) for one in alive})
    told = f" At work now: {', '.join(map(ui.plain, names))}." if names else ""
    st.caption(
        "What an hour of work on the team's own machines costs: power, wear, room. Each item is "
        f"a machine's name; \\* stands for all others.{told}"
    )


def _versions(found: list[PriceList]) -> None:
    st.dataframe(
        [
            {
                "version": one.version,
                "holds from": ui.moment(one.since),
                "currency": one.currency,
                "prices": price_text.written(one.prices, one.currency).replace("\n", "; "),
                "source": one.source,
                "by": one.by,
                "reason": one.why,
            }
            for one in found
        ],
        hide_index=True,
    )


def _form(name: str, held: PriceList | None) -> None:
    st.subheader("Next version" if held else "First version")
    saved = {
        "name": "" if name == NEW else name,
        "currency": held.currency if held else "EUR",
        "prices": price_text.written(held.prices, held.currency) if held else "",
        "since": "",
        "source": held.source if held else "",
        "why": "",
    }
    draft = drafts.begin(f"prices/{name}/{held.version if held else 0}", saved)
    if name == NEW:
        fields.text(draft, "name", "Name", "Of the provider, say.", prices.NAME)
    st.text_area(
        "Prices",
        height=160,
        placeholder="*, hour, 0.35" if name == OWN else "hunyuan3d-2, call, 0.08",
        **{
            **ui.only(RIGHT, help=f"Lines of: item, unit, price. Units: {', '.join(UNITS)}."),
            **drafts.field(draft, "prices"),
        },
    )
    fields.text(draft, "currency", "Currency", "As ISO 4217 has it: EUR, USD, JPY.", 3)
    fields.text(
        draft, "since", "Holds from", "A day, as 2026-11-29, by UTC; empty: from now on.", 10
    )
    fields.text(draft, "source", "Where they stand", "An address, with the day.", prices.SOURCE)
    fields.text(draft, "why", "Reason", "It is kept in the ledger.", reasons.LENGTH.stop - 1)
    st.button(
        "Save the prices",
        type="primary",
        on_click=_save,
        args=(draft, held.version if held else 0),
        **ui.only(RIGHT),
    )
    drafts.tell(draft)


def _save(draft: Draft, after: int) -> None:
    if done("The prices are saved.", _saved, draft, after):
        drafts.drop(draft)


def _saved(engine: Engine, draft: Draft, after: int, *, by: str, now: datetime) -> None:
    code = currencies.checked(drafts.value(draft, "currency"))
    prices.save(
        engine,
        drafts.value(draft, "name"),
        code,
        price_text.read(drafts.value(draft, "prices"), code),
        after=after,
        since=_day(drafts.value(draft, "since").strip()),
        source=drafts.value(draft, "source"),
        why=drafts.value(draft, "why"),
        by=by,
        now=now,
    )


def _day(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise StudioError(f"{text!r} is no day.", "Write it as 2026-11-29.") from None
