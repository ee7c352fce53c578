"""`<lora:name:weight>` in prompts: styles of the studio by name, as adapters of the job."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio import context
from studio.context import Studio
from studio.errors import StudioError
from studio.registry import stages
from studio.settings import load_settings
from studio.worker import submit
from tests.furnished import bare_files

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Style props, tiles with its first of three versions in production, ink, and far on another
    base; nobody trained them."""
    home: Path = tmp_path_factory.mktemp("home")
    studio = context.open_studio(load_settings({}, home=str(home)))
    for style, base, count in (
        ("props", "pocket", 1),
        ("tiles", "pocket", 3),
        ("ink", "pocket", 2),
        ("far", "someone/xl", 1),
    ):
        studio.client.create_registered_model(style)
        tags = {"base": base, "base_name": base, "trigger_word": f"<{style}>", "stage": "candidate"}
        for _ in range(count):
            studio.client.create_model_version(style, bare_files(home / "bare"), tags=tags)
    stages.promote(
        studio.engine,
        studio.client,
        style="tiles",
        number=1,
        to="production",
        actor="ana",
        why="first",
        now=NOW,
    )
    return studio


def asked(studio: Studio, prompt: str, **more: object) -> dict:
    payload = {"style": "props", "version": 1, "prompt": prompt, **more}
    return submit.ask(studio, "generate", payload, asked_by="ana", now=NOW).payload


def test_a_style_of_the_base_acts_with_its_weight(studio: Studio) -> None:
    given = [{"style": "ink", "version": 1, "strength": 0.2}]
    found = asked(studio, "a gem <lora:tiles:0.6>, <lora:ink:2:-0.5>", adapters=given)
    assert found["prompt"] == "a gem"
    assert found["adapters"] == [
        *given,
        {"style": "tiles", "version": 1, "strength": 0.6},  # in production
        {"style": "ink", "version": 2, "strength": -0.5},
    ]
    (newest,) = asked(studio, "<lora:ink> a gem")["adapters"]
    assert newest == {"style": "ink", "version": 2, "strength": 1.0}


@pytest.mark.parametrize(
    ("prompt", "says"),
    [
        ("a gem <lora:nowhere:0.6>", "'<lora:nowhere:0.6>' in a prompt loads nothing"),
        ("a gem <lora:far:0.6>", "'<lora:far:0.6>' in a prompt loads nothing"),
        ("a gem <lora:tiles:9:0.6>", "loads nothing"),
        ("a gem <lyco:tiles:0.6>", "loads nothing"),
        ("a gem <lora:props:0.6>", "is the style that draws already"),
        ("<lora:tiles:1>", "prompt is empty"),
        ("a gem <lora:tiles:0.6> <lora:tiles:1:0.3>", "named twice"),
        ("a gem <lora:tiles:7>", "strength of tiles is 7"),
    ],
)
def test_what_can_not_act_is_refused_by_name(studio: Studio, prompt: str, says: str) -> None:
    with pytest.raises(StudioError, match=says):
        asked(studio, prompt)
