"""`generate` with a template, a picture to begin from, a mask, and LoRAs in the prompt."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from studio import context
from studio.cli.main import main
from studio.context import Studio
from studio.generation import gallery_table, picture_files, prompt_templates, start_pictures
from studio.generation.gallery_table import Kept
from studio.generation.picture_files import Made
from studio.jobs import queue
from studio.registry import stages
from studio.settings import load_settings
from tests.furnished import bare_files

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Styles props and tiles in production, and a template for all; nobody trained them."""
    home: Path = tmp_path_factory.mktemp("home")
    studio = context.open_studio(load_settings({}, home=str(home)))
    for style in ("props", "tiles"):
        studio.client.create_registered_model(style)
        tags = {"base": "/p", "base_name": "pocket", "trigger_word": f"<{style}>"}
        tags["stage"] = "candidate"
        studio.client.create_model_version(style, bare_files(home / "bare"), tags=tags)
        stages.promote(
            studio.engine,
            studio.client,
            style=style,
            number=1,
            to="production",
            actor="ana",
            why="first",
            now=NOW,
        )
    prompt = "a {material} {thing}, front view"
    prompt_templates.save(studio.engine, "weapon", prompt, "blur", by="ana", now=NOW)
    return studio


@pytest.fixture
def ask(studio: Studio, capsys: pytest.CaptureFixture[str]):
    """Puts a drawing in; its payload, or where it is refused with `code` the whole answer."""

    def answer(*words: str, code: int = 0) -> dict:
        home = ["--json", "--home", str(studio.home), "--user", "ana"]
        assert main(["generate", *words, "--style", "props", "--detach", *home]) == code
        told = json.loads(capsys.readouterr().out)
        return told if code else queue.get(studio.engine, told["id"]).payload

    return answer


@pytest.mark.slow
def test_a_templates_fields_are_filled(ask) -> None:
    fill = ["--set", "material=iron", "--set", "thing = axe "]
    asked = ask("--template", "weapon", *fill)
    assert (asked["prompt"], asked["negative"]) == ("a iron axe, front view", "blur")
    asked = ask("a {thing} in {braces}", "--negative", "text")
    assert (asked["prompt"], asked["negative"]) == ("a {thing} in {braces}", "text")
    assert ask("a {thing}", "--set", "thing=gem")["prompt"] == "a gem"
    for words, says in (
        (["--template", "weapon", "--set", "material=iron"], "field {thing} is empty"),
        (["--template", "weapon", *fill, "--set", "glow=1"], "no field 'glow'"),
        (["--template", "weapon", "--set", "material"], "'material' fills no field"),
        (["--template", "axe"], "no template 'axe' for props"),
        (["a gem", "--template", "weapon"], "a prompt already"),
    ):
        assert says in ask(*words, code=2)["error"]


def test_it_begins_from_a_file_or_a_picture_of_the_gallery(ask, studio, tmp_path) -> None:
    picture = Image.new("RGBA", (32, 32), (200, 10, 10, 255))
    file = tmp_path / "one.png"
    picture.save(file)
    asked = ask("a gem", "--from", str(file), "--change", "0.4")
    assert (asked["change"], asked["mask"], asked["width"]) == (0.4, "", None)
    made = Made("props", 1, "pocket", "", "", "a gem", "", "", 5, 9, 2.0, 1.0)
    drawn = picture_files.keep(studio.home / "generated" / "props", "one", picture, made)
    (id,) = gallery_table.record(studio.engine, studio.home, [Kept(drawn, made)], by="a", now=NOW)
    assert ask("a gem", "--from", id)["start"] == asked["start"]
    mask = Image.new("L", (32, 32))
    mask.paste(255, (3, 3, 9, 9))
    mask.save(tmp_path / "mask.png")
    part = ask("a gem", "--from", id, "--mask", str(tmp_path / "mask.png"))
    assert (part["change"], part["width"], part["height"]) == (0.6, 32, 32)
    with Image.open(start_pictures.path(studio.home, part["mask"])) as kept:
        assert kept.tobytes() == mask.tobytes()
    Image.new("L", (9, 9), 255).save(tmp_path / "small.png")
    for words, says in (
        (["--from", "nowhere"], "neither a file nor a picture 'nowhere'"),
        (["--from", id, "--mask", str(tmp_path / "small.png")], "9 x 9 pixels"),
        (["--change", "0.4"], "need --from"),
    ):
        assert says in ask("a gem", *words, code=2)["error"]


def test_loras_in_a_prompt_are_styles_of_the_studio(ask, tmp_path) -> None:
    tiles = {"style": "tiles", "version": 1, "strength": 0.4}
    asked = ask("a gem <lora:tiles:0.4>")
    assert (asked["prompt"], asked["adapters"]) == ("a gem", [tiles])
    file = tmp_path / "prompts.txt"
    file.write_text("a gem <lora:tiles:0.4>\na ring <lora:tiles:0.4>\n")
    asked = ask("--prompts-file", str(file))
    assert [one["prompt"] for one in asked["assets"]] == ["a gem", "a ring"]
    assert asked["adapters"] == [tiles]
    file.write_text("a gem <lora:tiles:0.4>\na ring\n")
    assert "other LoRAs each" in ask("--prompts-file", str(file), code=2)["error"]
