"""Writing a trained base as a folder that plain diffusers, transformers and open_clip read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from torch import nn

from studio.diffusion import torchvision_compat  # noqa: F401  (before diffusers)

from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny  # isort: skip
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import (  # isort: skip
    StableDiffusionPipeline,
)
from transformers import CLIPTokenizer  # isort: skip

from studio.diffusion.vocabulary import write_vocabulary
from studio.pocket import credits
from studio.pocket.clip import Judge, save_clip
from studio.pocket.denoiser import Denoiser
from studio.pocket.parts import new_scheduler
from studio.store.publish import publishing

# Parts of a bundle; a model card and a licence beside them are left alone.
PARTS = (
    "model_index.json",
    "scheduler",
    "text_encoder",
    "tokenizer",
    "unet",
    "vae",
    "clip",
    "vocabulary.txt",
    "split.json",
    credits.FILE_NAME,
)


def save_bundle(
    autoencoder: AutoencoderTiny,
    denoiser: Denoiser,
    judge: Judge,
    tokenizer: CLIPTokenizer,
    captions: list[str],
    split: dict[str, object],
    authors: str,
    out: Path,
) -> None:
    """Writes the whole base under `out` in fp16: all of it beside it, then part by part.

    `split`: what was trained on and what was held out, kept as split.json;
    `authors`: whose pictures they were, kept as CREDITS.txt.
    """
    aside = out.with_name(out.name + ".partial")
    shutil.rmtree(aside, ignore_errors=True)
    held: dict[str, Any] = {
        "vae": autoencoder,
        "text_encoder": denoiser.text,
        "tokenizer": tokenizer,
        "unet": denoiser.unet,
        "scheduler": new_scheduler(),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }
    pipeline = StableDiffusionPipeline(**held)
    trained: list[nn.Module] = [autoencoder, denoiser]
    pipeline.to(dtype=torch.float16)
    pipeline.save_pretrained(str(aside), safe_serialization=True)
    for part in trained:
        part.float()
    # Otherwise transformers keeps fp16 on CPU beside a UNet in fp32, and the pipeline fails.
    config = aside / "text_encoder" / "config.json"
    settings = json.loads(config.read_text("utf-8"))
    settings["dtype"] = "float32"
    config.write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    save_clip(judge, tokenizer, aside / "clip")
    write_vocabulary(captions, aside)
    (aside / "split.json").write_text(json.dumps(split, indent=1) + "\n", "utf-8")
    (aside / credits.FILE_NAME).write_text(authors, "utf-8")
    for name in PARTS:
        with publishing(out / name) as place:
            if (aside / name).is_dir():
                shutil.copytree(aside / name, place)
            else:
                shutil.copyfile(aside / name, place)
    shutil.rmtree(aside)
