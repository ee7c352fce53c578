"""SDXL with random weights, every width divided by eight, and a ControlNet of its shape.

Classes, blocks and depths are the real ones, so that autoencoder, text encoders, UNet and
ControlNet share the work as they do in the large model; only the tokenizer is the pocket's.
"""

from __future__ import annotations

from typing import Any

import torch

from studio.settings import POCKET

SHARE = 8


def pipeline(side: int, seed: int = 0) -> Any:
    """The pipeline, which draws `side` pixels best."""
    from studio.diffusion import torchvision_compat  # noqa: F401, I001
    from diffusers import (
        AutoencoderKL,
        EulerDiscreteScheduler,
        StableDiffusionXLPipeline,
        UNet2DConditionModel,
    )
    from transformers import (
        CLIPTextConfig,
        CLIPTextModel,
        CLIPTextModelWithProjection,
        CLIPTokenizer,
    )

    torch.manual_seed(seed)
    tokenizer = CLIPTokenizer.from_pretrained(str(POCKET), subfolder="tokenizer")
    texts: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": tokenizer.model_max_length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    first = CLIPTextConfig(
        hidden_size=768 // SHARE,
        intermediate_size=3072 // SHARE,
        num_hidden_layers=12,
        num_attention_heads=12,
        **texts,
    )
    second = CLIPTextConfig(
        hidden_size=1280 // SHARE,
        intermediate_size=5120 // SHARE,
        num_hidden_layers=32,
        num_attention_heads=20,
        projection_dim=1280 // SHARE,
        hidden_act="gelu",
        **texts,
    )
    unet = UNet2DConditionModel(
        sample_size=side // 8,
        block_out_channels=tuple(width // SHARE for width in (320, 640, 1280)),
        layers_per_block=2,
        norm_num_groups=8,
        use_linear_projection=True,
        attention_head_dim=(5, 10, 20),
        cross_attention_dim=2048 // SHARE,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        addition_embed_type="text_time",
        addition_time_embed_dim=256 // SHARE,
        projection_class_embeddings_input_dim=(1280 + 6 * 256) // SHARE,
    )
    vae = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=tuple(width // SHARE for width in (128, 256, 512, 512)),
        layers_per_block=2,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=side,
        scaling_factor=0.13025,
        force_upcast=False,
    )
    made: Any = StableDiffusionXLPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(first),
        text_encoder_2=CLIPTextModelWithProjection(second),
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            steps_offset=1,
            timestep_spacing="leading",
        ),
        add_watermarker=False,
    )
    models: list[Any] = [vae, unet, made.text_encoder, made.text_encoder_2]
    for model in models:
        model.requires_grad_(False)
        model.eval()
    made.set_progress_bar_config(disable=True)
    return made


def control(unet: Any, seed: int = 1) -> Any:
    """A ControlNet of the UNet's shape that changes what is drawn."""
    from diffusers import ControlNetModel

    torch.manual_seed(seed)
    net: Any = ControlNetModel.from_unet(unet)
    with torch.no_grad():
        for name, weight in net.named_parameters():
            if name.startswith(("controlnet_down", "controlnet_mid")) and weight.ndim > 1:
                torch.nn.init.normal_(weight, std=0.02)
    return net.requires_grad_(False).eval()


def union(net: Any) -> Any:
    """The same ControlNet as one of many kinds (ControlNetUnionModel), with the same weights."""
    from diffusers import ControlNetUnionModel

    wide = net.config.block_out_channels[0]
    parts = {"num_trans_channel": wide, "num_proj_channel": wide}
    made: Any = ControlNetUnionModel.from_config(net.config, **parts)
    made.load_state_dict(net.state_dict(), strict=False)
    return made.requires_grad_(False).eval()
