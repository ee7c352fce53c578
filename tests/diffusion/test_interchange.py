"""Our LoRA files in others' hands: plain diffusers, and the names that ComfyUI takes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import studio.diffusion.torchvision_compat  # noqa: F401  first
from studio.diffusion import kohya, lora_files
from studio.diffusion.base_shapes import shapes_of
from studio.diffusion.lora_files import Lora, Pair
from studio.diffusion.weight_shapes import Shapes, to_ldm
from studio.errors import StudioError
from studio.settings import POCKET
from tests.diffusion.conftest import make_base
from tests.rounding import same_tensor

FAMILIES = ("sd1", "sd2", "sdxl")


@pytest.fixture(scope="module", params=FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("interchange") / str(request.param)
    make_base(request.param).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def shapes(base: Path) -> Shapes:
    return shapes_of(base)


def random_lora(shapes: Shapes, seed: int = 0, uneven: bool = True) -> Lora:
    """On every matrix and convolution; `uneven`: ranks and scales differ between modules."""
    rng = np.random.default_rng(seed)
    pairs = {}
    for module, (out, *inner) in shapes.modules.items():
        if module.endswith(("text_projection",)):
            continue
        rank = int(rng.integers(2, 6)) if uneven else 4
        # A convolution's up is 1 x 1.
        up = rng.standard_normal((out, rank, *[1] * (len(inner) - 1))) * 0.05
        down = rng.standard_normal((rank, *inner)) * 0.1
        scale = float(rng.choice([0.25, 0.5, 1.0, 1.3])) if uneven else 0.5
        pairs[module] = Pair(down.astype(np.float32), up.astype(np.float32), scale)
    return Lora(pairs, {})


def load(folder: Path, file: Path | None = None) -> Any:
    from diffusers import DiffusionPipeline

    pipeline = DiffusionPipeline.from_pretrained(folder, safety_checker=None)
    if file is not None:
        pipeline.load_lora_weights(str(file.parent), weight_name=file.name)
    return pipeline


def effect(pipeline: Any) -> list[torch.Tensor]:
    """What the text encoders and the UNet answer to a fixed input."""
    told, draws = [], torch.Generator().manual_seed(1)
    with torch.no_grad():
        tokens = torch.tensor([[1, 5, 9, 2]])
        for name in ("text_encoder", "text_encoder_2"):
            if encoder := getattr(pipeline, name, None):
                told.append(encoder(tokens, output_hidden_states=True).hidden_states[-1])
        config = pipeline.unet.config
        text = torch.randn(1, 4, config.cross_attention_dim, generator=draws)
        added = {"text_embeds": torch.randn(1, 32, generator=draws), "time_ids": torch.ones(1, 6)}
        latents = torch.randn(1, 4, 8, 8, generator=draws)
        told.append(pipeline.unet(latents, 7, text, added_cond_kwargs=added).sample)
    return told


def merged_by_hand(folder: Path, given: Lora) -> Any:
    """The base with scale * up @ down added to each weight: what the file means."""
    pipeline = load(folder)
    for module, pair in given.pairs.items():
        part, _, path = module.partition(".")
        model = getattr(pipeline, part)
        held = dict(model.named_modules())
        target = held.get(path) or held[path.removeprefix("text_model.")]
        delta = pair.up.reshape(-1, pair.rank) @ pair.down.reshape(pair.rank, -1) * pair.scale
        with torch.no_grad():
            target.weight += torch.from_numpy(delta).reshape(target.weight.shape)
    return pipeline


@pytest.mark.slow
@pytest.mark.parametrize("uneven", [pytest.param(False, marks=pytest.mark.slow), True])
def test_plain_diffusers_loads_both_layouts_with_the_same_effect(
    base: Path, shapes: Shapes, tmp_path: Path, uneven: bool
) -> None:
    given = random_lora(shapes, uneven=uneven)
    assert shapes.family == base.name
    lora_files.write(tmp_path / "d.safetensors", given, {})
    kohya.write(tmp_path / "k.safetensors", given, shapes, kohya.About("t", "b"))
    want = effect(merged_by_hand(base, given))
    bare = effect(load(base))
    for name in ("d", "k"):
        got = effect(load(base, tmp_path / f"{name}.safetensors"))
        for wanted, without, found in zip(want, bare, got, strict=True):
            assert (wanted - without).abs().max() > 0.01
            assert same_tensor(found, wanted), name


def comfy_takes(pipeline: Any, family: str) -> set[str]:
    """Names before the first dot that ComfyUI's key map holds for such a base: `lora_unet_` and
    the path of a weight with underscores, by the original code's names and by diffusers'; of text
    encoders the matrices of its LORA_CLIP_MAP."""
    layers = pipeline.unet.config.layers_per_block
    taken = set()
    for path, module in pipeline.unet.named_modules():
        if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
            attentive = hasattr(
                pipeline.unet.get_submodule(".".join(path.split(".")[:2])), "attentions"
            )
            taken |= {
                "lora_unet_" + path.replace(".", "_"),
                "lora_unet_" + to_ldm(path, layers, attentive).replace(".", "_"),
            }
    inner = (
        "mlp_fc1",
        "mlp_fc2",
        "self_attn_k_proj",
        "self_attn_q_proj",
        "self_attn_v_proj",
        "self_attn_out_proj",
    )
    heads = ("lora_te1_", "lora_te2_") if family == "sdxl" else ("lora_te_",)
    taken |= {
        f"{h}text_model_encoder_layers_{b}_{i}" for h in heads for b in range(32) for i in inner
    }
    return taken


def test_every_key_is_one_that_comfyui_takes(base: Path, shapes: Shapes) -> None:
    pipeline = load(base)
    keys = kohya.tensors_of(random_lora(shapes), shapes)
    taken = comfy_takes(pipeline, base.name)
    assert {key.split(".")[0] for key in keys} <= taken
    assert {key.split(".", 1)[1] for key in keys} == {
        "lora_down.weight",
        "lora_up.weight",
        "alpha",
    }
    if base.name == "sdxl":  # as in the files of sd-scripts
        assert "lora_unet_input_blocks_4_1_transformer_blocks_0_attn1_to_q.alpha" in keys
        assert "lora_unet_input_blocks_3_0_op.alpha" in keys
        assert "lora_unet_output_blocks_2_2_conv.alpha" in keys
        assert "lora_unet_middle_block_1_proj_in.alpha" in keys


def test_alpha_is_what_was_trained(shapes: Shapes) -> None:
    tensors = kohya.tensors_of(random_lora(shapes, uneven=False), shapes)
    for key, value in tensors.items():
        if key.endswith(".alpha"):  # rank 4 at half the strength; folded in for text encoders
            assert value.shape == () and value == (2.0 if key.startswith("lora_unet_") else 4.0)


def test_what_is_written_is_read_the_same(base: Path, shapes: Shapes, tmp_path: Path) -> None:
    given = random_lora(shapes)
    lora_files.write(tmp_path / "d.safetensors", given, {})
    kohya.write(tmp_path / "k.safetensors", given, shapes, kohya.About("t", "b"))
    for file in tmp_path.glob("*.safetensors"):
        got = lora_files.read(file, shapes)
        assert got.pairs.keys() == given.pairs.keys()
        for module, pair in given.pairs.items():
            read = got.pairs[module]
            # In kohya's layout zeros fill the ranks of text encoders up.
            assert np.array_equal(read.down[: pair.rank], pair.down)
            assert not read.down[pair.rank :].any()
            up = read.up[:, : pair.rank] * read.scale
            np.testing.assert_allclose(up, pair.up * pair.scale, atol=1e-7)


@pytest.fixture(scope="module")
def small() -> Shapes:
    return shapes_of(POCKET)


def test_the_header_tells_what_others_show(small: Shapes, tmp_path: Path) -> None:
    given = random_lora(small)
    linear = {n: p for n, p in given.pairs.items() if p.down.ndim == 2}
    pairs = {n: Pair(p.down[:2], p.up[:, :2], 0.5) for n, p in linear.items()}
    cover = b"\x89PNG picture"
    about = kohya.About(
        "Potions v3",
        "pocket",
        "<Potion>",
        licence="CC0-1.0",
        date="2026-01-02",
        size=64,
        dataset="art",
        tags={"potion": 3, "red": 1},
        cover=cover,
        settings={"max_train_steps": "900", "learning_rate": "0.0001"},
    )
    file = tmp_path / "k.safetensors"
    kohya.write(file, Lora(pairs, {}), small, about)
    with safe_open(file, framework="np") as opened:
        told = opened.metadata()
    assert (told["ss_network_dim"], told["ss_network_alpha"]) == ("2", "1")
    assert told["ss_network_module"] == "networks.lora" and told["ss_v2"] == "False"
    assert told["ss_base_model_version"] == "sd_v1" and told["ss_sd_model_name"] == "pocket"
    assert json.loads(told["ss_tag_frequency"]) == {"art": {"potion": 3, "red": 1}}
    assert told["ss_steps"] == "900" and told["ss_learning_rate"] == "0.0001"
    assert told["modelspec.architecture"] == "stable-diffusion-v1/lora"
    assert told["modelspec.trigger_phrase"] == "<Potion>"
    kind, _, data = told["modelspec.thumbnail"].partition(";base64,")
    assert kind == "data:image/png" and base64.b64decode(data) == cover
    assert told["modelspec.hash_sha256"] == f"0x{kohya.body_hash(file)}"
    assert all(isinstance(value, str) for value in told.values())


def named(given: Lora, style: str, shapes: Shapes) -> dict[str, np.ndarray]:
    """The same adapter as other programs write it, all with alpha = rank."""
    ends = {
        "peft": (".lora_A.weight", ".lora_B.weight"),
        "default": (".lora_A.default.weight", ".lora_B.default.weight"),
        "dotted": (".lora.down.weight", ".lora.up.weight"),
        "comfy": (".lora_A.weight", ".lora_B.weight"),
        "processor": ("_lora.down.weight", "_lora.up.weight"),
    }[style]
    found = {}
    for module, pair in given.pairs.items():
        name = module
        if style == "comfy":
            name = "diffusion_model." + to_ldm(module.removeprefix("unet."), shapes.layers)
        if style == "processor":
            name = module.replace(".to_", ".processor.to_").replace("to_out.0", "to_out")
        found[name + ends[0]], found[name + ends[1]] = pair.down, pair.up
    return found


@pytest.mark.parametrize("style", ["peft", "default", "dotted", "comfy", "processor"])
def test_other_programs_names_are_understood(small: Shapes, tmp_path: Path, style: str) -> None:
    given = random_lora(small)
    wanted = {n: Pair(p.down, p.up, 1.0) for n, p in given.pairs.items() if ".attn" in n}
    save_file(named(Lora(wanted, {}), style, small), tmp_path / "a.safetensors")
    got = lora_files.read(tmp_path / "a.safetensors", small)
    assert got.pairs.keys() == wanted.keys()
    assert all(np.array_equal(got.pairs[n].up, p.up) for n, p in wanted.items())
    assert {pair.scale for pair in got.pairs.values()} == {1.0}


def test_a_locon_in_three_parts_and_flat_convolutions(small: Shapes, tmp_path: Path) -> None:
    module = next(m for m, shape in small.modules.items() if m.endswith("resnets.0.conv1"))
    out, inner, *kernel = small.modules[module]
    name = "lora_unet_" + module.removeprefix("unet.").replace(".", "_")
    rng = np.random.default_rng(0)
    down, mid, up = (
        rng.standard_normal(s).astype(np.float32)
        for s in ((2, inner, 1, 1), (2, 2, *kernel), (out, 2, 1, 1))
    )
    tensors = {
        f"{name}.lora_down.weight": down,
        f"{name}.lora_mid.weight": mid,
        f"{name}.lora_up.weight": up,
        f"{name}.alpha": np.float32(1),
    }
    save_file({k: np.asarray(v) for k, v in tensors.items()}, tmp_path / "a.safetensors")
    pair = lora_files.read(tmp_path / "a.safetensors", small).pairs[module]
    assert pair.scale == 0.5 and pair.down.shape == (2, inner, *kernel)
    chained = torch.nn.functional.conv2d  # down, mid, up one after the other
    seen = torch.randn(1, inner, 6, 6, generator=torch.Generator().manual_seed(0))
    t = [torch.from_numpy(x) for x in (down, mid, up)]
    want = chained(chained(chained(seen, t[0]), t[1], padding=1), t[2])
    got = chained(
        chained(seen, torch.from_numpy(pair.down.copy()), padding=1),
        torch.from_numpy(pair.up.copy()),
    )
    assert same_tensor(got, want)


def spoiled(how: str, file: Path, good: dict[str, np.ndarray]) -> None:
    first = next(key for key in good if key.endswith("lora_down.weight"))
    if how == "nan":
        good[first] = np.full_like(good[first], np.nan)
    elif how == "shape":
        good[first] = np.ones((good[first].shape[0], 7), np.float32)
    elif how == "half":
        del good[first]
    elif how == "unknown":
        good["lora_unet_down_blocks_9_x.lora_down.weight"] = good[first]
    elif how == "loha":
        good[first.replace("lora_down.weight", "hada_w1_a")] = good[first]
    elif how == "whole":
        good = {"model.diffusion_model.out.0.weight": good[first]}
    save_file(good, file)
    data = file.read_bytes()
    if how == "cut":
        file.write_bytes(data[:-100])
    elif how == "longer":
        file.write_bytes(data + b"0" * 100)
    elif how == "pickle":
        torch.save({"a": torch.ones(3)}, file)
    elif how == "old pickle":
        file.write_bytes(b"\x80\x02}q\x00.")
    elif how == "empty":
        file.write_bytes(b"")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nan", "NaN"),
        ("shape", "shape"),
        ("half", "by half"),
        ("unknown", "base lacks"),
        ("loha", "LoHa"),
        ("whole", "whole model"),
        ("cut", "cut off"),
        ("longer", "whole safe"),
        ("pickle", "pickle"),
        ("old pickle", "pickle"),
        ("empty", "whole safetensors"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    small: Shapes, tmp_path: Path, how: str, said: str
) -> None:
    given = random_lora(small)
    file = tmp_path / "theirs.safetensors"
    spoiled(how, file, kohya.tensors_of(given, small))
    with pytest.raises(StudioError, match=said) as refused:
        lora_files.read(file, small)
    assert refused.value.remedy and "theirs.safetensors" in refused.value.message


def test_sixteen_bits_stay_where_nothing_is_lost(small: Shapes, tmp_path: Path) -> None:
    module = next(m for m in small.modules if m.startswith("unet.") and m.endswith("to_q"))
    out, inner = small.modules[module]
    values = (np.arange(2 * inner).reshape(2, inner) / 8).astype(np.float16)
    name = "lora_unet_" + module.removeprefix("unet.").replace(".", "_")
    tensors = {
        f"{name}.lora_down.weight": values,
        f"{name}.lora_up.weight": np.ones((out, 2), np.float16),
        f"{name}.alpha": np.float16(1),
    }
    save_file({k: np.asarray(v) for k, v in tensors.items()}, tmp_path / "a.safetensors")
    lora_files.write(
        tmp_path / "b.safetensors", lora_files.read(tmp_path / "a.safetensors", small), {}
    )
    assert {v.dtype for v in load_file(tmp_path / "b.safetensors").values()} == {
        np.dtype("float16")
    }
