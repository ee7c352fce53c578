"""The adapters that learn: LoRA, rsLoRA or DoRA of peft on the UNet and on the text encoders.

LoRA: Hu et al. 2021, scaled by alpha / rank; rsLoRA: Kalajdzievski, 2023, by alpha / sqrt(rank);
DoRA: Liu et al. 2024, direction and magnitude apart.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from studio.diffusion.folder_layout import is_practice
from studio.errors import StudioError
from studio.training.config import TrainConfig

if TYPE_CHECKING:
    import torch

MODULES = {
    "attention": ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out"],
    "feed-forward": ["ff.net.0.proj", "ff.net.2"],
    "convolutions": ["conv1", "conv2", "conv_shortcut", "conv", "conv_in", "conv_out"],
}
ENDS = ("conv_in", "conv_out")
# Of CLIP's layers; those that the widespread trainers adapt, so that their readers know them.
WORDS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]


def add_lora(unet: Any, config: TrainConfig) -> Any:
    """The UNet with trainable weights of peft on the chosen modules; the rest frozen.

    Its two ends learn on practice bases alone: sd-scripts has no place for them.
    """
    names = [m for t in config.targets.split(",") for m in MODULES[t.strip()]]
    if not is_practice(config.base):
        names = [name for name in names if name not in ENDS]
    return _adapt(unet, names, config, config.seed)


def attach(pipeline: Any, config: TrainConfig) -> dict[str, Any]:
    """What learns, by its name in the pipeline: the UNet and, where wanted, the text encoders."""
    from studio.diffusion.conditioning import encoders

    learning = {"unet": add_lora(pipeline.unet, config)}
    if config.train_text_encoder:
        for number, name in enumerate(encoders(pipeline), start=1):
            learning[name] = _adapt(getattr(pipeline, name), WORDS, config, config.seed + number)
    if config.gradient_checkpointing:
        for name, model in learning.items():
            if name == "unet":
                model.enable_gradient_checkpointing()
            else:
                model.gradient_checkpointing_enable()
    if config.xformers:
        pipeline.unet.enable_xformers_memory_efficient_attention()
    return learning


def trainable(learning: dict[str, Any]) -> dict[str, torch.nn.Parameter]:
    """The weights that learn; the UNet's under their own names, others after their model's."""
    return {
        name if model == "unet" else f"{model}.{name}": parameter
        for model, module in learning.items()
        for name, parameter in module.named_parameters()
        if parameter.requires_grad
    }


def exported(learning: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The adapters' tensors on the CPU as fp32, as diffusers' layout names them."""
    from studio.training.export import lora_tensors

    found: dict[str, torch.Tensor] = {}
    for name, module in learning.items():
        found |= lora_tensors(module, name)
    return found


def _adapt(module: Any, names: list[str], config: TrainConfig, seed: int) -> Any:
    import torch
    from peft import LoraConfig

    module.requires_grad_(False)
    torch.manual_seed(seed)
    module.add_adapter(
        LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,  # type: ignore[arg-type]  # fractions work
            lora_dropout=config.dropout,
            init_lora_weights="gaussian",
            use_rslora=config.adapter == "rslora",
            use_dora=config.adapter == "dora",
            target_modules=names,
        )
    )
    for parameter in module.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return module


def mark(unet: Any) -> str:
    """What tells one base from another: a hash of its names and shapes, and of a few weights."""
    import torch

    digest, last = hashlib.sha256(), None
    for name, value in unet.state_dict().items():
        digest.update(f"{name} {tuple(value.shape)}".encode())
        last = value if value.dim() == 1 else last
    if last is not None:
        digest.update(last.detach().to("cpu", torch.float16).numpy().tobytes())
    return digest.hexdigest()


def check_mark(kept: str, found: str) -> None:
    """StudioError where a checkpoint was made on another base than this one."""
    if kept != found:
        raise StudioError(
            "The checkpoint was made on another base than this one.",
            "Resume with the base the run began with, or start anew without --resume.",
        )
