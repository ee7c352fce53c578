"""Stable Diffusion 1.5 with random weights: in its own size, or every width divided by eight.

The classes, blocks and depths are the real ones, so that autoencoder, text encoder and UNet share
the work as they do in the large model; only the tokenizer is the pocket's.
"""

from __future__ import annotations

from pathlib import Path

import torch

from studio.settings import POCKET


def write(folder: Path, size: int, full: bool = False) -> None:
    """Write the pipeline that draws `size` pixels, a multiple of 64, to `folder`; `full`: in the
    widths of Stable Diffusion 1.5, 4.3 GB."""
    share = 1 if full else 8
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    from diffusers import (
        AutoencoderKL,
        DDPMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    tokenizer = CLIPTokenizer.from_pretrained(str(POCKET), subfolder="tokenizer")
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=768 // share,
            intermediate_size=3072 // share,
            num_hidden_layers=12,
            num_attention_heads=12,
            max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=tuple(width // share for width in (128, 256, 512, 512)),
        layers_per_block=2,
        latent_channels=4,
        norm_num_groups=32 if full else 8,
        sample_size=size,
    )
    unet = UNet2DConditionModel(
        sample_size=size // 8,
        block_out_channels=tuple(width // share for width in (320, 640, 1280, 1280)),
        layers_per_block=2,
        cross_attention_dim=768 // share,
        attention_head_dim=8,
        norm_num_groups=32 if full else 8,
    )
    scheduler = DDPMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        steps_offset=1,
    )
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)  # type: ignore[attr-defined]  # its base class is untyped
