import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.errors import StudioError
from studio.evaluation import features, measurement, metrics
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
        features.open_clip_features("ViT-nothing/nobody")


def test_a_clip_model_without_weights_is_refused():
    with pytest.raises(StudioError, match="names no open_clip model"):
        features.open_clip_features("ViT-B-32")


def test_an_open_clip_model_measures_beside_the_pocket_clip(tmp_path, gems):
    """open_clip's own loading, of a small model with weights of its own making."""
    import open_clip
    import torch

    sides = {"width": 32, "layers": 1, "heads": 2}
    small = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "patch_size": 16, "head_width": 16, **sides},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, **sides},
    }
    del small["vision_cfg"]["heads"]
    (tmp_path / "ViT-small-32.json").write_text(json.dumps(small))
    open_clip.add_model_config(tmp_path)
    torch.manual_seed(3)
    weights = tmp_path / "own.pt"
    torch.save(open_clip.create_model("ViT-small-32").state_dict(), weights)

    clip = features.open_clip_features(f"ViT-small-32/{weights}")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:8]
    assert (clip.name, clip.dims) == (f"open_clip-ViT-small-32-own-{digest}", 16)
    seen, read = clip.encode_pictures(gems), clip.encode_texts(["a red gem", "a sword"])
    assert seen.shape == (6, 16) and read.shape == (2, 16)
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.ones(6), abs=1e-4)

    found = measurement.measure(
        base=gems[::-1],
        version=gems,
        texts=["a gem", "a stone"] * 3,
        real=gems,
        train=[],
        train_texts=[],
        unseen=[],
        held_out=False,
        matte=(128, 128, 128),
        fid_weights=None,
        also=[clip],
    ).figures
    tag = f"open_clip_vit_small_32_own_{digest}"
    kid = metrics.kid(seen, seen)
    assert found[f"kid_{tag}"] == pytest.approx(kid) != found["kid_pocket_clip_v2"]
    for name in ("frechet", "clip_score", "style_similarity", "consistency"):
        assert f"{name}_{tag}" in found and f"base_{name}_{tag}" in found


def test_importing_the_domain_brings_no_torch():
    code = (
        "import sys, studio.evaluation.features, studio.evaluation.metrics, "
        "studio.evaluation.prompt_sets; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=POCKET.parent).returncode == 0
