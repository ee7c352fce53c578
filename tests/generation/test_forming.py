"""A picture on its way: looked at between steps, without a trace in what is drawn."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.diffusion import sampling
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.sampling import Draw, draw_pictures
from studio.generation import forming

DRAW = Draw(steps=4, width=32, height=30)


@pytest.fixture(scope="module")
def pipeline() -> Any:
    return load_pipeline(find_base("pocket"), torch.device("cpu"))


def test_it_changes_nothing_of_what_is_drawn(pipeline: Any, monkeypatch: Any) -> None:
    plain = draw_pictures(pipeline, ["a gem", "a ring"], [1, 2], DRAW)
    seen: list[Image.Image] = []
    monkeypatch.setattr(sampling, "FORMED_S", -1.0)  # at every step that can be afforded
    looked = draw_pictures(pipeline, ["a gem", "a ring"], [1, 2], DRAW, forming=seen.append)
    assert [one.tobytes() for one in looked] == [one.tobytes() for one in plain]
    assert 1 <= len(seen) <= 3 and {one.size for one in seen} == {(32, 30)}
    assert np.asarray(seen[0], int).std() > 1


def test_it_lies_in_the_jobs_folder_for_as_long_as_it_draws(tmp_path: Path) -> None:
    file = forming.of_job(tmp_path, "props", 2, 7)
    assert file.parent == tmp_path / "generated" / "props" / "v2" / "7"
    assert forming.of_job(tmp_path, "", 0, 7).parent == tmp_path / "generated" / "_base" / "7"
    forming.put(file.parent, Image.new("RGBA", (4, 4)))
    assert file.is_file()
    for _ in range(2):
        forming.take_away(file.parent)
        assert list(file.parent.iterdir()) == []
