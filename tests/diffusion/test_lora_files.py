"""LoRA files of other programs: they act here as in diffusers and peft, or are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from safetensors.torch import save_file as save_tensors

import studio.diffusion.torchvision_compat  # noqa: F401  first
from studio.diffusion import kohya, lora_files
from studio.diffusion.base_shapes import shapes_of
from studio.diffusion.weight_shapes import Shapes, to_ldm
from studio.errors import StudioError
from tests.diffusion.loaded_loras import (
    CASES,
    KOHYA_Q,
    SHAPES,
    TO_K,
    TO_Q,
    case,
    deltas,
    in_diffusers,
    read,
    same,
    some,
)
from tests.diffusion.test_interchange import random_lora


@pytest.mark.parametrize(
    ("name", "scales"),
    [
        ("ok_alpha_float32", (0.5, 0.5)),
        ("kohya_default_alpha_is_int64", (0.5, 0.5)),
        ("diffusers_header_alpha_pattern_is_a_regex", (2.0, 0.5)),
    ],
)
def test_a_file_acts_as_in_diffusers(name: str, scales: tuple[float, float]) -> None:
    lora = lora_files.read(case(name), SHAPES)
    assert (lora.pairs[TO_Q].scale, lora.pairs[TO_K].scale) == scales and lora.notes == ()
    same(deltas(lora), in_diffusers(case(name)))


def test_old_names_without_unet_act_as_with_it_in_diffusers(tmp_path: Path) -> None:
    file = case("diffusers_0.17_save_attn_procs_no_unet_prefix")
    with_it = {f"unet.{key}": value for key, value in load_file(file).items()}
    save_file(with_it, tmp_path / "a.safetensors")
    lora = lora_files.read(file, SHAPES)
    assert {pair.scale for pair in lora.pairs.values()} == {1.0} and lora.notes == ()
    same(deltas(lora), in_diffusers(tmp_path / "a.safetensors"))
    same(deltas(lora_files.read(tmp_path / "a.safetensors", SHAPES)), deltas(lora))


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("onetrainer_omi_unet_dot_original_names", ""),
        ("onetrainer_with_bundled_embedding", "The embedding mystyle in it is left out"),
    ],
)
def test_onetrainers_files_act_as_under_kohyas_names(name: str, note: str, tmp_path: Path) -> None:
    tensors = {
        key.replace("unet.input_blocks.3.1.transformer_blocks.0", KOHYA_Q[:-11])
        .replace(".attn1.to_q.", "_attn1_to_q.")
        .replace(".attn2.to_k.", "_attn2_to_k."): value
        for key, value in load_file(case(name)).items()
        if not key.startswith("bundle_emb")
    }
    save_file(tensors, tmp_path / "kohya.safetensors")
    lora = lora_files.read(case(name), SHAPES)
    assert len(lora.notes) == bool(note) and "".join(lora.notes).startswith(note)
    same(deltas(lora), in_diffusers(tmp_path / "kohya.safetensors"))


def test_an_alpha_of_0_is_told() -> None:
    lora = lora_files.read(case("alpha_zero_has_no_effect"), SHAPES)
    assert {pair.scale for pair in lora.pairs.values()} == {0.0}
    assert lora.notes == ("It has no effect: its alpha is 0 in all modules.",)


FOREIGN = {
    "hunyuanvideo_is_called_flux": "HunyuanVideo",
    "qwen_image_gets_no_name": "Qwen-Image",
    "wan_gets_no_name": "Wan",
    "zimage_gets_no_name": "Z-Image",
}


@pytest.mark.parametrize(("name", "family"), FOREIGN.items())
def test_a_file_for_another_family_is_called_by_it(name: str, family: str) -> None:
    with pytest.raises(StudioError) as refused:
        lora_files.read(case(name), SHAPES)
    assert f"{name}.safetensors is made for {family}:" in refused.value.message
    assert refused.value.remedy == f"{family} is no base here. {lora_files.WANTED}"


def test_every_case_is_one_of_these() -> None:
    known = {
        "ok_alpha_float32",
        "kohya_default_alpha_is_int64",
        "diffusers_header_alpha_pattern_is_a_regex",
        "diffusers_0.17_save_attn_procs_no_unet_prefix",
        "onetrainer_omi_unet_dot_original_names",
        "onetrainer_with_bundled_embedding",
        "alpha_zero_has_no_effect",
        *FOREIGN,
    }
    assert {file.stem for file in CASES.iterdir()} == known


@pytest.mark.parametrize("kind", ["int8", "uint8", "int32", "int64", "float16", "float64"])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_alpha_may_be_any_number(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    alpha = np.full(shape, 3, kind)
    lora = read(tmp_path, some() | {f"{KOHYA_Q}.alpha": alpha})
    assert lora.pairs[TO_Q].scale == 1.5


def test_a_whole_alpha_leaves_16_bits_16_bits(tmp_path: Path) -> None:
    tensors = some(kind=np.float16) | {f"{KOHYA_Q}.alpha": np.asarray(1, np.int64)}
    assert read(tmp_path, tensors).half


@pytest.mark.parametrize(
    ("alpha", "said"),
    [(np.nan, "NaN or infinite"), (np.inf, "NaN or infinite"), ([1, 2], "is not one number")],
)
def test_an_alpha_that_is_none_is_named(tmp_path: Path, alpha: Any, said: str) -> None:
    with pytest.raises(StudioError, match=said) as refused:
        read(tmp_path, some() | {f"{KOHYA_Q}.alpha": np.asarray(alpha, np.float32)})
    assert f"{KOHYA_Q}.alpha" in refused.value.message and refused.value.remedy


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "float8_e5m2", "bfloat16"])
def test_small_floats_are_read_as_torch_reads_them(tmp_path: Path, kind: str) -> None:
    given = {k: torch.from_numpy(v).to(getattr(torch, kind)) for k, v in some(4).items()}
    file = tmp_path / "a.safetensors"
    save_tensors(given, file)
    pair = lora_files.read(file, SHAPES).pairs[TO_Q]
    down, up = (value.float().numpy() for value in given.values())
    assert np.array_equal(pair.down, down) and np.array_equal(pair.up, up)


def test_every_byte_of_8_bits_is_the_number_that_torch_says() -> None:
    from studio.diffusion.stored_tensors import Stored, floats

    codes = np.arange(256, dtype=np.uint8)
    for kind, name in (("F8_E4M3", "float8_e4m3fn"), ("F8_E5M2", "float8_e5m2")):
        want = torch.from_numpy(codes.copy()).view(getattr(torch, name)).float().numpy()
        np.testing.assert_array_equal(floats(Stored(kind, codes)), want)


def test_matrices_of_whole_numbers_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"holds I8 values in .*lora_down.*, no matrix"):
        read(tmp_path, some(kind=np.int8))


def test_a_locon_whose_middle_does_not_fit_multiplies_nothing(tmp_path: Path) -> None:
    module = next(m for m in SHAPES.modules if m.endswith("resnets.0.conv1"))
    out, inner, *_ = SHAPES.modules[module]
    name = "lora_unet_" + module.removeprefix("unet.").replace(".", "_")
    tensors = {
        f"{name}.lora_down.weight": np.ones((2, inner, 1, 1), np.float16),
        f"{name}.lora_mid.weight": np.ones((2, 2, 900, 900), np.float16),  # 4 GB, multiplied
        f"{name}.lora_up.weight": np.ones((out, 2, 1, 1), np.float16),
    }
    with pytest.raises(StudioError, match="is of shape"):
        read(tmp_path, tensors)


OTHER_KINDS = {
    f"{KOHYA_Q}.hada_w1_a": "is LoHa",
    f"{KOHYA_Q}.hada_t1": "is LoHa",
    f"{KOHYA_Q}.lokr_w2": "is LoKr",
    "base_model.model.x.lokr_w1": "is LoKr",
    f"{KOHYA_Q}.oft_blocks": "is OFT",
    "base_model.model.x.oft_R.weight": "is OFT",
    "base_model.model.x.boft_R": "is BOFT",
    f"{KOHYA_Q}.a1.weight": "is GLoRA",
    "base_model.model.x.ia3_l": r"is \(IA\)³",
    f"{KOHYA_Q}.on_input": r"is \(IA\)³",
    "base_model.model.x.vera_lambda_b": "is VeRA",
    "base_model.model.x.lora_E": "is AdaLoRA",
    "lllite_unet_x.lora_down.weight": "is ControlNet-LLLite",
    "lora_controlnet": "is a ControlNet",
    "image_proj.proj.weight": "is an IP-Adapter",
    "clip_l": "is an embedding",
    "emb_params": "is an embedding",
    "bundle_emb.mystyle.clip_l": "is an embedding",
    f"{KOHYA_Q}.diff": "is full differences",
    "down_blocks.0.resnets.0.conv1.weight": "is a part of a whole model",
    "first_stage_model.x": "is a whole model",
    "x": "holds no LoRA weights",
}


@pytest.mark.parametrize(("key", "said"), OTHER_KINDS.items())
def test_what_is_no_lora_is_called_by_its_kind(tmp_path: Path, key: str, said: str) -> None:
    with pytest.raises(StudioError, match=said) as refused:
        read(tmp_path, {key: np.ones((2, 2), np.float32)})
    assert refused.value.remedy


def test_a_folder_in_a_name_is_no_difference(tmp_path: Path) -> None:
    """`diffusion_model` has `diff` in it, and so has the name of many a folder."""
    down, up = some().values()
    name = "diffusion_model." + to_ldm(TO_Q.removeprefix("unet."), SHAPES.layers)
    lora = read(tmp_path, {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up})
    assert lora.pairs.keys() == {TO_Q} and lora.notes == ()


def test_what_no_pair_can_say_is_left_out_and_told(tmp_path: Path) -> None:
    beside = {
        "lora_unet_conv_norm_out.w_norm": np.ones(3, np.float32),
        "lora_unet_conv_norm_out.b_norm": np.ones(3, np.float32),
        f"{KOHYA_Q}.diff_b": np.ones(3, np.float32),
        "v_pred": np.ones(0, np.float32),
    }
    lora = read(tmp_path, some() | beside)
    assert lora.pairs.keys() == {TO_Q}
    assert set(lora.notes) == {
        "2 differences of norms in it are left out: pictures will differ from its maker's.",
        "1 differences of biases in it are left out: pictures will differ from its maker's.",
    }


def test_a_folder_of_a_text_encoder_alone_is_called_that(tmp_path: Path) -> None:
    module = next(m for m in SHAPES.modules if m.endswith("self_attn.q_proj"))
    out, inner = SHAPES.modules[module]
    name = f"base_model.model.{module.removeprefix('text_encoder.')}"
    pair = {"lora_A": np.ones((2, inner), np.float32), "lora_B": np.ones((out, 2), np.float32)}
    with pytest.raises(StudioError, match="nothing for the UNet"):
        read(tmp_path, {f"{name}.{end}.weight": value for end, value in pair.items()})


def test_what_has_no_effect_is_told(tmp_path: Path) -> None:
    down, up = some().values()
    silent = {f"{KOHYA_Q}.lora_down.weight": down, f"{KOHYA_Q}.lora_up.weight": up * 0}
    assert read(tmp_path, silent).notes == ("It has no effect: all its weights are 0.",)
    out, inner = SHAPES.modules[TO_K]
    other = KOHYA_Q.replace("attn1_to_q", "attn2_to_k")
    partly = some() | {
        f"{KOHYA_Q}.alpha": np.asarray(0, np.float32),
        f"{other}.lora_down.weight": np.ones((2, inner), np.float32),
        f"{other}.lora_up.weight": np.ones((out, 2), np.float32),
    }
    notes = read(tmp_path, partly).notes
    assert notes == ("Its alpha is 0 in 1 of 2 modules: no effect there.",)


@pytest.mark.parametrize(
    ("said", "family"), [("kolors", "Kolors"), ("flux-1-dev/lora", "Flux"), ("sd3m", "Stable D")]
)
def test_one_that_fits_and_says_that_it_is_of_another_family_is_refused(
    tmp_path: Path, said: str, family: str
) -> None:
    with pytest.raises(StudioError, match=f"is made for {family}.*as its header says"):
        read(tmp_path, some(), {"ss_base_model_version": said})


def test_one_that_fits_and_says_another_of_ours_is_taken_and_told(tmp_path: Path) -> None:
    assert read(tmp_path, some(), {"ss_base_model_version": "sd_v1"}).notes == ()
    notes = read(tmp_path, some(), {"modelspec.architecture": "stable-diffusion-v2-512/lora"}).notes
    assert notes == (
        "Its header says that it is made for Stable Diffusion 2.x; this base is Stable Diffusion "
        "1.x.",
    )


def test_a_family_that_nobody_knows_is_not_asked_for_its_base(tmp_path: Path) -> None:
    unknown = {"mine.part.3.lora_A.weight": np.ones((2, 2), np.float32)}
    with pytest.raises(StudioError, match="nothing tells what it is made for") as refused:
        read(tmp_path, unknown)
    assert refused.value.remedy == f"Ask whoever made it. {lora_files.WANTED}"
    with pytest.raises(StudioError, match="made for what its header calls 'mine-1'"):
        read(tmp_path, unknown, {"modelspec.architecture": "mine-1"})
    with pytest.raises(StudioError) as refused:
        read(tmp_path, some() | {f"{KOHYA_Q}.weight_scale": np.ones(1, np.float32)})
    assert "weight_scale, which is no part of a LoRA" in refused.value.message


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_all_of_omis_and_comfyuis_names_are_understood(
    tmp_path: Path, family: str, folder_of: Any
) -> None:
    shapes: Shapes = shapes_of(folder_of(family))
    given = random_lora(shapes)
    clips = {"text_encoder": "clip_l", "text_encoder_2": "clip_g"}
    for before in ("", "text_encoders."):
        tensors = {}
        for module, pair in given.pairs.items():
            part, _, path = module.partition(".")
            if part == "unet":
                attentive = ".".join(path.split(".")[:2]) in shapes.attentive
                name = f"unet.{to_ldm(path, shapes.layers, attentive or not before)}"
            else:
                name = f"{before}{clips[part]}.{'transformer.' if before else ''}{path}"
            tensors[f"{name}.lora_down.weight"] = pair.down
            tensors[f"{name}.lora_up.weight"] = pair.up
        save_file(tensors, tmp_path / "a.safetensors")
        got = lora_files.read(tmp_path / "a.safetensors", shapes)
        assert got.pairs.keys() == given.pairs.keys()
        assert all(np.array_equal(got.pairs[n].up, p.up) for n, p in given.pairs.items())


def test_an_own_file_is_read_without_its_base(tmp_path: Path) -> None:
    given = random_lora(SHAPES)
    lora_files.write(tmp_path / "a.safetensors", given, {"style": "potions"})
    got = lora_files.read_own(tmp_path / "a.safetensors")
    assert got.header["style"] == "potions"
    assert {pair.scale for pair in got.pairs.values()} == {1.0}
    same(deltas(got), deltas(given))
    kohya.write(tmp_path / "k.safetensors", given, SHAPES, kohya.About("t", "b"))
    with pytest.raises(StudioError):
        lora_files.read_own(tmp_path / "k.safetensors")
