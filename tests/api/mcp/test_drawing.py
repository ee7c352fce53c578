"""Pictures and lists that are asked for by an assistant, and their jobs."""

import asyncio
import json
from datetime import timedelta

from studio.database.availability import DatabaseAway
from studio.jobs import leases, queue
from studio.registry import version_pins
from studio.worker import submit
from tests.api.mcp.calling import ANA, BEN, NOW, connected, drawn, words

LEASE = timedelta(hours=1)


def ask(call, by=ANA, /, **more):
    told = call("generate", by, **{"style": "props", "prompt": "a red potion", "wait": 0, **more})
    assert not told.is_error, told.content
    return told.structured_content["job"]


def test_a_picture_is_asked_for_with_what_draws_for_the_caller(call, studio):
    job = ask(call, seed=7, count=2, negative="text", seamless="x")
    row = queue.get(studio.engine, job["id"])
    assert (row.kind, row.lane, row.state) == ("generate", "interactive", "queued")
    assert row.asked_by == "ana"
    asked = {"style": "props", "version": 1, "prompt": "a red potion", "seed": 7, "count": 2}
    assert asked.items() <= row.payload.items()
    assert (row.payload["negative"], row.payload["seamless"]) == ("text", "x")
    assert (job["title"], job["state"], job["assets"]) == ("Drawing a red potion", "queued", [])
    assert not {"wait", "idempotency_key"} & row.payload.keys()


def test_a_picture_of_the_gallery_leads_by_its_id(call, studio, monkeypatch):
    from studio.diffusion import control_files
    from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER, Kept

    tile = Kept("tile", CONTROLNET, "tile", "practice", "", "openrail")
    looks = Kept("looks", IP_ADAPTER, "reference", "practice", "", "openrail")
    found = {CONTROLNET: tile, IP_ADAPTER: looks}
    monkeypatch.setattr(control_files, "offered", lambda home, base, part="": (found[part],))
    monkeypatch.setattr(control_files, "named", lambda home, name, base, part: found[part])
    id = drawn(studio, "a sketch")
    job = ask(call, lead=id, lead_scale=0.9, reference=id)
    asked = queue.get(studio.engine, job["id"]).payload
    (lead,) = asked["leads"]
    assert (lead["controlnet"], lead["scale"], len(lead["picture"])) == ("tile", 0.9, 64)
    assert (asked["reference"], asked["ip_adapter"]) == (lead["picture"], "looks")
    plain = queue.get(studio.engine, ask(call)["id"]).payload
    assert (plain["leads"], plain["reference"]) == ([], "")
    told = call("generate", ANA, style="props", prompt="a gem", lead="gone")
    assert "no picture" in words(told)


def test_the_same_call_under_one_key_draws_once(call, studio):
    first = ask(call, idempotency_key="k-1")
    assert ask(call, idempotency_key="k-1", wait=0.1)["id"] == first["id"]
    another = {"style": "props", "prompt": "another", "idempotency_key": "k-1"}
    assert "asked for something else" in words(call("generate", **another))
    assert ask(call, BEN, idempotency_key="k-1")["id"] != first["id"]
    assert ask(call)["id"] != ask(call)["id"]
    # What was refused holds its key for nobody.
    assert "Count is 65" in words(
        call("generate", **another | {"idempotency_key": "k", "count": 65})
    )
    assert ask(call, idempotency_key="k")["state"] == "queued"


def test_where_an_answer_was_lost_the_same_call_finds_its_job(call, studio, monkeypatch):
    put_in = submit.ask

    def lost(*given, **named):
        put_in(*given, **named)
        raise DatabaseAway("The database went away.", "Send it again.")

    with monkeypatch.context() as patch:
        patch.setattr(submit, "ask", lost)
        wished = {"style": "props", "prompt": "a red potion", "idempotency_key": "lost"}
        assert "went away" in words(call("generate", **wished))
    (made,) = queue.listing(studio.engine, states=("queued",))
    assert ask(call, idempotency_key="lost")["id"] == made.id


def test_waiting_ends_with_the_job_and_tells_what_it_made(studio):
    async def use(client):
        asked = {"style": "props", "prompt": "a gem", "wait": 40}
        waiting = asyncio.create_task(client.call_tool("generate", asked))
        while not (row := newest()):
            await asyncio.sleep(0.01)
        taken = leases.take(studio.engine, "w", "interactive", NOW, LEASE, id=row.id)
        id = drawn(studio, f"waited-{row.id}", job=row.id)
        assert not waiting.done()
        leases.finish(studio.engine, taken.id, taken.attempt, {}, NOW)
        return row.id, id, (await waiting).structured_content["job"]

    def newest():
        return next(iter(queue.listing(studio.engine, states=("queued",))), None)

    number, id, job = connected(studio, ANA, use)
    assert (job["id"], job["state"], job["assets"]) == (number, "done", [id])
    assert job["ended_at"] is not None


def test_a_job_that_failed_says_why_and_one_that_goes_on_is_waited_for_again(call, studio):
    job = ask(call)
    still = call("wait_for_job", job=job["id"], wait=0.3).structured_content["job"]
    assert (still["state"], still["ahead"]) == ("queued", 0)
    taken = leases.take(studio.engine, "w", "interactive", NOW, LEASE, id=job["id"])
    leases.fail(studio.engine, taken.id, taken.attempt, "No memory.", "Ask for fewer.", NOW)
    told = call("wait_for_job", job=job["id"], wait=30).structured_content["job"]
    assert told["state"] == "failed"
    assert (told["error"], told["remedy"]) == ("No memory.", "Ask for fewer.")


def test_a_job_is_cancelled_by_who_asked_for_it(call, studio):
    job = ask(call)
    assert "may not cancel other people's jobs" in words(call("cancel_job", BEN, job=job["id"]))
    told = call("cancel_job", job=job["id"]).structured_content["job"]
    assert (told["state"], told["cancel_by"]) == ("cancelled", "ana")
    assert queue.get(studio.engine, job["id"]).state == "cancelled"


def test_a_pin_draws_and_the_styles_say_so(call, studio):
    (style,) = call("list_styles").structured_content["items"]
    assert style["production"]["version"] == 1 and style["production"]["by"] == "cy"
    assert (style["style"], style["newest"], style["trigger_word"]) == ("props", 2, "<P>")
    assert (style["yours"]["version"], style["yours"]["pinned"]) == (1, False)
    version_pins.pin(studio.engine, "props", BEN, "", 2, why="its eyes are better", now=NOW)
    (style,) = call("list_styles", BEN).structured_content["items"]
    assert (style["yours"]["version"], style["yours"]["pinned"]) == (2, True)
    assert "its eyes are better" in style["yours"]["why"]
    job = ask(call, BEN)
    assert queue.get(studio.engine, job["id"]).payload["version"] == 2
    other = ask(call, version=2)
    assert queue.get(studio.engine, other["id"]).payload["version"] == 2


def test_a_list_is_checked_then_drawn_as_one_job(call, studio):
    lines = [
        {"name": "chest", "prompt": "a {wood,iron} chest; shut", "count": 2, "category": "boxes"},
        {"name": "#1", "prompt": "a gem"},
        {"name": "gem", "prompt": "a gem\nin the dark", "seed": 5, "width": 64, "height": 48},
    ]
    told = call("check_list", assets=lines).structured_content
    assert [line["name"] for line in told["lines"]] == ["chest_wood", "chest_iron", "gem"]
    assert told["pictures"] == 2 + 2 + 4 and len(told["problems"]) == 1
    assert told["problems"][0].startswith("Line 2: name is '#1'")
    wrong = words(call("draw_list", style="props", assets=lines))
    assert "Line 2: name is '#1'" in wrong and "Mend these lines" in wrong
    right = [lines[0], lines[2]]
    job = call("draw_list", style="props", set="caves", assets=right).structured_content["job"]
    row = queue.get(studio.engine, job["id"])
    assert (row.kind, row.lane, row.payload["set"]) == ("batch", "work", "caves")
    chest, _, gem = row.payload["assets"]
    assert chest["prompt"] == "a wood chest; shut"
    assert (chest["count"], chest["category"]) == (2, "boxes")
    assert gem["prompt"] == "a gem in the dark"
    assert (gem["seed"], gem["width"], gem["height"]) == (5, 64, 48)
    assert row.payload["version"] == 1


def test_a_list_that_comes_as_a_text_is_read(call):
    lines = json.dumps([{"name": "gem", "prompt": "a gem"}])
    assert call("check_list", assets=lines).structured_content["pictures"] == 4
