"""The loss: weights of places and of timesteps, another prediction, noise alone at the last step,
and what SDXL is told."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from accelerate import Accelerator

from studio.diffusion import schedules, torchvision_compat  # noqa: F401
from studio.errors import StudioError
from studio.training.batches import Batch
from studio.training.config import TrainConfig
from studio.training.noising import Noising

CPU = torch.device("cpu")
SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
}
PLAIN = TrainConfig(min_snr_gamma=0.0, caption_dropout=0.0)


class Answers:
    """Stands where the UNet stands and answers with zeros; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def __call__(self, noisy: Any, timesteps: Any, text: Any, **told: Any) -> tuple[Any]:
        self.asked.append((noisy, timesteps, text, told))
        return (torch.zeros_like(noisy),)


def batch(weight: torch.Tensor | None = None) -> Batch:
    latents = torch.randn(64, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    return Batch(latents, torch.zeros(64, 2, 3), weight=weight)


def loss(noising: Noising, seen: Batch, config: TrainConfig, unet: Any = None) -> float:
    draws = torch.Generator().manual_seed(2)
    return float(noising.loss(unet or Answers(), seen, config, draws, Accelerator(cpu=True)))


def test_places_without_weight_teach_nothing_and_small_drawings_count_the_same() -> None:
    noising = Noising(SCHEDULER, CPU, PLAIN)
    all_alike = torch.full((64, 1, 8, 8), 0.3)
    assert loss(noising, batch(all_alike), PLAIN) == pytest.approx(loss(noising, batch(), PLAIN))
    corner = torch.zeros(64, 1, 8, 8)
    corner[..., :2, :2] = 1
    draws = torch.Generator().manual_seed(2)
    noise = torch.randn(64, 4, 8, 8, generator=draws)
    expected = float(noise[..., :2, :2].square().mean())  # epsilon, guessed as 0
    assert loss(noising, batch(corner), PLAIN) == pytest.approx(expected, rel=1e-5)
    assert loss(noising, batch(torch.zeros(64, 1, 8, 8)), PLAIN) == 0.0


def test_min_snr_of_both_predictions() -> None:
    gamma = 5.0
    for kind in ("epsilon", "v_prediction"):
        config = replace(PLAIN, min_snr_gamma=gamma, prediction_type=kind)
        noising = Noising(SCHEDULER, CPU, config)
        assert noising.kind == kind
        level = noising.cumulative
        snr = level / (1 - level)
        found = noising._weight(level, gamma)
        under = snr if kind == "epsilon" else snr + 1
        assert torch.allclose(found, torch.minimum(snr, torch.tensor(gamma)) / under)
        # Both give one weight on the guessed picture: of x0 it is min(SNR, gamma).
        of_picture = found * (snr if kind == "epsilon" else snr + 1)
        assert torch.allclose(of_picture, snr.clamp(max=gamma), rtol=1e-4)


def test_noise_alone_at_the_last_step() -> None:
    config = replace(PLAIN, zero_terminal_snr=True, prediction_type="v_prediction")
    noising = Noising(SCHEDULER, CPU, config)
    level = noising.cumulative
    assert level[-1] == 0 and level[0] == pytest.approx(
        Noising(SCHEDULER, CPU, PLAIN).cumulative[0]
    )
    assert (level[1:] < level[:-1]).all()
    weights = noising._weight(level, 5.0)
    assert torch.isfinite(weights).all() and weights[-1] == 1  # the step it is all about
    only = replace(config, min_snr_gamma=5.0)
    noising.cumulative = level[-1:]
    unet = Answers()
    seen = batch()
    # There the velocity is the picture itself, with its sign turned.
    assert loss(noising, seen, only, unet) == pytest.approx(float(seen.latents.square().mean()))
    with pytest.raises(StudioError, match="needs v-prediction"):
        Noising(SCHEDULER, CPU, replace(PLAIN, zero_terminal_snr=True))
    with pytest.raises(StudioError, match="predicts sample"):
        Noising({**SCHEDULER, "prediction_type": "sample"}, CPU, PLAIN)


def test_a_version_is_drawn_as_it_was_trained() -> None:
    from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, PNDMScheduler

    for kind, drawn in ((PNDMScheduler, DDIMScheduler), (DPMSolverMultistepScheduler,) * 2):
        pipeline = SimpleNamespace(scheduler=kind.from_config(SCHEDULER))
        assert schedules.guidance(pipeline) == {}
        schedules.as_trained(pipeline, "v_prediction", True)
        made = pipeline.scheduler
        assert type(made) is drawn and made.config.prediction_type == "v_prediction"
        assert made.config.rescale_betas_zero_snr and made.config.timestep_spacing == "trailing"
        made.set_timesteps(10)
        assert int(made.timesteps[0]) == 999  # begins where the noise is alone
        assert schedules.guidance(pipeline) == {"guidance_rescale": 0.7}
        assert Noising(made.config, CPU, PLAIN).cumulative[-1] == 0
    pipeline = SimpleNamespace(scheduler=PNDMScheduler.from_config(SCHEDULER))
    before = pipeline.scheduler
    schedules.as_trained(pipeline, "auto", False)
    assert pipeline.scheduler is before


def test_a_noise_offset_moves_a_picture_as_a_whole_and_sdxl_is_told_sizes() -> None:
    config = replace(PLAIN, noise_offset=0.5)
    unet = Answers()
    seen = replace(batch(), pooled=torch.ones(64, 5), time_ids=torch.ones(64, 6))
    loss(Noising(SCHEDULER, CPU, config), seen, config, unet)
    loss(Noising(SCHEDULER, CPU, PLAIN), seen, PLAIN, unet)
    offset, plain = (asked[0] for asked in unet.asked)
    moved = offset.mean(dim=(2, 3)).std() / plain.mean(dim=(2, 3)).std()
    assert moved > 2
    told = unet.asked[0][3]["added_cond_kwargs"]
    assert set(told) == {"text_embeds", "time_ids"} and told["time_ids"].shape == (64, 6)
