"""How a GAN's training is read from its folder while it runs, and the wall's job."""

from __future__ import annotations

import pytest
import torch

from studio import context
from studio.datasets.folder_import import import_folder
from studio.errors import StudioError
from studio.generation import gallery_table
from studio.jobs.emit import Emit
from studio.settings import load_settings
from studio.worker import submit
from studio.worker.kinds import variations
from studio.worker.kinds.gan import KIND
from studio.workflows import gan_drawing, gan_progress
from tests.gan import drawn_sprites
from tests.gan.small import TINY
from tests.worker.kinds.step_by_step import NOW, begun, ran

RUN = "0" * 32


def test_what_is_written_at_this_moment_is_left_out(tmp_path):
    emit = Emit(tmp_path, lambda event: "go on", print)
    for step in (1, 2):
        emit("figures", f"figures {step}", {"step": step, "at": 1, "values": {"d_loss": step / 2}})
    emit("check", "check 2", {"step": 2, "at": 1, "figures": {"kid": 0.1, "vendi": 2.0}})
    with emit.file.open("ab") as file:
        file.write(b'{"number": 4, "kind": "figures", "key"')
    before = emit.file.read_bytes()
    rows = gan_progress.figures(tmp_path)
    assert rows == [{"step": 1, "d_loss": 0.5}, {"step": 2, "d_loss": 1.0}]
    assert gan_progress.checks(tmp_path) == [{"step": 2, "kid": 0.1, "vendi": 2.0}]
    assert emit.file.read_bytes() == before
    chart = gan_progress.chart(rows, ["d_loss"])
    assert [one["value"] for one in chart["data"]["values"]] == [0.5, 1.0]
    assert gan_progress.figures(tmp_path / "none") == []


def test_grids_are_found_by_their_names(tmp_path):
    folder = tmp_path / "runs" / "gems" / RUN
    (folder / "grids").mkdir(parents=True)
    for name in ("epoch-000002-step-00000020.png", "epoch-000001-step-00000010.png", "x.png"):
        (folder / "grids" / name).touch()
    assert [one.epoch for one in gan_progress.grids(folder)] == [1, 2]
    found = gan_progress.file(tmp_path, "gems", RUN, "epoch-000001-step-00000010.png")
    assert found.is_file()
    assert gan_progress.file(tmp_path, "gems", RUN, "batch.png").parent == folder
    for style, run, name in (
        ("gems", RUN, "x.png"),
        ("..", RUN, "batch.png"),
        ("gems", "..", "batch.png"),
        ("gems", RUN, "../ended.json"),
    ):
        with pytest.raises(StudioError, match="no grid"):
            gan_progress.file(tmp_path, style, run, name)


@pytest.fixture
def studio(tmp_path):
    """With a GAN of style gems."""
    torch.set_num_threads(1)
    opened = context.open_studio(load_settings({}, home=str(tmp_path / "home")))
    place = drawn_sprites.folder(tmp_path / "sprites", 30)
    import_folder(opened.home, "sprites", place, now=NOW, actor="ana")
    ran(KIND, *begun(opened, "gan", style="gems", dataset="sprites", settings=TINY))
    yield opened
    opened.engine.dispose()


@pytest.mark.slow
def test_a_wall_has_the_sprites_of_its_seeds_and_keeps_them_by_drawing_again(studio):
    from PIL import Image

    wanted = {
        "style": "gems",
        "version": 1,
        "wish": "rocks, truncation 0.7",
        "seed": 3,
        "count": 70,
    }
    given, ask = begun(studio, "variations", **wanted)
    told = ran(variations.KIND, given, ask)
    assert (told["seed"], told["count"], told["version"]) == (3, 70, 1)
    ready = gan_drawing.ready(studio, "gems:1")
    for seed in (3, 40, 72):
        with Image.open(variations.file(studio.home, given.job.id, seed)) as shown:
            (own,) = ready.sampler.draw([seed], [("rocks", 1.0)], 0.7)
            assert shown.convert("RGBA").tobytes() == ready.finish(own).tobytes()
    with pytest.raises(StudioError, match="not there any more"):
        variations.file(studio.home, given.job.id, 73)
    # Kept, it is the same picture.
    from studio.worker.kinds import generate

    asked = {"style": "gems", "version": 1, "prompt": wanted["wish"], "seed": 40}
    kept, ask = begun(studio, "generate", **asked)
    ran(generate.KIND, kept, ask)
    found = gallery_table.search(studio.engine, gallery_table.Wanted(job=kept.job.id), size=4).found
    assert [one.seed for one in found] == [40]
    with Image.open(studio.home / found[0].file) as one:
        with Image.open(variations.file(studio.home, given.job.id, 40)) as two:
            assert one.convert("RGBA").tobytes() == two.convert("RGBA").tobytes()
    for changed, said in (
        ({"version": 9}, "no version 9"),
        ({"count": 5000}, "count is 5000"),
        ({"count": 0}, "count is 0"),
        ({"version": None}, "production"),
    ):
        with pytest.raises(StudioError, match=said):
            submit.ask(studio, "variations", {**wanted, **changed}, asked_by="ana", now=NOW)
