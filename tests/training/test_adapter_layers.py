"""Kinds of adapters, learned words, the average, and pictures of the class, on the pocket base."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.diffusion import torchvision_compat  # noqa: F401
from studio.diffusion.bases import find_base, load_pipeline
from studio.diffusion.conditioning import condition
from studio.errors import StudioError
from studio.training import adapter_layers, loop, optimizers, prior_preservation
from studio.training.config import TrainConfig, load_config
from studio.training.ema import Average
from studio.training.encoded_dataset import Group, of_one_shape
from studio.training.setting_values import CHOICES
from tests.diffusion.conftest import make_base
from tests.training.test_kill import CONFIG, killed, train

PLAIN = replace(
    CONFIG, train_text_encoder=False, ema_decay=0.0, dropout=0.0, max_train_steps=2, warmup_steps=0
)


@pytest.fixture
def pipeline() -> Any:
    return load_pipeline(find_base("pocket"), torch.device("cpu"))


@pytest.mark.parametrize("adapter", CHOICES["adapter"])
def test_each_kind_learns_and_is_told_apart(adapter: str, tmp_path: Path) -> None:
    found = train(tmp_path, replace(PLAIN, adapter=adapter, rank=4, alpha=4.0))
    assert any(float(v.abs().max()) > 0 for n, v in found.items() if "lora_B" in n)
    assert any("magnitude" in name for name in found) == (adapter == "dora")


def test_rslora_scales_by_the_root_of_the_rank(pipeline: Any) -> None:
    unet = adapter_layers.add_lora(
        pipeline.unet, replace(PLAIN, adapter="rslora", rank=16, alpha=8.0)
    )
    scales = {s for m in unet.modules() if hasattr(m, "scaling") for s in m.scaling.values()}
    assert scales == {2.0}


def test_words_have_a_rate_of_their_own(pipeline: Any) -> None:
    config = replace(CONFIG, learning_rate=1e-3)
    weights = adapter_layers.trainable(adapter_layers.attach(pipeline, config))
    words = [n for n in weights if n.startswith("text_encoder.")]
    assert words and any("q_proj" in n for n in words) and any("fc1" in n for n in words)
    assert [g["lr"] for g in optimizers.make(config, weights).param_groups] == [1e-3, 5e-4]
    config = replace(config, text_encoder_learning_rate=1e-5)
    assert [g["lr"] for g in optimizers.make(config, weights).param_groups] == [1e-3, 1e-5]
    (alone,) = optimizers.make(replace(config, optimizer="prodigy"), weights).param_groups
    assert alone["lr"] == 1.0 and len(alone["params"]) == len(weights)


@pytest.mark.parametrize("name", CHOICES["lr_scheduler"])
def test_every_schedule_begins_and_ends_within_its_bounds(name: str) -> None:
    config = replace(PLAIN, lr_scheduler=name, max_train_steps=12, warmup_steps=3)
    weight = torch.nn.Parameter(torch.ones(2))
    optimizer = optimizers.make(config, {"a": weight})
    schedule, rates = optimizers.schedule(config, optimizer), []
    for _ in range(12):
        rates.append(optimizers.rate(optimizer, schedule))
        optimizer.step()
        schedule.step()
    assert max(rates) == config.learning_rate and min(rates) >= 0
    assert rates[0] == (config.learning_rate if name == "constant" else 0)


def test_the_average_follows_and_stands_in() -> None:
    weight = torch.nn.Parameter(torch.zeros(2))
    average = Average({"a": weight}, 0.5)
    weight.data += 1
    average.follow(1)  # the first step's share: 1 - 2/11
    assert torch.allclose(average.averaged["a"], torch.full((2,), 1 - 2 / 11))
    with average.instead():
        assert torch.allclose(weight, torch.full((2,), 1 - 2 / 11))
    assert torch.equal(weight, torch.ones(2))
    average.follow(100)
    average.settle()
    assert torch.allclose(weight, torch.full((2,), 1 - 1 / 11))


def test_what_is_exported_is_the_average(tmp_path: Path) -> None:
    ended = train(tmp_path / "plain", PLAIN)
    calm = train(tmp_path / "calm", replace(PLAIN, ema_decay=0.99))
    assert any(not torch.equal(ended[name], calm[name]) for name in ended)
    first = {n: v for n, v in ended.items() if "lora_B" in n}  # which begins at nothing
    assert all(calm[n].abs().max() <= v.abs().max() for n, v in first.items())


def _draw(folder: Path, count: int, kill_after: int = 0) -> list[Any]:
    pipeline = load_pipeline(find_base("pocket"), torch.device("cpu"))
    config = TrainConfig(
        instance_prompt="herochar knight", class_prompt="knight", class_pictures=count
    )

    def report(done: int, all: int) -> None:
        if done == kill_after:
            os.kill(os.getpid(), signal.SIGKILL)

    return prior_preservation.pictures(pipeline, config, folder, report)


def test_pictures_of_the_class_are_drawn_once_and_gone_on_with_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prior_preservation, "AT_ONCE", 2)
    monkeypatch.setattr(prior_preservation, "DRAW", replace(prior_preservation.DRAW, steps=2))
    killed(_draw, tmp_path, 3, 2)
    kept = {file.name: file.stat().st_mtime_ns for file in tmp_path.rglob("*.png")}
    assert sorted(kept) == ["00000.png", "00001.png"]
    found = _draw(tmp_path, 3)
    now = {file.name: file.stat().st_mtime_ns for file in tmp_path.rglob("*.png")}
    assert len(now) == 3 and all(now[name] == at for name, at in kept.items())
    assert len({example.hash for example in found}) == 3
    assert {example.caption for example in found} == {"knight"}
    assert found[0].open().size == (32, 32)


def test_one_character_has_one_caption_and_a_class_needs_a_character() -> None:
    config = load_config("fast", None, {"instance_prompt": "herochar knight"}, {})
    assert prior_preservation.captions(["a", "b"], config) == ["herochar knight"] * 2
    assert prior_preservation.captions(["a", "b"], PLAIN) == ["a", "b"]
    assert not prior_preservation.wanted(config) and prior_preservation.wanted(
        replace(config, class_prompt="knight")
    )
    with pytest.raises(StudioError, match="no instance_prompt"):
        load_config("fast", None, {"class_prompt": "knight"}, {})


def test_sdxl_learns_with_both_text_encoders(tmp_path: Path) -> None:
    pipeline = make_base("sdxl")
    draws = torch.Generator().manual_seed(1)
    mean = torch.randn(2, 4, 8, 8, generator=draws)
    with torch.no_grad():
        said = condition(pipeline, ["a knight", "a potion", ""])
    assert said.pooled is not None
    group = Group(mean, mean.abs(), torch.arange(2), sizes=torch.full((2, 6), 64.0))
    plain = of_one_shape(mean, mean, said.text[:2], said.text[2], ("a knight", "a potion"))
    encoded = replace(plain, groups=(group,), pooled=said.pooled)
    config = replace(PLAIN, train_text_encoder=True, save_every_n_steps=0)
    hooks = loop.Hooks(lambda at: None, lambda rows: None, lambda step: None)
    found = loop.train(pipeline, encoded, config, tmp_path, hooks)
    for model in ("unet.", "text_encoder.", "text_encoder_2."):
        learned = [v for n, v in found.items() if n.startswith(model) and "lora_B" in n]
        assert learned and max(float(value.abs().max()) for value in learned) > 0
