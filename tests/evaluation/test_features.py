import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.errors import StudioError
from studio.evaluation import features, metrics
from studio.pocket import sample

POCKET = Path(__file__).resolve().parents[2] / "pocket"


@pytest.fixture(scope="module")
def pocket():
    return features.pocket_features(POCKET / "clip")


@pytest.fixture(scope="module")
def gems():
    return [sample.draw_sprite("gem", seed) for seed in range(6)]


def test_the_pocket_clip_gives_unit_vectors_of_pictures_and_texts(pocket, gems):
    seen, read = pocket.encode_pictures(gems), pocket.encode_texts(["a red gem", "a sword"])
    assert pocket.name == "pocket-clip-v2"
    assert seen.shape == (6, pocket.dims) and read.shape == (2, pocket.dims)
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.ones(6), abs=1e-4)


def test_a_mirrored_copy_is_found_among_the_views(pocket, gems):
    index, cosine = metrics.nearest(
        pocket.encode_pictures([features.views(gems[4])[1]]), features.encode_views(pocket, gems)
    )
    assert index[0] == 4 and cosine[0] == pytest.approx(1, abs=1e-4)


def test_missing_and_wrong_inception_weights_are_named(tmp_path):
    with pytest.raises(StudioError, match="nowhere.pth"):
        features.inception_features(tmp_path / "nowhere.pth")
    wrong = tmp_path / "wrong.pth"
    wrong.write_text("not weights")
    with pytest.raises(StudioError, match="wrong.pth"):
        features.inception_features(wrong)


def test_inception_loads_a_local_file_and_gives_2048_dims(tmp_path, gems):
    """The real network with weights of its own making: the published ones are not bundled."""
    import torch
    from pytorch_fid import inception

    torch.manual_seed(1)
    network = inception._inception_v3(num_classes=1008, aux_logits=False, weights=None)
    torch.save(network.state_dict(), tmp_path / "own.pth")
    extractor = features.inception_features(tmp_path / "own.pth")
    seen = extractor.encode_pictures(gems[:2])
    assert (extractor.name, extractor.dims, seen.shape) == ("inception-v3", 2048, (2, 2048))
    assert np.isfinite(seen).all() and metrics.frechet_name(extractor.name, 2048, 2) == "fid"
    torch.save({"a": torch.ones(1)}, tmp_path / "other.pth")
    with pytest.raises(StudioError, match="other.pth"):
        features.inception_features(tmp_path / "other.pth")


def test_an_unknown_open_clip_model_is_named():
    with pytest.raises(StudioError, match="ViT-nothing"):
        features.open_clip_features("ViT-nothing", "nobody", "cpu")


def test_importing_the_domain_brings_no_torch():
    code = (
        "import sys, studio.evaluation.features, studio.evaluation.metrics, "
        "studio.evaluation.prompt_sets; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=POCKET.parent).returncode == 0
