"""By clicking: trainings are queued for tonight and put in order, and settings are tried in a
sweep whose best trial is taken on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from studio import context
from studio.datasets import manifests
from studio.jobs import queue, queue_order
from studio.jobs.table import Job
from studio.registry import models
from studio.worker.kind_table import exclusive
from studio.workflows.sweeps import study, sweep_run
from tests.browser.conftest import drawn_all
from tests.browser.furnished import STYLE, Furnished

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
Visit = Callable[..., Page]
MINUTES = 60_000.0
NEWS_MS = 15_000  # a page looks every five seconds for what others changed


def _type(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def _clock(page: Page, label: str, time: str) -> None:
    """Type a time of day such as 03:15, or a day and that; it counts with what is done next."""
    page.get_by_label(label, exact=True).get_by_role("spinbutton").first.click()
    page.keyboard.type(time.replace(":", ""))


def _style(page: Page, name: str) -> None:
    style = page.get_by_role("combobox", name=re.compile("Style"))
    style.fill(name)
    style.press("Enter")


def until(true: Callable[[], bool], page: Page) -> None:
    """Waits until the studio has stored what was asked for; a minute at most."""
    for _ in range(60):
        if true():
            return
        page.wait_for_timeout(1000)
    raise AssertionError("a minute was not enough")


def _tonight(hours: float) -> datetime:
    """A quarter of an hour, so far from now that no test is still there when it comes."""
    moment = context.now() + timedelta(hours=hours)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def _queue(page: Page, style: str, begin: datetime) -> None:
    """As an artist asks for one: a style, a time, the button."""
    _style(page, style)
    drawn_all(page)  # while the page is drawn anew, the one before is still there
    later = page.get_by_role("radio", name="At a time")
    expect(later).to_have_count(1)
    later.click()
    _clock(page, "At", f"{begin:%H:%M}")
    page.get_by_role("button", name="Queue it").click()
    expect(_row(page, style)).to_be_visible()


def _row(page: Page, style: str) -> Locator:
    """The box of a training in the queue."""
    boxes = page.locator('[data-testid="stHorizontalBlock"]')
    return boxes.filter(has_text=re.compile(rf"Training {style}\b")).last


def _waiting(there: Furnished) -> dict[str, Job]:
    """Those that wait by their style, in their order; others' tests' left out."""
    found = queue_order.waiting(there.studio.engine, exclusive())
    return {job.payload["style"]: job for job in found if job.payload["style"].startswith("night")}


def test_several_wait_for_the_night_in_an_order(visit: Visit, there: Furnished) -> None:
    engine, begin = there.studio.engine, _tonight(5)
    # Two who asked for nothing yet: whose turn it is depends on what they had.
    page = visit(f"/Train?preset=Fast&data={STYLE}", person="Ida")
    for number, style in enumerate(("night-1", "night-2", "night-3"), start=1):
        if number > 1:
            page.get_by_role("radio", name="New", exact=True).click()
        _queue(page, style, begin)
        expect(page.get_by_text(f"{number}. Training {style}")).to_be_visible()
    other = visit(f"/Train?preset=Fast&data={STYLE}", person="Ole")
    _queue(other, "night-4", begin)
    # The others see it without a click: when each begins and ends, and who wants it.
    # Ole's one does not wait for all of Ida's.
    expect(page.get_by_text("2. Training night-4")).to_be_visible(timeout=NEWS_MS)
    expect(_row(page, "night-4")).to_contain_text("asked by Ole")
    expect(_row(page, "night-1")).to_contain_text(re.compile(rf"{begin:%H:%M} to .*asked by Ida"))
    _clock(page, "Deadline", f"{_tonight(9):%Y%m%d%H:%M}")  # whatever the time of day is now
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("All 4 will be done by"))).to_be_visible()
    stored = _waiting(there)
    assert [(style, job.asked_by) for style, job in stored.items()] == [
        ("night-1", "Ida"),
        ("night-4", "Ole"),
        ("night-2", "Ida"),
        ("night-3", "Ida"),
    ]
    assert {queue_order.own_time(job) for job in stored.values()} == {begin}
    version = manifests.heads(there.studio.home, STYLE)[0].version
    assert all(job.payload["dataset"] == f"{STYLE}@{version}" for job in stored.values())

    _row(page, "night-4").get_by_role("button", name="Earlier").click()
    expect(page.get_by_text("1. Training night-4")).to_be_visible()
    _row(page, "night-1").get_by_role("button", name="Later").click()
    expect(page.get_by_text("2. Training night-2")).to_be_visible()
    assert list(_waiting(there)) == ["night-4", "night-2", "night-1", "night-3"]

    # Paused and let go on, it waits for its own time again, at its own place.
    _row(page, "night-1").get_by_role("button", name="Pause").click()
    go_on = _row(page, "night-1").get_by_role("button", name="Resume")
    expect(go_on).to_be_visible()
    expect(_row(page, "night-1")).to_contain_text(f"then until {begin:%d %b %Y, %H:%M}")
    assert [style for style, job in _waiting(there).items() if queue_order.held(job)] == ["night-1"]
    go_on.click()
    expect(page.get_by_text("3. Training night-1")).to_be_visible()
    assert queue_order.own_time(_waiting(there)["night-1"]) == begin

    later = _tonight(7)
    _clock(page, "Begin all of them at", f"{later:%H:%M}")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(_row(page, "night-4")).to_contain_text(f"{later:%H:%M} to")  # the first of them
    assert {queue_order.own_time(job) for job in _waiting(there).values()} == {later}
    _row(page, "night-3").get_by_role("button", name="Remove").click()
    expect(_row(page, "night-3")).to_contain_text("Cancelled by Ida")
    assert queue.get(engine, stored["night-3"].id).state == "cancelled"

    # One begins now, is cut off and gone on with; the others are held back meanwhile.
    for style in ("night-1", "night-4"):
        _row(page, style).get_by_role("button", name="Pause").click()
        expect(_row(page, style).get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Begin now").click()
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    cancel.click(timeout=MINUTES)
    again = _row(page, "night-2").get_by_role("button", name="Resume")
    again.click(timeout=MINUTES)

    def asked() -> list[Job]:
        jobs = queue.listing(engine, kind="train", user="Ida")
        return [job for job in jobs if job.payload["style"] == "night-2"]

    # What is drawn may be from before a click: only the store tells.
    until(lambda: [job.state for job in asked()] == ["running", "cancelled"], page)
    drawn_all(page)
    cancel.click(timeout=MINUTES)
    until(lambda: [job.state for job in asked()] == ["cancelled", "cancelled"], page)
    expect(again).to_have_count(1, timeout=MINUTES)
    assert {job.cancel_by for job in asked()} == {"Ida"}

    page.get_by_role("button", name="Resume all").click()
    expect(page.get_by_text("1. Training night-4")).to_be_visible()
    for style in ("night-1", "night-4"):
        _row(page, style).get_by_role("button", name="Remove").click()
        expect(_row(page, style)).to_contain_text("Cancelled by Ida")
    assert _waiting(there) == {}


def test_settings_are_tried_and_the_best_are_taken_on(visit: Visit, there: Furnished) -> None:
    engine, home = there.studio.engine, there.studio.home
    page = visit(f"/Train?preset=Balanced&data={STYLE}")
    _style(page, "tried")
    _type(page, "Training steps", "4")
    page.get_by_role("radio", name="At a time").click()
    _clock(page, "At", "03:15")
    page.get_by_text("Hyperparameter sweep").click()
    _type(page, "Trials", "2")
    for label, text, wrong in (
        ("Rank to try", "8, many", "Rank (rank) to try is '8, many'."),
        ("Rank to try", "16..8", "Rank (rank) to try is 16..8."),
        (
            "Learning rate to try",
            "0.1..3",
            "Learning rate (learning_rate) to try is '0.1..3'. Give a number from",
        ),
    ):
        usual = page.get_by_label(label, exact=True).input_value()
        _type(page, label, text)
        expect(page.get_by_test_id("stAlert").filter(has_text=wrong)).to_be_visible()
        expect(page.get_by_role("button", name="Queue it")).to_have_count(0)
        expect(page.get_by_label(label, exact=True)).to_have_value(text)
        _type(page, label, usual)
        # Nothing else that was filled in is lost.
        expect(page.get_by_role("button", name="Queue it")).to_be_visible()
        expect(page.get_by_label("At", exact=True)).to_contain_text(re.compile("03.*15", re.S))
        expect(page.get_by_label("Trials", exact=True)).to_have_value("2")
        expect(page.get_by_label("Training steps", exact=True)).to_have_value("4")
    assert queue.listing(engine, kind="sweep") == []
    _type(page, "Rank to try", "2, 4")
    page.get_by_role("radio", name="Now").click()
    for label in ("Time, estimated", "Memory, estimated", "Disk, estimated"):
        expect(page.get_by_text(label)).to_be_visible()
    expect(page.get_by_text(re.compile("At most .* where no trial is cut short"))).to_be_visible()
    page.get_by_role("button", name="Start sweep").click()
    expect(page.get_by_text(re.compile("^Sweep of tried: "))).to_be_visible()
    (job,) = queue.listing(engine, kind="sweep")
    assert (job.asked_by, job.payload["trials"], job.not_before) == ("Ana", 2, None)
    assert job.payload["ranges"] == {"rank": "2, 4", "learning_rate": "0.00075..0.012"}
    assert job.payload["settings"]["max_train_steps"] == 4

    # The page shows by itself what was tried, once there is something.
    expect(page.get_by_text(re.compile("^[12] of 2 trials have ended"))).to_be_visible(
        timeout=4 * MINUTES
    )
    expect(page.get_by_text("2 of 2 trials have ended")).to_be_visible(timeout=4 * MINUTES)
    expect(page.get_by_text(re.compile("^Sweep of tried: "))).to_have_count(0, timeout=MINUTES)
    drawn_all(page)
    (sweep,) = sweep_run.sweeps(home)
    best = min(study.read(sweep.folder), key=sweep_run.lost)
    told = f"Trial {best.number} has the lowest validation loss, {best.loss:.4f}"
    expect(page.get_by_text(told)).to_be_visible()
    charts = page.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(2)
    for chart in charts.all():
        expect(chart.locator("canvas, svg").first).to_be_visible()
    page.get_by_role("button", name="Make it a version").first.click()  # the best comes first
    expect(page.get_by_role("link", name="Version 1")).to_be_visible(timeout=MINUTES)
    (made,) = models.list_versions(there.studio.client, "tried")
    assert (made.stage, made.run_id) == ("candidate", best.run)
    assert made.params["rank"] == str(best.values["rank"])

    # Its settings, for a longer training.
    page.get_by_role("button", name="Train with these").first.click()
    expect(page.get_by_label("Rank", exact=True)).to_have_value(str(best.values["rank"]))
    _type(page, "Training steps", "500")
    page.get_by_role("radio", name="At a time").click()
    page.get_by_role("button", name="Queue it").click()
    expect(page.get_by_text("1. Training tried")).to_be_visible()
    (longer,) = queue_order.waiting(engine, ["train"])
    wanted = {**job.payload["settings"], **best.values, "max_train_steps": 500}
    wanted["preview_every_n_steps"] = 50  # each tenth of the way
    wanted["alpha"] = wanted["alpha"] / job.payload["settings"]["rank"] * best.values["rank"]
    assert longer.payload["settings"] == wanted
    assert (longer.payload["style"], longer.payload["dataset"]) == ("tried", job.payload["dataset"])
    _row(page, "tried").get_by_role("button", name="Remove").click()
    expect(_row(page, "tried")).to_contain_text("Cancelled by Ana")
