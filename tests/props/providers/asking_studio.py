"""A studio with keys to the tests' service, price lists, a limit, and a picture to begin from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from studio.charges import limits, prices
from studio.charges.prices import Price
from studio.context import Studio, open_studio
from studio.generation import start_pictures
from studio.jobs import queue
from studio.jobs.table import Job
from studio.props.providers import calls
from studio.props.providers.calls import Call
from studio.settings import Settings, load_settings
from studio.workflows import provider_calls, provider_results
from tests.props.providers.service import KEY, Service

SECOND = 1_400  # micro-units of a second of a prediction
CREDIT = 20_000  # micro-units of a credit of a task
MODELS = {"replicate": "firtoz/trellis", "meshy": "image-to-3d"}


def settings_of(home: Path, url: str) -> Settings:
    """Settings of a studio that speaks to the service as to both."""
    given = {"STUDIO_PRIVATE_NETWORKS": "127.0.0.0/8"}
    for name in ("REPLICATE", "MESHY"):
        given |= {f"STUDIO_PROPS_{name}_KEY": KEY, f"STUDIO_PROPS_{name}_URL": url}
    return load_settings(given, home=str(home))


def opened(home: Path, service: Service) -> Studio:
    """The studio, with prices and a limit of 10,000 dollars."""
    studio = open_studio(settings_of(home, service.url))
    now = datetime.now(UTC)
    lists = {
        "replicate": [Price("firtoz/trellis", "second", SECOND)],
        "meshy": [Price("credit", "call", CREDIT)],
    }
    for name, found in lists.items():
        prices.save(studio.engine, name, "USD", found, after=0, why="as listed", by="ana", now=now)
    limit(studio, 10_000 * 10**6)
    return studio


def limit(studio: Studio, micros: int) -> None:
    """What may be spent in a month."""
    held = limits.current(studio.engine, "studio", "", "USD")
    limits.save(
        studio.engine,
        "studio",
        "",
        "USD",
        micros,
        after=held.revision if held else 0,
        why="as agreed",
        by="ana",
        now=datetime.now(UTC),
    )


def picture(studio: Studio, side: int = 16, colour: str = "#c03020") -> str:
    """A shield on nothing, kept; its hash."""
    drawn = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    ImageDraw.Draw(drawn).ellipse((2, 2, side - 3, side - 3), fill=colour)
    return start_pictures.keep_picture(studio.home, drawn, by="ana")


def job_of(studio: Studio, provider: str, number: int = 0) -> Job:
    """A job that is to post a call; it is taken by nobody."""
    return queue.submit(
        studio.engine,
        kind=provider_calls.MADE_BY,
        lane="short",
        payload={"provider": provider, "number": number},
        asked_by="ana",
        now=datetime.now(UTC),
    )


def posted(studio: Studio, job: Job, provider: str, start: str, **asked: Any) -> Call:
    """The call of a job, as its kind posts it."""
    meant = provider_calls.wanted(
        studio, provider, MODELS[provider], picture=start, name="shield", **asked
    )
    return provider_calls.post(studio, job, meant, {"height_m": 1.0, "pivot": "feet"}, print)


def looked(studio: Studio, call: Call, most: int = 6) -> Call:
    """The call after as many looks as it takes to end it, at most so many."""
    for _ in range(most):
        if call.state != "known":
            break
        call = provider_results.look(studio, call)
    return calls.get(studio.engine, call.id)
