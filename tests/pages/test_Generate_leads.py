"""Generate: pictures that lead, for bases that have what they lead through."""

import pytest

from pages.generate import leading
from studio.diffusion import control_files
from studio.diffusion.control_files import CONTROLNET, IP_ADAPTER, Kept
from studio.generation import start_pictures
from studio.jobs import queue
from tests.diffusion.leads import picture
from tests.pages.generate_page import draw, keep, said, unfolded

TILE = Kept("tile", CONTROLNET, "canny", "practice", "", "openrail")
LOOKS = Kept("looks", IP_ADAPTER, "reference", "practice", "", "unknown")


@pytest.fixture
def brought(monkeypatch):
    """The practice base as if a team had brought both for it."""
    monkeypatch.setattr(control_files, "offered", lambda home, base, part="": (TILE, LOOKS))
    monkeypatch.setattr(
        control_files,
        "named",
        lambda home, name, base, part: {"tile": TILE, "looks": LOOKS}[name],
    )


def test_a_base_without_any_says_why_and_what_helps(studio, style, open_page, monkeypatch):
    monkeypatch.setattr(control_files, "offered", lambda home, base, part="": ())
    at = open_page("Generate")
    at.session_state["leading"] = True
    at.run()
    assert "pocket control" in said(at).replace("\\", "")
    assert "takes no reference picture" in said(at)


def test_what_leads_goes_into_the_job(studio, style, open_page, brought):
    hash = start_pictures.keep_picture(studio.home, picture(), by="ana")
    at = open_page("Generate")
    at.session_state["leads"] = [
        leading._new(hash, "tile") | {"scale": 0.8, "end": 0.5},
        leading._new(hash, "looks"),
        leading._new("0" * 64, "tile"),  # its picture is gone
    ]
    at.run()
    assert "Led by: tile" in said(at)
    at.text_area(key="prompt").input("a gem").run()
    draw(at)
    (job,) = queue.listing(studio.engine, kind="generate")
    (lead,) = job.payload["leads"]
    assert (lead["controlnet"], lead["scale"], lead["end"]) == ("tile", 0.8, 0.5)
    assert (job.payload["reference"], job.payload["ip_adapter"]) == (hash, "looks")


def test_its_fields_change_it_and_it_is_taken_away(studio, style, open_page, brought):
    hash = start_pictures.keep_picture(studio.home, picture(), by="ana")
    at = open_page("Generate")
    at.session_state["leads"] = [leading._new(hash, "tile")]
    at = unfolded(at, "leading")
    key = f"lead {hash[:12]} 0"
    at.slider(key=f"{key} scale").set_value(1.0).run()
    at.toggle(key=f"{key} ready").set_value(True).run()
    (lead,) = at.session_state["leads"]
    assert (lead["scale"], lead["ready"]) == (1.0, True)
    at.button(key=f"{key} off").click().run()
    assert at.session_state["leads"] == []


def test_a_picture_gone_on_with_brings_what_led_it(studio, style, open_page, brought):
    hash = start_pictures.keep_picture(studio.home, picture(), by="ana")
    lead = {"controlnet": "tile", "kind": "canny", "weights": "", "picture": hash}
    lead |= {"scale": 0.7, "start": 0.0, "end": 1.0, "ready": True}
    after = {"ip_adapter": "looks", "weights": "", "picture": hash, "scale": 0.4}
    id = keep(studio, seed=5, leads=(lead,), reference=after)
    at = open_page("Generate", again=id)
    first, second = at.session_state["leads"]
    assert (first["name"], first["scale"], first["ready"]) == ("tile", 0.7, True)
    assert (second["name"], second["scale"]) == ("looks", 0.4)
