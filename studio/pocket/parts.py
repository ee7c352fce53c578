"""The parts of the pocket base, untrained: autoencoder, UNet, text encoder, noise schedule."""

from __future__ import annotations

from typing import Any

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)

from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny  # isort: skip
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel  # isort: skip
from diffusers.schedulers.scheduling_dpmsolver_multistep import (  # isort: skip
    DPMSolverMultistepScheduler,
)
from transformers import CLIPTextConfig, CLIPTextModel  # isort: skip

LATENT_CHANNELS = 16
LATENT_EDGE = 8  # 32 px, halved twice
TOKENS = 32  # longest prompt, start and end included


def new_autoencoder(channels: int) -> AutoencoderTiny:
    """RGBA [n, 4, 32, 32] in [-1, 1] to latents [n, 16, 8, 8] and back.

    No block at 32 px: it would cost as much as all the others and is not missed.
    """
    return AutoencoderTiny(
        in_channels=4,
        out_channels=4,
        encoder_block_out_channels=(channels,) * 3,
        decoder_block_out_channels=(channels,) * 3,
        num_encoder_blocks=(0, 2, 3),
        num_decoder_blocks=(3, 3, 0),
        latent_channels=LATENT_CHANNELS,
        scaling_factor=1.0,
        force_upcast=False,
    )


def new_unet(channels: tuple[int, int], text_width: int) -> UNet2DConditionModel:
    """Two levels (8x8, 4x4), cross-attention on the lower one, v-prediction."""
    return UNet2DConditionModel(
        sample_size=LATENT_EDGE,
        in_channels=LATENT_CHANNELS,
        out_channels=LATENT_CHANNELS,
        block_out_channels=channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_width,
        attention_head_dim=4,  # diffusers reads this as the number of heads
        norm_num_groups=8,
    )


def new_text_encoder(vocabulary: int, width: int, layers: int) -> CLIPTextModel:
    """A small CLIP text model; the end-of-text token has the highest id."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=4,
            max_position_embeddings=TOKENS,
            projection_dim=width,
            bos_token_id=vocabulary - 2,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )


def new_scheduler(**changes: Any) -> DPMSolverMultistepScheduler:
    """DPM++ 2M over a schedule whose last step holds almost no signal (1.6 %)."""
    settings: dict[str, Any] = {
        "num_train_timesteps": 1000,
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "beta_end": 0.02,
        "prediction_type": "v_prediction",
        "algorithm_type": "dpmsolver++",
        "solver_order": 2,
        "timestep_spacing": "trailing",
        "steps_offset": 1,
    }
    return DPMSolverMultistepScheduler(**{**settings, **changes})
