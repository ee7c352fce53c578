"""A base as one .safetensors file: the same base as the folder, and refused where it is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.diffusion import bases, single_file
from studio.diffusion.base_shapes import shapes_of, shapes_of_base
from studio.diffusion.sampling import Draw, draw_pictures
from studio.diffusion.weight_shapes import from_ldm, to_ldm
from studio.errors import StudioError
from tests.diffusion.conftest import make_base
from tests.diffusion.original import single
from tests.rounding import same_picture

CPU = torch.device("cpu")
FAMILIES = ("sd1", "sd2", "sdxl")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """A family's base as a folder and as one file, with CLIP's own vocabulary."""
    top = tmp_path_factory.mktemp("single")

    def made(family: str) -> tuple[Path, Path]:
        file = top / f"{family}.safetensors"
        if not file.is_file():
            own = single_file.tokenizer("!" if family == "sd2" else single_file.END)
            pipeline = make_base(family, own)
            if family == "sdxl":
                pipeline.tokenizer_2 = single_file.tokenizer("!")
            pipeline.save_pretrained(top / family)
            save_file(single(pipeline, family), file)
        return top / family, file

    return made


@pytest.fixture
def small(given: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[Path, Path]]:
    """The same, with configurations as small as these files: what ships is of full size."""

    def made(family: str) -> tuple[Path, Path]:
        folder, file = given(family)
        monkeypatch.setattr(single_file, "CONFIGURATIONS", folder.parent)
        return Path(folder), Path(file)

    return made


@pytest.mark.parametrize("family", ["sd1", pytest.param("sd2", marks=pytest.mark.slow), "sdxl"])
def test_a_single_file_is_the_same_base_as_its_folder(family: str, small: Any) -> None:
    folder, file = small(family)
    base = bases.find_base(str(file))
    assert (base.name, base.licence, base.commercial) == (str(file), "unknown", None)
    drawn = [
        np.asarray(
            draw_pictures(pipeline, ["a potion"], [3], Draw(steps=2, width=64, height=64))[0]
        )
        for pipeline in (
            bases.load_pipeline(base, CPU),
            bases.load_pipeline(bases.find_base(str(folder)), CPU),
        )
    ]
    assert drawn[0].std() > 0 and same_picture(*drawn)
    # A LoRA finds the same modules in both.
    one, other = shapes_of_base(str(file)), shapes_of(folder)
    assert (one.family, one.layers) == (other.family, other.layers)
    assert one.modules == other.modules


def test_the_configurations_that_ship_have_the_real_sizes() -> None:
    from accelerate import init_empty_weights
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    texts = {"text_encoder": CLIPTextModel, "text_encoder_2": CLIPTextModelWithProjection}
    counted = {}
    for family in FAMILIES:
        folder = single_file.CONFIGURATIONS / family
        with init_empty_weights():
            models: dict[str, Any] = {
                part: cls.from_config(cls.load_config(folder / part))
                for part, cls in (("unet", UNet2DConditionModel), ("vae", AutoencoderKL))
            }
            for part, cls in texts.items():
                if (folder / part).is_dir():
                    models[part] = cls(CLIPTextConfig.from_pretrained(folder / part))
        counted[family] = [sum(p.numel() for p in m.parameters()) for m in models.values()]
    assert counted == {
        "sd1": [859_520_964, 83_653_863, 123_060_480],
        "sd2": [865_910_724, 83_653_863, 340_387_840],
        "sdxl": [2_567_463_684, 83_653_863, 123_060_480, 694_659_840],
    }


def test_modules_have_one_name_each_way() -> None:
    from accelerate import init_empty_weights
    from diffusers import UNet2DConditionModel

    for family in ("sd1", "sdxl"):
        with init_empty_weights():
            config = UNet2DConditionModel.load_config(single_file.CONFIGURATIONS / family / "unet")
            unet: Any = UNet2DConditionModel.from_config(config)
        seen = set()
        for path, module in unet.named_modules():
            if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
                block = unet.get_submodule(".".join(path.split(".")[:2]))
                ldm = to_ldm(path, 2, hasattr(block, "attentions"))
                assert from_ldm(ldm, 2) == path
                seen.add(ldm)
        assert len(seen) > 200


def test_the_tokenizer_is_clips() -> None:
    import open_clip

    texts = ["A photo of Zoë's 12 cats, <GameStyle>", "3.5 metres — ünïcode 漢字 🎮", ""]
    ours = single_file.tokenizer(single_file.END)
    theirs = open_clip.get_tokenizer("ViT-L-14")(texts).tolist()
    for text, wanted in zip(texts, theirs, strict=True):
        assert ours(text).input_ids == [number for number in wanted if number]
    padded = single_file.tokenizer("!")("", padding="max_length", max_length=5).input_ids
    assert (len(ours), padded) == (49408, [49406, 49407, 0, 0, 0])


@pytest.mark.parametrize(
    ("family", "header", "beside", "mark", "velocity"),
    [
        pytest.param("sd2", *given, marks=pytest.mark.slow)
        for given in (
            ({}, None, "", False),
            ({"modelspec.prediction_type": "v"}, None, "", True),
            ({"modelspec.architecture": "stable-diffusion-v2-768-v"}, None, "", True),
            ({"modelspec.prediction_type": "v"}, "eps", "", False),
            ({}, "v", "", True),
        )
    ]
    + [("sdxl", {}, None, "v_pred", True)],
)
def test_what_the_base_predicts_is_found_out(
    small: Any,
    tmp_path: Path,
    family: str,
    header: dict[str, str],
    beside: str | None,
    mark: str,
    velocity: bool,
) -> None:
    folder, file = small(family)
    tensors = load_file(file) | ({mark: torch.zeros(1)} if mark else {})
    copy = tmp_path / "base.safetensors"
    save_file(tensors, copy, metadata={**header, "modelspec.license": "CC-BY-NC-4.0"})
    if beside:
        text = json.dumps({"model": {"params": {"parameterization": beside}}})
        copy.with_suffix(".yaml").write_text(text)
    assert single_file.look(copy).velocity == velocity
    base = bases.find_base(str(copy))
    assert (base.licence, base.commercial) == ("CC-BY-NC-4.0", False)
    pipeline = bases.load_pipeline(base, CPU)
    told = pipeline.scheduler.config.prediction_type
    assert told == ("v_prediction" if velocity else "epsilon")


@pytest.mark.slow
def test_without_a_word_the_spread_of_a_weight_tells(small: Any, tmp_path: Path) -> None:
    _, file = small("sd2")
    for factor, velocity in ((0.02, False), (0.2, True)):
        draws = torch.Generator().manual_seed(0)
        tensors = load_file(file) | {
            single_file.TELLTALE: torch.randn(320, generator=draws) * factor
        }
        save_file(tensors, tmp_path / "base.safetensors")
        assert single_file.look(tmp_path / "base.safetensors").velocity == velocity


REFUSED = {
    "Flux": {"double_blocks.0.img_attn.qkv.weight": (4, 4)},
    "Stable Diffusion 3": {"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight": (4, 4)},
    "of Wan": {"model.diffusion_model.blocks.0.self_attn.q.weight": (4, 4)},
    "of Z-Image": {"layers.0.attention.to_q.weight": (4, 4)},
    "of Qwen-Image": {"transformer_blocks.0.img_mlp.net.2.weight": (4, 4)},
    "a LoRA, not a base": {"lora_unet_x.lora_down.weight": (4, 4)},
    "refiner of SDXL": {"conditioner.embedders.0.model.positional_embedding": (77, 4)},
    "a ControlNet": {"control_model.input_blocks.0.0.weight": (4, 4)},
    "an autoencoder alone": {"decoder.up.0.block.0.conv1.weight": (4, 4)},
    "one part of a base alone": {"down_blocks.0.resnets.0.conv1.weight": (4, 4)},
    "base for inpainting": {"model.diffusion_model.input_blocks.0.0.weight": (4, 9, 3, 3)},
    "no UNet of that kind": {"something.else": (4, 4)},
}


@pytest.mark.parametrize("odd", ["zz.weight", "zz.0.weight", "1.weight", "op.x.y.weight"])
def test_a_base_of_odd_parts_is_named(tmp_path: Path, odd: str) -> None:
    """With all that a base of 1.x begins with, and then names that none has."""
    shapes = {
        "model.diffusion_model.input_blocks.0.0.weight": (4, 4, 3, 3),
        f"model.diffusion_model.input_blocks.{odd}": (4, 4),
        "cond_stage_model.transformer.a.weight": (4, 4),
        "first_stage_model.a.weight": (4, 4),
    }
    save_file(
        {key: torch.zeros(shape) for key, shape in shapes.items()}, tmp_path / "a.safetensors"
    )
    with pytest.raises(StudioError, match="parts that no Stable Diffusion 1.x has") as refused:
        single_file.shapes_of_file(tmp_path / "a.safetensors")
    assert refused.value.remedy


@pytest.mark.parametrize("said", REFUSED)
def test_other_files_are_refused_by_what_they_are(tmp_path: Path, said: str) -> None:
    file = tmp_path / "theirs.safetensors"
    save_file({key: torch.zeros(shape) for key, shape in REFUSED[said].items()}, file)
    with pytest.raises(StudioError, match=said) as refused:
        bases.find_base(str(file))
    assert "theirs.safetensors" in refused.value.message and "SDXL" in refused.value.remedy


@pytest.mark.parametrize(
    "how", ["torn", "headless", "pickle", "no autoencoder", "cut down", "yaml"]
)
def test_what_is_not_whole_is_named(small: Any, tmp_path: Path, how: str) -> None:
    _, file = small("sd1")
    copy = tmp_path / "theirs.safetensors"
    tensors = load_file(file)
    said = "torn"
    if how == "no autoencoder":
        tensors, said = {k: v for k, v in tensors.items() if "first_stage" not in k}, how
    if how == "cut down":
        gone = "model.diffusion_model.middle_block.0.in_layers.2.weight"
        tensors, said = {k: v for k, v in tensors.items() if k != gone}, "not all weights"
    save_file(tensors, copy)
    data = copy.read_bytes()
    if how == "torn":
        copy.write_bytes(data[:-1000])
    elif how == "headless":
        copy.write_bytes(data[100:])
        said = "not a whole safetensors file"
    elif how == "pickle":
        torch.save({"state_dict": {}}, copy)
        said = "pickle"
    elif how == "yaml":
        copy.with_suffix(".yaml").write_text("model: [")
        said = "theirs.yaml"
    with pytest.raises(StudioError, match=said) as refused:
        bases.load_pipeline(bases.find_base(str(copy)), CPU)
    assert refused.value.remedy and "theirs" in refused.value.message
