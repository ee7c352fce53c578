"""The optimizers that a training may use, by their setting's name."""

from __future__ import annotations

from typing import Any

from studio.training.config import TrainConfig


def make(config: TrainConfig, parameters: list[Any]) -> Any:
    import torch

    settings: dict[str, Any] = {"lr": config.learning_rate, "weight_decay": config.weight_decay}
    if config.optimizer == "adamw8bit":
        import bitsandbytes

        return bitsandbytes.optim.AdamW8bit(parameters, **settings)
    return torch.optim.AdamW(parameters, fused=True, **settings)
