"""Features of the tiny trained CLIP: shapes, mattes, sizes, and what a missing part is called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import open_clip
import pytest
from PIL import Image

from studio.diffusion.pocket_clip import load_clip
from studio.errors import StudioError


def test_open_clip_loads_the_folder_by_itself(trained: Path) -> None:
    source = f"local-dir:{trained / 'clip'}"
    model, _, preprocess = open_clip.create_model_and_transforms(source)
    picture = preprocess(Image.new("RGB", (64, 48), "red"))[None]
    ids = open_clip.get_tokenizer(source)(["a red potion", ""])
    assert model.encode_image(picture).shape == (1, 192)
    assert model.encode_text(ids).shape == (2, 192)


def test_matte_matters_only_where_it_shows(trained: Path) -> None:
    clip = load_clip(trained / "clip")
    clear, solid = Image.new("RGBA", (32, 32), (9, 9, 9, 0)), Image.new("RGB", (32, 32), "red")
    white = clip.encode_pictures([clear, solid], matte=(255, 255, 255))
    black = clip.encode_pictures([clear, solid], matte=(0, 0, 0))
    assert not np.allclose(white[0], black[0], atol=1e-3)
    assert np.allclose(white[1], black[1], atol=1e-5)


def test_any_size_and_no_pictures(trained: Path) -> None:
    clip = load_clip(trained / "clip")
    sizes = [Image.new("RGBA", size, "blue") for size in ((16, 16), (128, 128), (40, 20))]
    found = clip.encode_pictures(sizes)
    assert np.allclose(found[0], found[1], atol=1e-4)
    assert clip.encode_pictures([]).shape == (0, 192)
    assert clip.encode_texts([]).shape == (0, 192)


def test_the_name_of_the_features_is_the_folders_own(trained: Path, bundled: Path) -> None:
    assert load_clip(trained / "clip").name == "pocket-clip-v3"
    assert load_clip(bundled / "clip").name == "pocket-clip-v2"


def test_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"open_clip_config\.json is missing"):
        load_clip(tmp_path)
