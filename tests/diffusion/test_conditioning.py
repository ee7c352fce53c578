"""What the UNet is told of a text: the same as diffusers' own pipelines tell it."""

from __future__ import annotations

import pytest
import torch

from studio.diffusion import conditioning
from tests.diffusion.conftest import make_base
from tests.rounding import same_tensor


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_texts_are_told_as_diffusers_tells_them(family: str) -> None:
    pipeline, texts = make_base(family), ["a potion, seen from the side", ""]
    with torch.no_grad():
        got = conditioning.condition(pipeline, texts)
        want = pipeline.encode_prompt(
            texts, device="cpu", num_images_per_prompt=1, do_classifier_free_guidance=False
        )
    assert same_tensor(got.text, want[0])
    assert conditioning.is_sdxl(pipeline) == (family == "sdxl")
    if got.pooled is None:
        assert family != "sdxl" and conditioning.added(None, None) is None
        return
    assert same_tensor(got.pooled, want[2])
    sizes = conditioning.time_ids((32, 48), (0, 8), (64, 64))
    assert sizes.tolist() == [32, 48, 0, 8, 64, 64]
    latents = torch.zeros(2, 4, 8, 8)
    told = conditioning.added(got.pooled, torch.stack([sizes, sizes]))
    with torch.no_grad():
        answer = pipeline.unet(latents, 7, got.text, added_cond_kwargs=told).sample
    assert answer.shape == latents.shape and not torch.equal(answer[0], answer[1])


def test_gradients_reach_both_text_encoders() -> None:
    pipeline = make_base("sdxl")
    got = conditioning.condition(pipeline, ["a potion"])
    assert got.pooled is not None
    (got.text.sum() + got.pooled.sum()).backward()
    for name in conditioning.encoders(pipeline):
        assert any(p.grad is not None for p in getattr(pipeline, name).parameters()), name
