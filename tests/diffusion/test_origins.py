"""What files are made for, by what their makers write into them."""

from __future__ import annotations

import pytest

from studio.diffusion import origins

TOLD = {
    "stable-diffusion-v1/lora": "Stable Diffusion 1.x",
    "sd_v1": "Stable Diffusion 1.x",
    "sd_1.5": "Stable Diffusion 1.x",
    "stable-diffusion-v2-768-v/lora": "Stable Diffusion 2.x",
    "sd_v2_v": "Stable Diffusion 2.x",
    "stable-diffusion-xl-v1-base/lora": "SDXL",
    "sdxl_base_v1-0": "SDXL",
    "stable-diffusion-xl-v1-refiner": "the refiner of SDXL",
    "stable-diffusion-3-m/lora": "Stable Diffusion 3",
    "sd3m": "Stable Diffusion 3",
    "flux-1-dev/lora": "Flux",
    "flux1": "Flux",
    "flux.2-klein-9b/lora": "Flux.2",
    "Chroma1-HD": "Chroma",
    "hunyuan-video/lora": "HunyuanVideo",
    "hunyuan_image_2.1": "HunyuanImage",
    "wan2.1-t2v": "Wan",
    "Wan-AI/Wan2.2": "Wan",
    "z-image/lora": "Z-Image",
    "Z_Image_Turbo": "Z-Image",
    "Qwen-Image-Edit": "Qwen-Image",
    "lumina-2/lora": "Lumina-Image",
    "pixart-sigma/lora": "PixArt",
    "auraflow": "AuraFlow",
    "hi-dream-i1": "HiDream",
    "kolors": "Kolors",
    "stable-cascade-v1-prior": "Stable Cascade",
    "anima-preview/lora": "Anima",
    "swan lake": "",
    "animated": "",
    "my own": "",
}
SHOWN = {
    "diffusion_model.double_blocks.3.img_attn.qkv": "Flux or one of its kin",
    "lora_unet_double_blocks_3_img_attn_qkv": "Flux or one of its kin",
    "transformer.single_transformer_blocks.0.attn.to_q": "Flux or one of its kin",
    "diffusion_model.double_blocks.19.img_attn.qkv": "HunyuanVideo",
    "lora_unet_single_blocks_45_linear1": "Flux.2",
    "transformer.context_embedder.token_refiner.refiner_blocks.0.attn.to_q": "HunyuanVideo",
    "diffusion_model.joint_blocks.0.x_block.attn.qkv": "Stable Diffusion 3",
    "lora_unet_joint_blocks_0_x_block_attn_qkv": "Stable Diffusion 3",
    "transformer.transformer_blocks.0.attn.to_q": "Stable Diffusion 3, Flux or Qwen-Image",
    "transformer.transformer_blocks.0.img_mlp.net.2": "Qwen-Image",
    "diffusion_model.transformer_blocks.0.attn.to_q": "Qwen-Image",
    "lora_unet_transformer_blocks_0_attn_to_q": "Qwen-Image",
    "diffusion_model.blocks.0.self_attn.q": "Wan",
    "lora_unet_blocks_0_cross_attn_k": "Wan",
    "transformer.blocks.0.attn1.to_q": "Wan or HunyuanDiT",
    "diffusion_model.blocks.0.self_attn.q_proj": "Anima or Cosmos",
    "diffusion_model.layers.0.attention.to_q": "Z-Image",
    "diffusion_model.layers.0.attention.qkv": "Lumina-Image or Z-Image",
    "transformer.layers.0.attn.to_q": "Lumina-Image",
    "lora_transformer_transformer_blocks_0_attn1_to_q": "PixArt, Sana or LTX-Video",
    "transformer.joint_transformer_blocks.0.attn.to_q": "AuraFlow",
    "diffusion_model.double_layers.0.attn.w1q": "AuraFlow",
    "diffusion_model.double_stream_blocks.0.block.attn1.to_q": "HiDream",
    "lora_prior_unet_down_blocks_0_3_kv_mapper": "Stable Cascade or Kandinsky",
    "down_blocks.0.motion_modules.0.transformer_blocks.0.to_q": "AnimateDiff",
    "unet.encoder_hid_proj": "Kolors",
    "lora_te2_text_model_encoder_layers_0_mlp_fc1": "",
    "unet.up_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q": "",
}


@pytest.mark.parametrize(("said", "family"), TOLD.items())
@pytest.mark.parametrize("key", origins.ARCHITECTURE)
def test_the_header_names_a_family(key: str, said: str, family: str) -> None:
    assert origins.told({key: said}) == family


@pytest.mark.parametrize(("name", "family"), SHOWN.items())
def test_names_give_a_family_away(name: str, family: str) -> None:
    found = origins.shown({f"{name}.lora_A.weight": (4, 320), f"{name}.lora_B.weight": (320, 4)})
    assert found.startswith(family) and bool(found) == bool(family)


def test_the_text_that_a_unet_listens_to_gives_its_family_away() -> None:
    listens = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    for width, family in ((768, "1.x"), (1024, "2.x"), (2048, "SDXL"), (1280, "refiner"), (9, "")):
        found = origins.shown({f"{listens}.lora_down.weight": (4, width)})
        assert family in found and bool(found) == bool(family)
    unet = "lora_unet_input_blocks_4_1_proj_in.lora_down.weight"
    assert origins.shown({unet: (4, 320), "lora_te2_x.alpha": ()}) == "SDXL"


def test_what_nobody_knows_is_called_as_its_header_calls_it() -> None:
    named = origins.made_for({"a.b": (1,)}, {"modelspec.architecture": "mine-1/lora"})
    assert "mine-1/lora" in named and origins.made_for({"a.b": (1,)}, {}) == ""
