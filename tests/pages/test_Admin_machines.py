"""Machines on the page Admin, and the choice of one beside a button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from studio.context import Studio
from studio.jobs import queue
from studio.remote import machine_prices, machines, runs
from studio.remote.protocol import Base, Capabilities

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = "hs_a-key-that-nobody-else-sees-00"
Open = Callable[..., Any]


def add(studio: Studio, name: str, *kinds: str) -> None:
    machines.add(
        studio.engine,
        studio.home,
        name,
        "https://gpu.example.com:8460",
        KEY,
        networks=(),
        kinds=kinds,
        by="ana",
        now=NOW,
    )


def test_what_each_is_and_did_is_shown_and_its_key_is_not(studio: Studio, open_page: Open) -> None:
    add(studio, "attic")
    machine_prices.save(studio.engine, "attic", "0.00031", "second", "USD", by="ana", now=NOW)
    said = Capabilities(
        "0", "2.13.0", "cuda", "A100", 80.0, 200.0, kinds={"train": 1}, bases=(Base("pocket"),)
    )
    machines.note(studio.engine, "attic", said, "", NOW)
    job = queue.submit(
        studio.engine,
        kind="train",
        lane="elsewhere",
        payload={"style": "heroes"},
        asked_by="ana",
        now=NOW,
        where="attic",
    )
    run = runs.mean(studio.engine, job.id, "attic", NOW)
    runs.heard(studio.engine, run.id, "ended", 2_000, 90_000, NOW)
    at = open_page("Admin", show="Machines")
    text = "\n".join(str(one.value) for one in (*at.markdown, *at.caption, *at.warning))
    text = text.replace("\\", "")
    for part in ("A100, 80 GB", "Bases: pocket", "1 runs computed 90 s", "another version of"):
        assert part in text, part
    assert KEY not in str(at)
    assert "0.00031 USD a second" in at.expander[0].label.replace("\\", "")
    row = at.dataframe[0].value.iloc[0]
    assert (row["job"], row["state"], row["computed s"]) == (job.id, "ended", 90.0)
    (button,) = [one for one in at.button if one.label == "Forget it"]
    button.click().run()
    assert any("has runs of jobs" in one.value for one in at.error)
    runs.close(studio.engine, run.id, NOW)
    [one for one in at.button if one.label == "Forget it"][0].click().run()
    assert machines.listing(studio.engine) == []


def test_a_machine_is_added_and_its_key_leaves_the_page(studio: Studio, open_page: Open) -> None:
    add(studio, "attic", "train")  # another key, address and price for one that is there
    at = open_page("Admin", show="Machines")
    at.text_input(key="machine-name").set_value("attic")
    at.text_input(key="machine-address").set_value("https://gpu.example.com")
    at.text_input(key="machine-key").set_value(KEY)
    at.text_input(key="machine-price").set_value("0.001")
    at.number_input(key="machine-idle").set_value(20)
    at.text_input(key="machine-currency").set_value("usd")
    [one for one in at.button if one.label == "Add it"][0].click().run()
    assert [one.value.replace("\\", "") for one in at.success] == ["attic is added. Test it."]
    (made,) = machines.listing(studio.engine)
    assert (made.address, made.made_by) == ("https://gpu.example.com", "ana")
    assert (made.kinds, made.idle_close) == (("train",), 20.0)
    assert machines.key_of(studio.engine, studio.home, "attic") == KEY
    assert at.session_state["machine-key"] == ""
    at.text_input(key="machine-name").set_value("cellar")
    at.text_input(key="machine-address").set_value("https://10.0.0.7")
    at.text_input(key="machine-key").set_value(KEY)
    [one for one in at.button if one.label == "Add it"][0].click().run()
    assert any("in no public network" in one.value for one in at.error)


@pytest.mark.slow
def test_where_is_chosen_beside_the_button(studio: Studio, open_page: Open) -> None:
    at = open_page("Evaluate")
    assert not [one for one in at.selectbox if one.label == "Where"]
    add(studio, "attic", "train")
    at = open_page("Train")
    (where,) = [one for one in at.selectbox if one.label == "Where"]
    assert [str(one) for one in where.options] == ["Here", "attic: not tested yet"]


def test_a_notice_tells_that_a_job_elsewhere_has_ended(studio: Studio, open_page: Open) -> None:
    job = queue.submit(
        studio.engine,
        kind="train",
        lane="elsewhere",
        payload={"style": "heroes"},
        asked_by="ana",
        now=NOW,
        where="attic",
    )
    queue.cancel(studio.engine, job.id, "cy", NOW)
    assert ["has cancelled" in one.value for one in open_page("Admin").toast] == [True]
    assert not open_page("Admin").toast
