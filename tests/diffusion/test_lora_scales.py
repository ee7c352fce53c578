"""How strongly a LoRA acts by its header and by peft's settings: as in diffusers and in peft."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import save_file

import studio.diffusion.torchvision_compat  # noqa: F401  first
from studio.diffusion import lora_files, lora_scales
from studio.errors import StudioError
from studio.settings import POCKET
from tests.diffusion.loaded_loras import (
    SHAPES,
    TO_Q,
    deltas,
    header,
    in_diffusers,
    peft_named,
    read,
    same,
    unet,
    weights_added,
)


@pytest.mark.parametrize(
    "patterns",
    [
        {},
        {r".*attn1\.to_q": 6},
        {"to_q": 6},
        {"q": 6},
        {r"^to_q": 6},
        {r"^down_blocks\.\d+\..*to_q": 6},
        {"attn1.to_[qk]": 6, "to_q": 3},
        {"to_q": 3, "attn1.to_[qk]": 6},
        {"to_k|to_q": 6},
        {"attn1": 6},
        {".*": 0.5},
    ],
)
@pytest.mark.parametrize("rooted", [False, True])
def test_patterns_mean_what_diffusers_makes_of_them(
    tmp_path: Path, patterns: dict[str, float], rooted: bool
) -> None:
    told = {
        "unet.r": 2,
        "unet.lora_alpha": 4,
        "unet.use_rslora": rooted,
        "unet.alpha_pattern": patterns,
        "unet.target_modules": ["to_q"],
    }
    lora = read(tmp_path, peft_named(), header(**told))
    # target_modules is wider there than the file: what it lacks stays 0.
    want = {n: d for n, d in in_diffusers(tmp_path / "a.safetensors").items() if n == TO_Q}
    same(deltas(lora), want)


def test_settings_without_alpha_have_pefts(tmp_path: Path) -> None:
    lora = read(tmp_path, peft_named(), header(**{"unet.r": 2, "unet.target_modules": ["to_q"]}))
    assert lora.pairs[TO_Q].scale == 4.0
    found = in_diffusers(tmp_path / "a.safetensors")
    same(deltas(lora), {TO_Q: found[TO_Q]})


def test_what_save_lora_adapter_writes_is_read(tmp_path: Path) -> None:
    from peft import LoraConfig

    model = unet()
    config = LoraConfig(r=2, lora_alpha=6, target_modules=["to_q"], init_lora_weights=False)
    model.add_adapter(config, "given")
    want = weights_added(model, "given")
    model.save_lora_adapter(tmp_path, "given", weight_name="a.safetensors")
    model.delete_adapters("given")
    same(deltas(lora_files.read(tmp_path / "a.safetensors", SHAPES)), want)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[1]", "no table"),
        ('{"unet.lora_alpha": "4"}', "lora_alpha in .* is 4, which is no number"),
        ('{"unet.lora_alpha": null}', "no number"),
        ('{"unet.lora_alpha": NaN}', "no number"),
        ('{"unet.lora_alpha": 1e999}', "no number"),
        ('{"unet.lora_alpha": true}', "no number"),
        ('{"unet.alpha_pattern": ["to_q"]}', "alpha_pattern in .* is no table"),
        ('{"unet.alpha_pattern": {"to_q": []}}', "to_q in .* no number"),
        ('{"unet.alpha_pattern": {"(to_q": 1}}', "pattern for its alpha that is none"),
        (json.dumps({"unet.alpha_pattern": {"a" * 501: 1}}), "too long for a pattern"),
    ],
)
def test_settings_that_are_odd_are_named(tmp_path: Path, told: str, said: str) -> None:
    with pytest.raises(StudioError, match=said) as refused:
        read(tmp_path, peft_named(), {lora_scales.HEADER: told})
    assert refused.value.remedy and len(refused.value.message) < 500


def test_a_pattern_that_takes_for_ever_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lora_scales, "PATIENCE_S", 0.2)
    evil = r"(\w|\w\w|\.|\w\w\w)+[A-Z]"
    told = header(**{"unet.lora_alpha": 1, "unet.alpha_pattern": {evil: 2}})
    with pytest.raises(StudioError, match="take for ever"):
        read(tmp_path, peft_named(), told)


@pytest.mark.parametrize(
    "settings",
    [
        {"lora_alpha": 16},
        {"lora_alpha": 16, "use_rslora": True},
        {"lora_alpha": 2, "alpha_pattern": {r".*attn1\.to_q": 12}},
        {"lora_alpha": 2, "rank_pattern": {"attn2.to_q": 3}, "alpha_pattern": {"attn2.to_q": 12}},
    ],
)
def test_a_folder_of_pefts_acts_as_in_peft(tmp_path: Path, settings: dict[str, Any]) -> None:
    from diffusers import UNet2DConditionModel
    from peft import LoraConfig, PeftModel, get_peft_model

    config = LoraConfig(r=2, target_modules=["to_q"], init_lora_weights=False, **settings)
    get_peft_model(UNet2DConditionModel.from_pretrained(POCKET / "unet"), config).save_pretrained(
        tmp_path
    )
    bare = UNet2DConditionModel.from_pretrained(POCKET / "unet")
    theirs = PeftModel.from_pretrained(bare, tmp_path)
    want = weights_added(theirs, "default", "base_model.model.")
    file = lora_scales.weights_of(tmp_path)
    lora = lora_files.read(file, SHAPES, settings=lora_scales.beside(file))
    same(deltas(lora), want)
    assert lora.notes == ()
    (tmp_path / lora_scales.CONFIG).unlink()
    alone = lora_files.read(file, SHAPES, settings=lora_scales.beside(file))
    assert {pair.scale for pair in alone.pairs.values()} == {1.0}
    assert "adapter_config.json is missing" in alone.notes[0]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"peft_type": "LOHA"}, "is LOHA of peft"),
        ({"peft_type": "LORA", "init_lora_weights": "pissa_niter_4"}, "changes the base itself"),
        ({"peft_type": "LORA", "init_lora_weights": "olora"}, "changes the base itself"),
        ({"lora_alpha": []}, "no number"),
    ],
)
def test_what_a_folder_of_pefts_is_is_said(
    tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    named = {f"base_model.model.{k.removeprefix('unet.')}": v for k, v in peft_named().items()}
    save_file(named, tmp_path / "a.safetensors")
    with pytest.raises(StudioError, match=said):
        lora_files.read(tmp_path / "a.safetensors", SHAPES, settings=json.dumps(settings))


def test_a_folder_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="holds no adapter_model.safetensors"):
        lora_scales.weights_of(tmp_path)
    (tmp_path / "adapter_model.bin").write_bytes(b"\x80")
    with pytest.raises(StudioError, match="Pickles"):
        lora_scales.weights_of(tmp_path)
    for name in ("b.safetensors", "a.safetensors"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(StudioError, match="holds 2 files"):
        lora_scales.weights_of(tmp_path)
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / lora_scales.WEIGHTS).write_bytes(b"")
    with pytest.raises(StudioError, match="Name the one called unet"):
        lora_scales.weights_of(tmp_path)
    (tmp_path / lora_scales.WEIGHTS).write_bytes(b"")
    assert lora_scales.weights_of(tmp_path) == tmp_path / lora_scales.WEIGHTS
