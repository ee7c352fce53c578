"""Our files in the hands of sd-scripts' own network loader and of ComfyUI's key map.

Skipped unless HOUSESTYLE_SD_SCRIPTS and HOUSESTYLE_COMFYUI name folders with their code. The block
structure is the real one of Stable Diffusion 1.5 and SDXL; widths are small.
"""

from __future__ import annotations

import ast
import importlib
import math
import os
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

from studio.diffusion import kohya, lora_files, single_file
from studio.diffusion.base_shapes import shapes_of
from studio.diffusion.weight_shapes import Shapes
from tests.diffusion.conftest import make_base
from tests.diffusion.original import _unet as to_original
from tests.diffusion.original import single
from tests.diffusion.test_interchange import effect, load, random_lora
from tests.diffusion.test_kinds_of_adapters import trained
from tests.rounding import same_tensor

SD_SCRIPTS = os.environ.get("HOUSESTYLE_SD_SCRIPTS", "")
COMFYUI = os.environ.get("HOUSESTYLE_COMFYUI", "")
WIDTH, TEXTS, TIME = 32, 2048, 8  # sd-scripts has SDXL's 2048 in its code


def real_blocks(family: str) -> Any:
    """A small pipeline with all blocks of the real one."""
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    pipeline = make_base(family)
    if family == "sd1":
        pipeline.unet = UNet2DConditionModel(
            sample_size=8,
            block_out_channels=(32, 64, 64, 64),
            cross_attention_dim=32,
            norm_num_groups=8,
            attention_head_dim=8,
        )
        return pipeline
    pipeline.unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(WIDTH, 2 * WIDTH, 4 * WIDTH),
        cross_attention_dim=TEXTS,
        attention_head_dim=(1, 1, 2),
        use_linear_projection=True,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10),
        addition_embed_type="text_time",
        addition_time_embed_dim=TIME,
        projection_class_embeddings_input_dim=32 + 6 * TIME,
    )
    wide = {**pipeline.text_encoder.config.to_dict(), "hidden_size": TEXTS - 64}
    pipeline.text_encoder = CLIPTextModel(CLIPTextConfig(**wide))
    return pipeline


@pytest.fixture(scope="module", params=["sd1", "sdxl"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere") / str(request.param)
    real_blocks(request.param).save_pretrained(folder)
    return folder


def in_kohya(folder: Path, kind: str, out: Path) -> tuple[list[torch.Tensor], Path]:
    """What the models answer that the adapter was trained on, and its file in kohya's layout."""
    want, file = trained(folder, kind, out)
    shapes, written = shapes_of(folder), out / "kohya.safetensors"
    kohya.write(written, lora_files.read(file, shapes), shapes, kohya.About("t", "b"))
    return want, written


class Old(torch.nn.Module):
    """A text encoder with `text_model.` before its modules' names, as sd-scripts' transformers
    has it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.text_model = model


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """sd-scripts' networks.lora; what it imports beside is not needed here."""
    if not SD_SCRIPTS:
        pytest.skip("HOUSESTYLE_SD_SCRIPTS names no folder")
    for name in ("cv2", "einops"):
        if importlib.util.find_spec(name) is None:
            stub = types.ModuleType(name)
            stub.rearrange = None  # type: ignore[attr-defined]
            monkeypatch.setitem(sys.modules, name, stub)
    monkeypatch.syspath_prepend(SD_SCRIPTS)
    return importlib.import_module("networks.lora")


def their_sdxl(unet: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """sd-scripts' own SDXL UNet with the weights of ours."""
    module = importlib.import_module("library.sdxl_original_unet")
    monkeypatch.setattr(module, "MODEL_CHANNELS", WIDTH)
    monkeypatch.setattr(module, "TIME_EMBED_DIM", 4 * WIDTH)
    monkeypatch.setattr(module, "ADM_IN_CHANNELS", 32 + 6 * TIME)
    theirs: Any = module.SdxlUNet2DConditionModel()
    theirs.load_state_dict(to_original(unet))
    return theirs.eval()


@pytest.mark.parametrize("how", ["applied", "merged"])
@pytest.mark.parametrize("kind", ["lora", "rslora"])
def test_the_network_loader_of_sd_scripts_gives_the_same_effect(
    base: Path, kind: str, how: str, networks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    want, file = in_kohya(base, kind, tmp_path)
    pipeline, large = load(base), base.name == "sdxl"
    bare = effect(pipeline)
    unet = their_sdxl(pipeline.unet, monkeypatch) if large else pipeline.unet
    texts: list[Any] = [Old(pipeline.text_encoder)]
    texts += [pipeline.text_encoder_2] if large else []
    network, weights = networks.create_network_from_weights(
        1.0, str(file), None, texts if large else texts[0], unet, for_inference=True
    )
    given = texts if large else texts[0]
    if how == "applied":
        network.apply_to(given, unet)
        told = network.load_state_dict(weights, strict=False)
        assert not told.missing_keys and not told.unexpected_keys
    else:
        assert {key.split(".")[0] for key in weights} == {
            one.lora_name for one in network.text_encoder_loras + network.unet_loras
        }
        network.merge_to(given, unet, weights, torch.float32, "cpu")
    if large:
        pipeline.unet.forward = _speaking(pipeline.unet, unet)
    got = effect(pipeline)
    for found, wanted, without in zip(got, want, bare, strict=True):
        assert (wanted - without).abs().max() > 0.01
        assert same_tensor(found, wanted)


def _speaking(ours: Any, theirs: Any) -> Any:
    """Their UNet, asked as diffusers' is."""

    def forward(latents: Any, step: int, text: Any, added_cond_kwargs: Any) -> Any:
        sizes = ours.add_time_proj(added_cond_kwargs["time_ids"].flatten()).reshape(1, -1)
        told = torch.cat([added_cond_kwargs["text_embeds"], sizes], dim=-1)
        sample = theirs(latents, torch.tensor([step]), text, told)
        return types.SimpleNamespace(sample=sample)

    return forward


def comfy() -> dict[str, Any]:
    """The key maps of ComfyUI and what they need, taken out of its code by name: the modules
    themselves import everything that ComfyUI has."""
    wanted = {
        "comfy/utils.py": (
            "UNET_MAP_ATTENTIONS",
            "TRANSFORMER_BLOCKS",
            "UNET_MAP_RESNET",
            "UNET_MAP_BASIC",
            "unet_to_diffusers",
        ),
        "comfy/lora.py": ("LORA_CLIP_MAP", "model_lora_keys_clip", "model_lora_keys_unet"),
    }
    space: dict[str, Any] = {"torch": torch, "math": math}
    for path, names in wanted.items():
        tree = ast.parse((Path(COMFYUI) / path).read_text("utf-8"))
        for node in tree.body:
            name = getattr(node, "name", "") or next(
                (t.id for t in getattr(node, "targets", []) if isinstance(t, ast.Name)), ""
            )
            if name in names:
                exec(compile(ast.Module([node], []), path, "exec"), space)
    space["utils"] = types.SimpleNamespace(unet_to_diffusers=space["unet_to_diffusers"])

    class Kinds:  # newer ones ask which model it is; ours is none of the named
        def __getattr__(self, name: str) -> Any:
            return type(name, (), {})

    space["comfy"] = types.SimpleNamespace(utils=space["utils"], model_base=Kinds())
    return space


CONFIGS = {
    "sd1": {
        "num_res_blocks": [2] * 4,
        "channel_mult": [1, 2, 4, 4],
        "transformer_depth": [1] * 6 + [0] * 2,
        "transformer_depth_middle": 1,
        "transformer_depth_output": [1] * 9 + [0] * 3,
    },
    "sdxl": {
        "num_res_blocks": [2] * 3,
        "channel_mult": [1, 2, 4],
        "transformer_depth": [0, 0, 2, 2, 10, 10],
        "transformer_depth_middle": 10,
        "transformer_depth_output": [0, 0, 0, 2, 2, 2, 10, 10, 10],
    },
}


def key_map(base: Path) -> set[str]:
    """Every name that ComfyUI takes of a LoRA for this base."""
    pipeline, large, space = load(base), base.name == "sdxl", comfy()
    held = single(pipeline, base.name)
    start = single_file.UNET.removesuffix("diffusion_model.")
    unet = {k.removeprefix(start): v for k, v in held.items() if k.startswith(start)}
    texts = {"clip_l.transformer.": pipeline.text_encoder}
    texts |= {"clip_g.transformer.": pipeline.text_encoder_2} if large else {}
    words = {
        f"{start}text_model.{name.removeprefix('text_model.')}": value
        for start, model in texts.items()
        for name, value in model.state_dict().items()
    }
    model = types.SimpleNamespace(
        state_dict=lambda: unet, model_config=types.SimpleNamespace(unet_config=CONFIGS[base.name])
    )
    clip = types.SimpleNamespace(state_dict=lambda: words)
    taken: dict[str, Any] = space["model_lora_keys_unet"](model, {})
    return set(space["model_lora_keys_clip"](clip, dict(taken)))


@pytest.mark.skipif(not COMFYUI, reason="HOUSESTYLE_COMFYUI names no folder")
@pytest.mark.parametrize("kind", ["lora", "rslora", "dora", "everything"])
def test_every_key_is_taken_by_the_key_map_of_comfyui(
    base: Path, kind: str, tmp_path: Path
) -> None:
    if kind == "everything":  # all that any file may hold, not only what is trained here
        shapes: Shapes = shapes_of(base)
        keys = list(kohya.tensors_of(random_lora(shapes), shapes))
    else:
        _, file = in_kohya(base, kind, tmp_path)
        with safe_open(file, framework="np") as opened:
            keys = list(opened.keys())
    taken = key_map(base)
    assert len(keys) > 300 and {key.split(".")[0] for key in keys} <= taken
    ends = {key.split(".", 1)[1] for key in keys}
    assert ends - {"dora_scale"} == {"lora_down.weight", "lora_up.weight", "alpha"}
    assert ("dora_scale" in ends) == (kind == "dora")
