"""A version that the version before registered answers prompts over MLflow with the studio's own
pictures: its MLmodel names `studio.serving`, as it always will."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from studio import context
from studio.diffusion.sampling import Draw
from studio.generation import style_drawing
from studio.registry import models
from studio.serving import _load_pyfunc
from studio.workflows.version_loading import adapter_file, load_version
from tests import before
from tests.test_serving import HOW, answered, pixels

VERSIONS = [("props", 1), ("theirs", 1), ("merged", 1)]  # trained, brought in, merged


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[context.Studio]:
    torch.set_num_threads(1)
    settings, _ = before.bring_back(tmp_path_factory.mktemp("before"))
    opened = context.open_studio(settings)
    yield opened
    opened.engine.dispose()


def by_hand(studio: context.Studio, style: str, number: int, out: Path) -> np.ndarray:
    loaded = load_version(studio, models.get(studio.client, style, number))
    draw = Draw(steps=2, guidance=3.0)
    (file,) = style_drawing.draw(
        loaded, [style_drawing.Wish("a red gem", 7)], draw, loaded.strength, out
    )
    return np.asarray(Image.open(file))


@pytest.mark.parametrize(("style", "number"), VERSIONS)
def test_it_loads_and_draws(
    studio: context.Studio, tmp_path: Path, style: str, number: int
) -> None:
    import mlflow.pyfunc

    folder = adapter_file(studio, models.get(studio.client, style, number)).parent
    while not (folder / "MLmodel").is_file():
        folder = folder.parent
    named = yaml.safe_load((folder / "MLmodel").read_text())
    assert named["flavors"]["python_function"]["loader_module"] == "studio.serving"
    wanted = by_hand(studio, style, number, tmp_path)
    rows = [{"prompt": "a red gem", "seed": 7}]
    model = mlflow.pyfunc.load_model(f"models:/{style}/{number}")
    assert (pixels(model.predict(rows, params=HOW)["png"][0]) == wanted).all()
    import pandas

    alone = _load_pyfunc(str(folder)).predict(pandas.DataFrame(rows), HOW)
    assert (pixels(alone["png"][0]) == wanted).all()


@pytest.mark.slow
def test_mlflow_serves_it(studio: context.Studio, tmp_path: Path) -> None:
    with answered(studio, "models:/props@production") as ask:
        (row,) = ask().raise_for_status().json()["predictions"]
    assert (pixels(row["png"]) == by_hand(studio, "props", 1, tmp_path)).all()
