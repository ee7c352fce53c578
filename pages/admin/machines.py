"""Machines that jobs are sent to: what each is, has and did; adding, testing, forgetting one, and
the adapters on it."""

from __future__ import annotations

import streamlit as st

from pages.admin import machine_form
from pages.admin.done import done, told
from studio import context
from studio.accounts import rights
from studio.charges import charge as charges
from studio.errors import StudioError
from studio.remote import client, machine_prices, machines, runs, words
from studio.remote.connection import Connection
from studio.remote.machines import Machine
from studio.remote.runs import Run
from studio.web import session, ui

NEWEST = 20


def shown(studio: context.Studio) -> None:
    """Every machine, and a form for another one."""
    st.header("Machines")
    told()
    found = machines.listing(studio.engine)
    may = ui.may(machines.RIGHT)
    if not found:
        st.caption("All jobs are computed here. Another machine takes them once it is added.")
    for one in found:
        _one(studio, one, may)
    if may:
        machine_form.form()
    else:
        st.caption(f"Machines are added by {rights.who_may(machines.RIGHT)}.")


def _one(studio: context.Studio, one: Machine, may: bool) -> None:
    price = machine_prices.said(machine_prices.of(studio.engine, one.name, context.now()))
    count, computed = runs.totals(studio.engine, [one.name]).get(one.name, (0, 0))
    with st.expander(ui.plain(f"{one.name}, {price or 'costs nothing'}"), expanded=True):
        st.caption(
            ui.plain(
                f"{one.address}. One job computes for {one.seconds:,} s at most. "
                f"{count:,} runs computed {computed / 1_000:,.0f} s."
            )
        )
        if one.trouble:
            st.warning(ui.plain(one.trouble), icon=":material/cloud_off:")
        if one.said is not None:
            for line in words.lines_of(one.said):
                st.markdown(ui.plain(line))
            if wrong := words.other_program(one.said):
                st.warning(ui.plain(wrong), icon=":material/difference:")
            st.caption(f"As it said {ui.moment(one.seen_at or '')}.")
        if may:
            with st.container(horizontal=True):
                st.button("Test", key=f"test-{one.name}", on_click=_test, args=(one,))
                st.button(
                    "Forget it",
                    key=f"forget-{one.name}",
                    on_click=_forget,
                    args=(one,),
                )
            _adapters(one)
        _did(studio, one)


def _forget(one: Machine) -> None:
    done(f"{one.name} is forgotten, with its key.", machines.remove, one.name)


def _did(studio: context.Studio, one: Machine) -> None:
    found = runs.newest(studio.engine, one.name, NEWEST)
    if found:
        st.dataframe([_row(studio, run) for run in found], hide_index=True)


def _row(studio: context.Studio, run: Run) -> dict[str, object]:
    cost = str(charges.get(studio.engine, run.charge).amount) if run.charge else ""
    return {
        "job": run.job,
        "state": "closed" if run.closed_at else run.state,
        "sent": ui.moment(run.sent_at) if run.sent_at else "",
        "waited s": round(run.waited_ms / 1_000, 1),
        "computed s": round(run.computed_ms / 1_000, 1),
        "cost": cost,
        "note": run.note,
    }


def _adapters(one: Machine) -> None:
    """Those on the machine, asked for when somebody wants to see them."""
    if not st.toggle("Adapters on it", key=f"adapters-{one.name}"):
        return
    connection = None
    try:
        connection = _connected(one)
        found = client.adapters(connection)
    except StudioError as error:
        ui.failed(error)
        return
    finally:
        if connection is not None:
            connection.close()
    if not found:
        st.caption("None was put there. LoRAs that a job needs go along by themselves.")
    for each in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(ui.plain(f"{each['name']}, {each['bytes'] / 1e6:,.1f} MB"))
            st.caption(str(each["hash"])[:12])
            given = (one, str(each["hash"]), str(each["name"]))
            key = f"{one.name}-{each['hash']}"
            st.button("Verify", key=f"verify-{key}", on_click=_verify, args=given)
            st.button("Delete", key=f"drop-{key}", on_click=_drop, args=given)
    machine_form.put_form(one.name)


def _test(one: Machine) -> None:
    studio = session.studio()

    def test(connection: Connection) -> str:
        try:
            found = client.health(connection)
        except StudioError as error:
            machines.note(studio.engine, one.name, None, error.message, context.now())
            raise
        machines.note(studio.engine, one.name, found, "", context.now())
        return f"{one.name} answers."

    machine_form.ask(one.name, test)


def _verify(one: Machine, hash: str, name: str) -> None:
    def verify(connection: Connection) -> str:
        if not client.verify_adapter(connection, hash):
            raise StudioError(
                f"{name} on {one.name} is not as it was put there.", "Delete it there; put it anew."
            )
        return f"{name} is whole on {one.name}."

    machine_form.ask(one.name, verify)


def _drop(one: Machine, hash: str, name: str) -> None:
    def drop(connection: Connection) -> str:
        client.delete_adapter(connection, hash)
        return f"{name} is gone from {one.name}."

    machine_form.ask(one.name, drop)


def _connected(one: Machine) -> Connection:
    studio = session.studio()
    networks = studio.settings.private_networks
    return machines.connected(studio.engine, studio.home, one, networks)
