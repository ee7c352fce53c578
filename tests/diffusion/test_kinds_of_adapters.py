"""LoRA, rsLoRA and DoRA with text encoders: the files act as what was trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from studio.diffusion import adapters, bases, kohya, lora_files, lora_merging
from studio.diffusion.base_shapes import shapes_of
from studio.errors import StudioError
from studio.training import adapter_layers, export
from studio.training.config import TrainConfig
from tests.diffusion.test_interchange import effect, load, merged_by_hand, random_lora
from tests.rounding import same_tensor

CPU = torch.device("cpu")
FAMILIES = ("sd1", "sd2", "sdxl")


def trained(folder: Path, kind: str, out: Path) -> tuple[list[torch.Tensor], Path]:
    """What models with a fresh adapter answer once its weights are no longer at their beginning,
    and the file that was written of them."""
    pipeline = bases.load_pipeline(bases.find_base(str(folder)), CPU)
    config = TrainConfig(base=str(folder), adapter=kind, rank=4, alpha=2.0, train_text_encoder=True)
    learning = adapter_layers.attach(pipeline, config)
    draws = torch.Generator().manual_seed(3)
    for name, weight in adapter_layers.trainable(learning).items():
        moved = torch.randn(weight.shape, generator=draws)
        if "magnitude" in name:
            weight.data *= 1 + 0.2 * moved
        else:
            weight.data += 0.1 * moved
    for model in learning.values():
        model.eval()
    texts = {name: model for name, model in learning.items() if name != "unet"}
    file = export.write_lora(
        out, adapter_layers.exported(learning), pipeline.unet, {"a": "b"}, texts
    )
    return effect(pipeline), file


def same(got: list[torch.Tensor], want: list[torch.Tensor]) -> None:
    assert all(same_tensor(mine, theirs) for mine, theirs in zip(got, want, strict=True))


QUICK = {("sd1", "dora"), ("sd2", "rslora"), ("sdxl", "lora")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "kind"),
    [
        pytest.param(family, kind, marks=() if (family, kind) in QUICK else pytest.mark.slow)
        for family in FAMILIES
        for kind in ("lora", "rslora", "dora")
    ],
)
def test_the_files_act_as_what_was_trained(
    family: str, kind: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = folder_of(family)
    want, file = trained(folder, kind, tmp_path / "ours")
    bare = effect(load(folder))
    assert all((one - other).abs().max() > 0.01 for one, other in zip(want, bare, strict=True))
    # Plain diffusers, and the studio, which switches it off again.
    same(effect(load(folder, file)), want)
    pipeline = bases.load_pipeline(bases.find_base(str(folder)), CPU)
    bare = effect(pipeline)
    adapters.attach(pipeline, file)
    adapters.set_strength(pipeline, 1.0)
    same(effect(pipeline), want)
    adapters.set_strength(pipeline, 0.0)
    assert all(torch.equal(one, off) for one, off in zip(bare, effect(pipeline), strict=True))
    # Read and written again, and in kohya's layout.
    shapes = shapes_of(folder)
    given = lora_files.read(file, shapes)
    assert given.dora == (kind == "dora")
    assert given.parts == ["unet", "text_encoder", "text_encoder_2"][: 3 if family == "sdxl" else 2]
    scale = {"lora": 0.5, "rslora": 1.0, "dora": 0.5}[kind]
    assert {pair.scale for pair in given.pairs.values()} == {scale}
    lora_files.write(tmp_path / "again.safetensors", given, {})
    same(effect(load(folder, tmp_path / "again.safetensors")), want)
    kohya.write(tmp_path / "k.safetensors", given, shapes, kohya.About("t", "b"))
    if kind == "dora":  # plain diffusers leaves kohya's magnitudes out, and says so
        lora_files.write(
            tmp_path / "back.safetensors", lora_files.read(tmp_path / "k.safetensors", shapes), {}
        )
        same(effect(load(folder, tmp_path / "back.safetensors")), want)
        with pytest.raises(StudioError, match="DoRA"):
            lora_merging.merged([given, given], [1, 1])
        return
    same(effect(load(folder, tmp_path / "k.safetensors")), want)
    with safe_open(tmp_path / "k.safetensors", framework="np") as opened:
        alphas = {
            float(opened.get_tensor(k))
            for k in opened.keys()
            if k.endswith(".alpha") and k.startswith("lora_unet_")
        }
    assert alphas == {2.0 if kind == "lora" else 4.0}  # alpha; for rsLoRA alpha * sqrt(rank)


@pytest.mark.parametrize(("given", "chosen"), [("sd1", "sdxl"), ("sdxl", "sd1"), ("sd2", "sd1")])
def test_a_lora_of_another_base_is_refused(
    given: str, chosen: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    _, file = trained(folder_of(given), "lora", tmp_path)
    with pytest.raises(StudioError, match="which the base lacks|is of shape") as refused:
        lora_files.read(file, shapes_of(folder_of(chosen)))
    assert refused.value.remedy
    pipeline = bases.load_pipeline(bases.find_base(str(folder_of(chosen))), CPU)
    with pytest.raises(StudioError, match="which the base lacks|is of shape"):
        adapters.attach(pipeline, file)


@pytest.mark.parametrize(
    ("key", "shape", "said"),
    [
        ("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", (4, 3072), "Flux"),
        ("lora_unet_joint_blocks_0_x.lora_down.weight", (4, 9), "Stable Diffusion 3"),
        (
            "lora_unet_input_blocks_9_9_transformer_blocks_0_attn2_to_k.lora_down.weight",
            (4, 2048),
            "SDXL",
        ),
        (
            "unet.up_blocks.9.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight",
            (4, 768),
            "Stable Diffusion 1.x",
        ),
    ],
)
def test_the_right_base_is_named_where_the_file_gives_it_away(
    folder_of: Callable[[str], Path], tmp_path: Path, key: str, shape: tuple[int, ...], said: str
) -> None:
    from safetensors.numpy import save_file

    save_file({key: np.ones(shape, np.float32)}, tmp_path / "a.safetensors")
    with pytest.raises(StudioError, match="the base lacks") as refused:
        lora_files.read(tmp_path / "a.safetensors", shapes_of(folder_of("sd2")))
    assert said in refused.value.remedy


def test_a_dora_on_the_inputs_is_refused(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    shapes = shapes_of(folder_of("sd1"))
    _, file = trained(folder_of("sd1"), "dora", tmp_path)
    kohya.write(
        tmp_path / "k.safetensors", lora_files.read(file, shapes), shapes, kohya.About("t", "b")
    )
    tensors: dict[str, Any] = load_file(tmp_path / "k.safetensors")
    key = next(k for k in tensors if k.endswith(".dora_scale") and "to_q" in k)
    tensors[key] = tensors[key].reshape(1, -1)
    save_file(tensors, tmp_path / "in.safetensors")
    with pytest.raises(StudioError, match="measures inputs"):
        lora_files.read(tmp_path / "in.safetensors", shapes)


@pytest.mark.slow
def test_adapters_that_act_on_other_parts_act_beside_each_other(
    folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = folder_of("sdxl")
    shapes = shapes_of(folder)
    whole, narrow = random_lora(shapes, 1), random_lora(shapes, 2)
    first = {n: p for n, p in narrow.pairs.items() if not n.startswith("text_encoder_2.")}
    narrow = lora_files.Lora({n: p for n, p in first.items() if "attn1" not in n}, {})
    for name, given in (("whole", whole), ("narrow", narrow)):
        lora_files.write(tmp_path / f"{name}.safetensors", given, {})
    pipeline = bases.load_pipeline(bases.find_base(str(folder)), CPU)
    bare = effect(pipeline)
    adapters.attach(pipeline, tmp_path / "narrow.safetensors")
    adapters.attach_only(pipeline, {"o": tmp_path / "whole.safetensors"})
    adapters.set_strength(pipeline, 0.5, {"o": 0.8})
    both = lora_merging.merged([narrow, whole], [0.5, 0.8])
    same(effect(pipeline), effect(merged_by_hand(folder, both)))
    adapters.attach_only(pipeline, {})
    adapters.set_strength(pipeline, 0.0)
    assert all(torch.equal(one, off) for one, off in zip(bare, effect(pipeline), strict=True))
