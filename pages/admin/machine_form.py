"""A machine that is added, and an adapter that is put on one."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from studio import context
from studio.accounts import rights
from studio.charges import money
from studio.charges.prices import TIMES
from studio.errors import StudioError
from studio.remote import client, machine_prices, machines
from studio.remote.connection import Connection
from studio.store.contents import digest_of
from studio.web import session, ui


def form() -> None:
    """Name, address, key, limits and price. The key is never shown again."""
    with st.form("machine"):
        st.subheader("Add a machine")
        st.text_input(
            "Name", key="machine-name", max_chars=machines.LONGEST, help="Known: that one changes."
        )
        st.text_input(
            "Address",
            key="machine-address",
            max_chars=2000,
            placeholder="https://gpu.example.com:8460",
        )
        st.text_input(
            "Key",
            key="machine-key",
            type="password",
            max_chars=500,
            help="The token that it takes. It is kept sealed and not shown again.",
        )
        st.number_input(
            "Seconds that one job may compute there",
            1,
            machines.MOST_SECONDS,
            machines.SECONDS,
            key="machine-seconds",
            help="What it can cost at most is reckoned by this.",
        )
        st.number_input(
            "Minutes without a job after which it ends",
            0,
            1_440,
            None,
            key="machine-idle",
            placeholder="as it is set",
            help="For one that was started with --may-close. 0: it stays.",
        )
        with st.container(horizontal=True):
            st.text_input(
                "Price", key="machine-price", max_chars=20, help="Empty: it costs nothing."
            )
            st.selectbox("For a", TIMES, key="machine-per")
            st.text_input("Currency", key="machine-currency", max_chars=3, placeholder="USD")
        st.form_submit_button("Add it", on_click=_add)


def put_form(machine: str) -> None:
    """A LoRA that is to stay on a machine."""
    with st.form(f"put-{machine}"):
        st.file_uploader("A LoRA, as safetensors", "safetensors", key=f"put-file-{machine}")
        st.form_submit_button("Put it there", on_click=_put, args=(machine,))


def ask(name: str, call: Callable[[Connection], str]) -> None:
    """Have a machine changed by who may; what came of it, or went wrong, is told on the page."""
    studio, connection = session.studio(), None
    try:
        rights.check(ui.person(), machines.RIGHT)
        machine = machines.get(studio.engine, name)
        networks = studio.settings.private_networks
        connection = machines.connected(studio.engine, studio.home, machine, networks)
        st.session_state["people-said"] = call(connection)
    except StudioError as error:
        st.session_state["people-wrong"] = error
    finally:
        if connection is not None:
            connection.close()


def _add() -> None:
    state, studio, who = st.session_state, session.studio(), ui.person()
    key, state["machine-key"] = state["machine-key"], ""
    name, idle = state["machine-name"].strip(), state["machine-idle"]
    before = next((one for one in machines.listing(studio.engine) if one.name == name), None)
    try:
        if state["machine-price"].strip():  # before anything is kept
            money.read(state["machine-price"].strip(), state["machine-currency"])
        made = machines.add(
            studio.engine,
            studio.home,
            name,
            state["machine-address"],
            key,
            networks=studio.settings.private_networks,
            kinds=before.kinds if before else (),  # said on the command line, and still so
            seconds=int(state["machine-seconds"]),
            idle_close=None if idle is None else float(idle),
            by=who,
            now=context.now(),
        )
        if price := state["machine-price"].strip():
            machine_prices.save(
                studio.engine,
                made.name,
                price,
                state["machine-per"],
                state["machine-currency"],
                by=who,
                now=context.now(),
            )
    except StudioError as error:
        state["people-wrong"] = error
        return
    for field in ("name", "address", "price"):
        state[f"machine-{field}"] = ""
    state["people-said"] = f"{made.name} is added. Test it."


def _put(machine: str) -> None:
    given = st.session_state.get(f"put-file-{machine}")

    def put(connection: Connection) -> str:
        if given is None:
            raise StudioError("No file was chosen.", "Choose a LoRA.")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "adapter.safetensors"
            file.write_bytes(given.getbuffer())
            client.put_adapter(connection, digest_of(file), file, Path(given.name).stem)
        return f"{given.name} is on {machine}."

    ask(machine, put)
