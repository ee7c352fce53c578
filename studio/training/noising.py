"""The forward process of a base's scheduler, and the loss on what its UNet predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.training.batches import Batch
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch


class Noising:
    """The forward process of the base's scheduler, and the loss on what the UNet predicts."""

    def __init__(self, scheduler: Any, device: torch.device) -> None:
        from diffusers import DDPMScheduler

        ddpm = DDPMScheduler.from_config(scheduler)
        self.kind = ddpm.config.prediction_type
        if self.kind not in ("epsilon", "v_prediction"):
            raise StudioError(f"The base predicts {self.kind}.", "Use an epsilon or v base.")
        self.cumulative = ddpm.alphas_cumprod.to(device)

    def loss(
        self,
        unet: Any,
        batch: Batch,
        config: TrainConfig,
        draws: torch.Generator,
        accelerator: Any,
    ) -> torch.Tensor:
        """Mean squared error with min-SNR weights (Hang et al. 2023), v-prediction's form too."""
        import torch

        latents = batch.latents
        count, device = len(latents), latents.device
        noise = torch.randn(latents.shape, generator=draws)
        if config.noise_offset:
            noise += config.noise_offset * torch.randn(
                count, latents.shape[1], 1, 1, generator=draws
            )
        noise = noise.to(device, latents.dtype)
        timesteps = torch.randint(len(self.cumulative), (count,), generator=draws).to(device)
        level = self.cumulative[timesteps]
        signal, spread = (x[:, None, None, None] for x in (level.sqrt(), (1 - level).sqrt()))
        noisy = signal * latents + spread * noise
        velocity = self.kind == "v_prediction"
        target = signal * noise - spread * latents if velocity else noise
        with accelerator.autocast():
            predicted = unet(noisy, timesteps, batch.text, return_dict=False)[0]
        each = (predicted.float() - target.float()).square().mean(dim=(1, 2, 3))
        if config.min_snr_gamma:
            snr = level / (1 - level)
            weight = snr.clamp(max=config.min_snr_gamma) / (snr + 1 if velocity else snr)
            each = each * weight
        return each.mean()
