"""Captions by a vision-language model of transformers, on this machine: BLIP, Florence-2, Qwen-VL.

Anything that `AutoModelForImageTextToText` loads from safetensors without code of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from studio.errors import StudioError

TOKENS = 60
TASK = "<CAPTION>"  # Florence-2's word for what it shall do


@dataclass(frozen=True)
class Vision:
    """A loaded model; `name` is told with every proposal. `style` is how it is asked: "chat",
    "task" (Florence-2) or "plain" (BLIP: it needs no words)."""

    name: str
    style: str
    device: str
    model: Any = field(repr=False)
    processor: Any = field(repr=False)

    def caption(self, pictures: list[Image.Image], prompt: str) -> list[str]:
        """What it says of each RGB picture; greedy, so that it says the same again."""
        import torch

        asked = self._asked(pictures, prompt).to(self.device, self.model.dtype)
        with torch.inference_mode():
            made = self.model.generate(**asked, max_new_tokens=TOKENS, do_sample=False, num_beams=1)
        if self.style == "chat" and not self.model.config.is_encoder_decoder:
            made = made[:, asked["input_ids"].shape[1] :]  # what was asked is repeated before
        texts = self.processor.batch_decode(made, skip_special_tokens=True)
        return [" ".join(str(text).split()) for text in texts]

    def _asked(self, pictures: list[Image.Image], prompt: str) -> Any:
        if self.style == "plain":
            return self.processor(images=pictures, return_tensors="pt")
        if self.style == "task":
            texts = [TASK] * len(pictures)
            return self.processor(text=texts, images=pictures, return_tensors="pt", padding=True)
        said = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt}]}]
        text = self.processor.apply_chat_template(said, add_generation_prompt=True)
        self.processor.tokenizer.padding_side = "left"  # what is made follows what was asked
        return self.processor(
            text=[text] * len(pictures),
            images=[[one] for one in pictures],
            return_tensors="pt",
            padding=True,
        )


def load(name: str, device: str) -> Vision:
    """The model in a folder, or on the Hub by its id. StudioError where it can't be loaded."""
    from studio.diffusion import torchvision_compat  # noqa: F401  (before transformers)

    import torch  # isort: skip
    from transformers import AutoModelForImageTextToText, AutoProcessor  # isort: skip

    half = torch.float16 if device == "cuda" else torch.float32
    try:
        processor = AutoProcessor.from_pretrained(name, trust_remote_code=False)
        model = AutoModelForImageTextToText.from_pretrained(
            name, trust_remote_code=False, use_safetensors=True, dtype=half
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise StudioError(
            f"The model {name} can't be loaded: {str(error)[:300]}",
            "STUDIO_CAPTION_MODEL is a folder, or a Hub id, of a vision-language model in "
            "safetensors that transformers knows, such as Salesforce/blip-image-captioning-base.",
        ) from error
    return Vision(name, _style(model, processor), device, model.eval().to(device), processor)


def _style(model: Any, processor: Any) -> str:
    if model.config.model_type.startswith("florence"):
        return "task"
    tokenizer = getattr(processor, "tokenizer", None)
    templates = getattr(processor, "chat_template", None), getattr(tokenizer, "chat_template", None)
    return "chat" if any(templates) else "plain"
