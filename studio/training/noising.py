"""The forward process of a base's scheduler, and the loss on what its UNet predicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.diffusion.conditioning import added
from studio.errors import StudioError
from studio.training.batches import Batch, normal, over
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch


class Noising:
    """The forward process of the base's scheduler, and the loss on what the UNet predicts.

    `config` may ask for another prediction than the base's and for a last timestep that is noise
    alone (Lin et al. 2024); without, what the scheduler's own settings say holds.
    """

    def __init__(self, scheduler: Any, device: torch.device, config: TrainConfig) -> None:
        from diffusers import DDPMScheduler

        asked: dict[str, Any] = {}
        if config.prediction_type != "auto":
            asked["prediction_type"] = config.prediction_type
        if config.zero_terminal_snr:
            asked["rescale_betas_zero_snr"] = True
        ddpm = DDPMScheduler.from_config(scheduler, **asked)
        self.kind = ddpm.config.prediction_type
        if self.kind not in ("epsilon", "v_prediction"):
            raise StudioError(f"The base predicts {self.kind}.", "Use an epsilon or v base.")
        if ddpm.config.rescale_betas_zero_snr and self.kind == "epsilon":
            raise StudioError(
                "zero_terminal_snr needs v-prediction, and this base predicts epsilon.",
                "Leave zero_terminal_snr off, or set prediction_type=v_prediction too and train "
                "for thousands of steps.",
            )
        self.cumulative = ddpm.alphas_cumprod.to(device)

    def loss(
        self,
        unet: Any,
        batch: Batch,
        config: TrainConfig,
        draws: torch.Generator,
        accelerator: Any,
    ) -> torch.Tensor:
        """Mean squared error with min-SNR weights (Hang et al. 2023), v-prediction's form too.

        With `batch.weight` a picture's error is the weighted mean over its places. Draws come from
        `draws`, a generator on the CPU, so that the same ones give the same loss.
        """
        import torch

        latents = batch.latents
        count, device = len(latents), latents.device
        noise = normal(latents.shape, draws, device)
        if config.noise_offset:  # Guttenberg, 2023: Diffusion with Offset Noise
            offset = torch.randn(count, latents.shape[1], 1, 1, generator=draws)
            noise = noise + over(config.noise_offset * offset, device)
        noise = noise.to(latents.dtype)
        timesteps = over(torch.randint(len(self.cumulative), (count,), generator=draws), device)
        level = self.cumulative[timesteps]
        signal, spread = (x[:, None, None, None] for x in (level.sqrt(), (1 - level).sqrt()))
        noisy = signal * latents + spread * noise  # Ho et al. 2020, equation 4
        velocity = self.kind == "v_prediction"
        # Velocity: Salimans and Ho, 2022.
        target = signal * noise - spread * latents if velocity else noise
        told = added(batch.pooled, batch.time_ids)
        with accelerator.autocast():
            predicted = unet(
                noisy, timesteps, batch.text, added_cond_kwargs=told, return_dict=False
            )[0]
        error = (predicted.float() - target.float()).square()
        if batch.weight is None:
            each = error.mean(dim=(1, 2, 3))
        else:
            # A small drawing on much nothing counts as much as a large one.
            whole = batch.weight.mean(dim=(1, 2, 3)).clamp(min=1e-6)
            each = (error * batch.weight).mean(dim=(1, 2, 3)) / whole
        if config.min_snr_gamma:
            each = each * self._weight(level, config.min_snr_gamma)
        return each.mean()

    def _weight(self, level: torch.Tensor, gamma: float) -> torch.Tensor:
        """min(SNR, gamma) / SNR for epsilon, / (SNR + 1) for v-prediction; 1 where the SNR is 0,
        or the step that zero-terminal-SNR is about would teach nothing. Hang et al. 2023; the form
        for v-prediction as in diffusers' training scripts."""
        import torch

        snr = level / (1 - level)
        if self.kind == "epsilon":
            return snr.clamp(max=gamma) / snr
        return torch.where(snr > 0, snr.clamp(max=gamma) / (snr + 1), 1.0)
