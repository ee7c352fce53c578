"""A base that is not ours: Stable Diffusion 1.5 in shape, random and small, saved as a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.diffusion import torchvision_compat  # noqa: F401
from studio.settings import POCKET


def make_stable_diffusion(tokenizer: Any = None) -> Any:
    """A StableDiffusionPipeline of the classes and settings of 1.5: an autoencoder with 4 latent
    channels an eighth as large, epsilon prediction, PNDM. Only widths and depths are smaller, and
    unless `tokenizer` is given it has pocket's."""
    from diffusers import (
        AutoencoderKL,
        PNDMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(7)
    tokenizer = tokenizer or CLIPTokenizer.from_pretrained(POCKET / "tokenizer")
    vae = AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(8, 8, 16, 16),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=0.18215,
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        block_out_channels=(16, 32, 32),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=32,
        attention_head_dim=8,
    )
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    scheduler = PNDMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        skip_prk_steps=True,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def make_base(family: str, tokenizer: Any = None) -> Any:
    """A pipeline of the family's own classes and block layout, with small random weights: sd1, sd2
    (which predicts noise), sd2v (velocity) or sdxl."""
    from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(0)
    plain = make_stable_diffusion(tokenizer)
    if family == "sd1":
        return plain
    blocks: dict[str, Any] = {
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "norm_num_groups": 8,
        "block_out_channels": (16, 32, 32),
        "layers_per_block": 2,
        "use_linear_projection": True,
        "attention_head_dim": (2, 4, 4),
    }
    if family in ("sd2", "sd2v"):
        if family == "sd2v":
            plain.scheduler.register_to_config(prediction_type="v_prediction")
        wide = {**plain.text_encoder.config.to_dict(), "hidden_size": 1024, "hidden_act": "gelu"}
        plain.text_encoder = CLIPTextModel(CLIPTextConfig(**wide))
        plain.unet = UNet2DConditionModel(
            **blocks,
            cross_attention_dim=1024,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        )
        return plain
    unet = UNet2DConditionModel(
        **blocks,
        cross_attention_dim=96,  # 32 of the first text encoder and 64 of the second
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 3),
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=80,
    )
    config = {
        **plain.text_encoder.config.to_dict(),
        "hidden_act": "gelu",
        "hidden_size": 64,
        "projection_dim": 32,
    }
    return StableDiffusionXLPipeline(
        vae=plain.vae,
        text_encoder=plain.text_encoder,
        text_encoder_2=CLIPTextModelWithProjection(CLIPTextConfig(**config)),
        tokenizer=plain.tokenizer,
        tokenizer_2=plain.tokenizer,
        unet=unet,
        scheduler=plain.scheduler,
    )


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base as `save_pretrained` writes it, with a model card that gives its licence."""
    folder = tmp_path_factory.mktemp("bases") / "little"
    make_stable_diffusion().save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: creativeml-openrail-m\n---\n\n# Little\n")
    return folder


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where a family's base lies, saved once."""
    top = tmp_path_factory.mktemp("families")

    def saved(family: str) -> Path:
        if not (top / family).is_dir():
            make_base(family).save_pretrained(top / family)
        return top / family

    return saved


@pytest.fixture
def altered(base_folder: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the base's folder that a test may spoil."""

    def copy() -> Path:
        return Path(shutil.copytree(base_folder, tmp_path / "base"))

    return copy
